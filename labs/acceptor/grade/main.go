// Command grade prints what the acceptor in acceptor.go has earned: the same on every machine.
//
// It exits 0 if that is all there is to earn, 1 if it is less, and 4 if there is no grade, since an acceptor
// does not return from a call, or somebody interrupts it.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"simrun/labs/acceptor"
	"simrun/view"
)

func main() {
	most := flag.Duration("most", 5*time.Minute, "give up after that much real `time`")
	flag.Parse()
	if flag.NArg() > 0 || *most <= 0 {
		fmt.Fprintln(os.Stderr, "grade: want no arguments, and a time above 0")
		os.Exit(2)
	}
	time.AfterFunc(*most, func() { // a call that does not return cannot be stopped
		fmt.Fprintf(os.Stderr, "grade: no grade after %v: does Start or Handle ever return?\n", *most)
		os.Exit(4)
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := bufio.NewWriter(os.Stdout)
	marks, err := acceptor.Marks(ctx, acceptor.Scenario())
	if err != nil {
		fmt.Fprintln(os.Stderr, "grade:", err)
		os.Exit(4)
	}
	earned, all := report(out, marks)
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "grade:", err)
		os.Exit(4)
	}
	if earned < all {
		os.Exit(1)
	}
}

// report prints the marks, and returns the points that were earned, and all there are.
func report(w io.Writer, marks []acceptor.Mark) (earned, all int) {
	for _, m := range marks {
		earned += m.Points
		all += m.Stage.Points
	}
	fmt.Fprintf(w, "%d of %d points\n\n", earned, all)
	for _, m := range marks {
		head := fmt.Sprintf("%-9s %2d of %2d  ", m.Stage.Name, m.Points, m.Stage.Points)
		switch {
		case !m.Passed:
			fmt.Fprint(w, view.Wrap(head, m.Property+": "+m.Why))
			if m.Inside != "" {
				fmt.Fprint(w, view.Wrap("                    ", m.Inside))
			}
		case m.Points == 0:
			fmt.Fprint(w, view.Wrap(head, "passed, but an acceptor that does not answer breaks no promise"))
		default:
			fmt.Fprintln(w, head+"passed")
		}
		if m.Shown {
			f := m.File
			f.Build = 0 // of the program: it differs from machine to machine
			fmt.Fprintf(w, "          go run ./labs/acceptor/cmd replay %s\n", f.Token())
		}
	}
	return earned, all
}
