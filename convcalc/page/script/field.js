// The pixels of an input that one unit sees; the unit moves with the pointer or with the sliders.

/** Box number `place` of a list of runs: [how many, first, last, steps of both]; null for no box. */
function boxAt(runs, place) {
  let left = place;
  for (const run of runs) {
    if (left < run[0]) {
      return run.length === 1 ? null : [run[1] + left * run[3], run[2] + left * run[4]];
    }
    left -= run[0];
  }
  return null;
}

function makeField(data, [input, words, numbers]) {
  const axes = numbers.map((number, place) => {
    const [units, extent, step, clipped, unclipped] = data.axes[number];
    return { units, extent, step, clipped, unclipped: unclipped ?? clipped, word: words[place], last: Math.floor((units - 1) / step) };
  });
  const places = axes.map((axis) => Math.floor(axis.units / 2 / axis.step));
  const [name, size] = data.inputs[input].map(data.say);
  const says = element("p", { role: "status" });
  const picture = shape("svg", { class: "image", role: "img" });
  const sliders = axes.map((axis, place) => {
    const slider = element("input", { type: "range", min: 0, max: axis.last, "data-axis": place,
      on: { input: () => { places[place] = Number(slider.value); draw(); } } });
    return slider;
  });
  const drawn = axes.slice(-2);
  const single = drawn.length === 1;
  const from = axes.length - drawn.length; // a picture has the last two axes

  /** Where the picture starts and how long it is along an axis: the image and as much around it as any unit sees. */
  function region({ extent, unclipped, last }) {
    const ends = [boxAt(unclipped, 0), boxAt(unclipped, last)].filter((box) => box);
    const low = Math.max(Math.min(0, ...ends.map((box) => box[0])), -extent);
    const high = Math.min(Math.max(extent, ...ends.map((box) => box[1] + 1)), 2 * extent);
    return [low, high - low];
  }

  const regions = drawn.map(region);
  const [[x, width]] = regions.slice(-1);
  const thick = single ? width / 12 : 0;
  const [y, height] = single ? [0, thick] : regions[0];
  const edge = Math.max(width, height) / 100;
  picture.setAttribute("viewBox", `${x - edge} ${y - edge} ${width + 2 * edge} ${height + 2 * edge}`);

  function rectangle(kind, boxes) {
    if (boxes.some((box) => box === null)) return [];
    const [across] = boxes.slice(-1);
    const down = single ? [0, thick - 1] : boxes[0];
    return [shape("rect", { class: kind, x: across[0], y: down[0], width: across[1] - across[0] + 1, height: down[1] - down[0] + 1 })];
  }

  const at = (kind) => axes.map((axis, place) => boxAt(axis[kind], places[place]));
  const ranges = (boxes) => boxes.map((box, place) => `${axes[place].word} ${box[0]} to ${box[1]}`).join(", ");

  function draw() {
    const unit = places.map((place, axis) => place * axes[axis].step);
    const [seen, around] = [at("clipped"), at("unclipped")];
    const sees = seen.includes(null) ? "padding alone" : ranges(seen);
    const padded = around.includes(null) || String(around) === String(seen) ? "" : ` With padding: ${ranges(around)}.`;
    says.replaceChildren(`Unit ${unit.join(", ")} sees ${sees} of ${name} ${size}.${padded}`);
    picture.setAttribute("aria-label", `${name}, and the part of it that the unit sees`);
    picture.replaceChildren(
      ...rectangle("around", around.slice(from)),
      ...rectangle("whole", drawn.map((axis) => [0, axis.extent - 1])),
      ...rectangle("seen", seen.slice(from)),
    );
    sliders.forEach((slider, axis) => {
      slider.value = places[axis];
      slider.setAttribute("aria-valuetext", `${unit[axis]} of ${axes[axis].units}`);
    });
  }

  function follow(event) {
    if (event.type === "pointermove" && !event.buttons) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    (single ? [point.x] : [point.y, point.x]).forEach((value, place) => {
      const axis = drawn[place];
      places[from + place] = Math.max(0, Math.min(axis.last, Math.floor((value / axis.extent) * (axis.last + 1))));
    });
    draw();
    event.preventDefault();
  }

  for (const kind of ["pointerdown", "pointermove"]) picture.addEventListener(kind, follow);
  draw();
  const moving = sliders.map((slider, place) => element("label", {}, `unit along ${axes[place].word} `, slider));
  return element("div", { class: "field" }, picture, element("div", { class: "sliders" }, ...moving), says);
}
