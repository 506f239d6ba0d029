package chance_test

import (
	"fmt"
	"os"

	"simrun/sim/chance"
)

// The fate of a message is a function of the seed and of the key, whatever was asked before.
func Example() {
	c := chance.Seeded(42)
	lose := chance.NewStream("lose", "a1", "a2", "Accept")
	for n := uint64(1); n <= 5; n++ {
		fmt.Println(lose.Key(n), c.Chance(&lose, n, 300_000))
	}
	// Output:
	// lose a1>a2 Accept#1 true
	// lose a1>a2 Accept#2 true
	// lose a1>a2 Accept#3 false
	// lose a1>a2 Accept#4 false
	// lose a1>a2 Accept#5 true
}

// A recorded tape holds what was not benign. It can be edited: here the second roll is 6 and the others are as
// recorded.
func ExampleOverrides() {
	roll := func(d chance.Driver) {
		c, s, rolled := chance.Driven(d), chance.NewStream("pick", "n1", "", "die"), [3]uint64{}
		for n := uint64(1); n <= 3; n++ {
			rolled[n-1] = 1 + c.Below(&s, n, 6)
		}
		fmt.Println(rolled[0], rolled[1], rolled[2])
	}
	r := &chance.Recorder{Base: chance.Seed(7)}
	roll(r)
	chance.WriteTape(os.Stdout, r.Tape)
	roll(chance.NewOverrides(nil, append(r.Tape, chance.Decision{Key: "pick n1 die#2", Outcome: 5})))
	// Output:
	// 6 3 5
	// pick n1 die#1 = 5
	// pick n1 die#2 = 2
	// pick n1 die#3 = 4
	// 6 6 5
}

// Two messages, and an answer to each that arrives: nine runs are all there are.
func ExampleEvery() {
	runs, both := 0, 0
	for d := range chance.Every() {
		c := chance.Driven(d)
		answers := 0
		for _, who := range []string{"a1", "a2"} {
			there, back := chance.NewStream("lose", "p", who, "Prepare"), chance.NewStream("lose", who, "p", "Promise")
			if !c.Chance(&there, 1, 1) && !c.Chance(&back, 1, 1) {
				answers++
			}
		}
		runs++
		if answers == 2 {
			both++
		}
	}
	fmt.Println(runs, "runs, both answer in", both)
	// Output: 9 runs, both answer in 1
}

func ExampleBytes() {
	c := chance.Driven(chance.Bytes{0, 0, 0})
	lose := chance.NewStream("lose", "a1", "a2", "Accept")
	fmt.Println("zero bytes lose the message:", c.Chance(&lose, 1, 900_000))
	// Output: zero bytes lose the message: false
}
