package steps

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"simrun/search"
	"simrun/seedfile"
	"simrun/view"
)

// print writes the source. The hash is that of the seed file of the very same run, 0 if there is none.
func (x *Test) print(e goExpression, base told, calls []call, hash uint64) (string, error) {
	var b bytes.Buffer
	pkg := x.Package
	if pkg == "" || e.pkg == "" && e.home != "" { // no other package can make the scenario
		pkg = e.testPackage()
	}
	fmt.Fprintf(&b, "package %s\n\nimport (\n\"testing\"\n", pkg)
	if slices.ContainsFunc(calls, func(c call) bool {
		return slices.ContainsFunc(c.args, func(a any) bool { _, ok := a.(time.Duration); return ok })
	}) {
		b.WriteString("\"time\"\n")
	}
	b.WriteString("\n")
	imports := []string{strconv.Quote(module() + "/simtest")}
	expr := e.expr
	if e.within(pkg) {
		expr = strings.TrimPrefix(expr, e.pkg+".")
	} else {
		imports = append(imports, e.imported())
	}
	slices.Sort(imports)
	fmt.Fprintf(&b, "%s\n)\n\n", strings.Join(imports, "\n"))
	x.comment(&b, base, hash)
	name := x.Name
	if name == "" {
		name = "Test" + camel(x.Case.Scenario.Name) + camel(x.judged(&base))
	}
	fmt.Fprintf(&b, "func %s(t *testing.T) {\n\tw := simtest.Steps(t, %s", name, expr)
	for _, setting := range x.Case.Config.Options.Given() {
		fmt.Fprintf(&b, ", %q", setting)
	}
	b.WriteString(")\n")
	for _, c := range calls {
		b.WriteString("\t" + c.source() + "\n")
	}
	b.WriteString("}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		return "", fmt.Errorf("steps: the source does not parse: %w\n%s", err, b.String())
	}
	return string(text), nil
}

// comment says what the test is about.
func (x *Test) comment(b *bytes.Buffer, base told, hash uint64) {
	j := search.Judge(base.verdict, x.Property)
	say := func(text string) {
		for line := range strings.Lines(view.Wrap("// ", text)) {
			line = strings.TrimSpace(line)
			b.WriteString("// " + strings.TrimSpace(strings.TrimPrefix(line, "//")) + "\n")
		}
	}
	say(fmt.Sprintf("%s is %v: %s", j.Property, j.Outcome, firstLine(j.Why)))
	b.WriteString("//\n")
	text := fmt.Sprintf("The run takes %s and has %s events.", view.Duration(base.verdict.Virtual), view.Number(base.verdict.Events))
	if hash != 0 {
		text += fmt.Sprintf(" Its seed file has the hash %016x.", hash)
	}
	say(text + " The test fails for as long as this happens.")
	if bug := seedfile.Bug(); bug != "" {
		say(fmt.Sprintf("It is the bug %s that makes it happen: simrun zoo flags %s prints with what go test has it.", bug, bug))
	}
}

// source is the call as it stands in a test.
func (c *call) source() string {
	var args []string
	for _, a := range c.args {
		switch a := a.(type) {
		case string:
			args = append(args, strconv.Quote(a))
		case time.Duration:
			args = append(args, goDuration(a))
		default:
			args = append(args, fmt.Sprint(a))
		}
	}
	text := fmt.Sprintf("w.%s(%s)", c.name, strings.Join(args, ", "))
	if note := strings.Join(strings.Fields(c.note), " "); note != "" {
		if runes := []rune(note); len(runes) > 60 {
			note = string(runes[:59]) + "…"
		}
		text += " // " + note
	}
	return text
}

// goDuration is a duration as a Go expression.
func goDuration(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}, {time.Microsecond, "time.Microsecond"}} {
		if d == unit.of {
			return unit.name
		}
		if d%unit.of == 0 {
			return fmt.Sprintf("%d * %s", d/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// camel makes a Go name of words: "ac1-agreement" becomes "Ac1Agreement".
func camel(words string) string {
	var b strings.Builder
	up := true
	for _, c := range words {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			up = true
			continue
		}
		if up {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
		up = false
	}
	return b.String()
}
