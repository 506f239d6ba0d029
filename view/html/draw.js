// The picture. Shapes tell kinds apart, colours only help: they are those of Okabe and Ito, which all eyes can tell apart.

const PALETTE = { light: ["#0072b2", "#d55e00", "#009e73", "#a0538a", "#8a6d00", "#3a7ca5", "#7a4a21"], dark: ["#56b4e9", "#ff9a4d", "#2fc797", "#dd9cc6", "#f0e442", "#9fd0f0", "#d9a878"] };
let canvas, g; // what is drawn on, and the pen
let colour = {}, overview = null, due = 0, typeColour = [];

function restyle() {
  const css = getComputedStyle(document.documentElement), dark = document.documentElement.dataset.theme === "dark";
  for (const name of ["bg", "panel", "ink", "dim", "line", "soft", "accent", "bad", "badbg", "good", "goodbg", "warn", "warnbg"]) colour[name] = css.getPropertyValue("--" + name).trim();
  const list = PALETTE[dark ? "dark" : "light"], rank = new Map(pictures[0].run.types.map(([t], i) => [pictures[0].run.names[t], i]));
  inEach(() => {
    typeColour = run.names.map((name) => (rank.has(name) ? list[rank.get(name) % list.length] : colour.dim)); // the same in both
    overview = null;
  });
  draw();
}
function resizeAll() {
  inEach(resize);
  draw();
}
function resize() {
  const box = canvas.parentElement.getBoundingClientRect(), dpr = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * dpr);
  canvas.height = Math.round(box.height * dpr);
  [view.w, view.h] = [box.width, box.height];
  g.setTransform(dpr, 0, 0, dpr, 0, 0);
  if (rows) {
    lanesAgain();
    hold();
  }
  overview = null;
}
function draw() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    const began = performance.now();
    inEach(paint);
    window.lastFrame = performance.now() - began;
  });
}
const big = () => window.innerWidth >= 1700;
const sans = (px, weight = "") => `${weight} ${big() ? px * 1.18 : px}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;

function paint() {
  const { w, h, head } = view;
  g.fillStyle = colour.bg;
  g.fillRect(0, 0, w, h);
  if (!w || !rows) return;
  lanesAgain();
  const a = Math.max(0, rowAt(-20) - 1), b = Math.min(total, rowAt(h - head + 20) + 1);
  g.save();
  g.beginPath();
  g.rect(0, head, w - view.strip, h - head);
  g.clip();
  g.translate(0, head);
  g.save(); // the lanes end where the words begin
  g.beginPath();
  g.rect(0, -2, view.text - 4, h);
  g.clip();
  paintCuts();
  g.restore();
  if (b - a <= DENSE) {
    paintOnly(a, b);
    paintSelection();
  }
  g.save();
  g.beginPath();
  g.rect(0, -2, view.text - 4, h);
  g.clip();
  paintLanes();
  if (b - a > DENSE) paintDensity(a, b);
  else {
    paintOperations(a, b);
    paintArrows(a, b);
    paintEvents(a, b);
    paintChain();
  }
  g.restore();
  if (b - a > DENSE) paintTicks(a, b, `${thousands(b - a)} events in view: zoom in to see each`);
  else paintText(a, b);
  paintParting();
  g.restore();
  paintHead();
  paintOverview();
}
const lastX = () => Math.min(view.text - 8, view.gutter + view.gap * view.lanes.length - S.panX);
const yBetween = (from, to) => [from > 0 ? yOf(Math.min(from, run.n) - 1) : -9, to > run.n ? yEnd() : yOf(to - 1)];
const yEnd = () => (ownExtent() - S.top) * S.scale;

// Bands: while nodes are cut off, a line stands between those that do not hear one another.
function paintCuts() {
  for (const c of run.cuts) {
    const [y0, y1] = yBetween(c.from, c.to), end = c.to >= run.n ? yEnd() : y1;
    if (end < 0 || y0 > view.h) continue;
    g.fillStyle = colour.warnbg;
    g.fillRect(view.gutter - 6, y0, lastX() - view.gutter + 6, Math.max(end - y0, 2));
    g.fillStyle = colour.warn;
    g.fillRect(view.gutter - 6, y0, 3, Math.max(end - y0, 2));
    g.strokeStyle = colour.warn;
    g.lineWidth = 1.5;
    g.setLineDash([2, 5]);
    g.beginPath();
    view.lanes.forEach((x, i) => {
      const next = view.lanes[i + 1];
      if (!next || c.side[x - 1] === c.side[next - 1]) return;
      const at = (view.x[x] + view.x[next]) / 2;
      g.moveTo(at, Math.max(y0, -9));
      g.lineTo(at, Math.min(end, view.h + 9));
    });
    g.stroke();
    g.setLineDash([]);
  }
}

// Lanes: a line while a node is up, dots while it is down.
function paintLanes() {
  const end = Math.min(yEnd(), view.h);
  for (const x of view.lanes) {
    const at = view.x[x];
    g.strokeStyle = colour.line;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(at, -9);
    g.lineTo(at, end);
    g.stroke();
    for (const [from, to] of run.downs[x - 1]) {
      const [y0, y1] = yBetween(from, to);
      if (y1 < 0 || y0 > view.h) continue;
      const top = Math.max(y0, -9), bottom = Math.min(y1, end);
      g.fillStyle = colour.bg;
      g.fillRect(at - 2, top, 4, bottom - top);
      g.strokeStyle = from ? colour.bad : colour.dim;
      g.lineWidth = 1.5;
      g.setLineDash([1.5, 5]);
      g.beginPath();
      g.moveTo(at, top);
      g.lineTo(at, bottom);
      g.stroke();
      g.setLineDash([]);
    }
  }
}

// Operations of clients, beside their lanes: from the call to the return.
function paintOperations(a, b) {
  if (a >= b) return;
  const from = rows[a] + 1, to = rows[b - 1] + 1;
  for (const [x, call, ret, text, done, wrong] of run.history) {
    if (call > to) break;
    if (ret && ret < from || view.x[x] === undefined) continue;
    const y0 = yOf(call - 1), y1 = ret ? yOf(ret - 1) : Math.min(yEnd(), view.h), at = view.x[x] + 8;
    g.fillStyle = wrong ? colour.bad : done ? colour.good : colour.warn;
    g.globalAlpha = wrong ? 0.9 : done ? 0.5 : 0.75;
    g.beginPath();
    g.roundRect(at, y0, wrong ? 7 : 5, Math.max(y1 - y0, 3), 2.5);
    g.fill();
    g.globalAlpha = 1;
    if (view.gap < 56 || y1 - y0 < 70) continue;
    g.save();
    g.translate(at + 9, Math.max(y0, 0) + 4);
    g.rotate(Math.PI / 2);
    g.font = sans(10.5, wrong ? "600" : "");
    g.fillStyle = wrong ? colour.bad : colour.dim;
    g.fillText(clip((wrong ? "✗ " : "") + text, y1 - Math.max(y0, 0) - 8), 0, 3);
    g.restore();
  }
}

// Arrows are drawn from where a message left to where it arrived; a lost one is broken off.
function paintArrows(a, b) {
  const one = (r) => {
    const i = rows[r], c = run.cause[i] - 1;
    if (!arrow(i)) return;
    const x0 = view.x[run.peer[i]], x1 = view.x[run.node[i]];
    if (x0 === undefined && x1 === undefined) return;
    const lit = !S.sel || S.chain.has(i + 1) || i + 1 === S.sel || c + 1 === S.sel;
    paintArrow(x0 ?? x1 - 14, yOf(c), x1 ?? x0 + 14, yOf(i), typeColour[run.typ[i]], run.kind[i] === DROPPED, lit ? 0.95 : 0.32, 1.4);
  };
  for (let r = a; r < b; r++) one(r);
  let budget = 20000; // and those that pass through the picture, or end below it
  for (let q = b >> 8; q < spans.length && budget > 0; q++) {
    if (spans[q] >= b) continue;
    for (let r = Math.max(b, q << 8); r < Math.min(total, (q + 1) << 8); r++, budget--) {
      if (arrow(rows[r]) && place[run.cause[rows[r]] - 1] < b) one(r);
    }
  }
}
function paintArrow(x0, y0, x1, y1, ink, lost, alpha, width) {
  g.globalAlpha = alpha;
  g.strokeStyle = g.fillStyle = ink;
  g.lineWidth = width;
  let [ex, ey] = [x1, y1];
  if (lost) [ex, ey] = [x0 + (x1 - x0) * 0.62, y0 + (y1 - y0) * 0.62];
  const len = Math.hypot(ex - x0, ey - y0) || 1, ux = (ex - x0) / len, uy = (ey - y0) / len;
  if (lost) g.setLineDash([5, 3]);
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(ex - ux * 3, ey - uy * 3);
  g.stroke();
  g.setLineDash([]);
  g.beginPath();
  if (lost) {
    g.strokeStyle = colour.bad;
    g.lineWidth = width + 0.8;
    for (const s of [1, -1]) {
      g.moveTo(ex - 4, ey - 4 * s);
      g.lineTo(ex + 4, ey + 4 * s);
    }
    g.stroke();
  } else {
    const s = S.scale < 8 && S.mode === "rows" ? 5 : 8;
    g.moveTo(ex - ux * 3, ey - uy * 3);
    g.lineTo(ex - ux * (s + 3) - uy * s * 0.45, ey - uy * (s + 3) + ux * s * 0.45);
    g.lineTo(ex - ux * (s + 3) + uy * s * 0.45, ey - uy * (s + 3) - ux * s * 0.45);
    g.fill();
  }
  g.globalAlpha = 1;
}

// Events: a shape for each kind.
function paintEvents(a, b) {
  const small = S.mode === "rows" && S.scale < 9 ? 0.6 : 1;
  for (let r = a; r < b; r++) {
    const i = rows[r], k = run.kind[i], y = yOf(i), x = view.x[run.node[i]], seq = i + 1;
    if (k === FAULTED || k === SETTLED) {
      g.strokeStyle = g.fillStyle = k === SETTLED ? colour.good : colour.warn;
      g.lineWidth = 1;
      g.globalAlpha = 0.7;
      g.setLineDash([6, 4]);
      g.beginPath();
      g.moveTo(view.gutter - 6, y);
      g.lineTo(lastX(), y);
      g.stroke();
      g.setLineDash([]);
      g.globalAlpha = 1;
      if (k === FAULTED) bolt(x ?? view.gutter - 10, y, small);
      continue;
    }
    if (x === undefined) continue;
    g.globalAlpha = S.sel && seq !== S.sel && !S.chain.has(seq) && k !== CRASHED && k !== NOTED ? 0.55 : 1;
    shape(k, x, y, small, k === NOTED || k === FIRED || k === TIMERSET || k === SENT ? typeColour[run.typ[i]] : "", i);
    g.globalAlpha = 1;
    if (run.bad.has(seq)) ring(x, y, 9, colour.bad);
  }
}
function shape(k, x, y, z, ink, i) {
  g.strokeStyle = g.fillStyle = ink || colour.ink;
  g.lineWidth = 1.6;
  g.beginPath();
  switch (k) {
    case SENT:
    case DELIVERED:
      g.arc(x, y, 2.6 * z, 0, 7);
      g.fill();
      break;
    case NOTED:
      g.moveTo(x, y - 6 * z);
      g.lineTo(x + 6 * z, y);
      g.lineTo(x, y + 6 * z);
      g.lineTo(x - 6 * z, y);
      g.closePath();
      g.fill();
      break;
    case TIMERSET:
    case FIRED:
      g.arc(x, y, (k === FIRED ? 4.6 : 3) * z, 0, 7);
      g.fillStyle = colour.bg;
      g.fill();
      if (k === FIRED) {
        g.moveTo(x, y - 3 * z);
        g.lineTo(x, y);
        g.lineTo(x + 2.4 * z, y);
      }
      g.stroke();
      break;
    case DISK: {
      const s = 3.6 * z, op = run.names[run.typ[i]] ?? "sync";
      g.strokeStyle = colour.dim;
      g.rect(x - s, y - s, 2 * s, 2 * s);
      g.fillStyle = op.startsWith("sync") ? colour.dim : colour.bg;
      g.fill();
      g.stroke();
      break;
    }
    case CRASHED:
    case PANICKED:
      g.strokeStyle = colour.bad;
      g.lineWidth = 3 * z;
      for (const s of [1, -1]) {
        g.moveTo(x - 6 * z, y - 6 * s * z);
        g.lineTo(x + 6 * z, y + 6 * s * z);
      }
      g.stroke();
      break;
    case START:
    case EXITED: {
      const s = k === START ? 1 : -1;
      g.fillStyle = k === START ? colour.good : colour.dim;
      g.moveTo(x - 5 * z, y - 4.5 * s * z);
      g.lineTo(x + 5 * z, y - 4.5 * s * z);
      g.lineTo(x, y + 5 * s * z);
      g.fill();
    }
  }
}
function bolt(x, y, z) {
  g.beginPath();
  for (const [dx, dy] of [[2, -7], [-5, 1], [-1, 1], [-2, 7], [5, -1], [1, -1]]) g.lineTo(x + dx * z, y + dy * z);
  g.fill();
}
function ring(x, y, radius, ink) {
  g.strokeStyle = ink;
  g.lineWidth = 2;
  g.beginPath();
  g.arc(x, y, radius, 0, 7);
  g.stroke();
}

// The selected event, and the chain of what led to it.
function paintSelection() {
  if (!S.sel) return;
  const y = yOf(S.sel - 1), tall = S.mode === "rows" ? Math.max(S.scale, 3) : 20;
  g.fillStyle = colour.soft;
  g.fillRect(0, y - tall / 2, view.w, tall);
  g.fillStyle = colour.accent;
  g.fillRect(0, y - tall / 2, 4, tall);
}
function paintChain() {
  if (!S.sel) return;
  let s = S.sel;
  for (const c of S.chain) {
    const i = s - 1, x0 = view.x[run.node[c - 1]], x1 = view.x[run.node[i]], y0 = yOf(c - 1), y1 = yOf(i);
    if (x0 !== undefined && x1 !== undefined && Math.max(y0, y1) > -50 && Math.min(y0, y1) < view.h) {
      if (x0 === x1) {
        g.strokeStyle = colour.accent;
        g.lineWidth = 4;
        g.globalAlpha = 0.65;
        g.beginPath();
        g.moveTo(x0, y0);
        g.lineTo(x1, y1);
        g.stroke();
        g.globalAlpha = 1;
      } else paintArrow(x0, y0, x1, y1, colour.accent, run.kind[i] === DROPPED, 1, 3);
      ring(x0, y0, 7.5, colour.accent);
    }
    s = c;
  }
  const x = view.x[run.node[S.sel - 1]];
  if (x !== undefined) ring(x, yOf(S.sel - 1), 10, colour.accent);
}

// Text beside the lanes, where there is room for a line.
function clip(text, width) {
  if (g.measureText(text).width <= width) return text;
  let a = 0, b = Math.min(text.length, 300);
  while (a < b) {
    const m = (a + b + 1) >> 1;
    if (g.measureText(text.slice(0, m) + "…").width <= width) a = m;
    else b = m - 1;
  }
  return a > 0 ? text.slice(0, a) + "…" : "";
}
function paintText(a, b) {
  if (S.mode === "rows" && S.scale < ROW_TEXT - 2) {
    paintMarks(a, b);
    return paintTicks(a, b);
  }
  let last = -99;
  g.textBaseline = "middle";
  const line = big() ? 19 : ROW_TEXT, room = view.w - view.strip - view.text - 6;
  const at = S.sel && isShown(S.sel - 1) ? yOf(S.sel - 1) : -99; // whose words come before those of others at the same place
  let instant = -1;
  for (let r = a; r < b; r++) {
    const i = rows[r], seq = i + 1, k = run.kind[i], y = yOf(i), chosen = seq === S.sel;
    if (!chosen && (y - last < line || Math.abs(y - at) < line && S.mode === "time")) continue;
    last = y;
    const [who, what] = saying(i), hit = S.hits && S.hits[seq];
    if (hit) {
      g.fillStyle = colour.warn;
      g.fillRect(view.text - 8, y - line / 2, 3, line - 1);
    }
    g.globalAlpha = S.sel && !chosen && !S.chain.has(seq) ? 0.72 : 1;
    let x = view.text, left = room;
    const put = (text, ink, font) => {
      g.font = font;
      g.fillStyle = ink;
      const cut = clip(text, left), wide = g.measureText(cut).width + 7;
      g.fillText(cut, x, y);
      x += wide;
      left -= wide;
    };
    if (view.w > 620) put("#" + seq, colour.dim, sans(11));
    const ink = run.bad.has(seq) || k === CRASHED || k === PANICKED || k === DROPPED ? colour.bad : k === FAULTED ? colour.warn : k === NOTED ? typeColour[run.typ[i]] : colour.ink;
    put(who, k === FAULTED ? colour.warn : colour.dim, sans(12.5));
    put(what, ink, sans(12.5, k === NOTED || k === CRASHED || chosen ? "600" : ""));
    for (const v of run.bad.get(seq) ?? []) put("✗ " + v, colour.bad, sans(12.5, "700"));
    g.globalAlpha = 1;
    if (view.gutter > 60 && run.at[i] !== instant) {
      g.font = sans(11);
      g.fillStyle = colour.dim;
      g.textAlign = "right";
      g.fillText(ms(run.at[i]), view.gutter - 12, y);
      g.textAlign = "left";
      instant = run.at[i];
    }
  }
  g.textBaseline = "alphabetic";
}
function paintMarks(a, b) {
  if (!S.hits) return;
  g.fillStyle = colour.warn;
  for (let r = a; r < b; r++) if (S.hits[rows[r] + 1]) g.fillRect(view.text - 8, yOf(rows[r]) - 1, 12, 2);
}

// Where there are more events than can be told apart, how many there are; and the few that matter, each.
function paintDensity(a, b) {
  const lines = Math.max(1, Math.ceil(view.h)), lanes = run.nodes.length + 1, count = new Uint32Array(lines * lanes);
  let peak = 1;
  if (b - a > AFAR) { // by blocks: a million events take as long as a few thousand
    for (let q = a >> 8; q << 8 < b; q++) {
      const y = Math.floor(yOf(rows[Math.min((q << 8) + BLOCK / 2, total - 1)]) / 2) * 2;
      if (y < 0 || y >= lines) continue;
      for (let x = 0; x < lanes; x++) peak = Math.max(peak, (count[y * lanes + x] += tallies[q * lanes + x]));
    }
  } else {
    const { at, node } = run, { top, scale } = S, byTime = S.mode === "time", from = byTime ? at[0] + top : top - 0.5; // asked for hundreds of thousands
    for (let r = a; r < b; r++) {
      const i = rows[r], y = Math.floor((((byTime ? at[i] : slots ? slots[r] : r) - from) * scale) / 2) * 2;
      if (y < 0 || y >= lines) continue;
      const n = ++count[y * lanes + node[i]];
      if (n > peak) peak = n;
    }
  }
  const wide = Math.max(view.gap * 0.62, 3);
  g.fillStyle = colour.accent;
  for (let y = 0; y < lines; y += 2) {
    for (const x of view.lanes) {
      const n = count[y * lanes + x];
      if (!n) continue;
      g.globalAlpha = 0.18 + 0.6 * Math.sqrt(n / peak);
      const half = (wide * Math.sqrt(n / peak)) / 2;
      g.fillRect(view.x[x] - half, y, 2 * half, 2);
    }
  }
  g.globalAlpha = 1;
  for (const seq of [...run.faults, ...run.bad.keys(), S.sel]) {
    if (!seq) continue;
    const y = yOf(seq - 1), x = view.x[run.node[seq - 1]];
    if (y < 0 || y > view.h) continue;
    if (seq === S.sel) {
      g.fillStyle = colour.accent;
      g.fillRect(0, y - 1, view.w, 2);
    }
    if (run.bad.has(seq)) ring(x ?? view.gutter, y, 9, colour.bad);
    if (run.kind[seq - 1] === CRASHED) shape(CRASHED, x, y, 0.7, "", seq - 1);
  }
}

// The instants at the left edge, where not each event has its words; and what is to be said of all.
function paintTicks(a, b, words) {
  g.font = sans(11);
  g.fillStyle = colour.dim;
  if (view.gutter > 50) {
    g.textAlign = "right";
    for (let y = 20, last = -1; y < view.h - view.head; y += 80) {
      const r = rowAt(y);
      if (r < a || r >= b || r === last) continue;
      last = r;
      g.fillText(ms(run.at[rows[r]]), view.gutter - 12, yOf(rows[r]) + 4);
    }
    g.textAlign = "left";
  }
  if (!words) return;
  g.font = sans(12);
  const wide = g.measureText(words).width + 20, x = view.w - view.strip - wide - 10, y = view.h - view.head - 36;
  g.fillStyle = colour.panel;
  g.strokeStyle = colour.line;
  g.lineWidth = 1;
  g.beginPath();
  g.roundRect(x, y, wide, 26, 13);
  g.fill();
  g.stroke();
  g.fillStyle = colour.ink;
  g.fillText(words, x + 10, y + 17);
}

// The names of the nodes, above.
function paintHead() {
  const low = view.head - 30;
  g.fillStyle = colour.panel;
  g.fillRect(0, 0, view.w, view.head);
  paintName();
  g.fillStyle = colour.line;
  g.fillRect(0, view.head - 1, view.w, 1);
  g.textAlign = "center";
  const sel = S.sel && run.node[S.sel - 1];
  let last = -99; // where the last name stands: very narrow lanes have no room for all
  view.lanes.forEach((x, i) => {
    const at = view.x[x];
    if (at < view.gutter - 4 || at > view.text) return;
    g.font = sans(12.5, "600");
    g.fillStyle = x === sel ? colour.accent : colour.ink;
    const name = run.nodes[x - 1], tight = g.measureText(name).width > view.gap - 4;
    if (tight) g.font = sans(10);
    if (i * view.gap - last < (tight ? 16 : 0)) return;
    last = i * view.gap;
    g.fillText(clip(name, tight ? Math.max(view.gap * 2 - 6, 30) : view.gap), at, low + (tight && i % 2 ? 26 : tight ? 13 : 20));
  });
  g.textAlign = "left";
}

// The whole run at the right edge: how much happens when, faults, and where the picture stands.
function paintOverview() {
  const x = view.w - view.strip, h = view.h;
  if (!overview) {
    overview = document.createElement("canvas");
    overview.width = view.strip;
    overview.height = Math.max(1, Math.round(h));
    const o = overview.getContext("2d"), bins = new Uint32Array(overview.height), at = (i) => Math.min(bins.length - 1, Math.floor((coordinate(i) / extent()) * bins.length));
    const step = total > AFAR ? BLOCK : 1; // in rows there are as many everywhere
    if (S.mode === "time") for (let r = step >> 1; r < total; r += step) bins[at(rows[r])] += step;
    const peak = bins.reduce((a, b) => Math.max(a, b), 1);
    o.fillStyle = colour.soft;
    o.fillRect(0, 0, view.strip, h);
    o.fillStyle = colour.dim;
    o.globalAlpha = 0.55;
    if (S.mode === "time") bins.forEach((n, y) => n && o.fillRect(2, y, (view.strip - 4) * (0.15 + 0.85 * Math.sqrt(n / peak)), 1));
    o.globalAlpha = 1;
    const mark = (seq, ink, tall) => ((o.fillStyle = ink), o.fillRect(1, at(seq - 1) - tall / 2, view.strip - 2, tall));
    for (const seq of run.faults) mark(seq, run.kind[seq - 1] === CRASHED ? colour.bad : run.kind[seq - 1] === SETTLED ? colour.good : colour.warn, 1.5);
    if (S.hits && S.found.length < 20000) for (const seq of S.found) mark(seq, colour.accent, 1.5);
    for (const seq of run.bad.keys()) mark(seq, colour.bad, 5);
  }
  g.drawImage(overview, x, 0, view.strip, h);
  const top = (S.top / extent()) * h, tall = ((h - view.head) / S.scale / extent()) * h;
  g.strokeStyle = colour.ink;
  g.lineWidth = 1.5;
  g.strokeRect(x + 1, Math.max(1, top), view.strip - 2, Math.max(8, Math.min(tall, h - 2)));
}

// DrawOn draws somewhere else with the same pen.
function drawOn(other, what) {
  const ours = g;
  g = other;
  what();
  g = ours;
}
