// Package checkers holds judges: properties that know no protocol.
//
// A judge folds over the events of a run. What a protocol means by "decided" or "called" it is told by an
// extractor, a function from the protocol's own facts to the judge's terms, which says ok = false for every
// other fact:
//
//	checkers.Agreement(func(fact any) (instance, value any, ok bool) {
//		c, ok := fact.(Chosen)
//		return c.Slot, c.Value, ok
//	})
//
// There are several families. [Agreement], [Validity] and [Integrity] are what consensus promises, and
// compare decisions with one another and with what was proposed. [Termination] and [Eventually] are
// promises that something will happen. [Linearizable] compares what clients saw of an object with what the
// object is said to do, its model: whether some order of the operations explains everything. It judges while the run goes on, and asks Porcupine
// where that takes too much; [SequentiallyConsistent], [Session] and [Stale] ask for less; [Serializable] and [SerializableLists] do the like for transactions, by the cycles of their
// dependencies. [Atomicity] and [Decision] are what an atomic commitment promises, [Costs] is what it costs.
// [Conserved] adds up what must stay the same. [ConsistentCut], [ChannelStates], [Reachable], [Stable] and others
// judge the global states that a [Cutting] reads from a run, [NoOrphans] and [NoLost] what a rollback leaves. [Always] makes a property of anything else.
//
// The text of a violation is one sentence about nodes, values and times. That of [Linearizable] has the
// sentence in its first line and the operations concerned in the lines after it, one a line.
package checkers

import (
	"fmt"
	"strconv"

	"simrun/sim"
)

// noted is what most judges here watch.
var noted = []sim.Kind{sim.Noted}

// say prints a value as it is put into a sentence: texts in quotes, what can print itself as it does.
func say(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprintf("%v", v)
}

// forInstance prints " for instance 3", or nothing where there is only one.
func forInstance(instance any) string {
	if instance == nil {
		return ""
	}
	return " for instance " + say(instance)
}

// mustCompare panics if an extracted value cannot be compared with ==, with a message that says what to do.
func mustCompare(property string, v any) {
	defer func() {
		if recover() != nil {
			panic(fmt.Sprintf("checkers: %s: a value of type %T cannot be compared; let the extractor return text or a number for it", property, v))
		}
	}()
	equal(v, v) // much cheaper than to ask package reflect
}

func equal(a, b any) bool { return a == b }
