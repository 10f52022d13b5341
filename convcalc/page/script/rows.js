// The table: which lines it shows, in which order, and its rows.

const MANY = 60; // layers; the blocks of a longer table are folded at first

/** Whether a text has the words in it, or matches them where they have a wildcard, as with `count --filter`. */
function matcher(words) {
  if (!/[*?]/.test(words)) return (text) => text.includes(words);
  const pattern = words.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  const whole = new RegExp(`^${pattern}$`);
  return (text) => whole.test(text);
}

function makeTable(article, data, choose) {
  const table = article.querySelector(".layers table");
  const layers = data.layers.length;
  const isBlock = (line) => line >= layers;
  const state = { column: null, falling: false, words: "", shown: data.columns.filter((column) => column.shown), chosen: -1 };
  const closed = new Set(layers > MANY ? [...data.parents.keys()].filter(isBlock) : []);
  const status = element("p", { role: "status", class: "notes" });

  /** The lines of a block. Those of an open block in it follow its own line. */
  function* linesOf(block, depth) {
    for (const line of data.inner.get(block) ?? []) {
      yield { line, depth };
      if (isBlock(line) && !closed.has(line)) yield* linesOf(line, depth + 1);
    }
  }

  function visible() {
    const words = state.words.trim().toLowerCase();
    const matches = matcher(words);
    const searched = data.columns.filter((column) => column.name === "name" || column.name === "type");
    let lines = words
      ? data.layers.map((_, line) => ({ line, depth: 0 }))
        .filter(({ line }) => searched.some((column) => matches(column.of(line).toLowerCase())))
      : [...linesOf(-1, 0)];
    if (state.column) {
      const { ranks } = state.column;
      const sign = state.falling ? -1 : 1;
      lines = lines.filter(({ line }) => !isBlock(line) || closed.has(line)).map(({ line }) => ({ line, depth: 0 }));
      lines.sort((one, other) => sign * (ranks[one.line] - ranks[other.line]) || one.line - other.line);
    }
    return lines;
  }

  function nameCell({ line, depth }) {
    const name = data.name.of(line);
    const cell = element("th", { scope: "row", style: `--depth:${depth}`, title: name });
    if (isBlock(line)) {
      const open = !closed.has(line);
      cell.append(button(`${open ? "▾" : "▸"} ${name}`, () => fold(line, open), {
        class: "fold", "aria-expanded": String(open), "data-line": line,
      }));
    } else {
      cell.append(button(name, () => choose(line), {
        class: "pick", "aria-pressed": String(line === state.chosen), "data-line": line,
      }));
    }
    return cell;
  }

  function row(place) {
    const { line } = place;
    const cells = state.shown.map((column) => (column === data.name
      ? nameCell(place)
      : element("td", column.right ? { class: "number" } : {}, column.of(line))));
    const kind = isBlock(line) ? "block-line" : line === state.chosen ? "chosen" : null;
    const made = element("tr", { class: kind }, ...cells);
    if (!isBlock(line)) {
      made.addEventListener("click", (event) => { if (!event.target.closest("button")) choose(line); });
    }
    return made;
  }

  function fold(line, close) {
    if (close) closed.add(line);
    else closed.delete(line);
    draw();
    table.querySelector(`[data-line="${line}"]`).focus();
  }

  function foldAll(close) {
    closed.clear();
    if (close) data.parents.forEach((_, line) => { if (isBlock(line)) closed.add(line); });
    draw();
  }

  function sortBy(column) {
    if (state.column !== column) Object.assign(state, { column, falling: false });
    else if (!state.falling) state.falling = true;
    else state.column = null;
    draw();
    table.querySelector(`[data-column="${column.name}"]`).focus();
  }

  function head() {
    return element("tr", {}, ...state.shown.map((column) => {
      // The ranks of figures begin with the largest.
      const down = state.falling === (column.text === true);
      const sorted = state.column !== column ? "none" : down ? "descending" : "ascending";
      const arrow = { none: "", ascending: " ↑", descending: " ↓" }[sorted];
      return element("th", { scope: "col", class: column.right ? "number" : null, "aria-sort": sorted, title: column.help },
        button(column.header + arrow, () => sortBy(column), { "data-column": column.name }));
    }));
  }

  function foot() {
    return element("tr", {}, ...state.shown.map((column) => (column === data.name
      ? element("th", { scope: "row" }, "total")
      : element("td", column.right ? { class: "number" } : {}, column.total))));
  }

  function draw() {
    const lines = visible();
    table.tHead.replaceChildren(head());
    table.tBodies[0].replaceChildren(...lines.map(row));
    table.tFoot.replaceChildren(foot());
    const shown = lines.filter(({ line }) => !isBlock(line)).length;
    status.replaceChildren(state.words.trim()
      ? `${shown} of ${layers} layers; the totals are of the whole network.`
      : `${layers} layers.`);
  }

  /** Open the blocks around a line, and bring it into view. */
  function show(line) {
    for (let block = data.parents[line]; block >= 0; block = data.parents[block]) closed.delete(block);
    draw();
    table.querySelector(`[data-line="${line}"]`)?.scrollIntoView({ block: "nearest" });
  }

  function mark(line) {
    state.chosen = line;
    for (const each of table.querySelectorAll("tr.chosen")) each.classList.remove("chosen");
    for (const each of table.querySelectorAll("button.pick")) {
      const is = Number(each.dataset.line) === line;
      each.setAttribute("aria-pressed", String(is));
      if (is) each.closest("tr").classList.add("chosen");
    }
  }

  const lines = () => visible().map(({ line }) => line);
  return { state, status, draw, foldAll, show, mark, lines, closed, hasBlocks: data.parents.length > layers };
}
