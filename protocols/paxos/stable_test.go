package paxos

import "testing"

// Whatever reads as a record writes as one that reads the same: else an acceptor would remember
// something else than it promised. Garbage is an error or some record, never a panic.
func FuzzRecord(f *testing.F) {
	f.Add(appendRecord(nil, 3, &vote{promised: b21, accepted: b12, value: "B"}))
	f.Add(appendRecord(nil, 0, &vote{promised: Ballot{1, 1, 3}}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, p []byte) {
		r, err := parseRecord(p)
		if err != nil {
			return
		}
		again, err := parseRecord(appendRecord(nil, r.slot, &vote{promised: r.promised, accepted: r.accepted, value: Value(r.value)}))
		if err != nil || again.slot != r.slot || again.promised != r.promised || again.accepted != r.accepted || string(again.value) != string(r.value) {
			t.Errorf("%+v is read again as %+v, %v", r, again, err)
		}
	})
}
