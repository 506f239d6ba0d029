package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim/clock"
	"simrun/sim/fault"
)

// Fairness is the property "fair" of a run that withholds messages: whatever is sent arrives in the end, unless a fault of another kind takes it.
// It goes by the events alone, and knows nothing of who withholds what.
type fairness struct {
	under   []flight // what is under way, by the number of its Sent
	arrived uint64
	lost    uint64
	kept    uint64
	longest time.Duration // that a message was under way which was withheld
}

// A flight is a message that is under way.
type flight struct {
	sent     uint64
	at       clock.Time
	from, to NodeID
	what     Message
}

func (f *fairness) Name() string    { return "fair" }
func (f *fairness) Watches() []Kind { return []Kind{Sent, Delivered, Dropped} }
func (f *fairness) Checks() uint64  { return f.arrived + f.lost }

// Observe follows each message. A copy of one that has arrived is none.
func (f *fairness) Observe(e *Event) error {
	if e.Kind == Sent {
		f.under = append(f.under, flight{e.Seq, e.At, e.Node, e.Peer, e.Data})
		return nil
	}
	i, known := slices.BinarySearchFunc(f.under, e.Cause, func(x flight, sent uint64) int {
		return int(int64(x.sent) - int64(sent))
	})
	if !known {
		return nil
	}
	if e.Kind == Dropped {
		f.lost++
	} else if f.arrived++; strings.Contains(e.Reason, "withheld") {
		f.kept++
		f.longest = max(f.longest, e.At.Sub(f.under[i].at))
	}
	f.under = slices.Delete(f.under, i, i+1)
	return nil
}

// End judges what is still under way. What was sent within fault.Bound of the end has had no time; and where other faults can happen, one of
// them may have taken it, since not every one tells.
func (f *fairness) End(w *World) (Result, error) {
	only := fault.Set(1<<fault.Withheld | 1<<fault.Reorders | 1<<fault.Lingering)
	if w.enabled&^only != 0 || len(f.under) == 0 || w.now.Sub(f.under[0].at) <= fault.Bound {
		return Holds, nil
	}
	x := f.under[0]
	why := fmt.Errorf("the %v that %s sent to %s at %v has not arrived by the end of the run", x.what, x.from, x.to, x.at)
	if !w.settled {
		return Unknown, fmt.Errorf("%w, which came while messages were withheld", why)
	}
	return Holds, why
}

// Account tells how long messages were withheld, and what became of all.
func (f *fairness) Account() string {
	all := f.arrived + f.lost + uint64(len(f.under))
	end := "all arrived"
	if f.arrived < all {
		end = fmt.Sprintf("%d arrived", f.arrived)
	}
	if f.lost > 0 {
		end += fmt.Sprintf(", other faults took %d", f.lost)
	}
	if n := len(f.under); n > 0 {
		end += fmt.Sprintf(", %d under way at the end", n)
	}
	return fmt.Sprintf("withheld %d of %d messages, which arrived at most %v after they were sent; %s", f.kept, all, f.longest.Round(time.Microsecond), end)
}
