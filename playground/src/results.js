// What the page shows of a network: its figures, and the views of the page of `convcalc report`.

import { arranged, button, element, makeDrawing, makeLayer, makeTable, makeTools } from "report";
import { makeTabs } from "./tabs.js";

const at = (id) => document.getElementById(id);
const STEPS = { shared: "with sharing", unshared: "without sharing", fully_connected: "if fully connected" };

/** `on.choose(name)` a layer, `on.wiring(name)`, `on.open()` another tab. */
export function makeResults(on) {
  const now = { data: null, table: null, drawing: null, layer: "", wiring: "written", wirings: [], names: [] };
  const tabs = makeTabs(at("network-tabs"), ["graph", "maps", "table"].map(at), on.open);
  const layerTabs = makeTabs(at("layer-tabs"), ["layer", "wiring"].map(at), on.open);
  let speaking = 0;

  /** The figures, and a moment later their words for a screen reader. */
  function figures(step) {
    document.body.classList.toggle("stale", !step.current);
    if (!step.figures) return;
    at("title").replaceChildren(step.title);
    at("figures").replaceChildren(...step.figures.map(([label, value]) => element("div", {},
      element("dt", {}, label), element("dd", {}, value))));
    clearTimeout(speaking);
    const words = step.figures.map(([label, value]) => `${label} ${value}`).join("; ");
    speaking = setTimeout(() => at("spoken").replaceChildren(step.current ? words : "The spec has errors."), 800);
    wirings(step.wirings);
  }

  /** The switch: a bar for each wiring. It is drawn anew only where its labels change, so that it keeps the focus. */
  function wirings(rows) {
    const box = at("wirings");
    const names = rows.map((row) => row.name).join();
    if (box.dataset.names !== names) {
      box.dataset.names = names;
      const legend = box.querySelector("legend");
      box.replaceChildren(legend, ...rows.map((row) => element("label", { class: row.name },
        element("input", { type: "radio", name: "wiring", value: row.name, on: { change: () => on.wiring(row.name) } }),
        element("span", { class: "label" }, row.label), element("span", { class: "bar" }, element("span", {})),
        element("span", { class: "count" }))));
    }
    now.wirings = rows;
    const chosen = (rows.find((row) => row.name === now.wiring) ?? rows[0]).name;
    rows.forEach((row, place) => {
      const label = box.querySelectorAll("label")[place];
      label.querySelector("input").checked = row.name === chosen;
      label.querySelector(".bar span").style.width = `${row.length}%`;
      label.querySelector(".count").replaceChildren(row.count);
    });
    showColumn();
    markSteps();
  }

  /** The table has the parameters with the chosen wiring in place of those of the spec. */
  function showColumn() {
    const row = now.wirings.find((each) => each.name === now.wiring);
    if (!now.table || !row) return;
    const others = now.wirings.map((each) => each.column).concat("params");
    const { state } = now.table;
    const place = state.shown.findIndex((column) => others.includes(column.name));
    const column = now.data.columns.find((each) => each.name === row.column);
    if (place < 0 || !column || state.shown[place] === column) return;
    state.shown = state.shown.map((each, number) => (number === place ? column : each));
    now.table.draw();
  }

  function markSteps() {
    const words = STEPS[now.wiring];
    for (const step of document.querySelectorAll("#layer .step")) {
      step.classList.toggle("counted", Boolean(words) && step.querySelector("dt").textContent.endsWith(words));
    }
  }

  const lineOf = (name) => now.names.indexOf(name);
  const choose = (line) => { mark(now.names[line]); on.choose(now.names[line]); };

  function mark(name) {
    now.layer = name;
    now.table?.mark(lineOf(name));
    now.drawing?.mark(lineOf(name));
  }

  function table({ html, data }) {
    const panel = at("table");
    const [left, top] = [panel.scrollLeft, panel.querySelector(".wide")?.scrollLeft ?? 0];
    const old = now.table;
    const before = now.data;
    now.data = arranged(data);
    now.names = data.layers.map((_, line) => now.data.name.of(line));
    panel.querySelector(".layers").innerHTML = html;
    now.table = makeTable(document, now.data, choose);
    if (old) carry(old, before);
    makeTools(panel, now.data, now.table);
    panel.querySelector("input[type=search]").value = now.table.state.words;
    for (const box of panel.querySelectorAll(".columns input")) {
      box.checked = now.table.state.shown.some((column) => column.name === box.dataset.name);
    }
    now.table.draw();
    showColumn();
    now.table.mark(lineOf(now.layer));
    panel.scrollLeft = left;
    panel.querySelector(".wide").scrollLeft = top;
  }

  /** The order, the filter, the columns and the folded blocks of the table before. */
  function carry(old, before) {
    const { state, closed } = now.table;
    const named = (column) => now.data.columns.find((each) => each.name === column?.name);
    Object.assign(state, { column: named(old.state.column) ?? null, falling: old.state.falling, words: old.state.words });
    const shown = old.state.shown.map(named).filter(Boolean);
    if (shown.length) state.shown = shown;
    const known = new Map(before.parents.map((_, line) => [before.name.of(line), line]));
    now.data.parents.forEach((_, line) => {
      const was = known.get(now.data.name.of(line));
      if (line < now.names.length || was === undefined) return;
      if (old.closed.has(was)) closed.add(line);
      else closed.delete(line);
    });
  }

  function graph({ html }) {
    const panel = at("graph");
    const view = panel.querySelector(".view");
    const scrolled = view && [view.scrollLeft, view.scrollTop];
    const open = now.drawing?.drawings[now.drawing.opened()].name;
    panel.querySelector(".picture").innerHTML = html;
    now.drawing = makeDrawing(panel, { show: (line) => { tabs.choose("table"); now.table.show(line); } }, choose);
    const again = now.drawing.drawings.findIndex((each) => each?.name === open);
    if (again > 0) now.drawing.open(again, false);
    now.drawing.mark(lineOf(now.layer));
    if (scrolled) panel.querySelector(".view").scrollTo(...scrolled);
  }

  function layer({ layer: name, data }) {
    mark(name);
    const line = lineOf(name);
    const own = { ...now.data, ...data, columns: now.data.columns, name: now.data.name, layers: { [line]: data.layers[0] } };
    own.say = (number) => data.texts[number];
    const { scrollTop } = at("layer");
    makeLayer(document, own, now.table).show(line, false);
    at("layer").scrollTop = scrollTop;
    markSteps();
  }

  function picture(name) {
    return ({ html }) => { at(name).querySelector(".picture").innerHTML = html; };
  }

  const views = { table, graph, layer, maps: picture("maps"), wiring: picture("wiring") };

  return {
    figures,
    view: (step) => views[step.name](step),
    open: () => [tabs.open(), layerTabs.open()].filter((name) => name !== "table"),
    picture: () => (tabs.open() === "table" ? "graph" : tabs.open()),
    wiring(name) {
      now.wiring = name;
      if (now.wirings.length) wirings(now.wirings);
    },
  };
}

const WORDS = {
  error: ["error", "errors"],
  warning: ["finding", "findings"],
  info: ["figure differs from what the spec expects", "figures differ from what the spec expects"],
};

function listed(problem, goTo) {
  return element("li", { class: problem.severity },
    button(problem.line ? `line ${problem.line}` : "spec", () => goTo(problem)), ` ${problem.message} `,
    element("code", {}, problem.rule), ...problem.notes.map((note) => element("div", { class: "notes" }, note)));
}

/** The problems below the editor, each a button that goes to its place. An edit is meant to change figures: these are folded. */
export function showProblems(problems, goTo) {
  const of = (severity) => problems.filter((each) => each.severity === severity);
  const said = Object.entries(WORDS).map(([severity, [one, many]]) => [of(severity).length, one, many])
    .filter(([count]) => count).map(([count, one, many]) => `${count} ${count > 1 ? many : one}`);
  at("problem-count").replaceChildren(said.join(", ") || "No problems");
  const items = (found) => found.map((problem) => listed(problem, goTo));
  at("problems").replaceChildren(...items(problems.filter((each) => each.severity !== "info")));
  at("expectations").hidden = !of("info").length;
  at("expectations").querySelector("ul").replaceChildren(...items(of("info")));
}
