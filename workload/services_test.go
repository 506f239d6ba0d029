package workload

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"
)

// told reads a history: operations as "from-to words -> result" with a semicolon between, each of a client of its own. The result is "ok",
// "not ok", "?" for unknown, or what was found.
func told(t *testing.T, s Service, text string) (h []porcupine.Operation) {
	t.Helper()
	for i, line := range strings.Split(text, ";") {
		when, line, _ := strings.Cut(strings.TrimSpace(line), " ")
		words, result, _ := strings.Cut(line, " -> ")
		from, to, _ := strings.Cut(when, "-")
		op, err := s.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		x := porcupine.Operation{ClientId: i, Input: call{&s, op}, Call: int64(number(from)), Return: int64(number(to))}
		switch result {
		case "ok":
			x.Output = Result{OK: true}
		case "not ok":
			x.Output = Result{}
		case "?":
			x.Return = math.MaxInt64
		default:
			x.Output = Result{true, result}
		}
		h = append(h, x)
	}
	return h
}

// For each service, histories that are right and some that are wrong. Fails if the model of a service lets through what it must not do, or
// refuses what it may. A "?" may have happened at any time after its call.
var histories = []struct {
	service, history string
	right            bool
}{
	{"register", `1-2 write x 1 -> ok; 3-4 read x -> 1; 1-2 read x -> ok`, true},
	{"register", `1-4 write x 1 -> ok; 2-5 write x 2 -> ok; 6-7 read x -> 1`, true},
	{"register", `1-2 write x 1 -> ok; 3-4 write x 2 -> ok; 5-6 read x -> 1`, false},
	{"register", `1-9 write x 1 -> ok; 2-3 read x -> 1; 4-5 read x -> ok`, false},
	{"register", `1-2 read x -> 7`, false},
	{"register", `1-2 write x 1 -> ?; 3-4 read x -> ok; 5-6 read x -> 1`, true},
	{"register", `1-2 write x 1 -> ?; 3-4 read x -> 1; 5-6 read x -> ok`, false},
	{"cas", `1-2 cas x "" 1 -> ok; 3-4 cas x 1 2 -> ok; 5-6 read x -> 2; 7-8 cas x 1 3 -> not ok`, true},
	{"cas", `1-4 cas x "" 1 -> ok; 1-4 cas x "" 2 -> ok`, false},
	{"cas", `1-2 cas x "" 1 -> ok; 3-4 cas x 1 2 -> not ok`, false},
	{"kv", `1-2 put x 1 -> ok; 3-4 append x 2 -> ok; 5-6 get x -> 12; 7-8 cas x 12 3 -> ok; 9-10 get x -> 3`, true},
	{"kv", `1-2 append x 1 -> ok; 3-4 get x -> 11`, false},
	{"lists", `1-4 append x 1 -> ok; 1-4 append x 2 -> ok; 5-6 read x -> 2 1; 7-8 read x -> 2 1`, true},
	{"lists", `1-4 append x 1 -> ok; 1-4 append x 2 -> ok; 5-6 read x -> 2 1; 7-8 read x -> 1 2`, false},
	{"lists", `1-2 append x 1 -> ok; 3-4 read x -> 1 1`, false},
	{"lists", `1-2 append x 1 -> ok; 3-4 append x 2 -> ok; 5-6 read x -> 2`, false},
	{"counter", `1-2 add x 3 -> ok; 3-4 next x -> 4; 5-6 read x -> 4`, true},
	{"counter", `1-4 next x -> 1; 1-4 next x -> 2; 5-6 read x -> 2`, true},
	{"counter", `1-4 next x -> 1; 1-4 next x -> 1`, false},
	{"counter", `1-2 add x 3 -> ok; 3-4 read x -> 6`, false},
	{"counter", `1-2 add x 3 -> ?; 3-4 read x -> 0; 5-6 read x -> 3; 7-8 read x -> 3`, true},
	{"set", `1-2 add x 3 -> ok; 3-4 add x 1 -> ok; 5-6 add x 3 -> not ok; 7-8 read x -> 1 3; 9-10 has x 3 -> ok; 11-12 remove x 3 -> ok; 13-14 has x 3 -> not ok`, true},
	{"set", `1-4 add x 3 -> ok; 1-4 add x 3 -> ok`, false},
	{"set", `1-2 add x 3 -> ok; 3-4 remove x 3 -> ok; 5-6 remove x 3 -> ok`, false},
	{"set", `1-2 add x 3 -> ok; 3-4 has x 3 -> not ok`, false},
	{"queue", `1-2 enqueue x 1 -> ok; 3-4 enqueue x 2 -> ok; 5-6 peek x -> 1; 7-8 dequeue x -> 1; 9-10 dequeue x -> 2; 11-12 dequeue x -> not ok`, true},
	{"queue", `1-4 enqueue x 1 -> ok; 1-4 enqueue x 2 -> ok; 5-6 dequeue x -> 2; 7-8 dequeue x -> 1`, true},
	{"queue", `1-2 enqueue x 1 -> ok; 3-6 dequeue x -> 1; 3-6 dequeue x -> 1`, false},
	{"queue", `1-2 enqueue x 1 -> ok; 3-4 enqueue x 2 -> ok; 5-6 dequeue x -> 2`, false},
	{"queue", `1-2 enqueue x 1 -> ok; 3-4 dequeue x -> not ok`, false},
	{"bank", `1-2 transfer x y 3 -> ok; 3-4 balance x -> 7; 5-6 balance y -> 13; 7-8 all -> x=7 y=13; 9-10 transfer x y 8 -> not ok`, true},
	{"bank", `1-4 transfer x y 10 -> ok; 1-4 transfer x z 10 -> ok`, false},
	{"bank", `1-2 transfer x y 3 -> ok; 3-4 all -> x=7`, false},
	{"bank", `1-4 transfer x y 3 -> ok; 2-3 balance y -> 13; 3-5 balance x -> 10`, true},
	{"bank", `1-6 transfer x y 3 -> ok; 2-3 balance y -> 13; 4-5 balance x -> 10`, false},
	{"bank", `1-2 transfer x x 3 -> ok; 3-4 balance x -> 10`, true},
	{"lock", `1-2 acquire x c1 -> 1; 3-4 acquire x c2 -> not ok; 5-6 holder x -> c1; 7-8 release x c1 -> ok; 9-10 acquire x c2 -> 2`, true},
	{"lock", `1-4 acquire x c1 -> 1; 1-4 acquire x c2 -> 2`, false},
	{"lock", `1-2 acquire x c1 -> 1; 3-4 release x c2 -> ok`, false},
	{"lock", `1-2 acquire x c1 -> 1; 3-4 release x c1 -> ok; 5-6 acquire x c2 -> 1`, false},
	{"lock", `1-2 holder x -> not ok; 3-4 release x c1 -> not ok; 5-6 acquire x c1 -> 1; 7-8 acquire x c1 -> not ok`, true},
}

func TestModels(t *testing.T) {
	judged := map[string][2]bool{}
	for _, x := range histories {
		s, ok := Named(x.service)
		if !ok {
			t.Fatalf("no service %q", x.service)
		}
		if porcupine.CheckOperations(s.Model(), told(t, s, x.history)) != x.right {
			t.Errorf("%s: %s: is right: %v", x.service, x.history, x.right)
		}
		seen := judged[x.service]
		if x.right {
			seen[0] = true
		} else {
			seen[1] = true
		}
		judged[x.service] = seen
	}
	for _, s := range Services() {
		if judged[s.Name] != [2]bool{true, true} {
			t.Errorf("%s has no right history, or no wrong one", s.Name)
		}
	}
}

// Fails if what a verb is said to be is not what it does: reads change nothing, what sets leaves its value, draws can be read back, and each verb
// comes up and is OK now and then, so that a run of drawn operations does something.
func TestVerbs(t *testing.T) {
	for _, s := range Services() {
		c, e := client(t, "service="+s.Name)
		e.dice = 1
		state, done := "", map[string]int{}
		for range 2000 {
			c.called++
			op := c.operation(e)
			if back, err := s.Parse(op.String()); err != nil || back != op {
				t.Fatalf("%s: %+v reads back as %+v (%v)", s.Name, op, back, err)
			}
			next, out := s.Step(state, op)
			if s.Reads(op) && next != state {
				t.Errorf("%s: %v changes %q to %q", s.Name, op, state, next)
			}
			if (call{&s, op}).Overwrites() && next != op.Value {
				t.Errorf("%s: %v leaves %q", s.Name, op, next)
			}
			if seen, ok := s.learnt(op, out); ok {
				c.seen[op.Key] = seen
			}
			if out.OK {
				done[op.Verb]++
			}
			if state = next; len(state) > 200 {
				state = ""
			}
		}
		for _, v := range s.Verbs {
			if done[v.Name] < 10 {
				t.Errorf("%s: %s was done %d times", s.Name, v.Name, done[v.Name])
			}
		}
		if _, out := s.Step("1", Op{Verb: "sing", Key: "x"}); out.OK {
			t.Errorf("%s sings", s.Name)
		}
	}
}

// Fails if a bank makes or loses money, or lets an account be overdrawn: what transfers leave is recounted from the text of the state.
func TestBankKeepsMoney(t *testing.T) {
	state := ""
	for i := range 5000 {
		op := Op{Verb: "transfer", Value: "xyz"[i%3:i%3+1] + " " + "zxyzz"[i*7%5:i*7%5+1] + " " + strconv.Itoa(i*31%7)}
		state, _ = stepBank(state, op)
		sum := 0
		for entry := range strings.FieldsSeq(state) {
			_, n, _ := strings.Cut(entry, "=")
			if number(n) < 0 {
				t.Fatalf("after %v: %s", op, state)
			}
			sum += number(n) - opening
		}
		if sum != 0 {
			t.Fatalf("after %v: %s: %d too much", op, state, sum)
		}
	}
	for _, refused := range []string{"x y", "x y -1", "x y 1000"} {
		if after, out := stepBank("x=7 y=13", Op{Verb: "transfer", Value: refused}); out.OK || after != "x=7 y=13" {
			t.Errorf("transfer %s: %v, %s", refused, out, after)
		}
	}
}

// Fails if people are told something else than what is meant.
func TestDescriptions(t *testing.T) {
	m := KV().Model()
	op := call{nil, Op{Verb: "cas", Key: "x", Value: "2"}}
	same(t, "known", m.DescribeOperation(op, Result{}), `cas x "" 2 → not ok`)
	same(t, "unknown", m.DescribeOperation(op, nil), `cas x "" 2 → ?`)
	same(t, "state", m.DescribeState("a1"), `"a1"`)
}
