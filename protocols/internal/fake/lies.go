package fake

import (
	"fmt"

	"simrun/sim"
)

// An Altering message can be altered by a liar.
type Altering interface {
	Alter(pick func(n int) int) sim.Message
	AppendHash(b []byte) []byte
}

// Lies returns all different messages that a liar can make of one, as far as a few picks lead. It reports an error if one is of another type or says
// the same.
func Lies(t interface{ Errorf(string, ...any) }, m Altering) (lies []sim.Message) {
	known := map[string]bool{}
	for i := range 256 {
		n := i
		lie := m.Alter(func(below int) int {
			x := n % below
			n /= below
			return x
		})
		content := string(lie.(Altering).AppendHash(nil))
		if fmt.Sprintf("%T", lie) != fmt.Sprintf("%T", m) || content == string(m.AppendHash(nil)) {
			t.Errorf("%v became %v", m, lie)
		}
		if !known[content] {
			known[content] = true
			lies = append(lies, lie)
		}
	}
	return lies
}
