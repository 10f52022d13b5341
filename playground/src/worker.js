// The worker: it loads Python once, and answers. A newer text replaces one that waits.

import createPyodideModule from "pyodide/pyodide.asm.mjs";
import lock from "lock.json";
import { loadPyodide } from "pyodide";

const PACKAGES = "/lib/python3.14/site-packages";
const MOST_LAYERS = "5000";

let bridge = null;
let python = null;
let waiting = null; // the newest request that has not begun
let working = false;
const questions = [];

/** Let messages arrive before the next step. */
const breath = (() => {
  const channel = new MessageChannel();
  const resolvers = [];
  channel.port1.onmessage = () => resolvers.shift()();
  return () => new Promise((resolve) => { resolvers.push(resolve); channel.port2.postMessage(null); });
})();

/** The engine's files: those of the message, else those beside the worker. */
async function start(files) {
  if (files) {
    const types = { wasm: "application/wasm", zip: "application/zip" };
    self.fetch = async (url) => {
      const name = String(url).split("/").pop();
      return new Response(files[name], { headers: { "Content-Type": types[name.split(".").pop()] } });
    };
    // Pyodide refuses a classic worker, which it knows by this function; from a file there can be no other.
    self.importScripts = () => { throw new TypeError(); };
  }
  const base = files ? "https://offline.invalid/" : new URL("./", self.location.href).href;
  const engine = fetch(`${base}engine.zip`);
  python = await loadPyodide({
    indexURL: base,
    packageBaseUrl: base,
    createPyodideModule,
    lockFileContents: lock,
    env: { CONVCALC_MAX_LAYERS: MOST_LAYERS, HOME: "/home/pyodide" },
  });
  python.unpackArchive(await (await engine).arrayBuffer(), "zip", { extractDir: PACKAGES });
  bridge = python.pyimport("playground.engine.bridge");
}

async function show({ number, request }) {
  self.postMessage({ kind: "begun", number });
  const steps = bridge.show(JSON.stringify(request));
  try {
    for (let each = steps.next(); !each.done; each = steps.next()) {
      if (each.value) self.postMessage({ kind: "step", number, step: each.value });
      await breath();
      if (waiting || questions.length) break;
    }
  } finally {
    steps.destroy();
  }
  // What a question interrupted goes on after the answer: the engine sends only what it has not sent.
  if (!waiting && questions.length) waiting = { number, request };
  else if (!waiting) self.postMessage({ kind: "done", number });
}

async function answer({ number, question, file }) {
  const path = file && `/tmp/${file.name.replaceAll("/", "_")}`;
  if (file) {
    python.FS.writeFile(path, new Uint8Array(await file.arrayBuffer()));
    question = { ...question, path };
  }
  try {
    self.postMessage({ kind: "answer", number, value: bridge.ask(JSON.stringify(question)) });
  } finally {
    if (file) python.FS.unlink(path);
  }
}

async function work() {
  if (working || !bridge) return;
  working = true;
  while (waiting || questions.length) {
    const question = questions.shift();
    const request = question ? null : waiting;
    try {
      if (question) await answer(question);
      else {
        waiting = null;
        await show(request);
      }
    } catch (error) {
      self.postMessage({ kind: "failed", number: (question ?? request).number, asked: Boolean(question), message: String(error) });
    }
  }
  working = false;
}

self.onmessage = async ({ data }) => {
  if (data.kind === "start") {
    try {
      await start(data.files);
      self.postMessage({ kind: "ready" });
    } catch (error) {
      self.postMessage({ kind: "failed", message: String(error) });
    }
  } else if (data.kind === "show") waiting = data;
  else questions.push(data);
  work();
};
