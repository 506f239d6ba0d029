// Package paxoskv is a key-value store on several servers that stays one store, whatever happens to
// them: state machine replication with one instance of Paxos a slot. It builds upon package paxos.
//
// # The story
//
// All servers keep the same log of commands and execute it in order; so they go through the same states.
// What stands in a slot of the log is decided by an instance of Paxos, in which every server is
// acceptor, proposer and learner at once. A [Server] with a client's command proposes it in the first
// slot of which it does not know the outcome, until its own command is the one chosen:
//
//	do { chosen = paxos(slot++, command) } while (chosen != command)
//
// A slot can be lost to another server's command ([SlotLost]); that one
// is executed, and the next slot is tried.
//
//	slot      0              1              2
//	     ┌──────────────┬──────────────┬──────────────┬───
//	s1   │ c1#1 put x a1│ c2#1 get x   │ c1#1 put x a1│     the third is suppressed: c1 had retried,
//	s2   │ c1#1 put x a1│ c2#1 get x   │              │     and its command was chosen twice
//	     └──────────────┴──────────────┴──────────────┴───
//
// # Exactly once
//
// A [Client] that hears nothing asks again, perhaps another server. So a command can be chosen in two
// slots. It names the client, the client's session and its number there, and the store remembers for
// each session the last number and its result, as part of the replicated state: a repeated command is
// answered and not executed ([Suppressed]). A client that gives up begins a new session: the command it
// left behind may still take effect, now or much later.
//
// Reads go through the log too. A read from one replica's memory would be fast and stale.
//
// # What survives
//
// Promises and acceptances, as package paxos demands, and nothing else. A server that starts again has
// lost the log and the store, and learns the slots from the others; where nobody remembers, it runs
// Paxos in the slots again, and the acceptors' disks give the same answers.
//
// # What is judged
//
// The inner properties of package paxos in every slot; that servers
// execute the same; and what clients see: linearizability, with operations
// of unknown outcome, and that all operations end once faults stop.
package paxoskv
