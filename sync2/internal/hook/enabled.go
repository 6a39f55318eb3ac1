//go:build !turnstile_nohook && !turnstile_steps

package hook

import "sync/atomic"

// The observers, as bits of [active].
const (
	Trace   uint64 = 1 << (iota + 62) // a trace is running
	Explore                           // an explorer schedules some goroutines
)

// These are not of type atomic.Uint64, whose methods would cost more of the inlining budget.
var (
	active    uint64
	activeOr1 uint64 = 1 // active with bit 0 set
)

// Enabled reports whether there is an observer. If so, fast paths must be skipped, so that the observer sees every
// operation.
func Enabled() bool { return atomic.LoadUint64(&active) != 0 }

// Or0 returns 0 if there is no observer, and otherwise a number larger than any count or id. So a fast path that
// consists of one compare-and-swap can use Or0 in place of 0, and fails if it must be skipped.
func Or0() uint64 { return atomic.LoadUint64(&active) }

// Or1 is like [Or0], with 1 in place of 0.
func Or1() uint64 { return atomic.LoadUint64(&activeOr1) }

// Controlled reports whether an observer decides where a wait takes place.
func Controlled() bool { return Enabled() }

// On reports whether the observer w is on.
func On(w uint64) bool { return atomic.LoadUint64(&active)&w != 0 }

// Enable turns the observer w on.
func Enable(w uint64) {
	atomic.OrUint64(&active, w)
	atomic.OrUint64(&activeOr1, w)
}

// Disable turns the observer w off.
func Disable(w uint64) {
	atomic.AndUint64(&active, ^w)
	atomic.AndUint64(&activeOr1, ^w)
}
