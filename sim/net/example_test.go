package net_test

import (
	"fmt"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

// Five messages on a link that loses a third of what it carries, where the fourth is lost by plan.
func Example() {
	n := net.New([]string{"a1", "a2"})
	n.Link(0, 1).Law = net.Law{Kind: net.Uniform, Least: time.Millisecond, Most: 10 * time.Millisecond}
	n.Link(0, 1).Loss = 333_333
	n.Fix(net.Fix{From: 0, To: 1, Stream: "Accept", N: 4, Lose: true})

	c := chance.Seeded(1)
	accept := n.Flow(0, 1, chance.NewWord("Accept"))
	for i := range 5 {
		now := clock.Time(i) * clock.Time(time.Millisecond)
		fate := accept.Send(&c, now, 100)
		switch fate.Why {
		case net.Arrived:
			fmt.Printf("Accept#%d sent %v arrives %v\n", accept.Sent(), now, fate.At)
		case net.Lost:
			fmt.Printf("Accept#%d sent %v is lost\n", accept.Sent(), now)
		case net.Planned:
			fmt.Printf("Accept#%d sent %v is lost by plan\n", accept.Sent(), now)
		}
	}
	// Output:
	// Accept#1 sent 0s is lost
	// Accept#2 sent 1ms arrives 4.423571ms
	// Accept#3 sent 2ms is lost
	// Accept#4 sent 3ms is lost by plan
	// Accept#5 sent 4ms arrives 6.748577ms
}

// A law prints as it is written in a plan.
func ExampleParseLaw() {
	law, err := net.ParseLaw([]string{"newest-first", "2ms", "300ms", "25%"})
	fmt.Println(law, err)
	law, err = net.ParseLaw([]string{"uniform"})
	fmt.Println(law, err)
	_, err = net.ParseLaw([]string{"uniform", "5ms", "1ms"})
	fmt.Println(err)
	// Output:
	// newest-first 2ms 300ms 25% <nil>
	// uniform 500µs 5ms <nil>
	// law uniform: 5ms is more than 1ms; the longer delay stands last
}
