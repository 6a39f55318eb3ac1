//go:build !turnstile_nohook && !turnstile_steps

package hook

import "sync/atomic"

// The watchers, as bits of [active].
const (
	Trace   uint32 = 1 << iota // a trace is running
	Explore                    // an explorer schedules some goroutines
)

var active atomic.Uint32

// Watched reports whether anybody watches. If so, fast paths must be skipped, so that every operation is seen.
func Watched() bool { return active.Load() != 0 }

// Steered reports whether a wait has to take place where somebody who watches says.
func Steered() bool { return Watched() }

// On reports whether the given watcher watches.
func On(w uint32) bool { return active.Load()&w != 0 }

// Enable turns the watcher w on.
func Enable(w uint32) { active.Or(w) }

// Disable turns the watcher w off.
func Disable(w uint32) { active.And(^w) }
