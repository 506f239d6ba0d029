package checkers

import (
	"testing"

	"simrun/sim"
)

// again asks each judge once.
func again(l *linearizable) (results map[string]sim.Result, errs map[string]error) {
	results, errs = map[string]sim.Result{}, map[string]error{}
	l.Rejudge(func(way string, judge func() (sim.Result, error)) {
		results[way], errs[way] = judge()
		if r, err := judge(); r != results[way] || (err == nil) != (errs[way] == nil) {
			panic(way + " says something else the second time")
		}
	})
	return results, errs
}

// Both ways say of a right history that it holds, and of one in which an answer was changed what the other says: often that it is wrong. Fails if one of them is blind, goes along the
// history in another order, or forgets operations of unknown outcome.
func TestRejudge(t *testing.T) {
	wrong, right := 0, 0
	for _, unknown := range []uint64{0, 5} {
		l := crowd(400, unknown, func(*linearizable) {}).p.(*linearizable)
		if results, errs := again(l); len(results) != 2 || errs["growing"] != nil || errs["porcupine"] != nil || results["growing"] != sim.Holds || results["porcupine"] != sim.Holds {
			t.Fatalf("a right history: %v %v", results, errs)
		}
		for i := range l.record.ops {
			op := &l.record.ops[i]
			was, ok := op.output.(KVOutput)
			if !ok || i%31 != 0 {
				continue
			}
			op.output = KVOutput{Value: was.Value + "!", OK: !was.OK}
			_, errs := again(l)
			if (errs["growing"] == nil) != (errs["porcupine"] == nil) {
				t.Fatalf("%v with %v: %v", op.id, op.output, errs)
			}
			if errs["growing"] != nil {
				wrong++
			} else {
				right++
			}
			op.output = was
		}
	}
	if wrong < 5 {
		t.Errorf("%d wrong histories, and %d that are still right", wrong, right)
	}
}

// Fails if a judge whose budget is too small gives an answer.
func TestRejudgeWithinABudget(t *testing.T) {
	l := crowd(200, 5, func(*linearizable) {}).p.(*linearizable)
	l.Steps = 1
	if results, errs := again(l); results["growing"] != sim.Unknown || results["porcupine"] != sim.Unknown || errs["growing"] != nil || errs["porcupine"] != nil {
		t.Errorf("%v %v", results, errs)
	}
}
