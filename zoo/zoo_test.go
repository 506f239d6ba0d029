package zoo

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	head = "title: a clerk counts wrong\nstory: He counts\n  twice.\nbreaks: agreement\ninner: backed, safe-at\nneeds: crash\nscenario: shop\nset: clerks=2, shops=1\nhint: How often?\n\n"
	diff = "--- a/shop/clerk.go\n+++ b/shop/clerk.go\n@@ -2,3 +2,3 @@\n two\n-three\n+four\n five\n"
	shop = "one\ntwo\nthree\nfive\nsix\n"
)

func mustParse(t *testing.T, text string) *Bug {
	t.Helper()
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b.Name = "shop/clerk"
	return b
}

func reading(text string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if name != "shop/clerk.go" {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

// Fails if a line of the header gets into the wrong field, or a line that goes on is lost.
func TestParse(t *testing.T) {
	b := mustParse(t, head+diff)
	if b.Title != "a clerk counts wrong" || b.Story != "He counts twice." || b.Breaks != "agreement" || b.Scenario != "shop" || b.Hint != "How often?" ||
		!slices.Equal(b.Inner, []string{"backed", "safe-at"}) || !slices.Equal(b.Needs, []string{"crash"}) || !slices.Equal(b.Set, []string{"clerks=2", "shops=1"}) ||
		!slices.Equal(b.Files(), []string{"shop/clerk.go"}) || b.Patch != diff {
		t.Errorf("got %+v", b)
	}
}

// Fails if other properties that may be first are lost, or a line without a reason is taken.
func TestParseAlso(t *testing.T) {
	b := mustParse(t, strings.Replace(head, "needs:", "also: validity — he\n  decides twice\nalso: order — so\nneeds:", 1)+diff)
	if want := []Also{{"validity", "he decides twice"}, {"order", "so"}}; !slices.Equal(b.Also, want) {
		t.Errorf("got %+v, want %+v", b.Also, want)
	}
	for property, want := range map[string]bool{"agreement": true, "validity": true, "order": true, "backed": false, "": false} {
		if b.Expects(property) != want {
			t.Errorf("%q is expected: %t", property, !want)
		}
	}
	for _, line := range []string{"also: validity", "also: two words — so", "also: — so"} {
		_, err := Parse("title: x\n" + line + "\n  and more\nbreaks: x\n" + diff)
		if err == nil || !strings.HasPrefix(err.Error(), "line 2: also wants a property, a dash and the reason") {
			t.Errorf("%q: got %v", line, err)
		}
	}
}

// Fails if a broken header or diff is taken, or the message does not say which line it is about.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                       `the header has no line that starts with "title:"`,
		"title: x\n" + diff:      `the header has no line that starts with "story:"`,
		"title: x\ntitle: y\n":   "line 2: title is stated twice",
		"title:\n":               "line 1: title lacks its value",
		"colour: red\n":          `line 1: "colour: red" is no line of a header: one starts with title: id: story:`,
		"a word\n":               `line 1: "a word" is no line of a header`,
		"  indented\n":           "line 1: it begins with white space and there is nothing that it goes on with",
		head:                     "there is no diff behind the header",
		head + "--- a/x\n":       "there is no diff behind the header",
		head + "set: a\n" + diff: "line 11: set is stated twice",
		strings.Replace(head, "clerks=2", "clerks", 1) + diff:     `the setting "clerks" is not of the form name=value`,
		head + strings.Replace(diff, "+2,3", "+2,9", 1):           "the diff: ",
		head + strings.ReplaceAll(diff, "shop/", "../shop/"):      "files are named from the root of the module",
		head + "--- /dev/null\n+++ b/new.go\n@@ -0,0 +1 @@\n+x\n": "a bug changes lines of files that are there, and does nothing else",
		head + "--- a/old.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n": "a bug changes lines of files that are there, and does nothing else",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q)\n got %v\nwant %s", text, err, want)
		}
	}
}

// Fails if a patch is applied in the wrong place, or not where its lines have moved to.
func TestApply(t *testing.T) {
	b := mustParse(t, head+diff)
	for _, before := range []string{"", "zero\n", "zero\ntwo\n", "\n\n\n\n\n\n"} {
		files, err := b.Apply(reading(before + shop))
		if want := before + "one\ntwo\nfour\nfive\nsix\n"; err != nil || string(files["shop/clerk.go"]) != want {
			t.Errorf("behind %q: got %q, %v, want %q", before, files["shop/clerk.go"], err, want)
		}
		now, err := b.Refresh(reading(before + shop))
		if err != nil {
			t.Fatal(err)
		}
		again := mustParse(t, head+now)
		if at := int(again.files[0].TextFragments[0].OldPosition); at != 2+strings.Count(before, "\n") {
			t.Errorf("behind %q the fresh patch is about line %d", before, at)
		}
	}
}

// Fails if hunks of one file are not moved by what the hunks before them add, or overtake one another.
func TestApplyHunks(t *testing.T) {
	b := mustParse(t, head+"--- a/shop/clerk.go\n+++ b/shop/clerk.go\n@@ -1,2 +1,3 @@\n one\n+one and a half\n two\n@@ -4,2 +5,1 @@\n five\n-six\n")
	for _, before := range []string{"", "x\ny\n"} {
		files, err := b.Apply(reading(before + shop))
		if want := before + "one\none and a half\ntwo\nthree\nfive\n"; err != nil || string(files["shop/clerk.go"]) != want {
			t.Errorf("got %q, %v, want %q", files["shop/clerk.go"], err, want)
		}
		if now, err := b.Refresh(reading(before + shop)); err != nil || before == "" && now != b.Patch {
			t.Errorf("the fresh patch is\n%s%v, want\n%s", now, err, b.Patch)
		}
	}
}

// Fails if a patch whose lines are gone, or stand twice, is applied anyhow; the message names file and hunk.
func TestApplyErrors(t *testing.T) {
	b := mustParse(t, head+diff)
	for text, want := range map[string]string{
		"one\ntwo\n3\nfive\n": `shop/clerk: shop/clerk.go: hunk 1 (@@ -2): it no longer applies: the file has no lines such as "three"`,
		"":                    `shop/clerk: shop/clerk.go: hunk 1 (@@ -2): it no longer applies`,
		"three\ntwo\nfive\n":  `hunk 1 (@@ -2): it no longer applies: the file has no lines such as "two"`,
		"x\n" + shop + shop:   "hunk 1 (@@ -2): its lines stand in two places, at 3 and at 8: give it more lines around it",
	} {
		if _, err := b.Apply(reading(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("on %q\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := b.Apply(func(string) ([]byte, error) { return nil, errors.New("it burnt") }); err == nil || !strings.Contains(err.Error(), "it burnt") {
		t.Errorf("got %v", err)
	}
}

// Fails if patches are not named by their place, not sorted, or if one that is broken hides the others.
func TestOpen(t *testing.T) {
	ok := &fstest.MapFile{Data: []byte(head + diff)}
	z, err := Open(fstest.MapFS{"zoo/shop/b.patch": ok, "zoo/shop/a.patch": ok, "zoo/pub/a.patch": ok, "zoo/README": ok, "other/x.patch": ok})
	if err != nil || !slices.Equal(z.Names(), []string{"pub/a", "shop/a", "shop/b"}) {
		t.Errorf("got %v, %v", z.Names(), err)
	}
	for name, want := range map[string]string{"shop/a": "shop/a", "b": "shop/b", "a": "", "shop": "", "c": ""} {
		if b, ok := z.Find(name); ok != (want != "") || ok && b.Name != want {
			t.Errorf("Find(%q) = %v, %t", name, b, ok)
		}
	}
	z, err = Open(fstest.MapFS{"zoo/shop/b.patch": ok, "zoo/shop/a.patch": &fstest.MapFile{Data: []byte("title:\n")}})
	if err == nil || err.Error() != "zoo/shop/a.patch: line 1: title lacks its value" || len(z) != 1 {
		t.Errorf("got %v, %v", z.Names(), err)
	}
	for _, name := range []string{"zoo/shop/a b.patch", "zoo/shop/a,b.patch", "zoo/shop/$a.patch", "zoo/a'b/a.patch"} {
		if z, err = Open(fstest.MapFS{name: ok}); err == nil || !strings.HasPrefix(err.Error(), name+": a bug is called what its file is") || len(z) != 0 {
			t.Errorf("got %v, %v", z.Names(), err)
		}
	}
	if z, err = Open(fstest.MapFS{"go.mod": ok}); err != nil || len(z) != 0 {
		t.Errorf("a module without a zoo: %v, %v", z, err)
	}
}

// Fails if any text makes Parse panic, or if what it took cannot be printed and read again.
func FuzzParse(f *testing.F) {
	f.Add(head + diff)
	f.Add("title: x\n")
	f.Add(head + "--- a\n+++ b\n@@ -1 +1 @@\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse(text)
		if err != nil {
			return
		}
		if b.Title == "" || len(b.Files()) == 0 {
			t.Errorf("taken without a title or a file: %q", text)
		}
		_, _ = b.Apply(func(string) ([]byte, error) { return []byte(text), nil }) // must not panic
	})
}

const weakHead = "title: the auditor looks at one clerk\nstory: One is enough.\nweakens: audit\n\n"

// Fails if a patch that makes a checker weak stands among the bugs, lacks what one must say, or says what only a bug has.
func TestWeakCheckers(t *testing.T) {
	fsys := fstest.MapFS{
		"zoo/shop/clerk.patch":     {Data: []byte(head + diff)},
		"zoo/checkers/audit.patch": {Data: []byte(weakHead + diff)},
		"zoo/checkers/readme.txt":  {Data: []byte("no patch")},
	}
	bugs, weak, err := OpenAll(fsys)
	if err != nil || !slices.Equal(bugs.Names(), []string{"shop/clerk"}) || !slices.Equal(weak.Names(), []string{"checkers/audit"}) || weak[0].Weakens != "audit" {
		t.Errorf("%v: bugs %v, weak %v", err, bugs.Names(), weak.Names())
	}
	if z, err := Open(fsys); err != nil || !slices.Equal(z.Names(), []string{"shop/clerk"}) {
		t.Errorf("%v: the zoo is %v", err, z.Names())
	}
	for text, want := range map[string]string{
		strings.Replace(weakHead, "story: One is enough.\n", "", 1) + diff: `the header has no line that starts with "story:"`,
		strings.TrimSpace(weakHead) + "\nhint: Why?\n\n" + diff:            `a checker that is made weak is no bug of a system: it has no line that starts with "hint:"`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q)\n got %v\nwant %s", text, err, want)
		}
	}
}

// Fails if a bug with another patch beside it has not what both do, keeps another name, changes the bug itself, or two changes of one file are taken.
func TestWith(t *testing.T) {
	a := mustParse(t, head+diff)
	b, err := Parse(weakHead + strings.ReplaceAll(diff, "clerk.go", "auditor.go"))
	if err != nil {
		t.Fatal(err)
	}
	both, err := a.With(b)
	if err != nil || both.Name != "shop/clerk" || len(a.Files()) != 1 {
		t.Fatalf("%v: %+v", err, both)
	}
	files, err := both.Apply(func(string) ([]byte, error) { return []byte(shop), nil })
	want := "one\ntwo\nfour\nfive\nsix\n"
	if err != nil || len(files) != 2 || string(files["shop/clerk.go"]) != want || string(files["shop/auditor.go"]) != want {
		t.Errorf("%v: got %q", err, files)
	}
	if again, err := Parse(head + both.Patch); err != nil || len(again.Files()) != 2 {
		t.Errorf("its patch is none: %v", err)
	}
	if _, err := a.With(a); err == nil {
		t.Error("two changes of one file were taken")
	}
}
