// The run: columns by event, as view/html_data.go writes them. An event's index is its number less one.

const $ = (id) => document.getElementById(id);
const KINDS = ["start", "send", "drop", "recv", "set", "timer", "disk", "note", "crash", "fault", "settle", "panic", "exit"];
const [START, SENT, DROPPED, DELIVERED, TIMERSET, FIRED, DISK, NOTED, CRASHED, FAULTED, SETTLED, PANICKED, EXITED] = KINDS.keys();

// Sums undoes differences: of numbers that only grow, or of names of which a new one is the next.
function sums(lo, hi) {
  const out = new Float64Array(lo.length);
  for (let i = 0, t = 0; i < lo.length; i++) out[i] = t += lo[i] + hi[i] * 4294967296;
  return out;
}
function newest(back) {
  for (let i = 0, next = 1; i < back.length; i++) {
    if (!back[i]) continue;
    back[i] = next - back[i] + 1;
    if (back[i] === next) next++;
  }
  return back;
}

// Load makes a run that all else draws: that of the page, or the twin beside it.
function load(columns, prefix) {
  const c = {}; // its own, without the prefix
  for (const name in columns) if (name.startsWith(prefix)) c[name.slice(prefix.length)] = columns[name];
  const run = JSON.parse(c.meta);
  run.n = c.kind.length;
  run.at = sums(c.atLo, c.atHi);
  run.cause = c.cause;
  for (let i = 0; i < run.n; i++) if (run.cause[i]) run.cause[i] = i + 1 - run.cause[i];
  run.kind = c.kind;
  run.node = c.node;
  run.peer = c.peer;
  run.typ = c.typ;
  run.reason = c.reason;
  run.text = newest(c.text);
  run.texts = c.texts.split("\n");
  run.stateTexts = c.stateTexts.split("\n");
  run.changes = { seq: c.changeSeq, node: c.changeNode, path: c.changePath, value: c.changeValue, of: [] };
  for (let i = 1; i < c.changeSeq.length; i++) c.changeSeq[i] += c.changeSeq[i - 1];
  for (let i = 0; i < c.changeSeq.length; i++) (run.changes.of[c.changeNode[i]] ??= []).push(i);
  for (let i = 1; i < c.skewSeq.length; i++) c.skewSeq[i] += c.skewSeq[i - 1];
  run.skews = { seq: c.skewSeq, node: c.skewNode, lo: c.skewLo, hi: c.skewHi };
  // The effects of an event: a list of its children, by a table of where each one's begin.
  const first = (run.first = new Uint32Array(run.n + 2)), child = (run.child = new Uint32Array(run.n));
  for (let i = 0; i < run.n; i++) first[run.cause[i] + 1]++;
  for (let s = 1; s < first.length; s++) first[s] += first[s - 1];
  const fill = first.slice();
  for (let i = 0; i < run.n; i++) child[fill[run.cause[i]]++] = i + 1;
  // Where something was violated; how many events of each kind and type there are.
  run.bad = new Map();
  for (const v of run.violations) if (v.seq) run.bad.set(v.seq, [...(run.bad.get(v.seq) ?? []), v.property]);
  run.count = KINDS.map(() => 0);
  const types = new Uint32Array(run.names.length);
  for (let i = 0; i < run.n; i++) {
    run.count[run.kind[i]]++;
    types[run.typ[i]]++;
  }
  run.types = [...types].map((n, t) => [t, n]).filter(([t, n]) => t && n).sort((a, b) => b[1] - a[1]);
  // When nodes were down, and what the list of faults shows.
  run.downs = run.nodes.map(() => [[0, run.n + 1]]);
  run.faults = [];
  for (let i = 0; i < run.n; i++) {
    const k = run.kind[i], d = run.downs[run.node[i] - 1];
    if (k === START) d[d.length - 1][1] = i + 1;
    if (k === CRASHED || k === PANICKED && d[d.length - 1][1] <= run.n) d.push([i + 1, run.n + 1]);
    if (k === CRASHED || k === FAULTED || k === SETTLED || k === PANICKED || (k === START && d.length > 1)) run.faults.push(i + 1);
  }
  return run;
}

// What an event says.
const nodeName = (x) => (x ? run.nodes[x - 1] : "");
const textOf = (i) => run.texts[run.text[i]];
function saying(i) {
  const k = run.kind[i], me = nodeName(run.node[i]), peer = nodeName(run.peer[i]), text = textOf(i), why = run.names[run.reason[i]];
  const odd = why && k !== DROPPED ? ` (${why})` : "";
  switch (k) {
    case START: return [me, text === "life 1" ? "starts" : "starts " + text];
    case SENT: return [`${me}→${peer}`, text + odd];
    case DROPPED: return [`${peer}→${me}`, `${text} lost: ${why}`];
    case DELIVERED: return [`${peer}→${me}`, text + odd];
    case TIMERSET: return [me, "sets timer " + text];
    case FIRED: return [me, "timer " + text];
    case CRASHED: return [me, "crashes" + (text ? ": " + text : "")];
    case FAULTED: return ["fault", text];
    case SETTLED: return ["faults end", ""];
    case PANICKED: return [me, "panics: " + text];
    case EXITED: return [me, "script ends"];
  }
  return [me, text + odd];
}
const sentence = (i) => `${KINDS[run.kind[i]]} ${saying(i).join(" ")}`;
const ms = (ns) => (ns / 1e6).toFixed(3) + " ms";
const thousands = (n) => n.toLocaleString("en");

// The state of a node after an event, as a Map from path to value; null if it is not known.
function stateOf(node, seq) {
  const [from, to] = run.states, c = run.changes, lines = new Map();
  if (seq < from - 1 || (to && seq > to)) return served(node, seq);
  for (const i of c.of[node] ?? []) {
    if (c.seq[i] > seq) break;
    if (c.value[i]) lines.set(run.stateTexts[c.path[i]], run.stateTexts[c.value[i]]);
    else lines.delete(run.stateTexts[c.path[i]]);
  }
  return lines;
}

// By how much a node's clock was wrong at an event, in nanoseconds; null if it is not known.
function skewOf(node, seq) {
  if (seq < run.states[0] || run.states[1] && seq > run.states[1]) return null;
  const s = run.skews;
  let by = 0;
  for (let i = 0; i < s.seq.length && s.seq[i] <= seq; i++) if (s.node[i] === node) by = (s.hi[i] | 0) * 4294967296 + s.lo[i];
  return by;
}

// Chain is what led to an event, from cause to cause: [its cause, that one's, ...].
function chainOf(seq) {
  const chain = [];
  for (let s = seq && run.cause[seq - 1]; s; s = run.cause[s - 1]) chain.push(s);
  return chain;
}
const effectsOf = (seq) => run.child.subarray(run.first[seq], run.first[seq + 1]);

// Past marks all that an event can depend on: its causes, and what happened earlier on the nodes concerned.
function pastOf(seq) {
  const past = new Uint8Array(run.n + 1), nodes = new Uint8Array(run.nodes.length + 1);
  past[seq] = 1;
  for (let s = seq; s > 0; s--) {
    const i = s - 1;
    if (past[s] || nodes[run.node[i]]) {
      past[s] = 1;
      past[run.cause[i]] = 1;
      if (run.node[i] && (run.kind[i] !== SENT || past[s])) nodes[run.node[i]] = 1;
    } else if (run.kind[i] === FAULTED) past[s] = 1;
  }
  return past;
}
