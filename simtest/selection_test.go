package simtest

import (
	"reflect"
	"strings"
	"testing"

	"simrun/seedfile"
)

func TestSelection(t *testing.T) {
	for _, x := range []struct {
		pattern, test string
		seeds         string
		campaign      bool
	}{
		{"", "TestX", "", true},
		{"TestX", "TestX", "", true},
		{"TestX$", "TestX/inner", "", true},
		{"TestX/seed=0x2a", "TestX", "0x2a", false},
		{"^TestX$/^seed=0x2a$", "TestX", "0x2a", false},
		{"TestX/inner/seed=7", "TestX/inner", "7", false},
		{"TestX/inner", "TestX", "", false}, // inner is no seed
		{"TestX/seed=1|TestX/seed=2", "TestX", "1 2", false},
		{"TestX/seed=1|seed=2", "TestX", "1", false}, // the second is about tests called seed=2
		{"TestX/(seed=1|seed=2)", "TestX", "1 2", false},
		{"TestX/seed=1|TestX$", "TestX", "1", true},
		{"TestY/seed=1|TestX", "TestX", "", true},
		{"TestX/seed=", "TestX", "", true},
		{"TestX/.", "TestX", "", true},
		{"TestX/overtaken.seed", "TestX", "", false},
		{"TestX/[/]seed=1", "TestX", "1", false},
		{"TestX/(", "TestX", "", false},
	} {
		got := selection(x.pattern, x.test)
		if strings.Join(got.seeds, " ") != x.seeds || got.campaign != x.campaign {
			t.Errorf("-run %q of %s: seeds %q, campaign %v; want %q, %v", x.pattern, x.test, got.seeds, got.campaign, x.seeds, x.campaign)
		}
	}
}

func TestSplitOutside(t *testing.T) {
	for pattern, want := range map[string][]string{
		"":            {""},
		"a/b":         {"a", "b"},
		"a/":          {"a", ""},
		"a[/]b/c":     {"a[/]b", "c"},
		`a\/b/c`:      {`a\/b`, "c"},
		"(a/b)/c":     {"(a/b)", "c"},
		"a[(]/b[)]/c": {"a[(]", "b[)]", "c"},
	} {
		if got := splitOutside(pattern, '/'); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func FuzzSelection(f *testing.F) {
	for _, p := range []string{"", "TestX/seed=0x2a", "a|b/c", "[", `\`, "((/))"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		// What is split and joined again is what it was.
		for _, at := range "|/" {
			if back := strings.Join(splitOutside(pattern, byte(at)), string(at)); back != pattern {
				t.Errorf("%q becomes %q", pattern, back)
			}
		}
		for _, seed := range selection(pattern, "TestX").seeds {
			if !strings.Contains(pattern, "seed="+seed) {
				t.Errorf("%q names no seed %s", pattern, seed)
			}
		}
	})
}

func FuzzParseSeed(f *testing.F) {
	for _, s := range []string{"0", "42", "0x2a", "0X1", "-1", "+1", "1_000", "18446744073709551615", "0xffffffffffffffff", "18446744073709551616", "0x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := seedfile.ParseSeed(text); err == nil && seedWord.FindString("seed="+text) != "seed="+text {
			t.Errorf("seed %q is taken, and -run could not name it", text)
		}
	})
}

func TestUsualFolders(t *testing.T) {
	if got := strings.Join(usualFolders(), " "); got != "seeds ../seeds" {
		t.Errorf("seed files are looked for in %s", got)
	}
}
