package kootoueg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// checkpointLog is the file in which a process keeps what must survive.
const checkpointLog = "checkpoint.log"

// The first byte of a record says what it is about.
const (
	lifeRecord       = 'l' // a life begins
	tentativeRecord  = 't' // a tentative checkpoint
	permanentRecord  = 'p' // it has become permanent; the initiator's is the decision
	undoneRecord     = 'u' // it has been given up
	decidedRecord    = 'd' // the initiator's decision to roll back
	rolledBackRecord = 'r' // a new incarnation begins
)

// A Codec turns messages of the application into bytes and back: those in a sender's log are part of its checkpoints.
type Codec struct {
	Encode func(b []byte, m sim.Message) []byte
	Decode func(b []byte) (sim.Message, error)
}

// A checkpoint is a state of a process. The zero checkpoint is the initial state.
type checkpoint struct {
	id    ID
	state []byte
	nodes []sim.NodeID // the neighbours, and the channels with each
	links []link
	backing
}

// link returns what the checkpoint says of the channels with a neighbour.
func (c *checkpoint) link(id sim.NodeID) *link {
	if i := slices.Index(c.nodes, id); i >= 0 {
		return &c.links[i]
	}
	return &initial
}

// initial is the link of the initial state: nothing has been sent. Nobody changes it.
var initial link

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct {
	at    int64
	lives bool // there is such a record: without one nothing is promised
}

// write puts a record in the log, on disk when it returns if it is to be forced. It returns false if the disk does not do as it is told.
func (p *Process) write(env sim.Env, kind byte, id ID, rest []byte, force bool) (backing, bool) {
	at, err := p.log.Append(append(id.append([]byte{kind}), rest...))
	if err == nil && force {
		err = p.log.Sync()
	}
	return backing{at, true}, p.trust(env, err)
}

// trust reports whether the disk can still be trusted; without it the process falls silent.
func (p *Process) trust(env sim.Env, err error) bool {
	if err != nil {
		p.halted = true
		env.Note(Halted{err.Error()})
	}
	return err == nil
}

// read reads the log at the start of a life, and begins the life. Before its record is on disk nothing has been done.
func (p *Process) read(env sim.Env) bool {
	log, records, err := reclog.Open(env.Disk(), checkpointLog)
	for _, rec := range records {
		if err == nil {
			err = p.reread(env.ID(), rec)
		}
	}
	p.log = log
	if !p.trust(env, err) {
		return false
	}
	p.life++
	_, ok := p.write(env, lifeRecord, ID{Initiator: env.ID(), Life: p.life}, nil, true)
	return ok
}

var errRecord = errors.New("kootoueg: not a record of a process")

// reread takes a record in.
func (p *Process) reread(self sim.NodeID, rec reclog.Record) error {
	r := reader{b: rec.Payload}
	kind, id := r.byte(), r.id()
	switch kind {
	case lifeRecord:
		p.life = id.Life
	case tentativeRecord:
		p.tentative = r.checkpoint(p.Codec, id)
		p.tentative.backing = backing{rec.At, true}
	case permanentRecord:
		if p.tentative == nil || p.tentative.id != id {
			return fmt.Errorf("%w: %v is permanent, and not there", errRecord, id)
		}
		p.permanent, p.tentative = *p.tentative, nil
		p.permanent.backing = backing{rec.At, true}
		if id.Initiator == self {
			p.taken++
			p.decided = append(p.decided, decision{id, backing{rec.At, true}})
		}
	case undoneRecord:
		p.tentative = nil
	case decidedRecord:
		p.decided = append(p.decided, decision{id, backing{rec.At, true}})
	case rolledBackRecord:
		p.incarnation, p.reborn = uint32(r.uint()), backing{rec.At, true}
	default:
		r.bad = true
	}
	if r.bad || len(r.b) > 0 {
		return errRecord
	}
	return nil
}

// append appends a checkpoint without its name.
func (c *checkpoint) append(b []byte, codec Codec) []byte {
	b = appendText(b, string(c.state))
	b = binary.AppendUvarint(b, uint64(len(c.links)))
	for i := range c.links {
		l := &c.links[i]
		b = binary.AppendUvarint(binary.AppendUvarint(appendText(b, string(c.nodes[i])), l.sent), l.got)
		b = binary.AppendUvarint(b, uint64(len(l.log)))
		for _, x := range l.log {
			b = appendText(binary.AppendUvarint(b, uint64(x.incarnation)), string(codec.Encode(nil, x.body)))
		}
		b = binary.AppendUvarint(b, uint64(len(l.waiting)))
		for _, body := range l.waiting {
			b = appendText(b, string(codec.Encode(nil, body)))
		}
	}
	return b
}

// A reader takes a record apart. Once something is missing it returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) uint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return x
}

// length reads how many things follow, each of them at least a byte long.
func (r *reader) length() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.length()
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) id() ID {
	return ID{r.byte() == 1, sim.NodeID(r.bytes()), uint32(r.uint()), uint32(r.uint())}
}

func (r *reader) body(codec Codec) sim.Message {
	m, err := codec.Decode(r.bytes())
	r.bad = r.bad || err != nil
	return m
}

func (r *reader) checkpoint(codec Codec, id ID) *checkpoint {
	c := &checkpoint{id: id, state: slices.Clone(r.bytes())}
	for range r.length() {
		c.nodes = append(c.nodes, sim.NodeID(r.bytes()))
		l := link{sent: r.uint(), got: r.uint()}
		for range r.length() {
			l.log = append(l.log, entry{uint32(r.uint()), r.body(codec)})
		}
		for range r.length() {
			l.waiting = append(l.waiting, r.body(codec))
		}
		c.links = append(c.links, l)
	}
	return c
}

// check looks whether the record is durable and is one of these kinds for this instance.
func (x backing) check(durable disk.View, what string, id ID, kinds ...byte) error {
	payload, err := reclog.Peek(durable, checkpointLog, x.at)
	if err == nil {
		r := reader{b: payload}
		if kind := r.byte(); !slices.Contains(kinds, kind) || r.id() != id {
			err = errors.New("the record says something else")
		}
	}
	if err != nil {
		return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
	}
	return nil
}

// Backed checks that who says yes, and has taken a checkpoint for that, has it on disk.
func (m Willing) Backed(durable disk.View) error {
	if !m.Yes || !m.lives {
		return nil
	}
	return m.check(durable, "its sender's tentative checkpoint", m.ID, tentativeRecord)
}

// Backed checks that the decision is durable: the initiator's, or on the way of it the sender's permanent checkpoint.
func (m MakePermanent) Backed(durable disk.View) error {
	return m.check(durable, "the decision", m.ID, permanentRecord)
}

// Backed checks that the decision is durable: the initiator's, or on the way of it the sender's rollback.
func (m RollBack) Backed(durable disk.View) error {
	return m.check(durable, "the decision", m.ID, decidedRecord, rolledBackRecord)
}

// Backed checks that the incarnation is on record, so that no later one has the same number.
func (s session) Backed(durable disk.View) error {
	if s.Incarnation == 1 {
		return nil
	}
	payload, err := reclog.Peek(durable, checkpointLog, s.at)
	if err == nil {
		r := reader{b: payload}
		if kind, _ := r.byte(), r.id(); kind != rolledBackRecord || uint32(r.uint()) != s.Incarnation {
			err = errors.New("the record says something else")
		}
	}
	if err != nil {
		return fmt.Errorf("it needs the record of its sender's incarnation, which would not survive a crash: %w", err)
	}
	return nil
}
