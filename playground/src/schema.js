// The language in the editor: what the JSON Schema says of a place of the text.

import { yamlLanguage } from "@codemirror/lang-yaml";
import { resource } from "./resources.js";

const LETTERS = "qqplaceqq"; // a key or value at the cursor, for a text that ends there

let schema = { $defs: {} }; // until it is loaded
resource("schema.json").then((bytes) => { schema = JSON.parse(new TextDecoder().decode(bytes)); });

/** A part of the schema with all that it refers to, and all its alternatives. */
function* options(part) {
  if (!part || typeof part !== "object") return;
  yield part;
  if (part.$ref) {
    const name = part.$ref.split("/").pop().replaceAll("~1", "/").replaceAll("~0", "~");
    yield* options(schema.$defs[name]);
  }
  for (const each of part.anyOf ?? []) yield* options(each);
}

function* inner(part, step) {
  for (const each of options(part)) {
    if (step === null) yield each.items;
    else if (each.properties && Object.hasOwn(each.properties, step)) yield each.properties[step];
    else if (typeof each.additionalProperties === "object") yield each.additionalProperties;
  }
}

/** The parts of the schema that hold at a path; a step is a key, or null for an item of a list. */
function partsAt(path) {
  let parts = [schema];
  for (const step of path) parts = parts.flatMap((part) => [...inner(part, step)]).filter(Boolean);
  return parts.flatMap((part) => [...options(part)]);
}

/** The path of the key or value at a position: the steps to it, whether it is a key, and its text. */
export function placeAt(text, position) {
  const node = yamlLanguage.parser.parse(text).resolveInner(position, -1);
  const path = [];
  let isKey = false;
  let word = text.slice(node.from, node.to);
  for (let each = node, below = null; each; below = each, each = each.parent) {
    if (each.name === "Pair") {
      const key = each.getChild("Key");
      if (!key) continue;
      if (below?.name === "Key") {
        isKey = true;
        word = text.slice(key.from, key.to);
      } else path.unshift(text.slice(key.from, key.to).replace(/^["']|["']$/g, ""));
    } else if (each.name === "Item" && each.parent?.name !== "FlowMapping") path.unshift(null);
  }
  return { path, isKey, word, from: node.from, to: node.to };
}

const required = (part) => [...options(part)].flatMap((each) => each.required ?? each.else?.required ?? []);
const describe = (part) => [...options(part)].map((each) => each.description).find(Boolean) ?? "";
const isObject = (part) => [...options(part)].some((each) => each.properties);

function keysOf(parts) {
  const found = new Map();
  for (const part of parts) {
    for (const [name, value] of Object.entries(part.properties ?? {})) if (!found.has(name)) found.set(name, value);
  }
  return found;
}

function valuesOf(parts) {
  const values = parts.flatMap((part) => part.enum ?? []);
  if (parts.some((part) => [part.type].flat().includes("boolean"))) values.push(true, false);
  return [...new Set(values.map(String))];
}

/** A key as a snippet: an entry with the keys that it must have. */
function snippet(name, part, depth) {
  if (depth > 0 && isObject(part)) {
    const keys = required(part).filter((key) => key !== "rows");
    return `${name}: {${keys.map((key) => `${key}: \${}`).join(", ")}${keys.length ? "" : "${}"}}`;
  }
  return `${name}: \${}`;
}

/** What fits at a position: each with its text, its kind and what it means. `known` are names of the spec. */
export function completions(text, position, known) {
  const line = text.slice(text.lastIndexOf("\n", position - 1) + 1, position);
  const [word] = line.match(/=?[\w.]*$/);
  const before = line.slice(0, line.length - word.length);
  if (before.includes("#")) return null;
  const from = position - word.length;
  const end = position + text.slice(position).match(/^[\w.]*/)[0].length;
  if (word.startsWith("=")) {
    return { from: from + 1, end, options: known.params.map((name) => ({ label: name, type: "variable", detail: "param" })) };
  }
  const startsEntry = /^\s*(- +)+$/.test(before);
  const startsKey = /^\s*$/.test(before) || startsEntry;
  const inBraces = /[{,]\s*$/.test(before);
  if (!startsKey && !inBraces && !/[:\[]\s+$|\[$/.test(before)) return null;
  const filled = (value) => text.slice(0, from) + value + text.slice(end);
  const found = [];
  const key = placeAt(filled(`${LETTERS}: `), from + LETTERS.length);
  const asKey = startsKey || (inBraces && key.isKey);
  if (asKey && key.isKey) {
    for (const [name, part] of keysOf(partsAt(key.path))) {
      const isType = key.path.at(-1) === null;
      found.push({
        label: name, type: isType ? "class" : "property", info: describe(part),
        detail: required(part).length && isType ? `needs ${required(part).join(", ")}` : "",
        snippet: snippet(name, part, isType ? 1 : 0),
      });
    }
    if (key.path.at(-1) === null) {
      for (const name of known.blocks) found.push({ label: name, type: "class", detail: "of this spec", snippet: `${name}: {\${}}` });
    }
  }
  if (!asKey || startsEntry) {
    const value = placeAt(filled(LETTERS), from + LETTERS.length);
    for (const name of valuesOf(partsAt(value.path))) found.push({ label: name, type: "constant" });
    if (["from", "tied"].includes(value.path.filter((step) => step !== null).at(-1))) {
      for (const name of known.layers) found.push({ label: name, type: "variable", detail: "layer" });
    }
  }
  return found.length ? { from, end, options: merged(found) } : null;
}

/** A type can be an entry by itself; its key comes first. */
function merged(found) {
  const names = new Map();
  for (const each of found) if (!names.has(each.label)) names.set(each.label, each);
  return [...names.values()];
}

/** What the word at a position means; null where the schema does not know it. */
export function meaning(text, position) {
  const { path, isKey, word, from, to } = placeAt(text, position);
  if (!/^[\w.]+$/.test(word)) return null;
  const parts = isKey ? partsAt([...path, word]) : partsAt([...path]);
  const bare = !isKey && path.at(-1) === null ? partsAt([...path, word]) : [];
  const described = (bare.length && describe(bare[0]) ? bare : parts).filter((part) => part.description);
  if (!described.length) return null;
  const standard = described.find((part) => "default" in part);
  return { from, to, word: isKey || bare.length ? word : String(path.at(-1) ?? word), text: described[0].description,
    standard: standard && JSON.stringify(standard.default), needs: isKey ? required(described[0]) : [] };
}
