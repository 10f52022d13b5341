// Files that come in and go out. What comes in is read in the worker and leaves the machine nowhere.

import { element } from "report";

const MOST_BYTES = 400e6;

export function save(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** A name for a file: that of the network, in letters that every system takes. */
export function fileName(title) {
  return title.split(" · ")[0].trim().toLowerCase().replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "") || "network";
}

/** Calls `read(file)` with a file that is chosen or dropped. */
export function takeFiles({ opener, chooser, zone, read }) {
  opener.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    if (chooser.files.length) read(chooser.files[0]);
    chooser.value = "";
  });
  let inside = 0;
  const show = () => zone.classList.toggle("dropping", inside > 0);
  const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  zone.addEventListener("dragenter", (event) => { if (isFile(event)) { inside += 1; show(); } });
  zone.addEventListener("dragleave", (event) => { if (isFile(event)) { inside -= 1; show(); } });
  zone.addEventListener("dragover", (event) => { if (isFile(event)) event.preventDefault(); });
  // Before the editor, which would take the file as text.
  zone.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    event.stopPropagation();
    inside = 0;
    show();
    read(event.dataTransfer.files[0]);
  }, { capture: true });
}

export const tooLarge = (file) => (file.size > MOST_BYTES
  ? { problem: `it has ${Math.round(file.size / 1e6)} MB; the playground reads files up to ${MOST_BYTES / 1e6} MB`,
    help: "convcalc import reads it on the command line" }
  : null);
