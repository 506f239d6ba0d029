// Where things stand. Time runs down, a lane a node. In rows each event has one; in time, its place is its instant.

// What is chosen. Beside a twin there are two pictures; SHARED in pair.js says what holds for both.
const unchosen = () => ({ sel: 0, mode: "rows", top: 0, scale: 22, panX: 0, past: null, pastOn: false, off: new Set(["set"]), offTypes: new Set(), offNodes: new Set(), hits: null, found: [], chain: new Set() });
let S = unchosen();
let playing = 0, tab = "event";
const GROUPS = [
  ["msg", "Messages", [SENT, DELIVERED]], ["lost", "Lost messages", [DROPPED]], ["fact", "Facts", [NOTED]], ["timer", "Timers that fire", [FIRED]],
  ["set", "Timers that are set", [TIMERSET]], ["disk", "Disk operations", [DISK]], ["fault", "Faults, starts and ends", [START, CRASHED, FAULTED, SETTLED, PANICKED, EXITED]],
];
const groupOf = []; // by kind
for (const [name, , kinds] of GROUPS) for (const k of kinds) groupOf[k] = name;

let rows, place, total; // the events shown; by event the number of rows before it; how many
let slots; // by row, where it stands, if that is not its number: beside a twin
let spans; // by block of rows, the first row from which an arrow into the block comes
let tallies; // by block of rows, how many events there are on each lane: the picture from afar
const BLOCK = 256;
const ROWS_MAX = 64, ROW_TEXT = 15, DENSE = 5000, AFAR = 300000;

// Relayout finds out which events are shown. The place in view stays: what was at the middle, or is selected.
function relayout(keep) {
  const anchor = keep ? S.sel || eventAt(view.h / 2) : 0, before = anchor && yOf(anchor - 1);
  inEach(layRows);
  pairUp();
  if (anchor) S.top += (yOf(anchor - 1) - before) / S.scale;
  hold();
}
function layRows() {
  const shows = KINDS.map((_, k) => !S.off.has(groupOf[k]));
  const types = run.names.map((name) => !S.offTypes.has(name)), nodes = [true, ...run.nodes.map((id) => !S.offNodes.has(id))];
  const { kind, node, peer, cause, typ, n } = run, lanes = run.nodes.length + 1, past = S.past;
  slots = overview = null;
  rows = new Uint32Array(n);
  place = new Uint32Array(n);
  total = 0;
  for (let i = 0; i < n; i++) {
    place[i] = total;
    if (!shows[kind[i]] || !types[typ[i]] || past && !past[i + 1] || !nodes[node[i]] && !(peer[i] && nodes[peer[i]])) continue;
    rows[total++] = i;
  }
  spans = new Uint32Array(Math.ceil(total / BLOCK)).fill(total);
  tallies = new Uint32Array(spans.length * lanes);
  for (let r = 0; r < total; r++) {
    const i = rows[r], b = r >> 8;
    tallies[b * lanes + node[i]]++;
    if ((kind[i] === DELIVERED || kind[i] === DROPPED) && cause[i] && peer[i]) spans[b] = Math.min(spans[b], place[cause[i] - 1]);
  }
  lanesAgain();
}
const arrow = (i) => (run.kind[i] === DELIVERED || run.kind[i] === DROPPED) && run.cause[i] > 0 && run.peer[i] > 0;
const isShown = (i) => place[i] < total && rows[place[i]] === i;

// The lanes: their order is that of the nodes, without those that are left out.
const newView = () => ({ w: 0, h: 0, gutter: 74, head: 30, gap: 60, text: 0, lanes: [], x: [], strip: 18 });
let view = newView();
function lanesAgain() {
  view.lanes = run.nodes.map((_, i) => i + 1).filter((x) => !S.offNodes.has(run.nodes[x - 1]));
  const n = Math.max(view.lanes.length, 1), small = view.w < 560;
  view.head = paired ? 52 : 30;
  view.gutter = small ? 14 : (big() ? 106 : 84) + (spanOf(run) >= 1e9 ? 8 : 0) + (spanOf(run) >= 1e10 ? 8 : 0); // as wide as its longest instant
  const room = view.w - view.gutter - view.strip, want = small ? room * 0.5 : Math.max(room * 0.5, room - 430);
  view.gap = Math.min(Math.max(want / n, small ? 20 : 26), 120);
  // Where no words are drawn the lanes may have all of the room.
  const wordless = S.mode === "rows" && S.scale < ROW_TEXT - 2;
  if (wordless) view.gap = Math.min(Math.max((room - 8) / n, small ? 6 : 10), 160);
  view.text = view.gutter + Math.min(view.gap * n, wordless ? room - 8 : room * 0.7) + 8;
  S.panX = Math.min(Math.max(S.panX, 0), Math.max(0, view.gap * n - (view.text - view.gutter)));
  view.x = [];
  view.lanes.forEach((x, i) => (view.x[x] = view.gutter + (i + 0.5) * view.gap - S.panX));
}

// Positions: S.top is what is at the top of the picture, in rows or nanoseconds; S.scale is pixels for one of them.
const slotOf = (r) => (slots && total ? (r < total ? slots[r] : slots[total - 1] + 1 + r - total) : r);
const coordinate = (i) => (S.mode === "rows" ? slotOf(place[i]) + 0.5 : run.at[i] - run.at[0]);
const yOf = (i) => (coordinate(i) - S.top) * S.scale;
const ownExtent = () => (S.mode === "rows" ? slotOf(total) : spanOf(run));
const extent = () => (S.mode === "rows" ? (slots ? pair.rows : total) : Math.max(...(paired ? pictures : [shown]).map((p) => spanOf(p.run))));
const least = () => Math.max(view.h - view.head - 20, 50) / extent();
const most = () => (S.mode === "rows" ? ROWS_MAX : 1);

// Row returns the first row at or below a height.
function rowAt(y) {
  const at = S.top + y / S.scale;
  if (S.mode === "rows" && !slots) return Math.max(0, Math.min(total, Math.floor(at)));
  let a = 0, b = total;
  while (a < b) {
    const m = (a + b) >> 1;
    if (slots && S.mode === "rows" ? slots[m] + 1 <= at : run.at[rows[m]] - run.at[0] < at) a = m + 1;
    else b = m;
  }
  return a;
}

// The event nearest to a height, preferring one on the lane at x; 0 if there is none.
function eventAt(y, x) {
  if (!rows || !total) return 0;
  const r = Math.min(rowAt(y), total - 1);
  if (S.mode === "rows" && S.scale >= 3 && !slots) return rows[r] + 1;
  let best = 0, least = Infinity;
  for (let q = Math.max(0, r - 200); q < Math.min(total, r + 200); q++) {
    const i = rows[q], far = Math.abs(yOf(i) - y) + (x ? Math.abs((view.x[run.node[i]] ?? 1e4) - x) * 0.5 : 0);
    if (far < least) [best, least] = [i + 1, far];
  }
  return best;
}

// Hold keeps the picture on the run.
function hold() {
  S.scale = Math.min(Math.max(S.scale, Math.min(least(), most())), most());
  const page = (view.h - view.head) / S.scale, spare = Math.min(page * 0.3, 60 / S.scale);
  S.top = Math.max(-spare * 0.2, Math.min(S.top, extent() - page + spare));
  if (extent() < page) S.top = -spare * 0.2;
}
function zoom(by, y) {
  const at = S.top + y / S.scale;
  S.scale = Math.min(Math.max(S.scale * by, Math.min(least(), most())), most());
  S.top = at - y / S.scale;
  hold();
  draw();
}
function fit() {
  S.scale = Math.min(least(), S.mode === "rows" ? 22 : 1);
  S.top = 0;
  hold();
  draw();
}

// Reveal brings an event into the picture, and leaves the picture alone if it is there.
function reveal(seq, middle) {
  lanesAgain();
  const x = view.x[run.node[seq - 1]], past = x === undefined ? 0 : x > view.text - 20 ? x - view.text + 20 + view.gap : x < view.gutter ? x - view.gutter - view.gap : 0;
  if (past) {
    S.panX += past;
    lanesAgain();
  }
  const y = yOf(seq - 1), h = view.h - view.head;
  if (middle || y < 24 || y > h - 40) S.top = coordinate(seq - 1) - (h * (middle ? 0.6 : y < 24 ? 0.35 : 0.65)) / S.scale;
  hold();
}
function setMode(mode) {
  if (mode === S.mode) return;
  const anchor = S.sel || eventAt(view.h / 2) || 1, y = yOf(anchor - 1);
  const per = (run.at[run.n - 1] - run.at[0] + 1) / Math.max(total, 1); // the time that a row takes on average
  S.mode = mode;
  S.scale = mode === "time" ? S.scale / per : Math.min(S.scale * per, 22);
  S.top = coordinate(anchor - 1) - y / S.scale;
  hold();
  overview = null;
  draw();
}
