package sim

// A Service says what facts tell of how well a system serves its clients, for those who measure runs: how soon it answers, and for how long nobody led.
// It is asked about every fact that is noted, those of Byzantine nodes left out, so it had better be quick.
type Service struct {
	// Called reads the fact that a client calls an operation.
	Called func(fact any) (Asked, bool)
	// Returned reads the fact that an operation has ended; answered is false where its client gave it up, or could not have it. The kind is not
	// looked at. If a client gives an operation up and hears after all, the later word counts.
	Returned func(fact any) (op Asked, answered, ok bool)
	// Leads reads the fact that the node that notes it leads from now on, in the place of whoever did, or that it no longer does. A node that crashes leads no longer. Nil
	// where nobody leads.
	Leads func(fact any) (leads, ok bool)
}

// An Asked is an operation of a client: its N-th, in whatever way the client counts.
type Asked struct {
	Client NodeID
	N      uint64
	Kind   string // what operations are measured together: "reads"; they had better be few
}
