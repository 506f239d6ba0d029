package simtest

import (
	"flag"
	"regexp"
	"slices"
	"strings"
)

// A selected says what the flag -run wants of a test that has a subtest for each seed: testing runs the
// subtests that it is given, but a seed beyond those that a test would try must be known beforehand.
type selected struct {
	seeds    []string // as they are written
	campaign bool     // the seeds that the test tries by itself
}

// runPattern is the value of go test's flag -run.
func runPattern() string {
	if f := flag.Lookup("test.run"); f != nil {
		return f.Value.String()
	}
	return ""
}

var seedWord = regexp.MustCompile(`seed=(0[xX][0-9a-fA-F]+|[0-9]+)`)

// selection reads the pattern of -run for the test of that name. A part that names seeds outright, as in
// TestX/seed=0x2a, stands for exactly these. A part that could not match any seed, such as the name of a
// seed file, leaves the campaign out: its failures would be filtered away after all the work, and the
// test would be green.
func selection(pattern, test string) (s selected) {
	names := strings.Split(test, "/")
	for _, alternative := range splitOutside(pattern, '|') {
		parts := splitOutside(alternative, '/')
		if !matchesAll(parts, names) {
			continue
		}
		if len(parts) <= len(names) || parts[len(names)] == "" {
			s.campaign = true
			continue
		}
		part := parts[len(names)]
		if named := seedWord.FindAllStringSubmatch(part, -1); named != nil {
			for _, m := range named {
				if !slices.Contains(s.seeds, m[1]) {
					s.seeds = append(s.seeds, m[1])
				}
			}
			continue
		}
		re, err := regexp.Compile(part)
		s.campaign = s.campaign || err == nil && (re.MatchString("seed=") || re.MatchString("seed=0x0"))
	}
	return s
}

// matchesAll reports whether the parts of a pattern match the names of a test and of those around it, as
// far as there are parts.
func matchesAll(parts, names []string) bool {
	for i, part := range parts {
		if i == len(names) {
			break
		}
		if re, err := regexp.Compile(part); err != nil || !re.MatchString(names[i]) {
			return false
		}
	}
	return true
}

// splitOutside splits a pattern at a sign, but not within brackets, nor behind a backslash.
func splitOutside(pattern string, at byte) (parts []string) {
	round, square, start := 0, 0, 0
	for i := 0; i < len(pattern); i++ {
		switch b := pattern[i]; {
		case b == '\\':
			i++
		case b == '[':
			square++
		case b == ']':
			square = max(square-1, 0)
		case b == '(' && square == 0:
			round++
		case b == ')' && square == 0:
			round--
		case b == at && round == 0 && square == 0:
			parts = append(parts, pattern[start:i])
			start = i + 1
		}
	}
	return append(parts, pattern[start:])
}
