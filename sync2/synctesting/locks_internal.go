//go:build deadlock && !turnstile_steps

package synctesting

import _ "github.com/turnstile-go/turnstile/sync2/internal/deadlocked" // checks the mutexes inside the primitives

// guardsInternals reports whether go-deadlock checks the mutexes inside the primitives. They are held while events are
// emitted, so go-deadlock would mistake a mutex and a shadow for a lock inversion.
const guardsInternals = true
