package disk_test

import (
	"fmt"

	"simrun/sim/chance"
	"simrun/sim/disk"
)

// A program appends to a file three times and syncs once. Then the power fails.
func Example() {
	d := disk.New()
	_ = d.Append("log", []byte("one."))
	_ = d.Sync("log")
	_ = d.SyncDir()
	_ = d.Append("log", []byte("two."))
	_ = d.Append("log", []byte("three."))
	d.Happened(d.Issued())

	b := make([]byte, 64)
	n, _ := d.ReadAt("log", b, 0)
	fmt.Println("seen:", string(b[:n]))
	n, _ = d.Durable().ReadAt("log", b, 0)
	fmt.Println("durable:", string(b[:n]))

	source := chance.Seeded(1)
	loss := d.Crash(&source, chance.NewWord("a1"), 1, disk.Lose)
	n, _ = d.ReadAt("log", b, 0)
	fmt.Println("after the crash:", string(b[:n]))
	fmt.Println(loss)
	// Output:
	// seen: one.two.three.
	// durable: one.
	// after the crash: one.
	// lost 10 bytes, 2 writes
}
