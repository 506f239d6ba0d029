package paxos
import ("testing";"time";"simrun/sim";"simrun/sim/chance";"simrun/sim/fault")
func TestDbg(t *testing.T) {
	s := Scenario()
	o, _ := s.ParseOptions([]string{"acceptors=3", "proposers=2", "learners=0", "ballots=1", "stagger=1s", "quorum=0"})
	plan, err := fault.Parse("always law constant 1ms\nalways loss 50%\nalways ties ordered\n")
	if err != nil { t.Fatal(err) }
	rec := &chance.Recorder{Base: one{}}
	w, _ := s.World(sim.Config{Driver: rec, Options: o, Plan: &plan, Only: "agreement", For: 2 * time.Second})
	v := w.Run(0)
	t.Log(v.Events, v.Outcome)
	for _, d := range rec.Tape { t.Log(d) }
	rec = &chance.Recorder{Base: one{}}
	w, _ = s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Only: "agreement", For: 2 * time.Second})
	for e := range w.Events(0) { t.Log(e.At, e.Kind, e.Node, e.Peer, e.Data) }
}
type one struct{}
func (one) Draw(s *chance.Stream, n uint64, d chance.Dist) uint64 { return 1 }
