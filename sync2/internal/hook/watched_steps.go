//go:build turnstile_steps

package hook

import "sync/atomic"

// The watchers, as bits of [active].
const (
	Trace uint64 = 1 << iota
	Explore
)

var active atomic.Uint64

// Watched reports false: in this build the explorer sees the steps that the operations consist of, and these shall be
// the same as if nobody watched.
func Watched() bool { return false }

// Or0 returns 0.
func Or0() uint64 { return 0 }

// Or1 returns 1.
func Or1() uint64 { return 1 }

// Steered reports whether an explorer says when a wait is over.
func Steered() bool { return On(Explore) }

// On reports whether the given watcher watches.
func On(w uint64) bool { return active.Load()&w != 0 }

// Enable turns the watcher w on. There is none but the explorer.
func Enable(w uint64) { active.Or(w & Explore) }

// Disable turns the watcher w off.
func Disable(w uint64) { active.And(^w) }
