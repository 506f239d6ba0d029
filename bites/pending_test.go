package bites

// pending are the faults that nothing bites with yet.
var pending = map[string]bool{

	"duplicate": true,
	"linger":    true, "reorder": true, "asymmetric-latency": true, "stale": true, "corrupt": true, "garble": true, "bandwidth": true, "overflow": true,
	"cut": true, "isolate": true, "halves": true, "majority": true, "bridge": true, "ring": true, "partial": true, "leader-alone": true,
	"clients-cut": true, "flap": true, "break": true,
	"lost-writes": true, "lost-names": true, "torn-write": true, "slow-disk": true, "disk-stall": true,
	"throttle": true, "io-error": true, "failed-sync": true, "latent-sector": true, "bit-rot": true, "misdirect": true, "phantom": true, "outdated-read": true,
	"no-space": true,
}
