// Package workload asks much of a replicated service, and knows what it should have answered.
//
// # Services
//
// A [Service] is an object that does one operation after the other, told as one function of a state and an operation. That function is used twice: each
// server has a [Store] that executes it, and the judge has it as the model that Porcupine searches (Service.Model). So what a server does
// with an operation cannot differ from what its judge expects, and whatever is found wrong is the fault of replication. [Services] lists them:
//
//	register   write x 1 · read x
//	cas        cas x 1 2 · read x                             compare-and-swap
//	kv         put x 1 · append x 1 · cas x 1 2 · get x       a key-value store
//	lists      append x 1 · read x                            a reader sees the order of all appends
//	counter    add x 3 · next x · read x                      next adds one and tells: a number told twice is an operation done twice
//	set        add x 3 · remove x 3 · has x 3 · read x
//	queue      enqueue x 1 · dequeue x · peek x
//	bank       transfer x y 3 · balance x · all               one part, however many accounts
//	lock       acquire x c1 · release x c1 · holder x         acquire tells a number that grows, a fencing token (Kleppmann 2016)
//
// # Clients
//
// Clients c1, c2, ... are handlers. In a closed loop each has one operation under way, and thinks before the next. In an open one operations come when they
// come, however long the answers take: that is how the world asks, and where a slow service drowns (Schroeder, Wierman, Harchol-Balter, "Open versus
// closed", NSDI 2006). Keys are drawn alike or by Zipf's law; times are exponential around their mean; a ramp lets the clients
// come one after the other. All of it is integer arithmetic on picks, and the benign pick is the mean itself.
//
// A client that hears nothing asks again, by the policy of the option retry, and goes where it is sent by [Elsewhere]; but two servers that send it to one another,
// or one that knows nobody, are asked less and less often. A request that is sent again names the same operation, and a [Store] executes it once:
// its sessions remember the last result (Ongaro's dissertation, section 6.3). Each operation under way has a session of its own, since within one
// session an operation ends before the next begins.
//
// # Outcomes
//
// Done: the answer came. Unknown: the client gave up, and the operation may take effect at any time, or never. Failed: it certainly had no effect. A client is
// certain only of what it never sent: a network that repeats messages can hand a copy to a server which accepts what another has refused. So it
// is what an open loop sheds: when four operations of a client are under way, the next fails at once.
//
// # A scenario with clients
//
// It has [Defaults], whose Options stand beside its own and whose Build adds the clients, [Check] as its Check, and [Spelt] as its Spelt. Its servers answer a [Request] with a [Reply] or
// [Elsewhere]. Its property is
//
//	checkers.Linearizable(workload.ServiceOf(o).Model(), workload.ServiceOf(o).History(workload.Total(o)))
package workload
