package e3pc

import (
	"math/rand/v2"
	"testing"
)

// anySites draws how some of n sites stand, as a run of the protocol could leave them: attempts go up, each in
// one state.
func anySites(r *rand.Rand, n int) []Standing {
	of := []State{preCommitted} // the state that each election asks for; the first is the coordinator's
	for range 4 {
		of = append(of, preCommitted+State(r.IntN(2)))
	}
	all := make([]Standing, n)
	for i := range all {
		all[i] = Standing{Tx: 1, Election: Election{9, 1}, State: wait}
		if k := r.IntN(2 * len(of)); k < len(of) {
			all[i].State, all[i].Attempt = of[k], Election{Round: uint32(k + 1), Leader: uint32(k)}
		}
	}
	return all
}

// byHand is the decision rule of the paper, word for word and as slow as it reads: IsMaxAttemptCommittable is
// whether all members whose Last_Attempt is MaxAttempt are in pre-commit.
func byHand(all []Standing, need int) State {
	if len(all) < need {
		return initial
	}
	var most Election
	for _, s := range all {
		if most.Less(s.Attempt) {
			most = s.Attempt
		}
	}
	for _, s := range all {
		if s.Attempt == most && s.State != preCommitted {
			return preAborted
		}
	}
	return preCommitted
}

// skeenByHand is the older rule: a side needs one who is on it, for commit, and a quorum of those who are not
// on the other.
func skeenByHand(all []Standing, need int) State {
	pc, notPA, notPC := 0, 0, 0
	for _, s := range all {
		if s.State == preCommitted {
			pc++
		} else {
			notPC++
		}
		if s.State != preAborted {
			notPA++
		}
	}
	own := all[0].State
	switch {
	case pc > 0 && notPA >= need && own != preAborted:
		return preCommitted
	case notPC >= need && own != preCommitted:
		return preAborted
	}
	return initial
}

// The rules as folds against the rules as written: fails if the order of answers matters, an old attempt
// outweighs a later one, or a quorum is one off. It also counts what the newer rule is for: a quorum that the
// older one leaves waiting whoever of them leads, and this one never.
func TestRulesAsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	blocked, fired := 0, map[State]int{}
	for range 20000 {
		n := 1 + r.IntN(7)
		need := Majority(n)
		all := anySites(r, n)
		newer, older := Recover(Election{9, 1}, all[0].State, need, e3pc), Recover(Election{9, 1}, all[0].State, need, skeen)
		for k := range all {
			if !newer.Attempting() {
				newer.Standing(k, all[k])
				if want := byHand(all[:k+1], need); newer.State != want {
					t.Fatalf("%v of %d: %v, want %v", all[:k+1], n, newer.State, want)
				}
				fired[newer.State]++
			}
			if !older.Attempting() {
				older.Standing(k, all[k])
				if want := skeenByHand(all[:k+1], need); older.State != want {
					t.Fatalf("by Skeen's rule %v of %d: %v, want %v", all[:k+1], n, older.State, want)
				}
			}
		}
		if !newer.Attempting() {
			t.Fatalf("%v: all %d sites are heard, and nothing follows", all, n)
		}
		if some := all[:need]; stuck(some, need) {
			blocked++
		}
	}
	if blocked < 100 || fired[preCommitted] < 100 || fired[preAborted] < 100 || fired[initial] < 100 {
		t.Errorf("the draw is too tame: %d quorums blocked by the older rule, the newer said %v", blocked, fired)
	}
	t.Logf("the older rule blocks %d of 20000 least quorums", blocked)
}

// stuck reports whether Skeen's rule lets none of these sites go on.
func stuck(some []Standing, need int) bool {
	for i := range some {
		some[0], some[i] = some[i], some[0]
		free := skeenByHand(some, need) != initial
		some[0], some[i] = some[i], some[0]
		if free {
			return false
		}
	}
	return true
}

// Fails if a site is counted twice, or for another election, or anything is counted too early or after the end.
func TestRecoveryCounts(t *testing.T) {
	e := Election{2, 1}
	r := Recover(e, wait, 2, e3pc)
	for _, x := range []struct {
		what string
		got  bool
		want bool
	}{
		{"own standing", r.Standing(0, Standing{Election: e, State: wait}), false},
		{"the same", r.Standing(0, Standing{Election: e, State: wait}), false},
		{"of another election", r.Standing(1, Standing{Election: first, State: wait}), false},
		{"an acknowledgement before anything was asked", r.Moved(1, PreAck{Election: e}), false},
		{"a quorum", r.Standing(1, Standing{Election: e, State: wait}), true},
		{"one more", r.Standing(2, Standing{Election: e, State: preCommitted, Attempt: first}), false},
		{"own move", r.Moved(0, PreAck{Election: e}), false},
		{"the same", r.Moved(0, PreAck{Election: e}), false},
		{"of another election", r.Moved(1, PreAck{Election: first}), false},
		{"still open", r.Open() && r.Attempting(), true},
		{"a quorum", r.Moved(2, PreAck{Election: e}), true},
		{"one more", r.Moved(1, PreAck{Election: e}), false},
		{"over", r.Open(), false},
	} {
		if x.got != x.want {
			t.Errorf("%s: %v", x.what, x.got)
		}
	}
	if r.State != preAborted {
		t.Errorf("%v: nobody of the quorum had pre-committed", r.State)
	}
}

// Fails if a site that answers twice counts twice in its state: by the older rule that makes a quorum out of one.
func TestStatesCount(t *testing.T) {
	e := Election{2, 1}
	r := Recover(e, wait, 3, skeen)
	for _, x := range []struct {
		i    int
		in   State
		want State
	}{{0, wait, initial}, {1, preAborted, initial}, {1, preAborted, initial}, {1, preAborted, initial}, {1, preAborted, initial}, {2, preCommitted, initial}, {3, wait, preCommitted}} {
		if r.Standing(x.i, Standing{Election: e, State: x.in}); r.State != x.want {
			t.Errorf("site %d in %v: %v, want %v", x.i, x.in, r.State, x.want)
		}
	}
}

// Fails if elections of different leaders are equal, or the order is not by round first; or if two majorities
// need not meet.
func TestElections(t *testing.T) {
	order := []Election{{}, first, {1, 2}, {2, 1}, {2, 3}, {3, 1}}
	for i, e := range order {
		for k, f := range order {
			if e.Less(f) != (i < k) {
				t.Errorf("%v before %v: %v", e, f, e.Less(f))
			}
		}
	}
	for n := 1; n <= MaxSites; n++ {
		if m := Majority(n); 2*m <= n || 2*(m-1) > n {
			t.Errorf("a majority of %d is %d", n, m)
		}
	}
}
