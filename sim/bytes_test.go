package sim_test

import (
	"reflect"
	"testing"

	"simrun/sim"
	"simrun/sim/disk"
)

// Fails if those who watch are not shown what was written: at once where the node is free, and as it was when it was
// issued where the operation waits for a sync and the node has used its bytes again meanwhile.
func TestWatchersSeeBytes(t *testing.T) {
	writer := plays("a", func(env sim.Env) {
		b := []byte("first")
		env.Disk().Append("log", b)
		env.Disk().Sync("log")
		copy(b, "again")
		env.Disk().Append("log", b)
		copy(b, "third")
		env.Disk().WriteAt("log", b[:2], 0)
		copy(b, "wrong")
		env.Disk().Truncate("log", 3)
	}, nil)
	var got []string
	w := world(t, stage(writer), sim.Config{Plan: plan(t, "")})
	for e := range w.Events(0) {
		if op, ok := e.Data.(*disk.Op); ok {
			got = append(got, op.Kind.String()+" "+string(op.Bytes))
		}
	}
	if want := []string{"append first", "sync ", "append again", "write th", "truncate "}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
