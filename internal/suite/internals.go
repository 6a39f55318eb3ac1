//go:build !deadlock

package suite

// GuardsInternals reports whether go-deadlock checks the mutexes inside the primitives.
const GuardsInternals = false
