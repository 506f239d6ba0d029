package paxoskv

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
)

// A command is what stands in a slot: an operation, and who asked for it. As a value of Paxos it is
// text, "c1/1#12 put x a12": the 12th operation of client c1, in the session that began with its first.
type command struct {
	client  sim.NodeID
	session uint32 // the number of its first operation
	n       uint32 // of the operation, from 1
	op      checkers.KVInput
}

// id names the command's operation.
func (c *command) id() checkers.OpID { return checkers.OpID{Client: c.client, N: uint64(c.n)} }

// append appends the command as text.
func (c *command) append(b []byte) []byte {
	b = append(b, c.client...)
	b = strconv.AppendUint(append(b, '/'), uint64(c.session), 10)
	b = strconv.AppendUint(append(b, '#'), uint64(c.n), 10)
	b = append(append(b, ' '), c.op.Op.String()...)
	b = append(append(b, ' '), c.op.Key...)
	if c.op.Op == checkers.CAS {
		b = append(append(b, ' '), quoted(c.op.Expect)...)
	}
	if c.op.Op != checkers.Get {
		b = append(append(b, ' '), c.op.Value...)
	}
	return b
}

// nothing stands for the empty text, which a key holds that was never written.
const nothing = `""`

func quoted(s string) string {
	if s == "" {
		return nothing
	}
	return s
}

// parseCommand reads a command from its text. Its strings share memory with v.
func parseCommand(v paxos.Value) (c command, err error) {
	name, op, _ := strings.Cut(string(v), " ")
	client, number, _ := strings.Cut(name, "/")
	session, n, _ := strings.Cut(number, "#")
	c.client = sim.NodeID(client)
	if c.session, err = atoi(session); err == nil {
		c.n, err = atoi(n)
	}
	if err == nil {
		c.op, err = parseOp(op)
	}
	if err != nil {
		return command{}, fmt.Errorf("paxoskv: %q is no command: %w", v, err)
	}
	return c, nil
}

func atoi(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err
}

// parseOp reads "put x 1", "append x 1", "cas x 1 2" or "get x".
func parseOp(s string) (in checkers.KVInput, err error) {
	verb, rest, _ := strings.Cut(s, " ")
	key, rest, more := strings.Cut(rest, " ")
	in.Key = key
	switch verb {
	case "get":
		in.Op = checkers.Get
	case "put":
		in.Op = checkers.Put
	case "append":
		in.Op = checkers.Append
	case "cas":
		in.Op = checkers.CAS
		in.Expect, rest, more = strings.Cut(rest, " ")
		if in.Expect == nothing {
			in.Expect = ""
		}
	default:
		return in, fmt.Errorf("unknown operation %q: want get, put, cas or append", verb)
	}
	in.Value = rest
	if key == "" || more != (in.Op != checkers.Get) || strings.Contains(rest, " ") || more && rest == "" {
		return in, fmt.Errorf("operation %q is not of the form get KEY, put KEY VALUE, append KEY VALUE or cas KEY OLD NEW", s)
	}
	return in, nil
}

// maxClients is how many clients there can be.
const maxClients = 9

// parseOperations reads the clients' operations from text such as "c1: put x 1; get x; c2: cas x 1 2",
// up to those of the last client that is named. An operation without a client is of the same client as
// the one before. The empty text has none.
func parseOperations(text string) (all [][]checkers.KVInput, err error) {
	if text == "" {
		return nil, nil
	}
	who := 0
	for part := range strings.SplitSeq(text, ";") {
		name, op, named := strings.Cut(part, ":")
		if !named {
			op = part
		} else if who, err = parseClient(strings.TrimSpace(name)); err != nil {
			return nil, err
		}
		in, err := parseOp(strings.Join(strings.Fields(op), " "))
		if err != nil {
			return nil, err
		}
		for who >= len(all) {
			all = append(all, nil)
		}
		all[who] = append(all[who], in)
	}
	return all, nil
}

// parseClient reads the name of a client and returns its place among the clients.
func parseClient(name string) (int, error) {
	digits, ok := strings.CutPrefix(name, "c")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > maxClients {
		return 0, fmt.Errorf("there is no client %q: want c1 to c%d", name, maxClients)
	}
	return n - 1, nil
}
