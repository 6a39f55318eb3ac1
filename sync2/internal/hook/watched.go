//go:build !turnstile_nohook && !turnstile_steps

package hook

import "sync/atomic"

// The watchers, as bits of [active].
const (
	Trace   uint64 = 1 << (iota + 62) // a trace is running
	Explore                           // an explorer schedules some goroutines
)

// These are not of type atomic.Uint64, whose methods would count more against what may be inlined.
var (
	active    uint64
	activeOr1 uint64 = 1 // active with bit 0 set
)

// Watched reports whether anybody watches. If so, fast paths must be skipped, so that every operation is seen.
func Watched() bool { return atomic.LoadUint64(&active) != 0 }

// Or0 returns 0 if nobody watches, and otherwise something larger than any number that counts or names a thing. So a
// fast path that consists of one compare-and-swap can ask for Or0 in place of 0, and fails if it must be skipped.
func Or0() uint64 { return atomic.LoadUint64(&active) }

// Or1 is to 1 what [Or0] is to 0.
func Or1() uint64 { return atomic.LoadUint64(&activeOr1) }

// Steered reports whether a wait has to take place where somebody who watches says.
func Steered() bool { return Watched() }

// On reports whether the given watcher watches.
func On(w uint64) bool { return atomic.LoadUint64(&active)&w != 0 }

// Enable turns the watcher w on.
func Enable(w uint64) {
	atomic.OrUint64(&active, w)
	atomic.OrUint64(&activeOr1, w)
}

// Disable turns the watcher w off.
func Disable(w uint64) {
	atomic.AndUint64(&active, ^w)
	atomic.AndUint64(&activeOr1, ^w)
}
