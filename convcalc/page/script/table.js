// The tools above the table: filter, fold, columns, copy.

function makeTools(article, data, table) {
  const tools = article.querySelector(".tools");
  const { state, status, draw } = table;
  const search = element("input", {
    type: "search", placeholder: "name or type", autocomplete: "off", spellcheck: "false",
    on: { input: () => { state.words = search.value; draw(); } },
  });
  tools.append(element("label", {}, "Filter ", search));
  if (table.hasBlocks) {
    tools.append(button("Fold blocks", () => table.foldAll(true)), button("Open blocks", () => table.foldAll(false)));
  }
  tools.append(columnChoice(data, state, draw));
  tools.append(...copyButtons("table", () => state.shown, table.lines, status), status);
  tools.hidden = false;
}

/** A list of all columns; the name always stays. */
function columnChoice(data, state, draw) {
  const boxes = data.columns.filter((column) => column !== data.name).map((column) => {
    const box = element("input", { type: "checkbox", "data-name": column.name, on: { change: () => {
      const chosen = new Set(state.shown);
      if (box.checked) chosen.add(column);
      else chosen.delete(column);
      state.shown = data.columns.filter((each) => chosen.has(each));
      draw();
    } } });
    box.checked = column.shown;
    return element("label", { title: column.help }, box, ` ${column.header}`);
  });
  const legend = element("legend", {}, "Columns of the table");
  return element("details", { class: "columns" }, element("summary", {}, "Columns"), element("fieldset", {}, legend, ...boxes));
}
