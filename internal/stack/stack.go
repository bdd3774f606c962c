// Package stack gives a command the stack that it will need.
package stack

// Grow makes the goroutine's stack 16 KiB, which no command needs more of. It is
// called while next to nothing is on it: otherwise Go doubles the stack several
// times on the way down, and looks up every frame in its tables each time. `run`
// takes 0.97 of the time.
func grow()

func init() { grow() }
