// The drawing: a click on a layer chooses it, a click on a block opens it.

function makeDrawing(article, table, choose) {
  const view = article.querySelector(".view");
  const trail = article.querySelector(".trail");
  const blocks = article.querySelector(".blocks");
  const whole = { name: "Whole network", outer: -1, picture: view.firstElementChild };
  const drawings = [whole];
  for (const each of article.querySelectorAll("[data-drawing]")) {
    drawings[Number(each.dataset.drawing)] = {
      name: each.querySelector("summary").textContent,
      outer: Number(each.dataset.outer),
      picture: each.querySelector("svg"),
    };
  }
  let chosen = -1;
  let opened = 0;

  function act(box) {
    const block = Number(box.dataset.block ?? 0);
    if (block && drawings[block]) open(block, true);
    else if (block) table.show(Number(box.dataset.row));
    else choose(Number(box.dataset.row));
  }

  for (const { picture } of drawings) {
    for (const box of picture.querySelectorAll(".box")) {
      box.setAttribute("role", "button");
      box.setAttribute("tabindex", "0");
      const verb = box.dataset.block ? "Open" : "Choose";
      box.setAttribute("aria-label", `${verb} ${box.querySelector("title").textContent}`);
      box.addEventListener("click", () => act(box));
      box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(box); }
      });
    }
  }

  function open(number, focus) {
    opened = number;
    view.replaceChildren(drawings[number].picture);
    view.scrollTo(0, 0);
    const path = [];
    for (let each = number; each >= 0; each = drawings[each].outer) path.unshift(each);
    trail.replaceChildren(...path.map((each, place) => (each === number
      ? element("span", { "aria-current": "true", tabindex: "-1" }, drawings[each].name)
      : button(`${drawings[each].name} ›`, () => open(each, true), { "data-step": place }))));
    trail.hidden = number === 0;
    if (focus) (number ? trail.querySelector("[aria-current]") : view).focus({ preventScroll: true });
    mark(chosen);
  }

  function mark(line) {
    chosen = line;
    for (const box of view.querySelectorAll(".box")) {
      const is = !box.dataset.block && Number(box.dataset.row) === line;
      box.classList.toggle("chosen", is);
      if (!box.dataset.block) box.setAttribute("aria-pressed", String(is));
    }
  }

  if (blocks) blocks.hidden = true;
  return { mark, open, drawings, opened: () => opened };
}
