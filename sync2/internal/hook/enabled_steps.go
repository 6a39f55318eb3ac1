//go:build turnstile_steps

package hook

import "sync/atomic"

// The observers, as bits of [active].
const (
	Trace   uint64 = 1 << (iota + 62) // a trace is running
	Explore                           // an explorer schedules some goroutines
)

var active atomic.Uint64

// Enabled reports whether a trace is running. An explorer alone does not count: in this build it sees the steps that the
// operations consist of, which must be the same as without an observer, or as with a trace alone.
func Enabled() bool { return On(Trace) }

// Or0 returns 0, or a large number if a trace is running.
func Or0() uint64 { return active.Load() & Trace }

// Or1 returns 1, or a larger number if a trace is running.
func Or1() uint64 { return Or0() | 1 }

// Controlled reports whether an explorer decides when a wait ends.
func Controlled() bool { return On(Explore) }

// On reports whether the observer w is on.
func On(w uint64) bool { return active.Load()&w != 0 }

// Enable turns the observer w on.
func Enable(w uint64) { active.Or(w) }

// Disable turns the observer w off.
func Disable(w uint64) { active.And(^w) }
