// The chosen layer: its findings, what its units see, and its derivation.

function makeLayer(article, data, table) {
  const panel = article.querySelector(".layer");
  const inner = `H${Number(article.querySelector("header :is(h1, h2)").tagName[1]) + 1}`;
  const below = `H${Number(inner[1]) + 1}`;
  const column = (name) => data.columns.find((each) => each.name === name);
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  function finding(number) {
    const [rule, message, help, place] = data.findings[number].map(data.say);
    return element("div", { class: "finding" },
      element("p", {}, `${message} `, element("code", {}, rule)),
      ...(help ? [element("p", { class: "notes" }, help)] : []),
      ...(place ? [element("p", { class: "notes" }, place)] : []));
  }

  function derivation(numbers) {
    let before = "";
    return numbers.map((number) => {
      const [title, symbols, written, result, ...notes] = data.steps[number].map(data.say);
      const lines = [];
      if (symbols && symbols !== before) lines.push(symbols);
      if (written && written !== result) lines.push(written);
      before = symbols;
      return element("div", { class: "step" },
        element("dt", {}, sentence(title)),
        ...lines.map((line) => element("dd", { class: "formula" }, `= ${line}`)),
        element("dd", { class: "formula result" }, `= ${result}`),
        ...notes.map((note) => element("dd", { class: "notes" }, note)));
    });
  }

  function part(heading, ...content) {
    return content.length ? [element(below, {}, heading), ...content] : [];
  }

  function show(line, jump) {
    const [shapes, steps, differences, fields, findings] = data.layers[line];
    const status = element("p", { role: "status", class: "notes" });
    const heading = element(inner, { tabindex: "-1" }, data.name.of(line), " ", element("small", {}, column("type").of(line)));
    panel.replaceChildren(
      heading,
      element("p", {}, data.say(shapes)),
      ...part("Findings", ...findings.map(finding)),
      ...part("What a unit sees", ...fields.map((field) => makeField(data, field))),
      ...part("Derivation", element("dl", {}, ...derivation(steps))),
      ...part("Other tools", ...differences.map((number) => element("p", {}, data.say(number)))),
      element("div", { class: "tools" }, ...copyButtons("row", () => table.state.shown, () => [line], status), status),
    );
    panel.hidden = false;
    panel.scrollTo(0, 0);
    if (jump && getComputedStyle(panel).position !== "sticky") heading.focus();
  }

  return { show };
}
