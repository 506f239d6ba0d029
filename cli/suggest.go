package cli

import "strings"

// didYouMean ends the sentence about an unknown name: with the nearest known one if that is near, with a
// semicolon otherwise.
func didYouMean(got string, known []string) string {
	best, least := "", len(got)/2+1
	for _, k := range known {
		if d := distance(strings.ToLower(got), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ";"
	}
	return ": did you mean " + best + "?"
}

// distance is the number of letters to insert, delete, replace or swap with the neighbour to get from a
// to b (the restricted Damerau-Levenshtein distance).
func distance(a, b string) int {
	var before, above []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(above[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// firstSentence is the beginning of a doc text, up to the first full stop.
func firstSentence(doc string) string {
	s := oneLine(doc)
	if i := strings.Index(s, ". "); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

// examples are command lines of this program, about its first scenario.
func (c *command) examples(lines ...string) string {
	for i, l := range lines {
		if len(c.scenarios) > 0 {
			l = strings.Replace(l, "SCENARIO", c.scenarios[0].Name, 1)
		}
		lines[i] = "  " + c.name + " " + l
	}
	return strings.Join(lines, "\n")
}
