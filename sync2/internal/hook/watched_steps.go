//go:build turnstile_steps

package hook

import "sync/atomic"

// The watchers, as bits of [active].
const (
	Trace uint32 = 1 << iota
	Explore
)

var active atomic.Uint32

// Watched reports false: in this build the explorer sees the steps that the operations consist of, and these shall be
// the same as if nobody watched.
func Watched() bool { return false }

// Steered reports whether an explorer says when a wait is over.
func Steered() bool { return On(Explore) }

// On reports whether the given watcher watches.
func On(w uint32) bool { return active.Load()&w != 0 }

// Enable turns the watcher w on. There is none but the explorer.
func Enable(w uint32) { active.Or(w & Explore) }

// Disable turns the watcher w off.
func Disable(w uint32) { active.And(^w) }
