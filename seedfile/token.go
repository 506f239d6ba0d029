package seedfile

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A token is tokenPrefix and, in URL-safe base64: the body of the seed file, deflated with the
// dictionary below, and four bytes of checksum over those. The number in the prefix changes with any of these.
const tokenPrefix = "s1-"

// dictionary holds what seed files have in common, the most frequent last, so that tokens are short. A
// changed dictionary makes all tokens unreadable: change tokenPrefix with it.
const dictionary = "plan     none\nplan     always unsynced lose\nplan     always ties shuffled\nplan     always law newest-first 2ms 300ms 25%\n" +
	" after effect \nplan     always loss repeat drift offset sync slow pause resume step freeze thaw cut heal one-way | delay lose restart crash ms " +
	"=true =false acceptors=3 proposers=2 durable=false\nfor      30s\nfaults   none partition crash async swarm\nset      " +
	"scenario paxos-kv\nscenario paxos\nseed     0x1\nsimver   1\nhash     "

// maxBody bounds what a token may unfold to, so that a few letters cannot fill the memory.
const maxBody = 16 << 20

var (
	errNoToken   = errors.New("this is not a token: a token starts with " + tokenPrefix)
	errMistyped  = errors.New("the token is cut off or mistyped: its checksum does not match; copy it whole")
	tokenLetters = base64.RawURLEncoding.Strict()
)

// Token is the run as one word without any character that a shell would touch. It ends in a checksum and
// carries all of f except Comment and Expect. The text of a token may differ between versions of Go;
// each reads the other's.
func (f File) Token() string {
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, flate.BestCompression, []byte(dictionary))
	if err != nil {
		panic("seedfile: " + err.Error()) // the level is a valid one
	}
	io.WriteString(w, f.body(false)) // a bytes.Buffer takes everything
	w.Close()
	return tokenPrefix + tokenLetters.EncodeToString(binary.BigEndian.AppendUint32(b.Bytes(), crc32.ChecksumIEEE(b.Bytes())))
}

// ParseToken reads a token. The errors tell a word that is no token from a token that is not whole.
func ParseToken(s string) (File, error) {
	s = strings.TrimSpace(s)
	letters, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok {
		if version, _, ok := strings.Cut(s, "-"); ok && len(version) == 2 && version[0] == 's' && version[1] > '1' && version[1] <= '9' {
			return File{}, fmt.Errorf("the token's form %s is not known here: this program reads %s", version, tokenPrefix)
		}
		return File{}, errNoToken
	}
	data, err := tokenLetters.DecodeString(letters)
	if err != nil || len(data) < 4 {
		return File{}, errMistyped
	}
	data, sum := data[:len(data)-4], data[len(data)-4:]
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(data) {
		return File{}, errMistyped
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(bytes.NewReader(data), []byte(dictionary)), maxBody))
	if err != nil {
		return File{}, fmt.Errorf("the token does not unfold: %w", err)
	}
	f, err := parseBody(string(body), 0)
	if err != nil {
		return File{}, fmt.Errorf("what the token holds: %w", err)
	}
	return f, nil
}
