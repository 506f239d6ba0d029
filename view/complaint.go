package view

import (
	"bytes"
	"fmt"
	"strings"

	"simrun/sim"
)

// Complaint takes apart what a property complains of: the sentence, and what follows it as lines that are indented, such as the operations that exclude one another,
// with the messages behind them if the trace t of the run is given, or the stack of a panic. Of what follows there are at most so many lines; if there are more it says
// so, and the hint tells where all are.
func Complaint(why string, t *Trace, most int, hint string) (sentence, details string) {
	var b bytes.Buffer
	sentence, lines := sentenceOf(why)
	if lines != nil {
		(&Run{Trace: t}).details(&b, lines)
	} else if first, stack, more := strings.Cut(why, "\n"); more {
		sentence = first
		for line := range strings.Lines(strings.Trim(stack, "\n")) {
			b.WriteString("    " + strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "  ") + "\n")
		}
	}
	lines = strings.SplitAfter(b.String(), "\n")
	lines = lines[:len(lines)-1] // what follows the last line break
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("    (%d more lines: %s)\n", len(lines)-most, hint))
	}
	return sentence, strings.Join(lines, "")
}

// Inside returns the first inner violation of a run: where it began to go wrong. It is nil if there is none, or if that is of the given property, by which the run is
// judged.
func Inside(v sim.Verdict, property string) *sim.Violation {
	for i := range v.Violations {
		if x := &v.Violations[i]; x.Inner && x.Seq > 0 {
			if x.Property == property {
				return nil
			}
			return x
		}
	}
	return nil
}
