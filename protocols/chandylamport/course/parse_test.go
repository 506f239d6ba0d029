package course

import (
	"reflect"
	"strings"
	"testing"

	"simrun/sim"
)

const (
	goodTop    = "3\nN1 5\nN2 0\nN3 2\nN1 N2\nN2 N3\nN3 N1\nN1 N3\n"
	goodScript = "send N1 N2 1\nsnapshot N2\ntick 2\nsend N1 N3 2\ntick\n"
	goodSnap   = "0\nN1 4\nN2 1\nN3 2\n"
)

// files returns the texts of a case that is right but for what change does to it.
func files(change func(*Files)) Files {
	f := Files{
		Topology: sim.File{Name: "t.top", Text: goodTop}, Script: sim.File{Name: "t.events", Text: goodScript},
		Delays: &sim.File{Name: "t.delays", Text: "0 1 2\n3 4 0\n"}, Expect: []sim.File{{Name: "t.snap", Text: goodSnap}},
	}
	change(&f)
	return f
}

func TestParse(t *testing.T) {
	c, err := files(func(*Files) {}).Parse()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Topology.String(); got != goodTop {
		t.Errorf("topology printed as %q", got)
	}
	if got := c.Script.String(); got != goodScript {
		t.Errorf("script printed as %q", got)
	}
	if got := c.Delays.String(); got != "0\n1\n2\n3\n4\n0\n" {
		t.Errorf("delays printed as %q", got)
	}
	if got := c.Expect[0].String(); got != goodSnap {
		t.Errorf("snapshot printed as %q", got)
	}
	if c.messages() != 6 || c.Topology.total() != 7 || c.Expect[0].total() != 7 {
		t.Errorf("%d messages, %d tokens, %d recorded", c.messages(), c.Topology.total(), c.Expect[0].total())
	}
}

// Comments, blank lines, tabs and the line ends of another system mean nothing, and errors still name the right line.
func TestParseIgnores(t *testing.T) {
	f := files(func(f *Files) {
		f.Topology.Text = "# three\r\n3 # nodes\r\n\r\n\tN1   5\r\nN2 0\nN3 2#all\n N1 N2\nN2 N3\nN3 N1\nN1 N3"
		f.Script.Text = "\n# first\n  send N1 N2 1 # one\n" + goodScript + "#"
		f.Delays.Text = "#\n0 0 0 0 0 0 0 # enough\n\n"
		f.Expect[0].Text = "#\n" + goodSnap
	})
	c, err := f.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if c.Topology.String() != goodTop || c.Script.String() != "send N1 N2 1\n"+goodScript || c.Script[0].Line != 3 || c.Script[1].Line != 4 {
		t.Errorf("read as %v and %v", c.Topology, c.Script)
	}
	d, err := ParseText(f.Text())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, d) {
		t.Errorf("in one line it reads as\n%v, want\n%v", d, c)
	}
	if strings.Contains(f.Text(), "\n") || strings.Contains(f.Text(), "#") {
		t.Errorf("not one line without comments: %q", f.Text())
	}
}

// wrong are files with one mistake each, and what is said of it: the file, the line and what was expected.
var wrong = []struct {
	what   string
	change func(*Files)
	want   string
}{
	{"an empty topology", top(""), "t.top:1: the file ends here: want the number of nodes"},
	{"no number", top("N1 5\n"), `t.top:1: "N1 5": want the number of nodes`},
	{"a number that is none", top("x\n"), `t.top:1: "x": want the number of nodes, a whole number from 1 to 256`},
	{"no nodes", top("0\n"), `t.top:1: "0": want the number of nodes, a whole number from 1 to 256`},
	{"too many nodes", top("257\n"), `t.top:1: "257": want the number of nodes, a whole number from 1 to 256`},
	{"a node too few", top("3\nN1 5\nN2 0\n"), `t.top:3: the file ends here: want "id tokens" for node 3 of 3`},
	{"a link in the place of a node", top("2\nN1 5\nN1 N2 3\n"), `t.top:3: "N1 N2 3": want "id tokens" for node 2 of 2`},
	{"a node twice", top("2\nN1 5\nN1 5\n"), "t.top:3: node N1 stands here twice: want another id"},
	{"an id that is none", top("1\nN1|N2 5\n"), `t.top:2: "N1|N2": want the id of a node, one word without any of , ; | > # * "`},
	{"an id with a semicolon", top("1\nN1; 5\n"), `t.top:2: "N1;": want the id of a node, one word without any of , ; | > # * "`},
	{"less than no tokens", top("1\n\nN1 -5\n"), `t.top:3: "-5": want the tokens of N1, a whole number from 0 to 1000000`},
	{"half a token", top("1\nN1 0.5\n"), `t.top:2: "0.5": want the tokens of N1, a whole number from 0 to 1000000`},
	{"too many tokens", top("1\nN1 1000001\n"), `t.top:2: "1000001": want the tokens of N1, a whole number from 0 to 1000000`},
	{"tokens beyond all bounds", top("1\nN1 99999999999999999999\n"), `t.top:2: "99999999999999999999": want the tokens of N1, a whole number from 0 to 1000000`},
	{"a link of one end", top(goodTop + "N1\n"), `t.top:9: "N1": want a link "src dst" between two of the nodes`},
	{"a link from nowhere", top(goodTop + "N4 N1\n"), `t.top:9: unknown node "N4": want one of N1, N2, N3`},
	{"a link to nowhere", top(goodTop + "N1 n2\n"), `t.top:9: unknown node "n2": want one of N1, N2, N3`},
	{"a link twice", top(goodTop + "# again\nN1 N2\n"), "t.top:10: link N1 N2 stands here twice: want each once"},
	{"a link to itself", top(goodTop + "N2 N2\n"), "t.top:9: link N2 N2 leads from a node to itself: want two nodes"},

	{"an unknown verb", script("sent N1 N2 1\n"), `t.events:1: "sent N1 N2 1": want "send src dst tokens", "snapshot id" or "tick [n]"`},
	{"a send without tokens", script("send N1 N2\n"), `t.events:1: "send N1 N2": want "send src dst tokens"`},
	{"a send from nowhere", script("tick\nsend N9 N2 1\n"), `t.events:2: unknown node "N9": want one of N1, N2, N3`},
	{"a send to nowhere", script("send N1 N9 1\n"), `t.events:1: unknown node "N9": want one of N1, N2, N3`},
	{"a send to itself", script("send N1 N1 1\n"), "t.events:1: there is no link N1 N1: want one of the topology's, and from N1 they lead to: N2, N3"},
	{"a send without a link", script("send N2 N1 1\n"), "t.events:1: there is no link N2 N1: want one of the topology's, and from N2 they lead to: N3"},
	{"a send of less than nothing", script("send N1 N2 -1\n"), `t.events:1: "-1": want how many tokens are sent, a whole number from 0 to 256000000`},
	{"a send of too much", script("tick\nsend N1 N2 6\n"), "t.events:2: send N1 N2 6: N1 has at most 5 by then: want no more than it has"},
	{"a send of what was sent", script("send N1 N2 3\nsend N1 N3 3\n"), "t.events:2: send N1 N3 3: N1 has at most 2 by then: want no more than it has"},
	{"a send of what cannot have come", script("send N1 N2 3\nsend N2 N3 1\n"), "t.events:2: send N2 N3 1: N2 has at most 0 by then: want no more than it has"},
	{"a send of more than may have come", script("send N1 N2 3\ntick 9\nsend N2 N3 4\n"), "t.events:3: send N2 N3 4: N2 has at most 3 by then: want no more than it has"},
	{"a snapshot of two", script("snapshot N1 N2\n"), `t.events:1: "snapshot N1 N2": want "snapshot id"`},
	{"a snapshot of nobody", script("snapshot\n"), `t.events:1: "snapshot": want "snapshot id"`},
	{"a snapshot from nowhere", script("snapshot N4\n"), `t.events:1: unknown node "N4": want one of N1, N2, N3`},
	{"ticks of two", script("tick 1 2\n"), `t.events:1: "tick 1 2": want "tick" or "tick n"`},
	{"no ticks", script("tick 0\n"), `t.events:1: "0": want how many ticks pass, a whole number from 1 to 1000000`},
	{"ticks back", script("tick -1\n"), `t.events:1: "-1": want how many ticks pass, a whole number from 1 to 1000000`},
	{"too many ticks", script("tick 1000000\n\ntick\n"), "t.events:3: these are 1000001 ticks by now: want at most 1000000"},
	{"a snapshot that does not reach all", func(f *Files) {
		f.Topology.Text, f.Script.Text = "3\nA 1\nB 1\nC 1\nA B\nC A\n", "snapshot C\nsnapshot A\n"
	}, "t.events:2: snapshot A: no links lead from A to C, so the snapshot would never be complete: want a node from which all can be reached"},

	{"a delay of five", delays("0 1 2\n3 4 5\n"), `t.delays:2: "5": want a delay, a whole number from 0 to 4`},
	{"a delay that is none", delays("0\nx\n"), `t.delays:2: "x": want a delay, a whole number from 0 to 4`},
	{"a delay too few", delays("0 1 2\n3 4\n# that is all\n"), "t.delays:3: the file ends here with 5 delays: want 6, for 2 sends and 1 snapshots with 4 markers each"},

	{"an empty snapshot", snap("\n"), "t.snap:1: the file ends here: want the number of the snapshot"},
	{"a snapshot without a number", snap("N1 5\n"), `t.snap:1: "N1 5": want the number of the snapshot`},
	{"a snapshot that nobody starts", snap("1\n"), `t.snap:1: "1": want the number of the snapshot, counted from 0 in the script, a whole number from 0 to 0`},
	{"a snapshot where there is none", func(f *Files) { f.Script.Text = "tick\n" }, `t.snap:1: snapshot "0" is expected, but the script starts none: want no such file`},
	{"an unknown node", snap("0\nN4 1\n"), `t.snap:2: unknown node "N4": want one of N1, N2, N3`},
	{"a node twice", snap("0\nN1 1\nN1 1\n"), "t.snap:3: node N1 stands here twice: want each once"},
	{"less than no tokens recorded", snap("0\nN1 -1\n"), `t.snap:2: "-1": want the tokens of N1, a whole number from 0 to 256000000`},
	{"a node too few", snap("0\nN1 4\nN2 1\n"), `t.snap:3: the file ends here: want "N3 tokens", what was recorded of node N3`},
	{"a message of no link", snap(goodSnap + "N2 N1 token(1)\n"), "t.snap:5: there is no link N2 N1: want a message on one of the topology's"},
	{"a message that is none", snap(goodSnap + "N1 N2 1\n"), `t.snap:5: "1": want a message such as token(3)`},
	{"a message without an end", snap(goodSnap + "N1 N2 token(1\n"), `t.snap:5: "token(1": want a message such as token(3)`},
	{"a message of less than nothing", snap(goodSnap + "N1 N2 token(-1)\n"), `t.snap:5: "-1": want the tokens of the message, a whole number from 0 to 256000000`},
	{"a message of words", snap(goodSnap + "N1 N2 token (1)\n"), `t.snap:5: "N1 N2 token (1)": want "id tokens" or "src dst token(k)"`},
	{"a number twice", snap(goodSnap + "1\n"), `t.snap:5: "1": want "id tokens" or "src dst token(k)"`},
	{"a snapshot expected twice", func(f *Files) { f.Expect = append(f.Expect, sim.File{Name: "u.snap", Text: goodSnap}) }, "u.snap:1: snapshot 0 is expected by t.snap already: want each once"},
}

func top(text string) func(*Files)    { return func(f *Files) { f.Topology.Text = text } }
func script(text string) func(*Files) { return func(f *Files) { f.Script.Text = text } }
func delays(text string) func(*Files) { return func(f *Files) { f.Delays.Text = text } }
func snap(text string) func(*Files)   { return func(f *Files) { f.Expect[0].Text = text } }

func TestParseErrors(t *testing.T) {
	for _, x := range wrong {
		_, err := files(x.change).Parse()
		if err == nil || err.Error() != x.want {
			t.Errorf("%s:\ngot  %v\nwant %s", x.what, err, x.want)
		}
	}
}

// Files that are too large are refused before anything is made of them.
func TestParseBounds(t *testing.T) {
	ring := "200\n"
	for i := range 200 {
		ring += "N" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + " 1\n"
	}
	node := func(i int) string { return "N" + string(rune('a'+i/26)) + string(rune('a'+i%26)) }
	for i := range 200 {
		for j := range 30 {
			ring += node(i) + " " + node((i+j+1)%200) + "\n"
		}
	}
	for _, x := range []struct {
		change func(*Files)
		want   string
	}{
		{script(strings.Repeat("tick\n", mostLines+1)), "t.events:100001: the file has more than 100000 lines"},
		{top(strings.Repeat("#", mostBytes+1)), "t.top:1: the file has 8388609 bytes"},
		{func(f *Files) { f.Topology.Text, f.Script.Text = ring, strings.Repeat("snapshot Naa\n", 200) }, "t.events:1: the case sends 1200000 messages"},
	} {
		if _, err := files(x.change).Parse(); err == nil || !strings.HasPrefix(err.Error(), x.want) {
			t.Errorf("error %v, want %s", err, x.want)
		}
	}
}

// What does not read as a case is refused as an option too.
func TestParseTextErrors(t *testing.T) {
	s := scenario()
	for text, want := range map[string]string{
		"1;N1 1": "want a topology, a script and delays", "1;N1 1|tick;tick 0|?": "script:2:", "1;N1 x|tick|?": "topology:2:",
		"1;N1 1||5": "delays:1:", "1;N1 1||?|1": "expect:1:", "1;N1 1|snapshot N1|?|1": "expect:1:",
	} {
		if _, err := s.ParseOptions([]string{"course=" + text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	if _, err := s.ParseOptions([]string{"course=1;N1 1||?"}); err != nil {
		t.Errorf("a case in which nothing happens: %v", err)
	}
}

// Whatever reads as a file prints as one that reads the same; whatever does not is an Error with a line of that file.
func FuzzTopology(f *testing.F) {
	f.Add(goodTop)
	for _, x := range wrong {
		f.Add(files(x.change).Topology.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseTopology("f", text)
		if located(t, err, text) {
			return
		}
		b, err := ParseTopology("f", a.String())
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q prints as %q, which reads as %v: %v", text, a.String(), b, err)
		}
	})
}

func FuzzScript(f *testing.F) {
	known, err := ParseTopology("t", goodTop)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(goodScript)
	for _, x := range wrong {
		f.Add(files(x.change).Script.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseScript("f", text, known)
		if located(t, err, text) {
			return
		}
		b, err := ParseScript("f", a.String(), known)
		if err != nil || a.String() != b.String() {
			t.Errorf("%q prints as %q, which reads as %v: %v", text, a.String(), b, err)
		}
	})
}

func FuzzDelays(f *testing.F) {
	f.Add("0 1 2\n3 4")
	f.Add("5")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseDelays("f", text)
		if located(t, err, text) {
			return
		}
		b, err := ParseDelays("f", a.String())
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q prints as %q, which reads as %v: %v", text, a.String(), b, err)
		}
	})
}

func FuzzGlobal(f *testing.F) {
	known, err := ParseTopology("t", goodTop)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(goodSnap + "N1 N2 token(1)\n")
	for _, x := range wrong {
		if expect := files(x.change).Expect; len(expect) > 0 {
			f.Add(expect[0].Text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseGlobal("f", text, known, 3)
		if located(t, err, text) {
			return
		}
		b, err := ParseGlobal("f", a.String(), known, 3)
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q prints as %q, which reads as %v: %v", text, a.String(), b, err)
		}
	})
}

// located reports whether there is an error, and sees that it names a line of the file.
func located(t *testing.T, err error, text string) bool {
	t.Helper()
	if err == nil {
		return false
	}
	e, ok := err.(*Error)
	if !ok || e.File != "f" || e.Line < 1 || e.Line > 1+strings.Count(text, "\n") || !strings.Contains(e.Why, "want") && !strings.Contains(e.Why, "more than") {
		t.Errorf("%q: error %v", text, err)
	}
	return true
}

// A case in one line either runs, or is refused when it is read.
func FuzzText(f *testing.F) {
	f.Add(files(func(*Files) {}).Text())
	f.Add("1;N1 1||?")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 400 || strings.ContainsAny(text, "\r\n") {
			return
		}
		s := scenario()
		o, err := s.ParseOptions([]string{"course=" + text})
		if err != nil || text == "" {
			return
		}
		w, err := s.World(sim.Config{Options: o})
		if err != nil {
			t.Fatal(err)
		}
		for range w.Events(0) {
			if w.Now() > 2000*1000*1000 {
				return // long scripts make long runs
			}
		}
		if v := w.Verdict(); v.Outcome == sim.Stalled || v.Property == "panic" {
			t.Errorf("%q: %v %s: %s", text, v.Outcome, v.Property, v.Why)
		}
	})
}
