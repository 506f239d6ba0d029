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

// A token is tokenPrefix and, in URL-safe base64: the head, which holds the numbers that do not get shorter by deflating;
// the other lines of the seed file, deflated with the dictionary below, without flateEnd; and four bytes of checksum over
// both. The number in the prefix changes with any of these.
//
// Tokens of the first form, s1-, had no head: all lines were deflated. They are still read.
const (
	tokenPrefix = "s2-"
	firstPrefix = "s1-"
)

// dictionary holds what seed files have in common, the most frequent last, so that tokens are short. A
// changed dictionary makes all tokens unreadable: change tokenPrefix with it.
const dictionary = "plan     none\nplan     always beyond budget down copies zones region zone uncertainty ms broken reset smear strobe by every " +
	"wipe swap start omit send receive betray equivocate alter loop rot latent phantom misdirect outdated fail sync read write append 1%\n" +
	"plan     always capacity throttle stall queue rate stale corrupt garble flap break partition isolate halves majority bridge ring partial rest\n" +
	"plan     always law lingering exponential long-tail constant in-order uniform newest-first 2ms 300ms 25%\n" +
	"plan     always unsynced lose keep mix\nplan     always ties shuffled\nplan     after Chosen#1 +1ms crash @\n after effect for good\n" +
	"plan     always loss repeat drift offset sync slow pause resume step freeze thaw cut heal one-way | delay lose restart crash ms 0ms " +
	"set      nodes=5 clients=3 ops= accounts=4 transfers=10 presume=abort commit snapshots=3 rounds=10 =true =false acceptors=3 proposers=2 durable=false\n" +
	"for      30s\nfaults   none partition crash async calm clock disk byzantine zone beyond swarm\n" +
	"scenario independent\nscenario koo-toueg\nscenario lai-yang\nscenario chandy-lamport\nscenario 3pc-quorum\nscenario 3pc\nscenario bank\nscenario 2pc\n" +
	"scenario paxos-kv\nscenario paxos\nseed     0x1\nsimver   1\n"

// firstDictionary is that of tokens of the first form.
const firstDictionary = "plan     none\nplan     always unsynced lose\nplan     always ties shuffled\nplan     always law newest-first 2ms 300ms 25%\n" +
	" after effect \nplan     always loss repeat drift offset sync slow pause resume step freeze thaw cut heal one-way | delay lose restart crash ms " +
	"=true =false acceptors=3 proposers=2 durable=false\nfor      30s\nfaults   none partition crash async swarm\nset      " +
	"scenario paxos-kv\nscenario paxos\nseed     0x1\nsimver   1\nhash     "

// maxBody bounds what a token may unfold to, so that a few letters cannot fill the memory.
const maxBody = 16 << 20

// flateEnd is what deflated text ends with, when Go wrote it. What follows the end is not looked at, so it is always added.
const flateEnd = "\x00\x00\xff\xff"

// What the head of a token holds.
const (
	hasHash = 1 << iota
	hasBuild
	hasMarks
)

var (
	errNoToken   = errors.New("this is not a token: a token starts with " + tokenPrefix)
	errMistyped  = errors.New("the token is cut off or mistyped: its checksum does not match; copy it whole")
	errHead      = errors.New("the token has a right checksum and a head that makes no sense")
	tokenLetters = base64.RawURLEncoding.Strict()
)

// Token is the run as one word without any character that a shell would touch. It ends in a checksum and
// carries all of f except Comment, Expect, Made, Trail and, if there is a seed, Tape. The text of a token may differ between versions of Go;
// each reads the other's.
func (f File) Token() string {
	data := f.appendHead(nil)
	f.Made, f.Expect, f.Hash, f.Build, f.Marks, f.Trail = 0, "", 0, 0, Marks{}, nil
	if !f.Seedless {
		f.Tape = nil
	}
	var text strings.Builder
	f.print(&text)
	b := bytes.NewBuffer(data)
	w, err := flate.NewWriterDict(b, flate.BestCompression, []byte(dictionary))
	if err != nil {
		panic("seedfile: " + err.Error()) // the level is a valid one
	}
	io.WriteString(w, text.String()) // a bytes.Buffer takes everything
	w.Close()
	data = bytes.TrimSuffix(b.Bytes(), []byte(flateEnd))
	return tokenPrefix + tokenLetters.EncodeToString(binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data)))
}

// appendHead appends what of f is numbers.
func (f *File) appendHead(b []byte) []byte {
	b = append(b, 0)
	if f.Hash != 0 {
		b[0] |= hasHash
		b = binary.BigEndian.AppendUint64(b, f.Hash)
	}
	if f.Build != 0 {
		b[0] |= hasBuild
		b = binary.BigEndian.AppendUint32(b, f.Build)
	}
	if n := len(f.Marks.Hash); n > 0 {
		b[0] |= hasMarks
		b = append(binary.AppendUvarint(b, f.Marks.Every), byte(n))
		for _, h := range f.Marks.Hash {
			b = binary.BigEndian.AppendUint16(b, h)
		}
	}
	return b
}

// readHead reads what appendHead wrote, and returns what follows it. A head that is too short is read as if zeros
// followed it, and found out by that.
func (f *File) readHead(data []byte) (rest []byte, err error) {
	if len(data) == 0 || data[0] >= hasMarks<<1 {
		return nil, errHead
	}
	has := data[0]
	r := bytes.NewReader(data[1:])
	number := func(to any, bit byte) {
		if has&bit != 0 && err == nil {
			err = binary.Read(r, binary.BigEndian, to)
		}
	}
	number(&f.Hash, hasHash)
	number(&f.Build, hasBuild)
	if has&hasMarks != 0 && err == nil {
		var n byte
		if f.Marks.Every, err = binary.ReadUvarint(r); err == nil {
			n, err = r.ReadByte()
		}
		f.Marks.Hash = make([]uint16, n)
		number(f.Marks.Hash, hasMarks)
	}
	none := has&hasHash != 0 && f.Hash == 0 || has&hasBuild != 0 && f.Build == 0 || has&hasMarks != 0 && (f.Marks.Every == 0 || f.Marks.Every>>63 != 0 || len(f.Marks.Hash) == 0)
	if err != nil || none {
		return nil, errHead
	}
	return data[len(data)-r.Len():], nil
}

// ParseToken reads a token. The errors tell a word that is no token from a token that is not whole.
func ParseToken(s string) (File, error) {
	s = strings.TrimSpace(s)
	letters, ok := strings.CutPrefix(s, tokenPrefix)
	first := false
	if !ok {
		letters, first = strings.CutPrefix(s, firstPrefix)
	}
	if !ok && !first {
		if version, _, ok := strings.Cut(s, "-"); ok && len(version) == 2 && version[0] == 's' && version[1] > '2' && version[1] <= '9' {
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
	if first {
		return unfold(data, firstDictionary)
	}
	var head File
	if data, err = head.readHead(data); err != nil {
		return File{}, err
	}
	f, err := unfold(append(data[:len(data):len(data)], flateEnd...), dictionary)
	if err != nil {
		return File{}, err
	}
	f.Hash, f.Build, f.Marks = head.Hash, head.Build, head.Marks
	return f, nil
}

// unfold reads the lines that a token holds.
func unfold(data []byte, dictionary string) (File, error) {
	body, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(bytes.NewReader(data), []byte(dictionary)), maxBody))
	if err != nil {
		return File{}, fmt.Errorf("the token does not unfold: %w", err)
	}
	f, err := parseBody(string(body), 0)
	if err != nil {
		return File{}, fmt.Errorf("what the token holds: %w", err)
	}
	f.Comment, f.Made, f.Expect, f.Trail = "", 0, "", nil
	if !f.Seedless {
		f.Tape = nil
	}
	return f, nil
}
