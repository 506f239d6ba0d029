package seedfile

import (
	"regexp"
	"strings"
	"testing"

	"simrun/sim/fault"
)

func typical() File {
	return File{Scenario: "paxos-kv", Seed: 0x2a71, Simver: 1, Hash: 0x4c4cff4a475e6815}
}

// Fails if a shell could touch a token, or if it grows beyond a line.
func TestTokenIsOneSafeWord(t *testing.T) {
	f := typical()
	f.Set = []string{"ops=put x 1; get x 'y' $HOME"}
	f.Plan = &fault.Plan{}
	safe := regexp.MustCompile(`^s1-[A-Za-z0-9_-]+$`)
	if token := f.Token(); !safe.MatchString(token) {
		t.Errorf("not safe: %s", token)
	}
	if token := typical().Token(); len(token) > 64 {
		t.Errorf("%d letters for an ordinary run: %s", len(token), token)
	}
}

// golden is a token as it was handed out once. It must be readable for as long as tokens start with s1-.
const golden = "s1-wmICQotRojl2XSbJJslpaSaJJuamqWYWhqZcgAAAAP__E3UmpA"

// Fails if the dictionary or the format changes and tokens in old bug reports become unreadable.
func TestOldTokensStayReadable(t *testing.T) {
	f, err := ParseToken(golden)
	if want := typical().String(); err != nil || f.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s\nnow it is %s", err, f, want, typical().Token())
	}
}

// Fails if a token that is not whole is taken for a run, or told wrongly what is the matter.
func TestParseTokenErrors(t *testing.T) {
	token := typical().Token()
	for n := len(tokenPrefix); n < len(token); n++ {
		if _, err := ParseToken(token[:n]); err != errMistyped {
			t.Errorf("cut off after %d letters: %v", n, err)
		}
	}
	for i := len(tokenPrefix); i < len(token); i++ {
		for _, letter := range "aQ_*" {
			bad := token[:i] + string(letter) + token[i+1:]
			if _, err := ParseToken(bad); bad != token && err != errMistyped {
				t.Errorf("letter %d mistyped: %v", i, err)
			}
		}
	}
	for _, s := range []string{"", "s", "paxos", "seeds/paxos/x.seed", "S1-" + token[3:], "sx-abc"} {
		if _, err := ParseToken(s); err != errNoToken {
			t.Errorf("ParseToken(%q): %v", s, err)
		}
	}
	if _, err := ParseToken("s2-" + token[3:]); err == nil || !strings.Contains(err.Error(), "s2") {
		t.Errorf("a token of a later form: %v", err)
	}
	if _, err := ParseToken("  " + token + "\n"); err != nil {
		t.Errorf("blanks around a token: %v", err)
	}
}

// Fails if a token with a right checksum and a wrong content makes a run, or a panic.
func TestTokenOfNonsense(t *testing.T) {
	for _, f := range []File{{}, {Scenario: "a b"}, {Scenario: "a", Simver: -1}} {
		if got, err := ParseToken(f.Token()); err == nil {
			t.Errorf("%+v became %+v", f, got)
		}
	}
}

// Fails if there are letters that make ParseToken panic, or that are read
// as a run whose own token is read differently.
func FuzzParseToken(f *testing.F) {
	f.Add(typical().Token())
	f.Add("s1-")
	f.Add("s1-AAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseToken(s)
		if err != nil {
			return
		}
		b, err := ParseToken(a.Token())
		b.Comment, a.Comment, a.Expect = "", "", ""
		if err != nil || a.String() != b.String() {
			t.Fatalf("%s\nbecame %s, %v", a, b, err)
		}
	})
}
