// The panel: what there is to read about the selected event, the run, and what is shown.

// Make builds an element: make("b", {class: "x"}, "text", other).
function make(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes ?? {})) {
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (v !== undefined && v !== false) e.setAttribute(k, v);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return e;
}
const MOST = 300; // lines of a list: a page with more is slow, and nobody reads it

// A list of events to go to, around the selected one if it is long.
function eventList(seqs, label) {
  let from = 0;
  if (seqs.length > MOST && S.sel) from = Math.max(0, Math.min(seqs.length - MOST, seqs.findIndex((s) => s >= S.sel) - MOST / 2));
  const list = make("ul", { class: "list" });
  for (const s of seqs.slice(from, from + MOST)) list.append(make("li", {}, eventLink(s, label?.(s))));
  if (seqs.length > MOST) list.append(make("li", { class: "sub" }, `${thousands(from + 1)} to ${thousands(Math.min(from + MOST, seqs.length))} of ${thousands(seqs.length)}: those near the selected event`));
  return list;
}
function eventLink(s, text) {
  return make("button", { "data-event": s, "aria-current": s === S.sel && "true", onclick: () => select(s, true) }, make("span", { class: "n" }, "#" + s), make("span", { class: "t" }, text ?? saying(s - 1).join(" ")), make("span", { class: "at" }, ms(run.at[s - 1])));
}

const pages = {
  event(page) {
    if (paired) page.append(make("p", { class: "sub" }, isTwin() ? "In the twin" : "In this run"));
    if (!S.sel) {
      if (run.outcome !== "ok") page.append(...beginnings());
      page.append(make("p", { class: "head" }, "No event is selected"), make("p", { class: "sub" }, "Click one, or step with the arrow keys. It shows what led to it, what it led to, and what it changed."));
      page.append(legend());
      return;
    }
    const i = S.sel - 1, k = run.kind[i], node = run.node[i];
    page.append(make("p", { class: "head" }, saying(i).join(" ")));
    const kindName = { recv: "delivered", drop: "message lost", send: "sent", set: "timer set", timer: "timer fires", disk: "disk operation", note: "fact", start: "start", crash: "crash", fault: "fault", settle: "end of faults", panic: "panic", exit: "script ends" }[KINDS[k]];
    let sub = `Event ${thousands(S.sel)} of ${thousands(run.n)}, ${kindName}, at ${ms(run.at[i])}`;
    if (arrow(i)) sub += `, ${ms(run.at[i] - run.at[run.cause[i] - 1])} after it was sent`;
    page.append(make("p", { class: "sub" }, sub + "."));
    for (const v of run.bad.get(S.sel) ?? []) page.append(make("p", { class: "bad box" }, `✗ ${v}: ${run.violations.find((x) => x.seq === S.sel && x.property === v).why}`));
    if (!isShown(i)) page.append(make("p", { class: "warn box" }, "It is not drawn: the filter leaves it out."));
    if (node) page.append(...stateSection(node));
    besideSection(page);
    const chain = [...S.chain];
    if (chain.length) page.append(make("h2", {}, `What led to it (${chain.length})`), eventList(chain.slice(0, MOST)));
    const effects = [...effectsOf(S.sel)];
    if (effects.length) page.append(make("h2", {}, `What it led to (${effects.length})`), eventList(effects));
    if (node) {
      const by = skewOf(node, S.sel);
      if (by !== null) page.append(make("h2", {}, "Clock"), make("p", { class: "sub" }, by ? `The clock of ${nodeName(node)} shows ${ms(run.at[i] + by)}: ${ms(Math.abs(by))} ${by > 0 ? "ahead of" : "behind"} true time.` : `The clock of ${nodeName(node)} shows ${ms(run.at[i])}, which is right.`));
    }
  },
  faults(page) {
    page.append(make("p", { class: "sub" }, run.fired ? "Counted: " + run.fired : "No fault happened."));
    const [needed, idle] = [true, false].map((yes) => run.without.filter(([, , needs]) => needs === yes)), bare = (what) => what.replace(/^without /, "");
    if (needed.length) page.append(make("h2", {}, "What it needs in order to fail"), make("table", { id: "without" }, ...needed.map(([what, says]) => make("tr", {}, make("td", { class: "mono" }, bare(what)), make("td", {}, (what === bare(what) ? "then: " : "without it: ") + says)))));
    if (idle.length) page.append(make("h2", {}, "It fails so without these too"), make("pre", { class: "mono" }, idle.map(([what]) => bare(what)).join("\n")));
    if (run.without.length === 0 && run.plan.length) page.append(make("h2", {}, "Plan"), make("pre", { class: "mono" }, run.plan.join("\n")));
    if (run.cuts.length) page.append(make("h2", {}, "Cut off"), eventList(run.cuts.map((c) => Math.max(c.from, 1)), (s) => {
      const c = run.cuts.find((c) => Math.max(c.from, 1) === s);
      return `${c.text}, for ${ms(run.at[Math.min(c.to, run.n) - 1] - run.at[s - 1])}`;
    }));
    if (run.faults.length) page.append(make("h2", {}, "One after the other"), eventList(run.faults));
    const lost = [];
    for (let i = 0; i < run.n; i++) if (run.kind[i] === DROPPED) lost.push(i + 1);
    if (lost.length) page.append(make("h2", {}, `Lost messages (${thousands(lost.length)})`), eventList(lost));
  },
  twin: twinPage,
  history(page) {
    if (!run.history.length) return page.append(make("p", { class: "sub" }, "No property of this scenario has a history of operations."));
    page.append(make("p", { class: "sub" }, "What clients asked for, from call to return; drawn as bars beside their lanes."));
    const sign = (o) => (o[5] ? "✗" : o[4] ? "✓" : "?"), texts = new Map(run.history.map((o) => [o[1], `${sign(o)} ${o[3]}`])), wrong = run.history.filter((o) => o[5]);
    const list = (of) => eventList(of.map((o) => o[1]), (s) => texts.get(s));
    if (wrong.length) page.append(make("h2", {}, illegalWords(wrong)), make("div", { id: "illegal" }, list(wrong)), make("h2", {}, "All"));
    page.append(list(run.history));
  },
  filter(page) {
    const box = (label, on, count, change) => make("label", {}, make("input", { type: "checkbox", ...(on ? { checked: "" } : {}), onchange: (e) => { change(e.target.checked); refilter(); } }), label, make("small", {}, count === undefined ? "" : thousands(count)));
    const flip = (set, key) => (on) => (on ? set.delete(key) : set.add(key));
    const section = (title, set, keys, boxes) => page.append(make("h2", {}, title + " ", make("button", { onclick: () => { for (const k of keys) set.delete(k); refilter(); } }, "all"), " ", make("button", { onclick: () => { for (const k of keys) set.add(k); refilter(); } }, "none")), make("div", { class: "chips" }, ...boxes));
    page.append(make("p", { class: "sub" }, `${thousands(total)} of ${thousands(run.n)} events are drawn.`));
    section("Kinds", S.off, GROUPS.map((x) => x[0]), GROUPS.map(([key, label, kinds]) => box(label, !S.off.has(key), kinds.reduce((n, k) => n + run.count[k], 0), flip(S.off, key))));
    section("Nodes", S.offNodes, run.nodes, run.nodes.map((id) => box(id, !S.offNodes.has(id), undefined, flip(S.offNodes, id))));
    const types = run.types.slice(0, 200);
    section("Messages, facts, operations", S.offTypes, types.map(([t]) => run.names[t]), types.map(([t, n]) => box(run.names[t], !S.offTypes.has(run.names[t]), n, flip(S.offTypes, run.names[t]))));
  },
  run(page) {
    const rowsOf = [["Scenario", run.scenario], ["Seed", run.seed.replace(/^seed /, "")], ["Settings", run.settings.join(", ") || "defaults"], ["Events", thousands(run.n)], ["Took", ms(run.at[run.n - 1]) + " of virtual time"], ["Event hash", run.hash]];
    page.append(make("table", {}, ...rowsOf.map(([k, v]) => make("tr", {}, make("th", {}, k), make("td", {}, v)))));
    page.append(make("h2", {}, "Properties"), make("table", {}, ...run.checks.map((c) => make("tr", {}, make("td", {}, c.property + (c.inner ? " (inner)" : "")), make("td", {}, make("span", { class: { ok: "good", unknown: "warn" }[c.outcome] ?? "bad", style: "padding:0 7px;border-radius:9px" }, c.outcome)), make("td", { class: "sub" }, c.checks === 1 ? "1 check" : thousands(c.checks) + " checks")))));
    page.append(make("h2", {}, "Plan of faults"), make("pre", { class: "mono" }, run.plan.join("\n") || "none"));
    if (run.replay) page.append(make("h2", {}, "The same run again"), make("pre", { class: "mono" }, run.replay));
    page.append(legend());
  },
};

// The state of a node before and after the selected event, with what changed first.
function stateSection(node) {
  // What a handler does is one step: the state changes with the event that it handles.
  const k = run.kind[S.sel - 1];
  let at = S.sel;
  while (run.cause[at - 1] && ![DELIVERED, FIRED, START].includes(run.kind[at - 1]) && run.node[run.cause[at - 1] - 1] === node && [NOTED, SENT, TIMERSET, DISK].includes(k)) at = run.cause[at - 1];
  const after = stateOf(node, S.sel), before = stateOf(node, at - 1), out = [make("h2", {}, `State of ${nodeName(node)}${at < S.sel ? `, with what the handler of #${at} changed` : ""}`)];
  if (!after || !before) return [...out, make("p", { class: "sub" }, missing([S.sel, at - 1]))];
  const box = make("div", { class: "state mono", id: "state" }), same = [], line = stateLine;
  for (const k of new Set([...(before ?? new Map()).keys(), ...after.keys()])) {
    const [a, b] = [before?.get(k), after.get(k)];
    if (a === b) same.push(line("", "", k, b));
    else {
      if (a !== undefined) box.append(line("minus", "−", k, a));
      if (b !== undefined) box.append(line("plus", "+", k, b));
    }
  }
  const changed = box.childElementCount > 0;
  box.append(...same);
  if (!box.childElementCount) return [...out, make("p", { class: "sub" }, k === CRASHED ? "It is down, and its disk is empty." : "Nothing is known of it here: it is down, or a script.")];
  return [...out, ...(changed ? [] : [make("p", { class: "sub" }, "It did not change.")]), box];
}

const illegalWords = (wrong) => (wrong.length > 1 ? "These operations exclude one another" : "This operation has no place in any order");

// Beginnings says where to look in a run of which it was seen at the end that something is wrong.
function beginnings() {
  const out = [], wrong = run.history.filter((o) => o[5]);
  for (const v of run.violations) if (!v.seq) out.push(make("p", { class: "bad box" }, `✗ ${v.property}, seen at the end: ${v.why}`));
  if (run.outcome === "stalled") out.push(make("p", { class: "bad box" }, "✗ " + run.why));
  if (wrong.length) out.push(make("h2", {}, illegalWords(wrong)), eventList(wrong.map((o) => o[1]), (s) => wrong.find((o) => o[1] === s)[3]));
  if (run.twin && !paired) out.push(make("button", { class: "wide", "data-do": "compare" }, "Compare with the nearest run that does not fail so  (b)"));
  return out;
}

// A line of a state; a long path is broken between its parts.
const stateLine = (cls, sign, k, v) => make("div", { class: cls }, make("span", { class: "s" }, sign), make("span", { class: "k" }, ...k.split(/(?<=\.)|(?=\[)/).flatMap((part) => [make("wbr"), part])), make("span", { class: "v" }, v));

function legend() {
  const kinds = [[DELIVERED, "a message leaves or arrives"], [NOTED, "a fact: what a protocol decided"], [FIRED, "a timer fires"], [DISK, "a disk operation; filled: a sync"], [CRASHED, "a crash; the lane is dotted while the node is down"], [START, "a start"]];
  const list = make("ul", { class: "list" });
  for (const [k, text] of kinds) {
    const c = make("canvas", { width: 44, height: 36, style: "position:static;width:22px;height:18px;touch-action:auto;cursor:auto" });
    drawOn(c.getContext("2d"), () => { g.scale(2, 2); shape(k, 11, 9, 1, k === NOTED ? colour.accent : "", -1); });
    list.append(make("li", { style: "display:flex;gap:8px;align-items:center;padding:2px 0" }, c, text));
  }
  return make("div", {}, make("h2", {}, "Signs"), list, make("p", { class: "sub" }, "An arrow that is broken off and ends in a cross is a lost message. A shaded band is a time in which the nodes on the two sides of the dotted line did not hear one another. Press ? for the keys."));
}

// The tabs that there are: that of the twin only where there is one.
const tabs = () => Object.keys(pages).filter((name) => name !== "twin" || pictures[0].run.twin);
function showPanel() {
  for (const t of document.querySelectorAll("[role=tab]")) {
    t.setAttribute("aria-selected", t.dataset.tab === tab);
    t.tabIndex = t.dataset.tab === tab ? 0 : -1;
  }
  const page = $("page");
  page.replaceChildren();
  pages[tab](page);
  page.scrollTop = 0;
}
function openTab(name) {
  tab = name;
  showPanel();
}
let noteTimer = 0;
function note(text) {
  $("note").textContent = text;
  $("note").hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => ($("note").hidden = true), 6000);
}
