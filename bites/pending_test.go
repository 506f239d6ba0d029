package bites

// pending are the faults that nothing bites with yet.
var pending = map[string]bool{

	"cut": true, "isolate": true, "halves": true, "majority": true, "bridge": true, "ring": true, "partial": true, "leader-alone": true,
	"lost-writes": true, "lost-names": true, "torn-write": true, "slow-disk": true, "disk-stall": true,
	"throttle": true, "io-error": true, "failed-sync": true, "latent-sector": true, "bit-rot": true, "misdirect": true, "phantom": true, "outdated-read": true,
	"no-space": true,
}
