// The loader: unpacks the page's payload, whose first column is the program that draws the rest.

// Unpack turns the page's payload back into named columns: byte planes of 1, 2 or 4, since like bytes side by side pack better.
async function unpack() {
  const tag = document.getElementById("data");
  const packed = atob(tag.textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  tag.textContent = "";
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const columns = {};
  let at = 0;
  for (const part of tag.dataset.columns.split(" ")) {
    const [name, width, count] = part.split(":");
    const n = +count, w = +width;
    if (w === 0) {
      columns[name] = new TextDecoder().decode(raw.subarray(at, at + n));
      at += n;
      continue;
    }
    const out = w === 4 ? new Uint32Array(n) : w === 2 ? new Uint16Array(n) : new Uint8Array(n);
    for (let b = 0; b < w; b++, at += n) {
      const shift = 8 * b;
      for (let i = 0; i < n; i++) out[i] |= raw[at + i] << shift;
    }
    columns[name] = out;
  }
  return columns;
}

try {
  globalThis.columns = await unpack();
  document.head.append(Object.assign(document.createElement("script"), { type: "module", textContent: columns.program }));
} catch (e) {
  const note = document.getElementById("note");
  note.textContent = `This file cannot be shown, perhaps because it was cut short: ${e.message}`;
  note.hidden = false;
}
