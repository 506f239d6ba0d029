// Package workload is what clients do to a replicated service, and the service itself as far as it knows nothing of replication.
//
// A [Service] is one function, Step, that does one operation on one part of a state. Servers execute it by a [Store], which remembers of each client's session
// what was asked last, so that no command is executed twice. The judge's model of the service is made of the same function ([Service.Model]): what the two
// disagree about was done by the replication between them.
//
// A [Client] calls one operation after the other ([Request], [Reply]), asks again when it hears nothing, goes to where it is sent ([Elsewhere]), and gives up in the end. What it
// notes ([Called], [Returned]) is the history to be judged ([Service.History]).
package workload
