package sim

import (
	"testing"
	"simrun/sim/chance"
	"simrun/sim/clock"
)
type zb struct{ Hits uint64 }
type zenv struct { Env; q queue; ms []Message; to []int32; free []int32; now clock.Time; c chance.Source; s chance.Stream; n uint64; nodes [2]Node; cur int32 }
func (e *zenv) Send(to NodeID, m Message) {
	e.n++
	d := e.c.Below(&e.s, e.n, 4500001)
	ref := e.free[len(e.free)-1]; e.free = e.free[:len(e.free)-1]
	e.ms[ref] = m; e.to[ref] = 1-e.cur
	e.q.push(e.now+clock.Time(500000+d), classArrive, ref)
}
type zn struct{}
func (zn) Start(Env) {}
func (zn) Handle(env Env, from NodeID, m Message) { env.Send(from, zb{m.(zb).Hits+1}) }
func benchBare(b *testing.B, balls int) {
	e := &zenv{c: chance.Seeded(1), s: chance.NewStream("x","y","z","w"), ms: make([]Message, balls+1), to: make([]int32, balls+1)}
	for i := range balls+1 { e.free = append(e.free, int32(i)) }
	e.nodes = [2]Node{zn{}, zn{}}
	for range balls { e.Send("b", zb{1}) }
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		it := e.q.pop()
		e.now = it.at
		m := e.ms[it.ref]; e.cur = e.to[it.ref]; e.free = append(e.free, it.ref)
		e.nodes[e.cur].Handle(e, "a", m)
	}
}
func BenchmarkBare100(b *testing.B) { benchBare(b, 100) }
func BenchmarkBare10000(b *testing.B) { benchBare(b, 10000) }
