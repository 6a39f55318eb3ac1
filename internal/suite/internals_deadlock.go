//go:build deadlock

package suite

// GuardsInternals says that go-deadlock is busy with the mutexes inside the primitives.
const GuardsInternals = true
