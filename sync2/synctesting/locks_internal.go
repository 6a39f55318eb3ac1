//go:build deadlock && !turnstile_steps

package synctesting

import _ "github.com/turnstile-go/turnstile/sync2/internal/deadlocked" // checks the mutexes inside the primitives

// guardsInternals says that go-deadlock looks at the mutexes inside the primitives. These are held while a trace tells
// of the primitive, so that it would take the two for a wrong order.
const guardsInternals = true
