// Package multicast delivers messages to all processes of a group in one order: total-order multicast (atomic broadcast), by one instance of Paxos a
// message. It builds upon package paxos, whose acceptors it uses as they are.
//
// # The story
//
// The order is a list, and what stands at a place of it is the value of one instance of Paxos, whose slot has the number of the place. A [Process] that
// has something to tell the others proposes it at the first place that it does not know; if another message is chosen there, it tries the next. Whoever
// learns what was chosen delivers it, but never before all that stands earlier:
//
//	place     1        2        3        4
//	     ┌────────┬────────┬────────┬────────┬──
//	p1   │ p1#1   │ p3#1   │ p1#2   │        │     p1 lost place 2 to p3, and tried again
//	p2   │ p1#1   │ p3#1   │        │ p2#1   │     p2 knows what is fourth, and waits for the third
//	     └────────┴────────┴────────┴────────┴──
//
// # What holds
//
// If a process that does not crash multicasts a message, or anybody delivers one, all that work deliver it in the end. Nobody delivers what nobody
// multicast, and nothing twice: a process proposes a message at the next place only when it knows that another was chosen at the one before. All deliver
// in the same order, those that crash later too.
//
// That order is causal, and so FIFO: a process proposes at a place behind all that it has delivered, and one message after the other. It costs
// time, since a process that has ten messages to tell needs ten rounds, one after the other.
//
// # Memory
//
// A process keeps nothing but the number of its life, which its messages carry ("p1/2#1"). If it starts again it has forgotten what it delivered and
// what it had still to tell, and delivers everything again from the first on: to remember across a crash how far one came is for whoever gets the messages,
// who alone can do that in one step with what a message makes it do. What it had begun to tell may be delivered or not. If somebody finds it accepted
// and not chosen, it finishes what was begun.
//
// # What is judged
//
// Inside, what package paxos judges in every slot. Outside: all deliver the same at each place, each process without a gap (total-order); no message is made up or
// delivered twice (integrity); what a process multicast is delivered after all that it had delivered or multicast before (causal-order); and all deliver
// everything in the end (delivery).
package multicast
