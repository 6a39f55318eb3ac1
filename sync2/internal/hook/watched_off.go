//go:build turnstile_nohook

package hook

// The watchers; in this build there are none.
const (
	Trace uint32 = 1 << iota
	Explore
)

// Watched reports false.
func Watched() bool { return false }

// Steered reports false.
func Steered() bool { return false }

// On reports false.
func On(uint32) bool { return false }

// Enable does nothing.
func Enable(uint32) {}

// Disable does nothing.
func Disable(uint32) {}
