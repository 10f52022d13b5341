// The page's side of the worker.

import { resource } from "./resources.js";

const PATIENCE = 4000; // milliseconds that a newer text waits before the worker is replaced

let source = null; // of the worker, and its files: unpacked once

async function newWorker() {
  if (!OFFLINE) return { worker: new Worker("worker.js", { type: "module" }), files: null };
  if (!source) {
    const names = ["worker.js", "pyodide.asm.wasm", "python_stdlib.zip", "engine.zip"];
    const [script, ...files] = await Promise.all(names.map(resource));
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    source = { url, files: Object.fromEntries(files.map((file, place) => [names[place + 1], file])) };
  }
  return { worker: new Worker(source.url), files: source.files };
}

/** `on.step(step)`, `on.state(state, message)`: starting, ready, busy or failed. */
export function makeEngine(on) {
  const asked = new Map();
  const outbox = []; // questions from before there is a worker
  let worker = null;
  let ready = false;
  let newest = null; // the newest request
  let begun = 0; // its number, once the worker has begun with it
  let number = 0;
  let timer = 0;
  let busy = 0;

  function hear({ data }) {
    if (data.kind === "ready") {
      ready = true;
      on.state("ready");
    } else if (data.kind === "begun") {
      begun = data.number;
      clearTimeout(busy);
      busy = setTimeout(() => on.state("busy"), 400);
    } else if (data.kind === "step") {
      clearTimeout(busy);
      const step = JSON.parse(data.step);
      on.state("ready");
      on.step(step, data.number === newest?.number);
    } else if (data.kind === "done") clearTimeout(busy);
    else if (data.kind === "answer") {
      asked.get(data.number)(JSON.parse(data.value));
      asked.delete(data.number);
    } else if (data.kind === "failed") {
      clearTimeout(busy);
      if (data.asked) {
        asked.get(data.number)({ problem: data.message, help: "" });
        asked.delete(data.number);
      } else on.state("failed", data.message);
    }
  }

  async function start() {
    ready = false;
    on.state("starting");
    try {
      const made = await newWorker();
      worker = made.worker;
      worker.onmessage = hear;
      worker.onerror = (event) => on.state("failed", event.message || "the worker could not be loaded");
      worker.postMessage({ kind: "start", files: made.files });
      outbox.splice(0).forEach((message) => worker.postMessage(message));
      if (newest) worker.postMessage(newest);
    } catch (error) {
      on.state("failed", String(error));
    }
  }

  function replaceWorker() {
    worker.terminate();
    worker = null;
    for (const answer of asked.values()) answer({ problem: "the computation was stopped for a newer text", help: "try again" });
    asked.clear();
    start();
  }

  function show(request) {
    newest = { kind: "show", number: ++number, request };
    worker?.postMessage(newest);
    clearTimeout(timer);
    timer = setTimeout(() => { if (ready && begun < newest.number) replaceWorker(); }, PATIENCE);
  }

  /** The answer to a question; `file` is read in the worker. */
  function ask(question, file) {
    return new Promise((resolve) => {
      asked.set(++number, resolve);
      const message = { kind: "ask", number, question, file };
      if (worker) worker.postMessage(message);
      else outbox.push(message);
    });
  }

  start();
  return { show, ask };
}
