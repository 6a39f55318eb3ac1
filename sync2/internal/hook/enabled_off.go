//go:build turnstile_nohook

package hook

// The observers; in this build there are none.
const (
	Trace uint64 = 1 << iota
	Explore
)

// Enabled reports false.
func Enabled() bool { return false }

// Or0 returns 0.
func Or0() uint64 { return 0 }

// Or1 returns 1.
func Or1() uint64 { return 1 }

// Controlled reports false.
func Controlled() bool { return false }

// On reports false.
func On(uint64) bool { return false }

// Enable does nothing.
func Enable(uint64) {}

// Disable does nothing.
func Disable(uint64) {}
