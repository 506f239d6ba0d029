package independent

import (
	"bytes"
	"time"

	"simrun/sim"
)

// inner is the world as the application sees it.
type inner struct {
	sim.Env
	p *Process
}

// A Checkpointer is an Env that takes a checkpoint of the application when it asks for one, at the end of the call.
type Checkpointer interface{ Checkpoint() }

// Checkpoint implements Checkpointer.
func (e inner) Checkpoint() { e.p.wanted = !e.p.replays }

// Send implements sim.Env: the message goes into the sender's log and leaves when the handler has ended.
func (e inner) Send(to sim.NodeID, body sim.Message) {
	p, j := e.p, e.p.place(to)
	m := sent{born: p.born, interval: p.interval, body: body}
	if p.cfg.Logging == Optimistic {
		m.vector = p.row(p.interval, len(p.cfg.Nodes))
	}
	p.out[j] = append(p.out[j], m)
	if !p.replays {
		p.outbox = append(p.outbox, outgoing{j, p.tag(j, len(p.out[j]))})
	}
}

// tag returns message number n to process j, as it is sent in this epoch.
func (p *Process) tag(j, n int) App {
	m := &p.out[j][n-1]
	return App{Epoch: p.epoch, Born: m.born, Interval: m.interval, Vector: m.vector, N: n, Body: m.body, backing: p.backed()}
}

// backed names the record that the process's state rests on, where messages must not leave before it is durable.
func (p *Process) backed() backing {
	if p.cfg.Logging != Pessimistic {
		return backing{}
	}
	return backing{p.history.at + 1}
}

// After implements sim.Env.
func (e inner) After(d time.Duration, body sim.Message) {
	if e.p.replays {
		e.p.armed = append(e.p.armed, body)
		return
	}
	e.Env.After(d*100/time.Duration(e.p.cfg.Rate), Timer{e.p.life, body})
}

// timer returns the timer of that type and content that the application has set while it was replayed; nil, if it has not: then the state
// that it was restored to had no more need of it, and being woken did nothing.
func (p *Process) timer(content []byte) sim.Message {
	for _, body := range p.armed {
		if bytes.Equal(appendBody(nil, body), content) {
			return body
		}
	}
	return nil
}

// Pick implements sim.Env: what was picked once is picked again when the event is replayed.
func (e inner) Pick(what string, n int) int {
	p := e.p
	if len(p.replay) > 0 {
		x := p.replay[0]
		p.replay = p.replay[1:]
		return x
	}
	x := e.Env.Pick(what, n)
	switch {
	case !p.handling: // Start is not replayed
	case p.cfg.Logging == Pessimistic:
		p.append(e.Env, appendInts([]byte{pickRecord}, x))
	case p.cfg.Logging == Optimistic:
		p.picks = append(p.picks, x)
	}
	return x
}

// Note implements sim.Env: what is replayed has been noted before.
func (e inner) Note(fact any) {
	if !e.p.replays {
		e.Env.Note(fact)
	}
}
