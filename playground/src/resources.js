// The files of the playground: beside the page, or in the page itself.

/** The bytes of a file. */
export async function resource(name) {
  if (!OFFLINE) return (await fetch(name)).arrayBuffer();
  const packed = document.getElementById(name).textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
