// Selecting, stepping, finding, and the hands of whoever looks.

function select(seq, middle) {
  if (!(seq >= 1 && seq <= run.n)) return false;
  S.sel = seq;
  S.chain = new Set(chainOf(seq));
  if (S.pastOn && S.past && !S.past[seq]) setPast(true);
  reveal(seq, middle && !inPicture(seq));
  $("say").textContent = `Event ${seq}: ${sentence(seq - 1)}`;
  history.replaceState(null, "", (isTwin() ? "#twin=" : "#event=") + seq);
  tab = "event";
  followTwin();
  showPanel();
  draw();
  return true;
}
const inPicture = (seq) => yOf(seq - 1) > 10 && yOf(seq - 1) < view.h - view.head - 30;
function unselect() {
  S.sel = 0;
  S.chain = new Set();
  history.replaceState(null, "", location.pathname + location.search);
  followTwin();
  if (S.pastOn) setPast(false);
  showPanel();
  draw();
}

// Step goes to the next event that is drawn, or the one before, on the same node if asked for.
function step(by, sameNode) {
  if (!total) return note("The filter leaves out all events.");
  const i = S.sel - 1, node = S.sel ? run.node[i] : 0;
  let r = S.sel ? place[i] + (by > 0 && isShown(i) ? 1 : by < 0 ? -1 : 0) : by > 0 ? Math.min(total - 1, rowAt(0)) : total - 1;
  if (sameNode) while (r >= 0 && r < total && run.node[rows[r]] !== node) r += by;
  if (r < 0 || r >= total) {
    stop();
    return note(by > 0 ? "This is the last event." : "This is the first event.");
  }
  select(rows[r] + 1);
}
function follow() {
  if (S.sel && run.cause[S.sel - 1]) select(run.cause[S.sel - 1]);
  else note(S.sel ? "Nothing in the run led to this event." : "Select an event first.");
}
function effect() {
  const e = effectsOf(S.sel);
  if (S.sel && e.length) select(e.find((s) => isShown(s - 1)) ?? e[0]);
  else note(S.sel ? "This event led to nothing." : "Select an event first.");
}
function play() {
  if (playing) return stop();
  playing = setInterval(() => step(1), 700);
  $("play").textContent = "⏸";
  $("play").setAttribute("aria-label", "Pause");
}
function stop() {
  clearInterval(playing);
  playing = 0;
  $("play").textContent = "▶";
  $("play").setAttribute("aria-label", "Play");
}
function jump(list, none) {
  const next = list.find((s) => s > S.sel) ?? list[0];
  if (next) select(next, true);
  else note(none);
}
function setPast(on) {
  if (on && !S.sel) return note("Select an event first: then only what it can depend on is drawn.");
  inEach(() => {
    S.pastOn = on;
    S.past = on && S.sel ? pastOf(S.sel) : null;
  });
  $("past").setAttribute("aria-pressed", on);
  relayout(true);
  if (S.sel) reveal(S.sel);
  draw();
}
function refilter() {
  relayout(true);
  const at = $("page").scrollTop;
  showPanel();
  $("page").scrollTop = tab === "filter" ? at : 0;
  draw();
}

// Find looks for all words: each in the text, or in the names of the type, the kind, a node or a reason.
function find(words) {
  const terms = words.toLowerCase().split(/\s+/).filter(Boolean);
  inEach(() => findIn(terms));
  $("found").textContent = terms.length ? (S.found.length ? `${thousands(S.found.length)} found` : "none") : "";
  draw();
}
function findIn(terms) {
  S.hits = overview = null;
  S.found = [];
  if (terms.length) {
    const tables = terms.map((t) => {
      const has = (s) => (s.toLowerCase().includes(t) ? 1 : 0);
      return { text: Uint8Array.from(run.texts, has), name: run.names.map(has), node: [0, ...run.nodes.map(has)], kind: KINDS.map(has), number: /^#?\d+$/.test(t) ? +t.replace("#", "") : 0 };
    });
    S.hits = new Uint8Array(run.n + 1);
    for (let i = 0; i < run.n; i++) {
      if (!isShown(i)) continue;
      if (tables.every((t) => t.text[run.text[i]] || t.name[run.typ[i]] || t.name[run.reason[i]] || t.node[run.node[i]] || t.node[run.peer[i]] || t.kind[run.kind[i]] || t.number === i + 1)) {
        S.hits[i + 1] = 1;
        S.found.push(i + 1);
      }
    }
  }
}
function nextHit(by) {
  if (!S.found?.length) return note($("find").value ? "Nothing is found." : "Press / and say what to look for.");
  let at = S.found.findIndex((s) => s > S.sel);
  if (by < 0) at = S.found.findLastIndex((s) => s < S.sel);
  if (at < 0) at = by > 0 ? 0 : S.found.length - 1;
  select(S.found[at], true);
  $("found").textContent = `${at + 1} of ${thousands(S.found.length)}`;
}
function theme(name) {
  if (!name) { // somebody wants the other one, and what somebody wants is remembered; what the system has is not
    name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("simrun-theme", name); } catch { /* a file may not have storage */ }
  }
  document.documentElement.dataset.theme = name;
  if (run) {
    restyle();
    showPanel();
  }
}

const ACTIONS = {
  next: () => step(1), prev: () => step(-1), cause: follow, effect, play, in: () => zoom(1.5, middleY()), out: () => zoom(1 / 1.5, middleY()), fit,
  mode: () => { setMode(S.mode === "rows" ? "time" : "rows"); $("mode").textContent = S.mode === "rows" ? "Time" : "Rows"; },
  past: () => setPast(!S.pastOn), compare, theme: () => theme(), help: () => ($("help").open ? $("help").close() : $("help").showModal()),
};
const middleY = () => (S.sel && inPicture(S.sel) ? yOf(S.sel - 1) : view.h / 2);
const KEYS = [
  [["j", "ArrowDown"], "↓ j", "next event", ACTIONS.next], [["k", "ArrowUp"], "↑ k", "event before", ACTIONS.prev],
  [["l", "ArrowRight"], "→ l", "next event of the same node", () => step(1, true)], [["h", "ArrowLeft"], "← h", "event before, of the same node", () => step(-1, true)],
  [["c"], "c", "its cause", follow], [["e"], "e", "what it led to", effect], [["v"], "v", "the violation", () => jump([...run.bad.keys()], "Nothing was violated at an event.")],
  [["f"], "f", "next fault", () => jump(run.faults, "No fault happened.")], [["w"], "w", "only what led to the event", ACTIONS.past], [[" "], "space", "play, pause", play],
  [["+", "="], "+", "zoom in", ACTIONS.in], [["-"], "-", "zoom out", ACTIONS.out], [["0"], "0", "the whole run", fit], [["m"], "m", "rows, or true time", ACTIONS.mode],
  [["PageDown"], "PgDn", "a page on", () => scroll(view.h * 0.85)], [["PageUp"], "PgUp", "a page back", () => scroll(-view.h * 0.85)],
  [["Home"], "Home", "first event", () => total && select(rows[0] + 1)], [["End"], "End", "last event", () => total && select(rows[total - 1] + 1)],
  [["/"], "/", "find", () => $("find").focus()], [["n"], "n", "next that was found", () => nextHit(1)], [["N"], "N", "the one before", () => nextHit(-1)],
  [["t"], "t", "light or dark", ACTIONS.theme], [["1", "2", "3", "4", "5", "6"], "1 … 6", "the tabs", (key) => openTab(tabs()[key - 1] ?? tab)],
  [["b"], "b", "the twin beside this run", compare], [["p"], "p", "where the two part", toParting], [["x"], "x", "the same event in the other run", toOther], [["d"], "d", "next event that only this run has", nextOnly],
  [["Escape"], "Esc", "select nothing", unselect], [["?"], "?", "this list", ACTIONS.help],
];
function scroll(px, sideways) {
  S.top += px / S.scale;
  S.panX += sideways ?? 0;
  if (sideways) lanesAgain();
  hold();
  draw();
}
function onKey(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || $("help").open && e.key !== "?") return;
  const typing = e.target.id === "find";
  if (typing && e.key === "Enter") return nextHit(e.shiftKey ? -1 : 1);
  if (typing && e.key === "Escape") return canvas.focus();
  if (typing || e.target.type === "checkbox" && e.key === " " || e.target.tagName === "BUTTON" && (e.key === " " || e.key === "Enter")) return;
  if (e.target.role === "tab" && /^Arrow(Left|Right)$/.test(e.key)) {
    const all = tabs();
    openTab(all[(all.indexOf(tab) + (e.key === "ArrowLeft" ? all.length - 1 : 1)) % all.length]);
    document.querySelector("[aria-selected=true]").focus();
    return e.preventDefault();
  }
  const key = KEYS.find(([keys]) => keys.includes(e.key));
  if (!key) return;
  e.preventDefault();
  key[3](e.key);
}

// Pointers: a click selects, a drag pans, two fingers or ctrl and the wheel zoom; the strip at the right edge goes anywhere.
const pointers = new Map();
let moved = 0, strip = false, pinch = 0;
const underPointer = (e) => pictures.find((p) => p.canvas === e.currentTarget);
function onDown(e) {
  if (shown !== underPointer(e)) {
    turnTo(underPointer(e));
    showPanel();
  }
  canvas.setPointerCapture(e.pointerId);
  pointers.set(e.pointerId, [e.offsetX, e.offsetY]);
  if (pointers.size === 1) [moved, strip] = [0, e.offsetX > view.w - view.strip - 4];
  pinch = 0;
  if (strip) toStrip(e.offsetY);
}
function onMove(e) {
  const was = pointers.get(e.pointerId);
  if (!was) return tip(e);
  const [dx, dy] = [e.offsetX - was[0], e.offsetY - was[1]];
  pointers.set(e.pointerId, [e.offsetX, e.offsetY]);
  moved += Math.abs(dx) + Math.abs(dy);
  if (strip) return toStrip(e.offsetY);
  if (pointers.size === 2) {
    const [[ax, ay], [bx, by]] = pointers.values(), apart = Math.hypot(ax - bx, ay - by);
    if (pinch) zoom(apart / pinch, (ay + by) / 2 - view.head);
    pinch = apart;
  } else if (moved > 4) scroll(-dy, -dx);
}
function onUp(e) {
  if (pointers.delete(e.pointerId) && pointers.size === 0 && moved <= 4 && !strip && e.type === "pointerup" && e.offsetY > view.head) {
    const seq = eventAt(e.offsetY - view.head, e.offsetX);
    if (seq) select(seq);
  }
}
function toStrip(y) {
  S.top = (y / view.h) * extent() - (view.h - view.head) / S.scale / 2;
  hold();
  draw();
}
function onWheel(e) {
  e.preventDefault();
  const px = e.deltaMode ? e.deltaY * 18 : e.deltaY;
  if (e.ctrlKey || e.metaKey) zoom(Math.exp(-px / 240), e.offsetY - view.head);
  else scroll(e.shiftKey ? 0 : px, e.shiftKey ? px : e.deltaX);
}
function tip(e) {
  const was = shown, box = $("tip");
  turnTo(underPointer(e));
  const seq = e.pointerType === "mouse" && e.offsetY > view.head && e.offsetX < view.text && rows && eventAt(e.offsetY - view.head, e.offsetX);
  box.hidden = !seq || Math.abs(yOf(seq - 1) + view.head - e.offsetY) > 14;
  if (!box.hidden) {
    const half = canvas.parentElement;
    box.textContent = `#${seq} ${saying(seq - 1).join(" ")} · ${ms(run.at[seq - 1])}`;
    box.style.left = half.offsetLeft + Math.min(e.offsetX + 14, view.w - 240) + "px";
    box.style.top = half.offsetTop + (e.offsetY + 60 > view.h ? e.offsetY - 40 : e.offsetY + 16) + "px";
  }
  turnTo(was);
}

// A link to an event: #event=123, or #twin=123 in the twin.
function followLink() {
  const link = /^#(event|twin)=(.*)$/.exec(location.hash);
  if (!link) return false;
  const twin = link[1] === "twin";
  if (twin && !pictures[0].run.twin) {
    note("There is no run beside this one.");
    return false;
  }
  if (twin && !paired) compare();
  if (twin || paired) turnTo(pictures[+twin]);
  const seq = /^\d+$/.test(link[2]) ? +link[2] : NaN;
  if (select(seq, true)) return true;
  note(`There is no event ${link[2]} in this run: it has events 1 to ${thousands(run.n)}.`);
  return false;
}

function begin() {
  document.title = `${run.scenario} ${run.seed}: ${run.verdict}`;
  $("title").replaceChildren(run.scenario + " ", make("small", {}, run.seed));
  $("verdict").textContent = run.verdict;
  $("verdict").className = run.outcome === "ok" ? "good" : run.outcome === "unknown" ? "warn" : "bad";
  if (run.why) $("why").append(run.why + " ", ...(run.opensAt ? [make("a", { href: "#event=" + run.opensAt }, "event #" + run.opensAt)] : []));
  if (run.twin) $("beside").append(make("b", {}, run.twinPasses ? "The nearest run that passes: " : "The nearest run that does not fail so: "), run.twin + " ", make("button", { "data-do": "compare", "aria-pressed": "false" }, "side by side (b)"));
  $("beside").hidden = !run.twin;
  for (const e of document.querySelectorAll("[data-tab=twin], #bar [data-do=compare]")) e.hidden = !run.twin;
  for (const [tab, n] of [["faults", run.faults.length + run.count[DROPPED]], ["history", run.history.length]]) if (n) document.querySelector(`[data-tab=${tab}]`).append(make("span", {}, thousands(n)));
  $("keys").append(...KEYS.filter(([, key]) => run.twin || !"bpxd".includes(key)).flatMap(([, key, what]) => [make("dt", {}, key), make("dd", {}, what)]));
  resize();
  relayout();
  restyle();
  if (!followLink()) {
    if (run.n * 22 < view.h || run.outcome !== "ok" && !run.opensAt) fit();
    if (run.opensAt && !location.hash) select(run.opensAt, true);
    else showPanel();
  }
  listen();
  $("find").value = "";
}
function listen() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (e) => ACTIONS[e.target.closest?.("[data-do]")?.dataset.do]?.());
  for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => openTab(tab.dataset.tab));
  let soon = 0;
  $("find").addEventListener("input", (e) => {
    clearTimeout(soon);
    soon = setTimeout(() => find(e.target.value), run.n > 50000 ? 250 : 30);
  });
  for (const c of document.querySelectorAll("#stage canvas")) {
    c.addEventListener("pointerdown", onDown);
    c.addEventListener("focus", (e) => {
      if (!paired || shown === underPointer(e)) return;
      turnTo(underPointer(e));
      showPanel();
      draw();
    });
    c.addEventListener("pointermove", onMove);
    for (const type of ["pointerup", "pointercancel"]) c.addEventListener(type, onUp);
    c.addEventListener("pointerleave", () => ($("tip").hidden = true));
    c.addEventListener("wheel", onWheel, { passive: false });
  }
  new ResizeObserver(resizeAll).observe($("stage"));
  window.addEventListener("hashchange", followLink);
}

let run = null;
let stored = null;
try { stored = localStorage.getItem("simrun-theme"); } catch { /* as above */ }
theme(stored ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
try {
  turnTo(picture(load(globalThis.columns, ""), $("lanes")));
  if (!run.twin) globalThis.columns = null;
  begin();
  window.opened = performance.now();
} catch (e) {
  note(`This file cannot be shown: ${e.message}`);
  throw e;
}
