// Puts the parts of each article together.

for (const article of document.querySelectorAll("article")) {
  const data = readData(article);
  const parts = {};
  const choose = (line, jump = true) => {
    parts.table.mark(line);
    parts.drawing.mark(line);
    parts.layer.show(line, jump);
  };
  parts.table = makeTable(article, data, choose);
  parts.drawing = makeDrawing(article, parts.table, choose);
  parts.layer = makeLayer(article, data, parts.table);
  makeTools(article, data, parts.table);
  parts.table.draw();
  for (const name of article.querySelectorAll(".findings [data-row]")) {
    const line = Number(name.dataset.row);
    name.replaceChildren(button(name.textContent, () => { parts.table.show(line); choose(line); }));
  }
  if (data.layers.length) choose(data.first, false);
}
