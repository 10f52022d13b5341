// Elements, and the data of an article.

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML: attributes, then texts and elements in it. A text is never read as markup. */
function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") Object.entries(value).forEach(([event, action]) => made.addEventListener(event, action));
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...content);
  return made;
}

/** An element of SVG. */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function button(label, action, attributes = {}) {
  return element("button", { type: "button", on: { click: action }, ...attributes }, label);
}

/** The data of an article. */
function readData(article) {
  return arranged(JSON.parse(article.querySelector("script.data").textContent));
}

/** The same data with functions. `lines` are the layers, then the blocks; each column gives the text of a line. */
function arranged(data) {
  const say = (number) => data.texts[number];
  const columns = data.columns.map((column) => ({
    ...column,
    of: (line) => say(column.values[column.ranks[line]]),
  }));
  const inner = new Map([[-1, []]]); // the lines in each block, in the order of the network
  const firstLayer = new Map();
  data.parents.forEach((parent, line) => {
    if (!inner.has(parent)) inner.set(parent, []);
    inner.get(parent).push(line);
  });
  const first = (line) => {
    if (!inner.has(line)) return line;
    if (!firstLayer.has(line)) firstLayer.set(line, Math.min(...inner.get(line).map(first)));
    return firstLayer.get(line);
  };
  for (const lines of inner.values()) lines.sort((one, other) => first(one) - first(other));
  return { ...data, say, columns, inner, name: columns.find((column) => column.name === "name") };
}
