//go:build turnstile_steps

package sync2

const (
	spins     = 1
	maxLosses = 1
	maxSkip   = 1
	yields    = 1
)
