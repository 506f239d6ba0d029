package twopc

import (
	"fmt"
	"strconv"
	"strings"
)

// The largest bank. Names of accounts are a1, a2, ..., those of tellers k1, k2, ...
const (
	maxAccounts = 26
	maxTellers  = 9
)

// An order is what a teller is asked to do: to pay an amount from one account to another, or to audit
// the bank, which is to read all accounts.
type order struct {
	from, to int // accounts, from 1; 0 in an audit
	amount   int
}

// audit reports whether the order is an audit.
func (o order) audit() bool { return o.from == 0 }

// String prints "pay a1 a2 5" or "audit".
func (o order) String() string {
	if o.audit() {
		return "audit"
	}
	return fmt.Sprintf("pay %s %s %d", account(o.from), account(o.to), o.amount)
}

// account is the key under which an account is stored.
func account(n int) string {
	if n < len(accountNames) {
		return accountNames[n]
	}
	return "a" + strconv.Itoa(n)
}

// accountNames are made once: each step of each transaction needs some.
var accountNames = func() (names [maxAccounts + 1]string) {
	for n := range names {
		names[n] = "a" + strconv.Itoa(n)
	}
	return names
}()

// parseOrders reads what tellers are asked to do from text such as "k1: pay a1 a2 5; audit; k2: pay a2 a1 3",
// up to the orders of the last teller that is named. An order without a name is of the same teller as the one
// before. The empty text has none.
func parseOrders(text string) (all [][]order, err error) {
	if text == "" {
		return nil, nil
	}
	who := 0
	for part := range strings.SplitSeq(text, ";") {
		name, rest, named := strings.Cut(part, ":")
		if !named {
			rest = part
		} else if who, err = parseNumber(strings.TrimSpace(name), "k", maxTellers); err != nil {
			return nil, err
		}
		o, err := parseOrder(strings.Fields(rest))
		if err != nil {
			return nil, err
		}
		for who > len(all) {
			all = append(all, nil)
		}
		if who == 0 {
			return nil, fmt.Errorf("%q begins with no teller: want k1: %s", text, text)
		}
		all[who-1] = append(all[who-1], o)
	}
	return all, nil
}

// parseOrder reads one order from its words.
func parseOrder(words []string) (o order, err error) {
	if len(words) == 1 && words[0] == "audit" {
		return order{}, nil
	}
	if len(words) != 4 || words[0] != "pay" {
		return order{}, fmt.Errorf("order %q is not of the form pay FROM TO AMOUNT or audit", strings.Join(words, " "))
	}
	if o.from, err = parseNumber(words[1], "a", maxAccounts); err == nil {
		o.to, err = parseNumber(words[2], "a", maxAccounts)
	}
	if err != nil {
		return order{}, err
	}
	if o.amount, err = strconv.Atoi(words[3]); err != nil || o.amount < 1 || o.from == o.to {
		return order{}, fmt.Errorf("order %q: want two different accounts and an amount of at least 1", strings.Join(words, " "))
	}
	return o, nil
}

// parseNumber reads a name such as k2: a letter and a number from 1 to most.
func parseNumber(name, letter string, most int) (int, error) {
	digits, ok := strings.CutPrefix(name, letter)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("there is no %q: want %s1 to %s%d", name, letter, letter, most)
	}
	return n, nil
}
