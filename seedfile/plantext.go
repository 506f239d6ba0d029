package seedfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"simrun/sim/fault"
)

// PlanText finds the plan in what may be: a plan; a seed file, or a list of events with a run's plan before it, where lines
// that start with the word plan, at the margin, hold it; or records in JSON, the last of which with a field "plan" has it. What it
// returns is for [fault.Parse]. Lines and columns are those of the text, but for JSON, where they are those of the
// plan. It is an error if a seed file states no plan, or if no record has one.
func PlanText(text string) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return planInJSON(text)
	}
	first, _, _ := strings.Cut(text, "\n")
	isSeedFile := strings.HasPrefix(strings.TrimSpace(first), "simseed ")
	if plan, ok := planInLines(text, isSeedFile); ok {
		return plan, nil
	}
	if isSeedFile {
		return "", errors.New("this is a seed file without any plan line: its profile draws the faults")
	}
	return text, nil
}

// planInLines blanks all but what follows the word plan, which may be indented or not; it is false if no line starts with it.
func planInLines(text string, indented bool) (plan string, ok bool) {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		start := line
		if indented {
			start = strings.TrimLeftFunc(line, unicode.IsSpace)
		}
		value, is := strings.CutPrefix(start, "plan")
		if is && (value == "" || unicode.IsSpace(rune(value[0]))) {
			ok = true
			if strings.TrimSpace(value) != noFaults {
				b.WriteString(strings.Repeat(" ", utf8.RuneCountInString(line)-utf8.RuneCountInString(value)) + value)
				continue
			}
		}
		if strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String(), ok
}

// planInJSON finds the plan in records, one a line.
func planInJSON(text string) (plan string, err error) {
	found := false
	d := json.NewDecoder(strings.NewReader(text))
	for d.More() {
		var record struct{ Plan *string }
		if err := d.Decode(&record); err != nil {
			rest := strings.TrimLeftFunc(text[d.InputOffset():], unicode.IsSpace)
			line := 1 + strings.Count(text[:len(text)-len(rest)], "\n")
			return "", fmt.Errorf("line %d: what starts here is not a whole JSON object, as the first line suggests", line)
		}
		if record.Plan != nil {
			plan, found = *record.Plan, true
		}
	}
	if !found {
		return "", errors.New(`these are records in JSON, and none has a field "plan"`)
	}
	return plan, nil
}

// Locate adds to an error about a line of a plan, a [*fault.Wrong], where in the text that line stands. The text is what
// the plan was read from, in any of the forms of [PlanText]. Other errors stay as they are.
func Locate(text string, err error) error {
	var wrong *fault.Wrong
	if !errors.As(err, &wrong) {
		return err
	}
	plan, e := PlanText(text)
	if e != nil {
		return err
	}
	number, left := 0, wrong.Index
	for line := range strings.SplitSeq(plan, "\n") {
		number++
		if s := strings.TrimSpace(line); s == "" || s[0] == '#' {
			continue
		}
		if left--; left < 0 {
			return fmt.Errorf("line %d, column %d: %s", number, columnOf(line, wrong.Name), wrong.Why)
		}
	}
	return err // the plan is not from this text
}

// columnOf finds a name in a line of a plan, where it is a word or a part of one; the start of the line if it is not there.
func columnOf(line, name string) int {
	inName := func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune(",|>@*", r) }
	for at := 0; name != "" && at < len(line); {
		i := strings.Index(line[at:], name)
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(name)
		before, _ := utf8.DecodeLastRuneInString(line[:from])
		after, _ := utf8.DecodeRuneInString(line[to:])
		if (from == 0 || !inName(before)) && (to == len(line) || !inName(after)) {
			return 1 + utf8.RuneCountInString(line[:from])
		}
		at = to
	}
	return 1 + utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, unicode.IsSpace))
}
