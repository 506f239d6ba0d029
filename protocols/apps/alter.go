package apps

import "simrun/sim"

// Altered returns what a liar, or a wire that garbles, makes of a message of an application: a transfer of another amount. Other messages come back as
// they are, since what they say names workers and steps.
func Altered(m sim.Message, pick func(n int) int) sim.Message {
	if t, ok := m.(Transfer); ok {
		return sim.AlterFields(t, pick)
	}
	return m
}
