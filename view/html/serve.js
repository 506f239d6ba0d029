// States that the file does not carry. When the page was served, it asks whoever served it for those after an event.

const asked = new Map(); // by event: its states, as a Map from node to Map from path to value; the reason why there are none; or null on the way
const MOST_ASKED = 500;

// Served is the state of a node after an event, or null if it was not asked for, or is not there yet.
function served(node, seq) {
  const states = run.served ? asked.get(seq) : null;
  return states instanceof Map ? (states.get(nodeName(node)) ?? new Map()) : run.served && seq === 0 ? new Map() : null;
}

// Missing says why states cannot be shown, and asks for them if that is of use.
function missing(seqs) {
  if (!run.served) return `This file has the states of events ${thousands(run.states[0])} to ${thousands(run.states[1])}. The command show --serve has those of all.`;
  const wrong = seqs.map((s) => asked.get(s)).find((x) => typeof x === "string");
  if (wrong) return wrong;
  for (const s of seqs) askFor(s);
  return "The run is made again up to here …";
}
async function askFor(seq) {
  if (seq === 0 || asked.has(seq)) return;
  if (asked.size >= MOST_ASKED) asked.delete(asked.keys().next().value);
  asked.set(seq, null);
  const at = S.sel;
  try {
    const answer = await fetch("state/" + seq), body = await answer.text();
    if (!answer.ok) throw new Error(body);
    asked.set(seq, new Map(JSON.parse(body).nodes.map((n) => [n.node, new Map(n.state.map((l) => [l.path, l.value]))])));
  } catch (e) {
    asked.set(seq, `The states cannot be had: ${e.message.trim()}. Is the command that serves this page still running?`);
    setTimeout(() => asked.delete(seq), 5000);
  }
  if (S.sel === at && tab === "event") showPanel();
}
