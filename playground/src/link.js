// A link that holds the spec: after the `#`, compressed.

const MOST_BYTES = 1_000_000; // a short link can hold a text that is too long for any machine

async function through(bytes, stream) {
  const parts = [];
  let length = 0;
  for (let reader = new Blob([bytes]).stream().pipeThrough(stream).getReader(), part; !(part = await reader.read()).done;) {
    parts.push(part.value);
    length += part.value.length;
    if (length > MOST_BYTES) throw new RangeError("the text is too long");
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

export async function written({ text, variant, wiring, layer }) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const spec = letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const others = { variant, wiring: wiring === "written" ? "" : wiring, layer };
  const parts = Object.entries(others).filter(([, value]) => value).map(([key, value]) => `&${key}=${encodeURIComponent(value)}`);
  return `#spec=${spec}${parts.join("")}`;
}

/** What a link holds; null for another link, and for one that is cut off. */
export async function read(hash) {
  const values = new URLSearchParams(hash.slice(1));
  if (!values.has("spec")) return null;
  try {
    const letters = atob(values.get("spec").replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const text = new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
    return { text, variant: values.get("variant"), wiring: values.get("wiring") ?? "written", layer: values.get("layer") ?? "" };
  } catch {
    return null;
  }
}
