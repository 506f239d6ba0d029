package workload

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Services lists all services of this package.
func Services() []Service {
	return []Service{
		{Name: "register", Doc: "keys with values: write, read", Step: stepRegister, Verbs: []Verb{
			{Name: "write", Words: "key value", Share: 5, Sets: true}, {Name: "read", Words: "key", Share: 5, Reads: true}}},
		{Name: "cas", Doc: "keys with values that are compared and swapped", Step: stepRegister, Verbs: []Verb{
			{Name: "cas", Words: "key expect value", Share: 6}, {Name: "read", Words: "key", Share: 4, Reads: true}}},
		KV(),
		{Name: "lists", Doc: "lists that are appended to and read", Step: stepLists, Verbs: []Verb{
			{Name: "append", Words: "key value", Share: 5}, {Name: "read", Words: "key", Share: 5, Reads: true}}},
		{Name: "counter", Doc: "numbers: add to one, count on and be told, read", Step: stepCounter, Verbs: []Verb{
			{Name: "add", Words: "key amount", Share: 4}, {Name: "next", Words: "key", Share: 3}, {Name: "read", Words: "key", Share: 3, Reads: true}}},
		{Name: "set", Doc: "sets: add, remove, has, read", Step: stepSet, Verbs: []Verb{
			{Name: "add", Words: "key element", Share: 4}, {Name: "remove", Words: "key element", Share: 3},
			{Name: "has", Words: "key element", Share: 1, Reads: true}, {Name: "read", Words: "key", Share: 2, Reads: true}}},
		{Name: "queue", Doc: "queues: first in, first out", Step: stepQueue, Verbs: []Verb{
			{Name: "enqueue", Words: "key value", Share: 5}, {Name: "dequeue", Words: "key", Share: 4}, {Name: "peek", Words: "key", Share: 1, Reads: true}}},
		{Name: "bank", Doc: "accounts that begin with 10, and none may be overdrawn", Step: stepBank, Verbs: []Verb{
			{Name: "transfer", Words: "account account amount", Share: 6}, {Name: "balance", Words: "account", Share: 2, Reads: true}, {Name: "all", Share: 2, Reads: true}}},
		{Name: "lock", Doc: "locks that one client holds, and fencing tokens", Step: stepLock, Verbs: []Verb{
			{Name: "acquire", Words: "key me", Share: 5}, {Name: "release", Words: "key me", Share: 4}, {Name: "holder", Words: "key", Share: 1, Reads: true}}},
	}
}

// Named returns the service of that name.
func Named(name string) (s Service, ok bool) {
	all := Services()
	if i := slices.IndexFunc(all, func(s Service) bool { return s.Name == name }); i >= 0 {
		return all[i], true
	}
	return Service{}, false
}

// KV returns the service "kv": registers that are read, written, appended to and swapped.
func KV() Service {
	return Service{Name: "kv", Doc: "keys with values: get, put, append, cas", Step: stepRegister, Verbs: []Verb{
		{Name: "put", Words: "key value", Share: 2, Sets: true}, {Name: "get", Words: "key", Share: 4, Reads: true},
		{Name: "cas", Words: "key expect value", Share: 2}, {Name: "append", Words: "key value", Share: 2}}}
}

// stepRegister is the step of register, cas and kv, which have different verbs for the same thing.
func stepRegister(state string, op Op) (string, Result) {
	switch op.Verb {
	case "get", "read":
		return state, Result{true, state}
	case "put", "write":
		return op.Value, Result{OK: true}
	case "append":
		return state + op.Value, Result{OK: true}
	case "cas":
		if state == op.Expect {
			return op.Value, Result{OK: true}
		}
	}
	return state, Result{}
}

// joined puts words into a text that strings.Fields takes apart again.
func joined(words []string) string { return strings.Join(words, " ") }

// stepLists is the step of lists: a state is the elements, the first appended first.
func stepLists(state string, op Op) (string, Result) {
	switch op.Verb {
	case "append":
		return joined(append(strings.Fields(state), op.Value)), Result{OK: true}
	case "read":
		return state, Result{true, state}
	}
	return state, Result{}
}

// number reads what was written by strconv; what is none, is 0.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// stepCounter is the step of counters: a state is a number.
func stepCounter(state string, op Op) (string, Result) {
	n := number(state)
	switch op.Verb {
	case "add":
		return strconv.Itoa(n + number(op.Value)), Result{OK: true}
	case "next":
		next := strconv.Itoa(n + 1)
		return next, Result{true, next}
	case "read":
		return state, Result{true, strconv.Itoa(n)}
	}
	return state, Result{}
}

// stepSet is the step of sets: a state is the elements, sorted. To add what is there, and to remove what is not, is not OK.
func stepSet(state string, op Op) (string, Result) {
	elements := strings.Fields(state)
	at, there := slices.BinarySearch(elements, op.Value)
	switch op.Verb {
	case "add":
		if !there {
			return joined(slices.Insert(elements, at, op.Value)), Result{OK: true}
		}
	case "remove":
		if there {
			return joined(slices.Delete(elements, at, at+1)), Result{OK: true}
		}
	case "has":
		return state, Result{OK: there}
	case "read":
		return state, Result{true, state}
	}
	return state, Result{}
}

// stepQueue is the step of queues: a state is the elements, the next to leave first. An empty queue says not OK.
func stepQueue(state string, op Op) (string, Result) {
	first, others, _ := strings.Cut(state, " ")
	switch op.Verb {
	case "enqueue":
		return joined(append(strings.Fields(state), op.Value)), Result{OK: true}
	case "dequeue":
		return others, Result{first != "", first}
	case "peek":
		return state, Result{first != "", first}
	}
	return state, Result{}
}

// opening is what each account begins with.
const opening = 10

// stepBank is the step of a bank: a state is the balances of those accounts that were touched, sorted: "x=7 y=13".
func stepBank(state string, op Op) (string, Result) {
	switch op.Verb {
	case "balance":
		return state, Result{true, strconv.Itoa(balance(state, op.Value))}
	case "all":
		return state, Result{true, state}
	case "transfer":
		words := strings.Fields(op.Value)
		if len(words) != 3 {
			return state, Result{}
		}
		amount := number(words[2])
		if amount < 0 || balance(state, words[0]) < amount {
			return state, Result{}
		}
		return credited(credited(state, words[0], -amount), words[1], amount), Result{OK: true}
	}
	return state, Result{}
}

// balance returns what stands on an account.
func balance(state, account string) int {
	for entry := range strings.FieldsSeq(state) {
		if name, n, _ := strings.Cut(entry, "="); name == account {
			return number(n)
		}
	}
	return opening
}

// credited returns the state after an amount was put on an account.
func credited(state, account string, amount int) string {
	entries := strings.Fields(state)
	entry := account + "=" + strconv.Itoa(balance(state, account)+amount)
	at, there := slices.BinarySearchFunc(entries, account, func(e, account string) int {
		name, _, _ := strings.Cut(e, "=")
		return cmp.Compare(name, account)
	})
	if there {
		entries[at] = entry
	} else {
		entries = slices.Insert(entries, at, entry)
	}
	return joined(entries)
}

// stepLock is the step of locks: a state is how often it was acquired, and who holds it: "3 c1". Acquire tells that number: whoever is asked to
// act for the holder can refuse those of an earlier one. Nobody acquires twice what they hold, and only the holder releases.
func stepLock(state string, op Op) (string, Result) {
	token, holder, _ := strings.Cut(state, " ")
	switch op.Verb {
	case "acquire":
		if holder == "" && op.Value != "" {
			token = strconv.Itoa(number(token) + 1)
			return token + " " + op.Value, Result{true, token}
		}
	case "release":
		if holder != "" && holder == op.Value {
			return token, Result{OK: true}
		}
	case "holder":
		return state, Result{holder != "", holder}
	}
	return state, Result{}
}
