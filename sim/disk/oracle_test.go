package disk

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
)

// The oracle: it remembers every operation since the last crash and works out from scratch, each time it is asked, what
// must be seen and what must be durable. It knows inodes, where Disk knows marks, images and arenas.
type oracle struct {
	base     []inode // what the last crash left, in order of creation
	ops      []oracleOp
	issued   uint64 // operations before the first of ops
	begun    uint64 // happened, or more
	happened uint64
}

type inode struct {
	name, born string // now, and when it was created
	content    []byte
	id         int // its place in the order of creation in this life
}

type oracleOp struct {
	Op
	data []byte
}

// touched says which inode an operation concerns, by its place in the order of creation, and whether it created it.
type touched struct {
	inode   int
	created bool
}

// play applies the operations, of each write the sectors and of each name the changes that are kept, and returns the
// files in order of creation.
func (o *oracle) play(keepData func(op, sector int) bool, keepName func(op int) bool) []inode {
	seen, names := map[string]int{}, map[string]int{} // the first as the node sees it
	content, born := map[int][]byte{}, map[int]string{}
	for id, f := range o.base {
		seen[f.name], names[f.name], content[id], born[id] = id, id, bytes.Clone(f.content), f.born
	}
	next := len(o.base)
	for i, op := range o.ops {
		id, ok := seen[op.Name]
		if !ok && (op.Kind == WriteOp || op.Kind == AppendOp) {
			id = next
			next++
			seen[op.Name], born[id] = id, op.Name
			if keepName(i) {
				names[op.Name] = id
			}
		}
		switch op.Kind {
		case WriteOp, AppendOp:
			for k, s := range sectors(op) {
				if keepData(i, k) {
					content[id] = patch(content[id], s[0], op.data[s[0]-int(op.Off):s[1]-int(op.Off)])
				}
			}
		case TruncateOp:
			if keepData(i, 0) {
				c := append(bytes.Clone(content[id]), make([]byte, op.Off)...)
				content[id] = c[:op.Off]
			}
		case RenameOp:
			if op.Name == op.To {
				break
			}
			delete(seen, op.Name)
			seen[op.To] = id
			if keepName(i) {
				delete(names, op.Name)
				names[op.To] = id
			}
		case RemoveOp:
			delete(seen, op.Name)
			if keepName(i) {
				delete(names, op.Name)
			}
		}
	}
	var files []inode
	for id := range next {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if names[name] == id {
				files = append(files, inode{name, born[id], content[id], id})
			}
		}
	}
	return files
}

func patch(b []byte, off int, p []byte) []byte {
	if short := off + len(p) - len(b); short > 0 {
		b = append(b, make([]byte, short)...)
	}
	copy(b[off:], p)
	return b
}

// sectors returns the parts [from, to) of a write, which lie in different sectors of the file.
func sectors(op oracleOp) (parts [][2]int) {
	for lo, end := int(op.Off), int(op.Off)+op.Len; lo < end; {
		hi := min((lo/512+1)*512, end)
		parts = append(parts, [2]int{lo, hi})
		lo = hi
	}
	return parts
}

func (o *oracle) visible() []inode {
	return o.play(func(int, int) bool { return true }, func(int) bool { return true })
}

// resolve says which inode each operation concerns.
func (o *oracle) resolve() []touched {
	seen := map[string]int{}
	for id, f := range o.base {
		seen[f.name] = id
	}
	next := len(o.base)
	out := make([]touched, len(o.ops))
	for i, op := range o.ops {
		id, ok := seen[op.Name]
		if !ok && (op.Kind == WriteOp || op.Kind == AppendOp) {
			id = next
			next++
			seen[op.Name] = id
			out[i].created = true
		}
		out[i].inode = id
		switch op.Kind {
		case RenameOp:
			delete(seen, op.Name)
			seen[op.To] = id
		case RemoveOp:
			delete(seen, op.Name)
		}
	}
	return out
}

// synced reports for each operation whether its data, and whether its change of names, is durable.
func (o *oracle) synced() (data, name []bool) {
	where := o.resolve()
	data, name = make([]bool, len(o.ops)), make([]bool, len(o.ops))
	for i, op := range o.ops {
		if o.issued+uint64(i)+1 > o.happened {
			break
		}
		for j := range i {
			data[j] = data[j] || op.Kind == SyncOp && where[i].inode == where[j].inode
			name[j] = name[j] || op.Kind == SyncDirOp
		}
	}
	return data, name
}

func (o *oracle) durable() []inode {
	data, name := o.synced()
	return o.play(func(i, _ int) bool { return data[i] }, func(i int) bool { return name[i] })
}

// A unit is what a crash keeps or loses as a whole.
type unit struct{ op, sector int }

// crash works out what must be left, given the outcomes of the picks by stream, each in order of their numbers. It says
// how many picks each stream must have had, and what was lost.
func (o *oracle) crash(mode Mode, picks map[string][]uint64) (left []inode, want map[string]int, loss Loss) {
	limit := o.happened
	if mode == Mix {
		limit = max(limit, o.begun)
	}
	where, asked := o.resolve(), map[string]int{}
	data, name := o.synced()
	lost := func(stream string) bool {
		k := asked[stream]
		asked[stream]++
		return mode == Lose || mode == Mix && k < len(picks[stream]) && picks[stream][k] == 1
	}
	dataLost, nameLost := map[unit]bool{}, map[int]bool{}
	born := o.born(where)
	reachable := o.reachable(where, name)
	for i := range o.ops { // operations that nobody decides about
		if o.issued+uint64(i)+1 > limit {
			data[i], name[i] = false, false
		}
	}
	for _, i := range o.byInode(where) {
		op := o.ops[i]
		if !reachable[where[i].inode] {
			continue
		}
		late := o.issued+uint64(i)+1 > limit
		for k, s := range units(op) {
			dataLost[unit{i, k}] = late || !data[i] && lost("unsynced n "+born[where[i].inode])
			if !late && dataLost[unit{i, k}] {
				loss.Bytes += s
			}
		}
		if !late {
			loss.count(op, dataLost, i)
		}
	}
	for i, op := range o.ops {
		late := o.issued+uint64(i)+1 > limit
		renames := op.Kind == RenameOp && op.Name != op.To
		if where[i].created || renames || op.Kind == RemoveOp {
			nameLost[i] = late || !name[i] && lost("unsynced-name n "+op.Name)
			if nameLost[i] && !late {
				loss.Names++
			}
		}
	}
	left = o.play(func(i, k int) bool { return !dataLost[unit{i, k}] }, func(i int) bool { return !nameLost[i] })
	return left, asked, loss
}

// reachable says which inodes have a name, for the node, on the durable disk, or in a change that is not durable.
// Nothing can be lost of the others: they were removed for good.
func (o *oracle) reachable(where []touched, nameDurable []bool) map[int]bool {
	ids := map[int]bool{}
	for _, f := range append(o.visible(), o.durable()...) {
		ids[f.id] = true
	}
	for i, op := range o.ops {
		if !nameDurable[i] && (where[i].created || op.Kind == RenameOp && op.Name != op.To || op.Kind == RemoveOp) {
			ids[where[i].inode] = true
		}
	}
	return ids
}

func (l *Loss) count(op oracleOp, lost map[unit]bool, i int) {
	n := 0
	for k := range units(op) {
		if lost[unit{i, k}] {
			n++
		}
	}
	switch {
	case n == 0:
	case n == len(units(op)):
		l.Writes++
	default:
		l.Torn++
	}
}

// units returns the bytes of each unit of data of an operation.
func units(op oracleOp) (sizes []int) {
	switch op.Kind {
	case WriteOp, AppendOp:
		for _, s := range sectors(op) {
			sizes = append(sizes, s[1]-s[0])
		}
	case TruncateOp:
		sizes = append(sizes, 0)
	}
	return sizes
}

// byInode lists the operations file by file, in order of creation.
func (o *oracle) byInode(where []touched) []int {
	order := make([]int, len(o.ops))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(where[a].inode, where[b].inode) })
	return order
}

// born returns the name under which each inode was created.
func (o *oracle) born(where []touched) map[int]string {
	names := map[int]string{}
	for id, f := range o.base {
		names[id] = f.born
	}
	for i, t := range where {
		if t.created {
			names[t.inode] = o.ops[i].Name
		}
	}
	return names
}
