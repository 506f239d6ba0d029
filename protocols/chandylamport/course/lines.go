package course

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/sim/fault"
)

// An Error is what is wrong with a file: where, and what was expected there.
type Error struct {
	File string
	Line int // from 1
	Why  string
}

// Error returns "F.top:3: ..." in one line.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Why) }

// The bounds of what is run: a case is small, and a file that is not is a mistake.
const (
	mostNodes    = 256
	mostTokens   = 1_000_000              // of one node at the start
	mostTogether = mostTokens * mostNodes // of one node later, and in one message
	mostTicks    = 1_000_000              // of one script
	mostLines    = 100_000                // of one file
	mostMessages = 100_000                // transfers and markers of one case
	mostBytes    = 8 << 20                // of one file
)

// A line is one that says something: its words, without the comment.
type line struct {
	number int // from 1
	words  []string
}

// A reader goes through the lines of a file.
type reader struct {
	file  string
	lines []line
	last  int // the number of the file's last line
}

// read splits a file into lines.
func read(file, text string) (*reader, error) {
	r := &reader{file: file}
	if len(text) > mostBytes {
		return nil, r.wrong(1, "the file has %d bytes: want at most %d", len(text), mostBytes)
	}
	for row := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		r.last++
		row, _, _ = strings.Cut(row, "#")
		if words := strings.Fields(row); len(words) > 0 {
			r.lines = append(r.lines, line{r.last, words})
		}
	}
	if len(r.lines) > mostLines {
		return nil, r.wrong(r.lines[mostLines].number, "the file has more than %d lines that say something", mostLines)
	}
	return r, nil
}

// next returns the next line; what says what it should be.
func (r *reader) next(what string) (line, error) {
	if len(r.lines) == 0 {
		return line{}, r.wrong(r.last, "the file ends here: want %s", what)
	}
	l := r.lines[0]
	r.lines = r.lines[1:]
	return l, nil
}

func (r *reader) wrong(number int, format string, args ...any) error {
	return &Error{r.file, number, fmt.Sprintf(format, args...)}
}

// number reads a whole number from least to most; what says of what.
func (r *reader) number(l line, word, what string, least, most int) (int, error) {
	n, err := strconv.ParseUint(word, 10, 63)
	if err != nil || n < uint64(least) || n > uint64(most) {
		return 0, r.wrong(l.number, "%q: want %s, a whole number from %d to %d", word, what, least, most)
	}
	return int(n), nil
}

// id reads the name of a node that is not known yet.
func (r *reader) id(l line, word string) error {
	if err := fault.CheckName(word); err != nil || strings.Contains(word, ";") {
		return r.wrong(l.number, "%q: want the id of a node, one word without any of , ; | > # * \"", word)
	}
	return nil
}

// words reports an error unless the line has that many words.
func (r *reader) words(l line, n int, want string) error {
	if len(l.words) != n {
		return r.wrong(l.number, "%q: want %s", strings.Join(l.words, " "), want)
	}
	return nil
}

// folded is the text of a file in one line that reads the same, line by line: a semicolon stands for the end of a line.
func folded(text string) string {
	rows := strings.Split(text, "\n")
	for i, row := range rows {
		row, _, _ = strings.Cut(row, "#")
		rows[i] = strings.Join(strings.Fields(row), " ")
	}
	return strings.TrimRight(strings.Join(rows, ";"), ";")
}

// unfolded is the inverse of folded, but for comments and white space.
func unfolded(text string) string { return strings.ReplaceAll(text, ";", "\n") }
