package disk

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// An OpKind is a method of [FS].
type OpKind uint8

// The operations. ReadOp, ListOp and SizeOp only look; the others are numbered by a [Disk].
const (
	ReadOp OpKind = iota
	WriteOp
	AppendOp
	TruncateOp
	SyncOp
	RenameOp
	RemoveOp
	SyncDirOp
	ListOp
	SizeOp
	opKinds
)

var opNames = [opKinds]string{"read", "write", "append", "truncate", "sync", "rename", "remove", "syncdir", "list", "size"}

// String returns a short name: "append" for AppendOp.
func (k OpKind) String() string {
	if k >= opKinds {
		return "op(" + strconv.Itoa(int(k)) + ")"
	}
	return opNames[k]
}

// ParseOpKind is the inverse of String. An error names the operations.
func ParseOpKind(s string) (OpKind, error) {
	for i, name := range opNames {
		if s == name {
			return OpKind(i), nil
		}
	}
	return 0, fmt.Errorf("%q is no operation of a disk, which are %s", s, strings.Join(opNames[:], ", "))
}

// Mutates reports whether the operation changes the disk or what is durable on it.
func (k OpKind) Mutates() bool { return k != ReadOp && k != ListOp && k != SizeOp }

// An Op is one operation on an [FS], for those who watch or decide its fate.
type Op struct {
	Kind OpKind
	Name string // the file; "" for the directory
	To   string // of a rename: the new name
	Off  int64  // of a read or write: where; of a truncate: the size
	Len  int    // of a read, write or append: how many bytes
	Err  error  // why it failed, or nil

	// Bytes are those of a write or append that is shown to those who watch a run; they must neither be kept nor
	// changed. Else nil: they are no part of what the operation is hashed or printed as.
	Bytes []byte
}

// String tells the operation to people: "append log 64 bytes", "write log 64 bytes at 512", "sync log: disk full".
func (o Op) String() string {
	b := append(make([]byte, 0, 64), o.Kind.String()...)
	if o.Name != "" {
		b = append(append(b, ' '), o.Name...)
	}
	switch o.Kind {
	case RenameOp:
		b = append(append(b, " to "...), o.To...)
	case TruncateOp:
		b = strconv.AppendInt(append(b, " to "...), o.Off, 10)
		b = append(b, " bytes"...)
	case ReadOp, WriteOp, AppendOp:
		b = strconv.AppendInt(append(b, ' '), int64(o.Len), 10)
		b = append(b, " bytes"...)
		if o.Kind != AppendOp {
			b = strconv.AppendInt(append(b, " at "...), o.Off, 10)
		}
	}
	if o.Err != nil {
		err := o.Err
		if p, ok := err.(*fs.PathError); ok { // which says again what is there already
			err = p.Err
		}
		b = append(append(b, ": "...), err.Error()...)
	}
	return string(b)
}

// AppendHash appends a canonical encoding of the operation, with the text of its error. The event hash of a world is
// made of such encodings.
func (o Op) AppendHash(b []byte) []byte {
	b = append(b, byte(o.Kind))
	b = appendString(b, o.Name)
	b = appendString(b, o.To)
	b = binary.AppendVarint(b, o.Off)
	b = binary.AppendVarint(b, int64(o.Len))
	if o.Err == nil {
		return append(b, 0)
	}
	return appendString(append(b, 1), o.Err.Error())
}

// appendString appends a string with its length before it, so that no two lists of strings look alike.
func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
