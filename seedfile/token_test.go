package seedfile

import (
	"encoding/binary"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"simrun/sim/fault"
)

func typical() File {
	return File{Scenario: "paxos-kv", Seed: 0x2a71, Simver: 1, Hash: 0x4c4cff4a475e6815}
}

// Fails if a shell could touch a token, or if it grows beyond a line with all that an ordinary run states.
func TestTokenIsOneSafeWord(t *testing.T) {
	f := typical()
	f.Set = []string{"ops=put x 1; get x 'y' $HOME"}
	f.Plan = &fault.Plan{}
	safe := regexp.MustCompile(`^s2-[A-Za-z0-9_-]+$`)
	if token := f.Token(); !safe.MatchString(token) {
		t.Errorf("not safe: %s", token)
	}
	f = typical()
	if token := f.Token(); len(token) > 64 {
		t.Errorf("%d letters for an ordinary run: %s", len(token), token)
	}
	f.Build, f.Marks = 0xfedcba98, Marks{1 << 20, []uint16{1, 2, 3, 4, 5, 6, 7, 8}}
	f.Faults, f.Set, f.For = "crash+clock", []string{"acceptors=5", "durable=false"}, 30*time.Second
	if token := f.Token(); len(token) > 120 {
		t.Errorf("%d letters for a run with everything: %s", len(token), token)
	}
}

// Tokens as they were handed out once. They must be readable for as long as tokens start so.
const (
	golden1 = "s1-wmICQotRojl2XSbJJslpaSaJJuamqWYWhqZcgAAAAP__E3UmpA"
	golden2 = "s2-B0xM_0pHXmgV_ty6mIABAhorPE3CohGh0ijRHEUxIM3KkOw"
)

// Fails if the dictionary or the format changes and tokens in old bug reports become unreadable.
func TestOldTokensStayReadable(t *testing.T) {
	f, err := ParseToken(golden1)
	if want := typical().String(); err != nil || f.String() != want {
		t.Errorf("the first form: got %v\n%s\nwant\n%s", err, f, want)
	}
	stated := typical()
	stated.Build, stated.Marks = 0xfedcba98, Marks{128, []uint16{0x1a2b, 0x3c4d}}
	if f, err = ParseToken(golden2); err != nil || f.String() != stated.String() {
		t.Errorf("got %v\n%s\nwant\n%s\nnow it is %s", err, f, stated, stated.Token())
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
	if _, err := ParseToken("s3-" + token[3:]); err == nil || !strings.Contains(err.Error(), "s3") {
		t.Errorf("a token of a later form: %v", err)
	}
	if _, err := ParseToken("  " + token + "\n"); err != nil {
		t.Errorf("blanks around a token: %v", err)
	}
}

// Fails if a token with a right checksum and a wrong content makes a run, or a panic.
func TestTokenOfNonsense(t *testing.T) {
	body := typical().Token()
	whole, err := tokenLetters.DecodeString(strings.TrimPrefix(body, tokenPrefix))
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{"", "\x08", "\x01", "\x01\x00\x00\x00\x00\x00\x00\x00\x00", "\x02\x00\x00\x00\x00", "\x04\x00\x01ab", "\x04\x01\x00", "\x04\x01\x05ab", "\x00"} {
		data := []byte(head)
		if len(head) == 9 || len(head) == 5 {
			data = append(data, whole[9:len(whole)-4]...) // a head of its own before a good body
		}
		token := tokenPrefix + tokenLetters.EncodeToString(binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data)))
		if got, err := ParseToken(token); err == nil {
			t.Errorf("a token with the head %q became %+v", head, got)
		}
	}
	odd := append([]byte{0x80 | whole[0]}, whole[1:len(whole)-4]...) // says that it has something that this program does not know
	token := tokenPrefix + tokenLetters.EncodeToString(binary.BigEndian.AppendUint32(odd, crc32.ChecksumIEEE(odd)))
	if got, err := ParseToken(token); err != errHead {
		t.Errorf("a head of a later form became %+v, %v", got, err)
	}
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
	f.Add(golden1)
	f.Add(golden2)
	f.Add("s1-")
	f.Add("s1-AAAAAAAA")
	f.Add("s2-AAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseToken(s)
		if err != nil {
			return
		}
		b, err := ParseToken(a.Token())
		if err != nil || a.String() != b.String() {
			t.Fatalf("%s\nbecame %s, %v", a, b, err)
		}
	})
}
