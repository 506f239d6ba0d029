package view

import (
	"bufio"
	"io"
	"strconv"

	"simrun/sim"
)

// Perfetto writes a run as a Chrome trace, for ui.perfetto.dev or chrome://tracing. Each node is a process with one thread. A call of its code is a slice, from
// what it handles to the last of its effects; a slice that takes no time lasts a nanosecond, since flows join slices. A message is a
// flow from the slice that sent it to the one that handles it, one for each delivery. Facts, faults and messages that are lost are instants, and a cut is a
// slice of the process network. A node that is down has a slice as well. Times are true times; what the slices hold besides is in
// their arguments. It returns the first error of w.
func Perfetto(w io.Writer, t *Trace) error {
	p := perfetto{b: bufio.NewWriterSize(w, 1<<16), t: t, walk: t.walk(), names: t.hostNames("network")}
	p.b.WriteString(`{"displayTimeUnit":"ns","otherData":{"run":`)
	p.b.Write(appendJSON(nil, t.title()))
	p.b.WriteString(`},"traceEvents":[`)
	p.processes()
	p.open = make([]slice, len(t.Nodes)+1)
	p.call, p.sent = make([]uint32, t.Len()), make([]int64, t.Len())
	for seq := uint64(1); seq <= uint64(t.Len()); seq++ {
		m := t.Event(seq)
		p.event(&m)
	}
	for node := range p.open {
		p.close(uint16(node), never)
	}
	for _, f := range p.flows { // after all slices, since a reader sorts by time and a flow joins slices that are there
		m := t.Event(f.seq)
		p.flow("s", &m, t.node[m.Cause-1], p.sent[m.Cause-1])
		p.flow("f", &m, t.node[m.Seq-1], f.arrives)
	}
	for _, c := range t.Cuts {
		from, to := int64(t.at[c.From-1]), int64(t.at[c.To-1])
		p.record("X", c.Text, "cut", uint16(len(p.names)), from).duration(to - from).end()
	}
	p.b.WriteString("\n]}\n")
	return p.b.Flush()
}

// A perfetto writes a trace event by event.
type perfetto struct {
	b     *bufio.Writer
	t     *Trace
	walk  *walker
	names []string
	some  bool // something is written already

	open []slice  // by node, 1 + its place
	call []uint32 // by event: the one that is handled in the call that the event is an effect of; 0 for none
	sent []int64  // by event: the time of a send, within its slice

	flows []flow
}

// A flow is a message that was delivered: the event, and the beginning of its slice.
type flow struct {
	seq     uint64
	arrives int64
}

// A slice is a call of a node's code, or a time in which it is down, which has not ended yet.
type slice struct {
	event, text string
	kind        sim.Kind
	seq         uint64 // 0: none is open
	from, to    int64  // to: of its last effect
	floor       int64  // the end of the slice before
	changes     []Change
}

// processes names the nodes, in their order.
func (p *perfetto) processes() {
	for i, name := range p.names {
		pid := uint16(i + 1)
		p.record("M", "process_name", "", pid, 0).text(`,"args":{"name":`).json(name).text("}").end()
		p.record("M", "process_sort_index", "", pid, 0).text(`,"args":{"sort_index":`).number(int64(i)).text("}").end()
		p.record("M", "thread_name", "", pid, 0).text(`,"args":{"name":`).json(name).text("}").end()
	}
}

// event writes what an event is, and ends the slice before it.
func (p *perfetto) event(m *Moment) {
	node, at := p.t.node[m.Seq-1], int64(m.At)
	changes := p.walk.told(m)
	switch m.Kind {
	case sim.Delivered, sim.TimerFired, sim.Started:
		p.begin(node, m, changes)
		if m.Kind == sim.Delivered && m.Cause > 0 && p.t.kind[m.Cause-1] == sim.Sent {
			p.flows = append(p.flows, flow{m.Seq, p.open[node].from})
		}
	case sim.Sent, sim.TimerSet, sim.DiskDone, sim.Noted:
		p.effect(node, m)
		if m.Kind == sim.Noted {
			p.record("i", m.Text, "fact", node, at).text(`,"s":"t"`).about(m).end()
		}
	case sim.Crashed:
		p.begin(node, m, nil)
	case sim.Dropped:
		p.record("i", "lost "+m.Type+" "+string(m.Peer)+" → "+string(m.Node), "lost", uint16(len(p.names)), at).text(`,"s":"t"`).about(m).end()
	case sim.Exited:
	default: // Faulted, Settled, Panicked
		scope, process := `,"s":"p"`, node
		if node == 0 {
			scope, process = `,"s":"g"`, uint16(len(p.names))
		}
		p.record("i", m.Kind.String()+" "+m.Text, "fault", process, at).text(scope).about(m).end()
	}
}

// begin opens a slice. It begins when the one before has ended, which may be some nanoseconds late.
func (p *perfetto) begin(node uint16, m *Moment, changes []Change) {
	p.close(node, int64(m.At))
	s := &p.open[node]
	name := m.Kind.String()
	if m.Type != "" {
		name += " " + m.Type
	}
	if m.Kind == sim.Crashed {
		name = "down"
		p.record("i", "crash "+m.Text, "fault", node, int64(m.At)).text(`,"s":"p"`).about(m).end()
	}
	from := max(int64(m.At), s.floor)
	*s = slice{event: name, text: m.Text, kind: m.Kind, seq: m.Seq, from: from, to: from, floor: s.floor, changes: changes}
	p.call[m.Seq-1] = uint32(m.Seq)
}

// effect makes the call that it belongs to as long as it took. One of no call that is going on has a slice of its own.
func (p *perfetto) effect(node uint16, m *Moment) {
	call := uint32(0)
	if m.Cause > 0 && p.t.node[m.Cause-1] == node {
		call = p.call[m.Cause-1]
	}
	p.call[m.Seq-1] = call
	s := &p.open[node]
	if m.Kind == sim.DiskDone && uint64(call) != s.seq { // done beside another call, or while the node is down
		return
	}
	if call == 0 || uint64(call) != s.seq {
		p.begin(node, m, nil)
	}
	s.to = max(s.to, int64(m.At))
	p.sent[m.Seq-1] = s.to
}

// never is when a slice ends that lasts as long as the run.
const never = -1

// close ends the slice of a node that is open. One of a node that is down lasts until the next one, or never ends.
func (p *perfetto) close(node uint16, at int64) {
	s := &p.open[node]
	if s.seq == 0 {
		return
	}
	to := s.to + 1
	cat := "call"
	if s.kind == sim.Crashed {
		cat = "down"
		if at == never {
			at = int64(p.t.at[p.t.Len()-1])
		}
		to = max(to, at)
	}
	r := p.record("X", s.event, cat, node, s.from).duration(to - s.from)
	r.text(`,"args":{"event":`).number(int64(s.seq)).text(`,"text":`).json(s.text)
	for i, c := range s.changes {
		r.text([2]string{`,"changes":[`, ","}[min(i, 1)]).json(c.short())
	}
	if len(s.changes) > 0 {
		r.text("]")
	}
	r.text("}").end()
	s.floor, s.seq = to, 0
}

// flow writes an end of the way of a message.
func (p *perfetto) flow(phase string, m *Moment, node uint16, at int64) {
	r := p.record(phase, m.Type, "msg", node, at).text(`,"id":`).number(int64(m.Seq))
	if phase == "f" {
		r.text(`,"bp":"e"`) // join the slice around it, and not the next one
	}
	r.end()
}

// record begins a record. The thread of a process has its number.
func (p *perfetto) record(phase, name, cat string, pid uint16, at int64) *perfetto {
	if p.some {
		p.b.WriteByte(',')
	}
	p.some = true
	p.text("\n{\"ph\":\"" + phase + `","name":`).json(name)
	if cat != "" {
		p.text(`,"cat":"` + cat + `"`)
	}
	p.text(`,"pid":`).number(int64(pid)).text(`,"tid":`).number(int64(pid))
	if phase != "M" {
		p.text(`,"ts":` + decimal(at, 3))
	}
	return p
}

// duration adds how long a slice lasts: a nanosecond at least.
func (p *perfetto) duration(d int64) *perfetto { return p.text(`,"dur":` + decimal(max(d, 1), 3)) }

// about adds the event that a record is about.
func (p *perfetto) about(m *Moment) *perfetto {
	p.text(`,"args":{"event":`).number(int64(m.Seq)).text(`,"text":`).json(m.Text)
	if m.Reason != "" {
		p.text(`,"reason":`).json(m.Reason)
	}
	return p.text("}")
}

func (p *perfetto) text(s string) *perfetto {
	p.b.WriteString(s)
	return p
}

func (p *perfetto) json(s string) *perfetto {
	p.b.Write(appendJSON(nil, s))
	return p
}

func (p *perfetto) number(n int64) *perfetto { return p.text(strconv.FormatInt(n, 10)) }

func (p *perfetto) end() { p.b.WriteByte('}') }
