// The page: an editor, an engine, and what the engine says of the text.

import { copy, element } from "report";
import { makeEditor } from "./editor.js";
import { makeEngine } from "./engine.js";
import { fileName, save, takeFiles, tooLarge } from "./files.js";
import * as link from "./link.js";
import { makeResults, showProblems } from "./results.js";

const at = (id) => document.getElementById(id);
const first = JSON.parse(at("first").textContent);
const STATES = { starting: "Python is being loaded; the figures are those of LeNet.", busy: "Computing…", ready: "" };

const state = { text: first.text, variant: null, wiring: "written", layer: "" };
const known = { blocks: [], params: [], layers: [], lines: [] };
let errors = [];
let findings = [];

const results = makeResults({
  choose: (name) => { state.layer = name; follow = true; show(); },
  wiring: (name) => { state.wiring = name; results.wiring(name); show(); },
  open: () => show(),
});
const editor = makeEditor(at("editor"), first.text, {
  change(text) { state.text = text; show(); },
  line: chooseAtLine,
}, () => known);
let follow = false; // whether the editor goes to the layer that is chosen
let engine = null;

function show() {
  engine?.show({ ...state, open: results.open() });
  keepInAddress();
}

/** The layer whose entry is at the cursor. */
function chooseAtLine(number) {
  const found = known.lines.findLast(([line]) => line <= number);
  if (!found || found[1] === state.layer) return;
  const next = known.lines.find(([line]) => line > number);
  if (!next && number > found[0] + 12) return; // far below the last entry
  state.layer = found[1];
  show();
}

function problems() {
  const all = [...errors, ...findings].sort((one, other) => one.line - other.line || one.column - other.column);
  editor.mark(all);
  showProblems(all, editor.goTo);
}

const steps = {
  figures(step) {
    results.figures(step);
    errors = step.problems;
    if (errors.length) findings = [];
    Object.assign(known, { blocks: step.blocks, params: step.params });
    if (step.current) Object.assign(known, { lines: step.layers, layers: step.layers.map(([, name]) => name) });
    if (step.layer) {
      state.layer = step.layer;
      editor.choose(step.current ? step.line : 0, follow);
      follow = false;
    }
    variants(step);
    problems();
  },
  view: (step) => results.view(step),
  findings(step) {
    findings = step.problems;
    problems();
  },
};

function variants({ variants: names, variant, needs_variant: needed }) {
  const choice = at("variant");
  at("variants").hidden = names.length === 0;
  choice.replaceChildren(...(needed ? [] : [element("option", { value: "" }, "the file itself")]),
    ...names.map((name) => element("option", { value: name }, name)));
  choice.value = variant ?? "";
}

// -- what the user starts from ---------------------------------------------------------------------------------------

function open({ text, variant = null, wiring = state.wiring, layer = "" }) {
  Object.assign(state, { text, variant, wiring, layer });
  editor.replace(text);
  results.wiring(wiring);
  show();
}

function say(message, help = "") {
  at("note").replaceChildren(message, ...(help ? [element("span", { class: "notes" }, ` ${help}`)] : []));
}

async function read(file) {
  say(`Reading ${file.name}…`);
  const found = tooLarge(file) ?? await engine.ask({ what: "read" }, file);
  if (found.problem) return say(`${file.name}: ${found.problem}.`, found.help);
  open(found);
  at("shipped").value = "";
  return say(found.remarks.length ? found.remarks.join(" · ") : `${file.name} is open.`);
}

at("shipped").addEventListener("change", async ({ target }) => {
  if (!target.value) return;
  say("");
  open(await engine.ask({ what: "shipped", target: target.value }));
});
at("variant").addEventListener("change", ({ target }) => { state.variant = target.value || null; show(); });
takeFiles({ opener: at("open"), chooser: at("chooser"), zone: document.body, read });

// -- links and downloads ---------------------------------------------------------------------------------------------

let keeping = 0;
let kept = location.hash;

/** Keep the spec in the address, so that a reload and a bookmark have it. */
function keepInAddress() {
  clearTimeout(keeping);
  keeping = setTimeout(async () => {
    const hash = state.text === first.text && !state.variant ? "" : await link.written(state);
    if (hash.length > 30_000) return;
    kept = hash;
    history.replaceState(null, "", hash || location.pathname + location.search);
  }, 500);
}

async function openLink() {
  const found = await link.read(location.hash);
  if (found) open(found);
  else if (location.hash.startsWith("#spec=")) say("The link is not whole, so that its spec cannot be read.", "Copy it again.");
  return Boolean(found);
}

window.addEventListener("hashchange", () => { if (location.hash !== kept) openLink(); });
at("link").addEventListener("click", async () => {
  kept = await link.written(state);
  history.replaceState(null, "", kept);
  copy(location.href, at("note"));
});

const downloads = {
  yaml: async () => ({ text: state.text, type: "application/yaml" }),
  csv: async () => ({ ...await engine.ask({ what: "table" }), type: "text/csv" }),
  svg: async () => ({ ...await engine.ask({ what: "picture", kind: results.picture(), layer: "" }), type: "image/svg+xml" }),
  wiring: async () => ({ ...await engine.ask({ what: "picture", kind: "wiring", layer: state.layer }), type: "image/svg+xml" }),
};
for (const [name, make] of Object.entries(downloads)) {
  at(`save-${name}`).addEventListener("click", async () => {
    const { text, type, problem, help } = await make();
    if (problem) return say(problem, help);
    const stem = fileName(at("title").textContent) + (name === "wiring" ? `-${state.layer}` : "");
    return save(text, `${stem}.${name === "wiring" ? "svg" : name}`, type);
  });
}

// -- keys ------------------------------------------------------------------------------------------------------------

const KEYS = { Digit1: () => editor.view.focus(), Digit2: () => at("network-tabs").querySelector("[aria-selected=true]").focus(),
  Digit3: () => at("layer-tabs").querySelector("[aria-selected=true]").focus(), Digit4: () => at("wirings").querySelector(":checked").focus() };
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !(event.code in KEYS)) return;
  KEYS[event.code]();
  event.preventDefault();
});

// -- start -----------------------------------------------------------------------------------------------------------

/** What the page says of the engine: in words, and for a script in `data-engine`. */
function tell(name, message) {
  document.body.dataset.engine = name;
  const failed = `The engine has failed: ${message}. Load the page again; if it fails again, the browser may be too old.`;
  at("state").replaceChildren(name === "failed" ? failed : STATES[name]);
}

async function start() {
  engine = makeEngine({ state: tell, step: (step) => steps[step.kind](step) });
  for (const step of first.steps) steps[step.kind](step);
  const linked = await openLink();
  if (linked) document.body.classList.add("stale");
  show();
}

start();
