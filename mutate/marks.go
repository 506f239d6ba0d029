package mutate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Marks is the name of the file beside a package that says which mutants make no difference. An entry is the place and
// the lines of a survivor as they are reported, and the reason below them, up to an empty line:
//
//	counter.go Counter.Handle
//	- if n > 0 {
//	+ if n >= 0 {
//	it is added, and nothing added to a sum changes it
//
// Lines that start with # are comments. An entry holds of every mutant of that function that reads so,
// and does not depend on line numbers.
const Marks = "mutate.txt"

// A mark is an entry of a file of marks.
type mark struct {
	line   int // where it begins
	text   string
	reason string
	fits   bool // some mutant
}

// name is what a mark of the mutant says above its reason.
func (m *Mutant) name() string { return m.place() + "\n" + strings.TrimRight(m.Diff(), "\n") }

// readMarks reads the marks in a folder; it may have none.
func readMarks(dir string) ([]*mark, error) {
	text, err := os.ReadFile(filepath.Join(dir, Marks))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &BadInput{err.Error()}
	}
	return parseMarks(string(text))
}

func parseMarks(text string) (list []*mark, err error) {
	var m *mark
	var name, reason []string
	end := func() error {
		if m == nil {
			return nil
		}
		if len(name) < 2 || len(reason) == 0 {
			return &BadInput{fmt.Sprintf("%s:%d: want a place, then the lines with - and +, then the reason", Marks, m.line)}
		}
		m.text, m.reason = strings.Join(name, "\n"), strings.Join(reason, " ")
		list = append(list, m)
		m, name, reason = nil, nil, nil
		return nil
	}
	number := 0
	for l := range strings.Lines(text + "\n\n") {
		number++
		l = strings.TrimRight(l, "\r\n\t ")
		switch {
		case strings.HasPrefix(l, "#"):
		case l == "":
			if err := end(); err != nil {
				return nil, err
			}
		case m == nil:
			m, name = &mark{line: number}, []string{l}
		case len(reason) == 0 && (l[0] == '-' || l[0] == '+'):
			name = append(name, l)
		default:
			reason = append(reason, strings.TrimSpace(l))
		}
	}
	return list, nil
}

// marked returns the mark that fits a mutant, or nil.
func marked(marks []*mark, m *Mutant) *mark {
	name := m.name()
	for _, k := range marks {
		if k.text == name {
			return k
		}
	}
	return nil
}

// stale says what is wrong with a mark.
func (k *mark) stale(format string, args ...any) string {
	return fmt.Sprintf("%s:%d: ", Marks, k.line) + fmt.Sprintf(format, args...)
}
