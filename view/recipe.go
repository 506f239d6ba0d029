package view

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"simrun/seedfile"
)

// Recipe prints what makes a run that needs no seed: its settings, its faults, and the picks that are not 0, in at most so many lines of faults and
// of picks together. It is the part of a seed file that people want to read. Beside a fault or a pick stands what note says of it, "" for nothing, if
// note is not nil. It ends with a line break unless it is empty.
func Recipe(f seedfile.File, most int, note func(string) string) string {
	if note == nil {
		note = func(string) string { return "" }
	}
	var b strings.Builder
	if len(f.Set) > 0 {
		b.WriteString(Wrap("  set       ", cut(strings.Join(f.Set, " "), longestSetting)))
	}
	if f.For > 0 {
		fmt.Fprintf(&b, "  for       %v\n", f.For)
	}
	left := most
	if f.Plan != nil {
		var lines []string
		for _, l := range *f.Plan {
			lines = append(lines, noted(l.String(), note))
		}
		if len(lines) == 0 {
			lines = []string{"none"}
		}
		left -= column(&b, "plan", lines, left)
	}
	var picks []string
	for _, d := range f.Tape {
		picks = append(picks, noted(fmt.Sprintf("%s = %d", d.Key, d.Outcome), note))
	}
	column(&b, "picks", picks, max(left, 1))
	return b.String()
}

// column prints lines under one head, or as many as there is room for, and returns how many lines that took.
func column(b *strings.Builder, head string, lines []string, room int) int {
	if more := len(lines) - room; more > 0 {
		last := fmt.Sprintf("(%s more)", Number(uint64(more+1)))
		lines = append(lines[:max(room-1, 0):max(room-1, 0)], last)
	}
	for _, l := range lines {
		l, note, _ := strings.Cut(l, "\n")
		l = cut(l, longestSetting)
		if n := utf8.RuneCountInString(l + note); note != "" && n+4 <= Width-12 {
			l, note = l+" — "+note, ""
		}
		b.WriteString(Wrap(fmt.Sprintf("  %-9s ", head), l))
		if note != "" {
			b.WriteString(Wrap(strings.Repeat(" ", 14), note))
		}
		head = ""
	}
	return len(lines)
}

// noted is a line, and in a second one what there is to say of it.
func noted(line string, note func(string) string) string {
	if n := note(line); n != "" {
		return line + "\n" + n
	}
	return line
}
