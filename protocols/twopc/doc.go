// Package twopc commits transactions on several nodes, on all of them or on none.
package twopc
