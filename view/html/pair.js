// Two runs side by side: that of the page, and its twin, which passes. All that draws works on one picture, whose parts are globals; turnTo says which.

const pictures = [];
let shown = null; // the picture that the globals are of: the one that keys and the panel are about
let focus = null; // the same while each is drawn
let paired = false; // both are drawn
let pair = null; // what of one is in the other, see match
const SHARED = ["mode", "top", "scale", "off", "offTypes", "offNodes"];

function picture(run, canvas) {
  const p = { run, canvas, S: unchosen(), g: canvas.getContext("2d"), view: newView(), rows: null, place: null, total: 0, slots: null, spans: null, tallies: null, overview: null, typeColour: [] };
  pictures.push(p);
  return p;
}
const stash = () => Object.assign(shown, { rows, place, total, slots, spans, tallies, overview, typeColour });
function turnTo(p) {
  if (p === shown) return;
  if (shown) {
    stash();
    for (const k of SHARED) p.S[k] = shown.S[k];
  }
  shown = p;
  ({ run, canvas, S, g, view, rows, place, total, slots, spans, tallies, overview, typeColour } = p);
}
// InEach does something for each picture that is drawn, without leaving the one that is shown.
function inEach(what) {
  const was = (focus = shown);
  for (const p of paired ? pictures : [was]) {
    turnTo(p);
    what();
  }
  turnTo(was);
}
const isTwin = () => shown !== pictures[0];
const other = () => (paired ? pictures[isTwin() ? 0 : 1] : null);
// In asks something about the other picture.
function inOther(what) {
  const was = shown;
  turnTo(other());
  const answer = what();
  turnTo(was);
  return answer;
}

// Compare draws the twin beside the run, or no more.
function compare() {
  if (!run.twin && !isTwin()) return note("There is no run beside this one.");
  if (pictures.length < 2) {
    picture(load(globalThis.columns, "twin."), $("twin"));
    pair = match(pictures[0].run, pictures[1].run);
  }
  if (isTwin()) turnTo(pictures[0]);
  paired = !paired;
  document.body.toggleAttribute("data-paired", paired);
  $("twin").parentElement.hidden = !paired;
  for (const b of document.querySelectorAll("[data-do=compare]")) b.setAttribute("aria-pressed", paired);
  if (paired && pair.at[0]) followTwin();
  resizeAll();
  relayout(true);
  restyle();
  if (!paired) return showPanel();
  if (S.mode === "rows") S.scale = Math.max(S.scale, 22); // the words are what is compared
  toParting();
}

// Match finds for each event of one run the same one in the other: what happens to the same node with the same words, the first time as the first time. Those
// that also stand in the same order are drawn side by side: a longest such part.
function match(a, b) {
  const key = (run, i) => `${run.kind[i]} ${run.nodes[run.node[i] - 1]} ${run.nodes[run.peer[i] - 1]} ${run.names[run.typ[i]]} ${run.texts[run.text[i]]} ${run.names[run.reason[i]]}`;
  const has = new Map(), to = [new Int32Array(a.n), new Int32Array(b.n)];
  for (let j = b.n - 1; j >= 0; j--) {
    const k = key(b, j), list = has.get(k);
    if (list) list.push(j);
    else has.set(k, [j]);
  }
  for (let i = 0; i < a.n; i++) {
    const j = has.get(key(a, i))?.pop();
    if (j !== undefined) [to[0][i], to[1][j]] = [j + 1, i + 1];
  }
  let same = 0;
  while (same < a.n && same < b.n && a.at[same] === b.at[same] && key(a, same) === key(b, same)) same++;
  return { to, level: rising(to[0], same), at: same < a.n || same < b.n ? [Math.min(same + 1, a.n), Math.min(same + 1, b.n)] : [0, 0] };
}

// Rising returns of a list of numbers a longest part in which they rise, 0 for what is not in it: the first ones are.
function rising(to, first) {
  const out = new Int32Array(to.length), tails = [], before = new Int32Array(to.length);
  for (let i = 0; i < to.length; i++) {
    if (i < first) out[i] = to[i];
    else if (to[i] > first) {
      let x = 0, y = tails.length;
      while (x < y) {
        const m = (x + y) >> 1;
        if (to[tails[m]] < to[i]) x = m + 1;
        else y = m;
      }
      before[i] = x > 0 ? tails[x - 1] : -1;
      tails[x] = i;
    }
  }
  for (let i = tails.length ? tails[tails.length - 1] : -1; i >= 0; i = before[i]) out[i] = to[i];
  return out;
}

// PairUp gives the rows of both pictures their places, so that the same events stand side by side.
function pairUp() {
  stash();
  if (!paired) return;
  const [a, b] = pictures, where = [new Uint32Array(a.total), new Uint32Array(b.total)];
  let slot = 0, x = 0, y = 0;
  for (;;) {
    // Up to the next event that stands in both, each goes on alone.
    let nx = x;
    while (nx < a.total && !(pair.level[a.rows[nx]] && isRow(b, pair.level[a.rows[nx]] - 1))) nx++;
    const ny = nx < a.total ? b.place[pair.level[a.rows[nx]] - 1] : b.total, from = slot;
    for (; x < nx; x++) where[0][x] = slot++;
    const reached = slot;
    for (slot = from; y < ny; y++) where[1][y] = slot++;
    slot = Math.max(slot, reached);
    if (nx >= a.total) break;
    where[0][x++] = where[1][y++] = slot++;
  }
  [a.slots, b.slots] = where;
  pair.rows = slot;
  slots = shown.slots;
  const own = (p, seq) => (seq && p.total ? (p.place[seq - 1] < p.total ? p.slots[p.place[seq - 1]] : slot) : 0);
  pair.slot = Math.min(own(a, pair.at[0]), own(b, pair.at[1]));
  pair.time = pair.at[0] ? Math.min(a.run.at[pair.at[0] - 1] - a.run.at[0], b.run.at[pair.at[1] - 1] - b.run.at[0]) : 0;
}
const isRow = (p, i) => p.place[i] < p.total && p.rows[p.place[i]] === i;
const spanOf = (run) => (run.n ? run.at[run.n - 1] - run.at[0] + 1 : 1);
const matched = (seq) => (paired && seq ? pair.to[isTwin() ? 1 : 0][seq - 1] : 0);
const onlyHere = (seq) => paired && seq > 0 && !pair.to[isTwin() ? 1 : 0][seq - 1];

// What is selected in one picture is selected in the other, if it is there.
function followTwin() {
  if (!paired) return;
  const seq = matched(S.sel);
  inOther(() => {
    S.sel = seq;
    S.chain = new Set(chainOf(seq));
  });
}
function toOther() {
  if (!paired) return compare();
  const seq = matched(S.sel);
  if (S.sel && !seq) note(`Event ${S.sel} is not in the other run.`);
  turnTo(other());
  if (seq) select(seq);
  else {
    showPanel();
    draw();
  }
}
function toParting() {
  if (!paired) return compare();
  if (!pair.at[0]) return note("The two runs have the same events.");
  const seq = pair.at[isTwin() ? 1 : 0];
  select(rows[Math.min(place[seq - 1], total - 1)] + 1 || seq, true); // or the first after it that is drawn
}
function nextOnly() {
  if (!paired) return compare();
  for (let r = S.sel ? place[S.sel - 1] + (isShown(S.sel - 1) ? 1 : 0) : 0; r < total; r++) if (onlyHere(rows[r] + 1)) return select(rows[r] + 1, true);
  note("From here on the other run has the same events.");
}

// Where they part: all before is the same in both, and pale unless it is looked at.
const yParting = () => (S.mode === "rows" ? (pair.slot - S.top) * S.scale : (pair.time - S.top) * S.scale - 11); // above its words
function paintParting() {
  if (!paired || !pair.at[0]) return;
  const y = yParting();
  if (y > 0 && !(S.sel && S.sel < pair.at[isTwin() ? 1 : 0])) {
    g.globalAlpha = 0.5;
    g.fillStyle = colour.bg;
    g.fillRect(0, 0, view.w, y);
    g.globalAlpha = 1;
  }
  g.strokeStyle = g.fillStyle = colour.accent;
  g.lineWidth = 1.5;
  g.setLineDash([7, 4]);
  g.beginPath();
  g.moveTo(0, y);
  g.lineTo(view.w, y);
  g.stroke();
  g.setLineDash([]);
}
// PaintOnly marks what only this run has, behind its words.
function paintOnly(a, b) {
  if (!paired || S.mode !== "rows") return;
  g.fillStyle = isTwin() ? colour.goodbg : colour.badbg;
  for (let r = a; r < b; r++) if (onlyHere(rows[r] + 1)) g.fillRect(view.text - 6, yOf(rows[r]) - S.scale / 2, view.w, S.scale);
}
// PaintName says above a picture which run it is.
function paintName() {
  if (!paired) return;
  const words = isTwin() ? `Twin: ${run.verdict}, ${pictures[0].run.twin}` : `This run: ${run.verdict}`;
  g.font = sans(12.5, "600");
  g.fillStyle = colour.ink;
  g.fillText(clip(words, view.w - view.strip - 16), 10, 17);
  g.fillStyle = shown === focus ? colour.accent : colour.line;
  g.fillRect(0, 0, view.w, 3);
}

// What the panel says of it.
function besideSection(page) {
  if (!paired) return;
  const seq = matched(S.sel), name = isTwin() ? "the failing run" : "the twin";
  page.append(make("h2", {}, isTwin() ? "Beside it, in the run that fails" : "Beside it, in the twin"));
  if (!seq) return page.append(make("p", { class: "sub" }, `Only here: ${name} has no such event.`));
  const link = make("button", { class: "wide", onclick: toOther }, `The same event there: #${seq}  (x)`);
  page.append(link);
  const node = run.node[S.sel - 1], mine = node && stateOf(node, S.sel);
  const theirs = node && inOther(() => stateOf(node, seq));
  if (!mine || !theirs || run.nodes[node - 1] !== other().run.nodes[node - 1]) return;
  const box = make("div", { class: "state mono", id: "versus" });
  for (const k of new Set([...theirs.keys(), ...mine.keys()])) {
    if (mine.get(k) === theirs.get(k)) continue;
    box.append(stateLine("", isTwin() ? "twin" : "this", k, mine.get(k) ?? "-"), stateLine("", isTwin() ? "run" : "twin", "", theirs.get(k) ?? "-"));
  }
  page.append(make("p", { class: "sub" }, box.childElementCount ? `What ${nodeName(node)} holds differs from what it holds there:` : `${nodeName(node)} holds the same there.`));
  if (box.childElementCount) page.append(box);
}
function twinPage(page) {
  const main = pictures[0].run;
  page.append(make("p", { class: "sub" }, `${main.twinPasses ? "The nearest run that was found in which nothing goes wrong" : "The nearest run that was found which does not fail so"}: ${main.twin}.`));
  page.append(make("button", { class: "wide", "data-do": "compare", "aria-pressed": paired }, paired ? "Show this run alone  (b)" : "Show both side by side  (b)"));
  if (!paired || !pair.at[0]) return;
  page.append(make("h2", {}, "Where they part"), make("p", { class: "sub" }, "Above the dashed line both runs are the same, and pale. Below it, tinted rows are events that the other run has not."));
  for (const p of pictures) {
    const was = shown;
    turnTo(p);
    const seq = pair.at[isTwin() ? 1 : 0];
    page.append(make("p", { class: "sub" }, isTwin() ? "In the twin" : "In this run"), eventListOf(p, [seq]));
    turnTo(was);
  }
  for (const p of pictures) {
    const was = shown;
    turnTo(p);
    const seqs = [];
    for (let i = 0; i < run.n; i++) if (onlyHere(i + 1) && isShown(i)) seqs.push(i + 1);
    if (seqs.length) page.append(make("h2", {}, `Only in ${isTwin() ? "the twin" : "this run"} (${thousands(seqs.length)})`), eventListOf(p, seqs));
    turnTo(was);
  }
}
// A list of events of a picture, to go to.
function eventListOf(p, seqs) {
  const list = eventList(seqs);
  list.addEventListener("click", () => turnTo(p), true);
  return list;
}
