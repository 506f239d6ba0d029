package sim

import (
	"iter"
	"runtime/debug"
	"time"

	"simrun/sim/clock"
	"simrun/sim/disk"
)

// A Script is the world as a blocking node sees it: an Env, and calls that wait. What arrives while the
// script does not listen waits in line.
//
// When the node crashes or the run ends, a waiting script is unwound by a panic: its deferred calls run, and nothing
// they do has an effect. Whoever recovers from that panic must return soon: every later wait panics again.
type Script struct {
	Env
	s *scripted
}

// Scripted returns a node whose life is one function, as a client or a driver is told best. The function runs as a
// coroutine: it never runs at the same time as another node. When it returns, the node has exited and messages to it
// are ignored. Boot functions call Scripted anew for each life.
func Scripted(story func(*Script)) Node { return &scripted{story: story} }

// A scripted node switches between the world and its story: the story yields to wait, and the world resumes it
// when something has arrived.
type scripted struct {
	story  func(*Script)
	script Script
	next   func() (struct{}, bool)
	yield  func(struct{}) bool

	mail     []letter
	naps     uint64
	awaited  uint64 // the nap whose end the story waits for, 0 for none
	waiting  func(letter) bool
	gone     bool // the node has crashed, or its world has ended: all that is left is to unwind
	finished bool
	told     bool
}

type letter struct {
	from NodeID
	m    Message
}

// nap is the timer of a waiting script. Only the latest one wakes it.
type nap struct{ n uint64 }

func (x nap) AppendHash(b []byte) []byte {
	return append(b, byte(x.n), byte(x.n>>8), byte(x.n>>16), byte(x.n>>24))
}

// unwound is the panic that ends the story of a node that is gone.
type unwound struct{}

// A scriptPanic carries the stack of a panic out of the coroutine.
type scriptPanic struct {
	value any
	stack string
}

func (s *scripted) Start(env Env) {
	if s.next != nil {
		panic("sim: a script is started twice: boot functions call Scripted anew for each life")
	}
	s.script = Script{env, s}
	s.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		s.yield = yield
		defer s.ended()
		s.story(&s.script)
	})
	s.resume()
}

// ended is deferred around the story. A panic goes on to the world, with its stack; that of an observer goes on as it
// is.
func (s *scripted) ended() {
	s.finished = true
	v := recover()
	if v == nil || s.gone {
		return
	}
	if h := hostOf(s.script.Env); h != nil && h.w.watching {
		panic(v)
	}
	panic(scriptPanic{v, string(debug.Stack())})
}

func (s *scripted) resume() { s.next() }

func (s *scripted) Handle(env Env, from NodeID, m Message) {
	if s.finished {
		return
	}
	s.script.Env = env
	if x, ok := m.(nap); ok {
		if x.n == s.awaited {
			s.awaited = 0
			s.waiting = nil
			s.resume()
		}
		return
	}
	l := letter{from, m}
	s.mail = append(s.mail, l)
	if s.waiting != nil && s.waiting(l) {
		s.resume()
	}
}

// unwind ends the story of a node that is gone. Each call in which it waits panics; a story that catches the panic
// and waits again and again is given up, and its coroutine stays behind.
func (s *scripted) unwind() {
	if s.next == nil || s.finished {
		return
	}
	s.gone = true
	s.script.Env = inert{s.script.Env.ID()}
	for i := 0; i < 100 && !s.finished; i++ {
		s.resume()
	}
	s.finished = true
}

// wait takes the first letter that is wanted, and yields to the world until there is one; at most until the nap ends.
func (s *scripted) wait(wanted func(letter) bool, nap uint64) (letter, bool) {
	for {
		if s.gone {
			s.yield(struct{}{})
			panic(unwound{})
		}
		for i, l := range s.mail {
			if wanted(l) {
				s.mail = append(s.mail[:i], s.mail[i+1:]...)
				s.awaited, s.waiting = 0, nil
				return l, true
			}
		}
		if nap != 0 && s.awaited == 0 {
			return letter{}, false
		}
		s.waiting = wanted
		s.yield(struct{}{})
		if s.gone {
			panic(unwound{})
		}
	}
}

// nap sets a timer that will end the wait.
func (s *scripted) nap(d time.Duration) uint64 {
	s.naps++
	s.awaited = s.naps
	s.script.After(d, nap{s.naps})
	return s.naps
}

// Recv waits for the next message and returns it with its sender.
func (s *Script) Recv() (from NodeID, m Message) {
	l, _ := s.s.wait(anyLetter, 0)
	return l.from, l.m
}

// RecvFor waits for the next message, at most d on the node's own clock; ok is false if none came.
func (s *Script) RecvFor(d time.Duration) (from NodeID, m Message, ok bool) {
	l, ok := s.s.wait(anyLetter, s.s.nap(d))
	return l.from, l.m, ok
}

// Sleep waits for d on the node's own clock.
func (s *Script) Sleep(d time.Duration) { s.s.wait(noLetter, s.s.nap(d)) }

// Call sends a request and waits, at most d on the node's own clock, for the first message from that node which answers
// accepts; ok is false if none came. Other messages stay in line. After a time-out the answer may still come: it stays
// in line then, too.
func (s *Script) Call(to NodeID, request Message, d time.Duration, answers func(Message) bool) (m Message, ok bool) {
	s.Send(to, request)
	l, ok := s.s.wait(func(l letter) bool { return l.from == to && answers(l.m) }, s.s.nap(d))
	return l.m, ok
}

func anyLetter(letter) bool { return true }
func noLetter(letter) bool  { return false }

// inert is the Env of a node that is gone.
type inert struct{ id NodeID }

func (x inert) ID() NodeID                 { return x.id }
func (inert) Now() clock.Reading           { return clock.Reading{} }
func (inert) Pick(string, int) int         { return 0 }
func (inert) Send(NodeID, Message)         {}
func (inert) After(time.Duration, Message) {}
func (inert) Disk() disk.FS                { return goneDisk{} }
func (inert) SyncThen(string, Message)     {}
func (inert) Note(any)                     {}

// goneDisk refuses everything.
type goneDisk struct{}

func (goneDisk) ReadAt(string, []byte, int64) (int, error) { return 0, errCrashed }
func (goneDisk) WriteAt(string, []byte, int64) error       { return errCrashed }
func (goneDisk) Append(string, []byte) error               { return errCrashed }
func (goneDisk) Truncate(string, int64) error              { return errCrashed }
func (goneDisk) Sync(string) error                         { return errCrashed }
func (goneDisk) Rename(string, string) error               { return errCrashed }
func (goneDisk) Remove(string) error                       { return errCrashed }
func (goneDisk) SyncDir() error                            { return errCrashed }
func (goneDisk) List() ([]string, error)                   { return nil, errCrashed }
func (goneDisk) Size(string) (int64, error)                { return 0, errCrashed }
