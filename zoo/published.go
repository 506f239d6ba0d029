package zoo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
)

// To measure a zoo takes hours, so what was measured is kept, beside the patches and with them under version control. It must be short, it must be told by a difference of the file what
// another measurement says otherwise, and it must not pass for what it is not: so it holds numbers of seeds and no medians, a line a bug, and of each bug a mark of its patch. Whether
// protocols or checkers have changed since is not known from it; for that there is the commit.

// PublishedFile is where the scores of a module are kept, below its root.
const PublishedFile = Folder + "/score.json"

// Published is what was measured, as a file that tables and pictures are made from without a run.
type Published struct {
	Budget uint64        `json:"budget"` // seeds in a range, of the first profile
	Ranges int           `json:"ranges"` // of each bug, at most
	Bugs   []Measurement `json:"bugs"`   // sorted by name
}

// A Measurement is what was measured of a bug.
type Measurement struct {
	Bug    string    `json:"bug"`
	Mark   string    `json:"mark"`             // of the patch: see [Bug.Mark]
	Commit string    `json:"commit,omitempty"` // of the source, if known
	Masked bool      `json:"masked,omitempty"`
	Small  *Small    `json:"small,omitempty"`
	Under  []Outcome `json:"under"` // the first profile, and those that are compared with it
	cut    bool      // it was interrupted
}

// An Outcome is what was measured of a bug under one profile. What was seen in a range stands as the number of seeds that it took and the property; "-" for nothing.
type Outcome struct {
	Profile string   `json:"profile"`
	Budget  uint64   `json:"budget"`
	Hard    bool     `json:"hard,omitempty"`
	Seconds float64  `json:"seconds"` // of a range, in the middle
	Outer   []string `json:"outer"`
	Inner   []string `json:"inner"`
}

// Publish makes a file of scores, which were measured at a commit. Of a measurement that was interrupted it takes bugs of which some ranges were tried, and of profiles that are compared
// those that were to the end: how many ranges stands in the table for the first profile alone.
func Publish(scores []Score, budget uint64, ranges int, commit string) *Published {
	p := &Published{Budget: budget, Ranges: ranges}
	for _, row := range rowsOf(scores) {
		if n := len(row[0].Results); n == 0 || !row[0].Whole && n < hopeless {
			continue
		}
		m := Measurement{Bug: row[0].Bug.Name, Mark: row[0].Bug.Mark(), Commit: commit, Masked: row[0].Bug.Masked != "", Small: brief(smallOf(row))}
		for i := range row {
			m.cut = m.cut || !row[i].Whole
			if i == 0 || row[i].Whole && len(row[i].Results) > 0 {
				m.Under = append(m.Under, outcomeOf(&row[i]))
			}
		}
		p.Bugs = append(p.Bugs, m)
	}
	return p
}

// longestToken is how long a token may be that is kept, in bytes. A run that cannot be made small, such as a livelock, has one of hundreds of thousands; its first seed says as much.
const longestToken = 2000

// brief leaves out a token that is too long to be kept.
func brief(s *Small) *Small {
	if s == nil || len(s.Token) <= longestToken {
		return s
	}
	b := *s
	b.Token = ""
	return &b
}

// outcomeOf writes a score down.
func outcomeOf(s *Score) Outcome {
	o := Outcome{Profile: orDefault(s.Profile), Budget: s.Budget, Hard: s.Hard, Seconds: math.Round(s.Seconds()*1000) / 1000}
	for i := range s.Results {
		r := &s.Results[i]
		o.Outer, o.Inner = append(o.Outer, told(r, r.Outer)), append(o.Inner, told(r, r.Inner))
	}
	return o
}

// told writes down what was seen in a range.
func told(r *Result, seen *Seen) string {
	if seen == nil {
		return "-"
	}
	return fmt.Sprint(seen.Seed-r.From+1, " ", seen.Property)
}

// heard reads what told has written.
func heard(text string, r *Result) (*Seen, error) {
	if text == "-" {
		return nil, nil
	}
	number, property, _ := strings.Cut(text, " ")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || property == "" || n == 0 || n > r.To-r.From {
		return nil, fmt.Errorf("%q is no number of seeds and a property: want such as %q, or %q", text, "12 agreement", "-")
	}
	return &Seen{Seed: r.From + n - 1, Property: property}, nil
}

// Take takes in what others have measured, in the place of what is there of the same bugs. What was interrupted takes the place of nothing that says more of the same
// patch; those bugs are returned. An error says why the two do not go together.
func (p *Published) Take(more *Published) (stay []string, err error) {
	if len(p.Bugs) > 0 && (p.Budget != more.Budget || p.Ranges != more.Ranges) {
		return nil, fmt.Errorf("what is there was measured in %d ranges of %d seeds, and this in %d of %d", p.Ranges, p.Budget, more.Ranges, more.Budget)
	}
	p.Budget, p.Ranges = more.Budget, more.Ranges
	for _, m := range more.Bugs {
		i := slices.IndexFunc(p.Bugs, func(x Measurement) bool { return x.Bug == m.Bug })
		switch {
		case i < 0:
			p.Bugs = append(p.Bugs, m)
		case m.cut && m.Mark == p.Bugs[i].Mark && m.ranges() < p.Bugs[i].ranges():
			stay = append(stay, m.Bug)
		default:
			p.Bugs[i] = m
		}
	}
	slices.SortFunc(p.Bugs, func(a, b Measurement) int { return strings.Compare(a.Bug, b.Bug) })
	return stay, nil
}

// ranges counts those that were tried, under all profiles.
func (m *Measurement) ranges() (n int) {
	for i := range m.Under {
		n += len(m.Under[i].Outer)
	}
	return n
}

// Write writes the file, a line a bug.
func (p *Published) Write(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"budget\":%d,\"ranges\":%d,\"bugs\":[", p.Budget, p.Ranges)
	for i := range p.Bugs {
		text, err := json.Marshal(&p.Bugs[i])
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(text)
	}
	b.WriteString("\n]}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// ReadPublished reads what Write has written.
func ReadPublished(text []byte) (*Published, error) {
	p := &Published{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("it is no file of scores: %w", err)
	}
	for i := range p.Bugs {
		m := &p.Bugs[i]
		if m.Bug == "" || len(m.Under) == 0 {
			return nil, errors.New("it is no file of scores: a row lacks its bug, or what was measured")
		}
		for k := range m.Under {
			if _, err := p.score(&Bug{}, &m.Under[k]); err != nil {
				return nil, fmt.Errorf("%s under %s: %w", m.Bug, m.Under[k].Profile, err)
			}
		}
	}
	return p, nil
}

// OpenPublished reads the scores of a module whose root is fsys. Where there are none there is nothing in it.
func OpenPublished(fsys fs.FS) (*Published, error) {
	text, err := fs.ReadFile(fsys, PublishedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &Published{}, nil
	}
	var p *Published
	if err == nil {
		p, err = ReadPublished(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", PublishedFile, err)
	}
	return p, nil
}

// Scores makes scores of the bugs of a zoo again: those that were measured, in the order of the zoo, marked where the patch has changed since; and one without results for each other.
func (p *Published) Scores(z Zoo) (scores []Score, err error) {
	for _, b := range z {
		at := slices.IndexFunc(p.Bugs, func(m Measurement) bool { return m.Bug == b.Name })
		if at < 0 {
			scores = append(scores, Score{Bug: b})
			continue
		}
		m := &p.Bugs[at]
		for k := range m.Under {
			s, err := p.score(b, &m.Under[k])
			if err != nil {
				return nil, fmt.Errorf("%s under %s: %w", m.Bug, m.Under[k].Profile, err)
			}
			s.Stale = m.Mark != b.Mark()
			if k == 0 {
				s.Small = m.Small
			}
			scores = append(scores, s)
		}
	}
	return scores, nil
}

// score makes a score of what was written down.
func (p *Published) score(b *Bug, o *Outcome) (s Score, err error) {
	if len(o.Outer) != len(o.Inner) || len(o.Outer) == 0 {
		return s, errors.New("it has no ranges, or not as many inner as outer ones")
	}
	s = Score{Bug: b, Profile: o.Profile, Budget: o.Budget, Whole: true, Hard: o.Hard}
	for i := range o.Outer {
		r := Result{Trial: Trial{Bug: b.Name, Profile: o.Profile, From: uint64(i) * p.Budget}, Seconds: o.Seconds}
		r.To = r.From + o.Budget
		if r.Outer, err = heard(o.Outer[i], &r); err != nil {
			return s, err
		}
		if r.Inner, err = heard(o.Inner[i], &r); err != nil {
			return s, err
		}
		s.Results = append(s.Results, r)
	}
	return s, nil
}

// About says in a sentence what was measured, and of which source.
func (p *Published) About() string {
	if len(p.Bugs) == 0 {
		return "Nothing has been measured yet."
	}
	counts := make(map[string]int)
	var commits []string
	for _, m := range p.Bugs {
		if counts[m.Commit]++; counts[m.Commit] == 1 && m.Commit != "" {
			commits = append(commits, m.Commit)
		}
	}
	text := fmt.Sprintf("Measured in up to %d ranges of %s seeds for each of %d bugs", p.Ranges, Seeds(float64(p.Budget), p.Budget), len(p.Bugs))
	for i, c := range commits {
		commits[i] = "`" + c + "`"
		if len(commits) > 1 {
			commits[i] += fmt.Sprintf(" (%d)", counts[c])
		}
	}
	if len(commits) > 0 {
		text += ", at commit " + strings.Join(commits, ", ")
	}
	return text + "."
}
