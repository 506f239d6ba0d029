package independent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
)

// A script tells each process when to send to whom, and when to take a checkpoint, as in a textbook's drawing:
//
//	p1: 10 >p2, 20 R, 35 >p3; p2: 15 R
//
// p1 sends to p2 10 ms after the start, takes a checkpoint at 20 ms and sends to p3 at 35 ms. A process that is rolled back does again what
// it has undone, with the same pauses between.
type script map[sim.NodeID][]action

// An action is to send to somebody, or to take a checkpoint if To is "".
type action struct {
	at time.Duration
	to sim.NodeID
}

var errScript = errors.New(`want processes and their actions, such as "p1: 10 >p2, 20 R; p2: 15 R"`)

// parseScript reads a script for n processes.
func parseScript(text string, n int) (script, error) {
	s := make(script)
	for _, part := range strings.Split(text, ";") {
		id, list, ok := strings.Cut(part, ":")
		from, err := processOf(strings.TrimSpace(id), n)
		if !ok || err != nil || s[from] != nil {
			return nil, errScript
		}
		for _, item := range strings.Split(list, ",") {
			a, err := parseAction(item, n)
			if err != nil || a.to == from {
				return nil, errScript
			}
			if k := len(s[from]); k > 0 && s[from][k-1].at > a.at {
				return nil, fmt.Errorf("the actions of %s are not in the order of time", from)
			}
			s[from] = append(s[from], a)
		}
	}
	return s, nil
}

func parseAction(text string, n int) (action, error) {
	f := strings.Fields(text)
	if len(f) != 2 {
		return action{}, errScript
	}
	ms, err := strconv.ParseUint(f[0], 10, 20)
	a := action{at: time.Duration(ms) * time.Millisecond}
	if to, ok := strings.CutPrefix(f[1], ">"); ok && err == nil {
		a.to, err = processOf(to, n)
	} else if f[1] != "R" {
		err = errScript
	}
	return a, err
}

// processOf checks that there is a process of that name.
func processOf(name string, n int) (sim.NodeID, error) {
	i, err := strconv.Atoi(strings.TrimPrefix(name, "p"))
	if err != nil || i < 1 || i > n || name != "p"+strconv.Itoa(i) {
		return "", errScript
	}
	return sim.NodeID(name), nil
}

// A player does what its part of the script says.
type player struct {
	part []action
	next int // the action that comes next
	got  int // messages received
	sent int
}

// A Note is a message of a script: its number, of all that its sender has sent.
type Note struct{ N int }

// A cue tells a player to do the action of that number.
type cue struct{ Action int }

// AppendHash appends the message's content.
func (m Note) AppendHash(b []byte) []byte { return appendInts(b, m.N) }

// Amount is 1: one message.
func (m Note) Amount() int64 { return 1 }

// String prints "Note{2}".
func (m Note) String() string { return fmt.Sprintf("Note{%d}", m.N) }

// AppendHash appends the timer's content.
func (t cue) AppendHash(b []byte) []byte { return appendInts(b, t.Action) }

// String prints "cue{2}".
func (t cue) String() string { return fmt.Sprintf("cue{%d}", t.Action) }

// Start implements sim.Node.
func (a *player) Start(env sim.Env) {
	if a.next < len(a.part) {
		pause := a.part[a.next].at
		if a.next > 0 {
			pause -= a.part[a.next-1].at
		}
		env.After(pause, cue{a.next})
	}
}

// Handle implements sim.Node.
func (a *player) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Note:
		a.got++
	case cue:
		if m.Action != a.next {
			return
		}
		do := a.part[a.next]
		a.next++
		a.Start(env)
		if c, ok := env.(Checkpointer); ok && do.to == "" {
			c.Checkpoint()
			return
		}
		a.sent++
		env.Send(do.to, Note{a.sent})
	}
}

// Amount is how much more it has received than sent.
func (a *player) Amount() int64 { return int64(a.got - a.sent) }

// Passive reports whether it has done all its actions.
func (a *player) Passive() bool { return a.next == len(a.part) }

// MarshalBinary returns the state.
func (a *player) MarshalBinary() ([]byte, error) { return appendInts(nil, a.next, a.got, a.sent), nil }

// UnmarshalBinary takes over a state.
func (a *player) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	a.next, a.got, a.sent = r.number(), r.number(), r.number()
	if r.bad || len(r.b) > 0 || a.next > len(a.part) {
		return errRecord
	}
	return nil
}

// String prints "2 actions done, 1 received".
func (a *player) String() string { return fmt.Sprintf("%d actions done, %d received", a.next, a.got) }

// encode appends a message of the application, or of a script.
func encode(m sim.Message) []byte {
	if n, ok := m.(Note); ok {
		return binary.AppendUvarint([]byte{'n'}, uint64(n.N))
	}
	return apps.Encode(nil, m)
}

// decode is the reverse of encode.
func decode(b []byte) (sim.Message, error) {
	if len(b) > 0 && b[0] == 'n' {
		n, rest, ok := number(b[1:])
		if !ok || len(rest) > 0 {
			return nil, errRecord
		}
		return Note{n}, nil
	}
	return apps.Decode(b)
}

// boot returns the player of a process.
func (s script) boot(id sim.NodeID) apps.App { return &player{part: slices.Clone(s[id])} }
