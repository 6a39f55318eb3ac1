//go:build !deadlock || turnstile_steps

package synctesting

// guardsInternals says that go-deadlock looks at the mutexes inside the primitives. These are held while a trace tells
// of the primitive, so that it would take the two for a wrong order.
const guardsInternals = false
