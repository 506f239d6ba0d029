package workload

import (
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// The weights are those of floating point, to a thousandth; and a draw hits each key as often as its weight says.
func TestZipf(t *testing.T) {
	for exponent, power := range map[string]float64{"0.5": .5, "1": 1, "1.5": 1.5, "2": 2} {
		sums := zipf(1000, exponent)
		last := 0
		for i, sum := range sums {
			want := math.Pow(float64(i+1), -power) * (1 << 20)
			if got := float64(sum - last); math.Abs(got-want) > want/1000+1 {
				t.Errorf("exponent %s: key %d has weight %v, want %v", exponent, i+1, got, want)
			}
			last = sum
		}
	}
	if zipf(5, "0") != nil {
		t.Error("an exponent of 0 is not all alike")
	}
	c, e := client(t, "keys=3", "skew=1") // weights 6:3:2
	hits := make([]int, 3)
	total := c.weights[2]
	for p := 0; p < total; p += 97 {
		e.picks = map[string]int{"key": p}
		hits[c.key(e, "key")]++
	}
	for i, share := range []float64{6. / 11, 3. / 11, 2. / 11} {
		if got := float64(hits[i]) / float64(total/97); math.Abs(got-share) > .001 {
			t.Errorf("key %d is drawn in %.3f, want %.3f", i, got, share)
		}
	}
}

func TestRoot(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 8, 9, 15, 16, 1<<40 - 1, 1 << 40, 1000 << 40, 1<<50 + 12345} {
		if x := root(n); x*x > n || (x+1)*(x+1) <= n {
			t.Errorf("root(%d) = %d", n, x)
		}
	}
}

// Over all picks the times have the mean, the median and the tail of an exponential distribution. Fails if integer arithmetic loses or overflows.
func TestAround(t *testing.T) {
	for _, mean := range []time.Duration{time.Millisecond, time.Hour} {
		e := &env{}
		var all []float64
		sum := 0.
		for p := 1; p < 1<<16; p++ {
			e.picks = map[string]int{"gap": p}
			d := float64(around(e, "gap", mean)) / float64(mean)
			all, sum = append(all, d), sum+d
		}
		sort.Float64s(all)
		n := float64(len(all))
		for _, x := range []struct {
			what      string
			got, want float64
		}{
			{"mean", sum / n, 1}, {"median", all[len(all)/2], math.Ln2}, {"99th percentile", all[len(all)*99/100], math.Log(100)}, {"most", all[len(all)-1], math.Log(1 << 16)},
		} {
			if math.Abs(x.got-x.want) > .01*x.want {
				t.Errorf("%v: %s %.4f, want %.4f", mean, x.what, x.got, x.want)
			}
		}
		e.picks = nil
		if d := around(e, "gap", mean); d != mean {
			t.Errorf("the benign time is %v, want %v", d, mean)
		}
	}
}

// Fails if settings that do not go together pass, or if one that says what is wrong does not say what would be right.
func TestCheck(t *testing.T) {
	s := sim.Scenario{Name: "test", Options: Defaults{Clients: 2, Ops: 7, Keys: 2, Spread: time.Second}.Options(), Check: Check}
	for _, x := range [][2]string{
		{"operations=sing x", `kv has no operation "sing": want put KEY VALUE, get KEY, cas KEY EXPECT VALUE or append KEY VALUE`},
		{"operations=put x", `operation " put x" is not of the form put KEY VALUE`},
		{"operations=c1: put x 1;", `an operation is missing: want put`},
		{"operations=d1: get x", `there is no client "d1": want c1 to c26`},
		{"operations=c27: get x", `there is no client "c27"`},
		{"operations=c0: get x", `there is no client "c0"`},
		{"service=counter operations=add x y", `"y" is no whole number from 0 on`},
		{"service=counter operations=add x -1", `"-1" is no whole number from 0 on`},
		{"service=bank operations=all x", `is not of the form all`},
		{"loop=open think=2s", `think=2s is for loop=closed`},
		{"clients=2 readers=2", `readers=2 is for more than 2 clients`},
		{"readers=1 operations=put x 1", `readers=1 is for operations that are drawn`},
		{"rate=7", `rate=7 is for loop=open`},
		{"think=soon", `option think=soon: want a duration such as 30ms, or spread`},
		{"think=-1s", `want a duration such as 30ms, or spread`},
		{"service=sheep", `option service=sheep: want one of register, cas, kv`},
		{"skew=3", `option skew=3: want one of 0, 0.5`},
	} {
		set := strings.Split(x[0], " ")
		if i := strings.Index(x[0], "operations="); i >= 0 {
			set = append(strings.Fields(x[0][:i]), strings.Replace(x[0][i:], "operations=put", "operations= put", 1))
		}
		if _, err := s.ParseOptions(set); err == nil || !strings.Contains(err.Error(), x[1]) {
			t.Errorf("%s: %v, want %q", x[0], err, x[1])
		}
	}
	for _, ok := range []string{"loop=open", "think=0s", "readers=1", "retry=hedged", "operations=c1: put x 1; get x; c3: cas x \"\" 2"} {
		if _, err := s.ParseOptions([]string{ok}); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
}

// Who calls how many operations. Fails if some get lost in the division, or if a script is not the one that was written.
func TestCounts(t *testing.T) {
	if o := settings(t, "clients=4", "ops=10"); Total(o) != 10 || len(Clients(o)) != 4 || Clients(o)[3] != "c4" {
		t.Errorf("%v call %d", Clients(o), Total(o))
	}
	o := settings(t, "clients=2", `operations=put x 1; get x; c3: cas x "" 2; c1: append x 3`)
	ops, scripts := counts(o)
	if Total(o) != 4 || len(Clients(o)) != 3 || ops[0] != 3 || ops[1] != 0 || ops[2] != 1 {
		t.Errorf("%v", ops)
	}
	same(t, "the script of c3", scripts[2][0].String(), `cas x "" 2`)
	same(t, "the last of c1", scripts[0][2].String(), `append x 3`)
	if keys := keyNames(53); keys[0] != "x" || keys[3] != "a" || keys[25] != "w" || keys[26] != "x1" || keys[52] != "x2" {
		t.Errorf("keys %v", keys)
	}
}
