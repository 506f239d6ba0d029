package search

import (
	"context"
	"fmt"
	"testing"

	"simrun/protocols/multipaxos"
)

// The figures of a hunt are those of its seeds, however many workers there are. Fails if they depend on the workers, if runs are counted twice because they are verified, or if a
// scenario that does not say what its service is gets figures.
func TestFiguresOfAHunt(t *testing.T) {
	seen := ""
	for _, workers := range []int{1, 3} {
		sum, err := Hunt{Scenario: multipaxos.Scenario(), From: 0, To: 24, Workers: workers, Verify: 5}.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		f := &sum.Figures
		text := fmt.Sprint(f.Runs, f.Asked, f.Answered, f.Span, f.Leader, f.Recovery.Faults, f.Recovery.Felled, f.Recovery.Worst)
		for i := range f.Kinds {
			text += fmt.Sprint(" ", f.Kinds[i].Name, f.Kinds[i].Latency.Quantile(50), f.Kinds[i].Latency.Quantile(99), f.Kinds[i].Latency.Most)
		}
		if f.Runs != 24 || f.Asked != 24*60 || len(f.Kinds) != 2 || f.Recovery.Faults == 0 || seen != "" && text != seen {
			t.Errorf("%d workers: %s; before: %s", workers, text, seen)
		}
		seen = text
	}
	if none := hunt(t, diceHunt(0, 10)); none.Figures.Runs != 0 {
		t.Errorf("figures of %d runs of a scenario without a service", none.Figures.Runs)
	}
}

// BenchmarkFigures is what the figures cost a hunt of two hundred runs.
func BenchmarkFigures(b *testing.B) {
	for _, measured := range []bool{true, false} {
		b.Run(fmt.Sprint("measured=", measured), func(b *testing.B) {
			s := multipaxos.Scenario()
			if !measured {
				s.Service = nil
			}
			for b.Loop() {
				if _, err := (Hunt{Scenario: s, From: 0, To: 200, Workers: 1, Verify: -1}).Run(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
