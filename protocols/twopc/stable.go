package twopc

// A backing says which record bears a message out: its offset in the sender's log. It is no part of the message's
// content.
type backing struct{ at int64 }
