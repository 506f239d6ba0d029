package reclog_test

import (
	"fmt"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// An acceptor writes a promise down before it answers, and finds it again in its next life.
func Example() {
	d := disk.New()
	log, _, err := reclog.Open(d, "acceptor.log")
	if err != nil {
		panic(err)
	}
	at, _ := log.Append([]byte("promised 3"))
	if err := log.Sync(); err != nil {
		panic(err)
	}
	d.Happened(d.Issued())

	p, err := reclog.ReadAt(d.Durable(), "acceptor.log", at, nil)
	fmt.Printf("durable: %s, %v\n", p, err)

	_, records, _ := reclog.Open(d, "acceptor.log")
	for _, r := range records {
		fmt.Printf("found: %s\n", r.Payload)
	}
	// Output:
	// durable: promised 3, <nil>
	// found: promised 3
}
