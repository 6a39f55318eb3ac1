//go:build !deadlock && !turnstile_steps

package waitq

import "sync"

// Mutex guards the insides of the primitives. The build tag "deadlock" makes it go-deadlock's, which checks the order
// of locking and how long it takes.
type Mutex = sync.Mutex

const (
	// spins is how often Lock looks again whether the mutex is free before it takes its turn.
	spins = 4
	// pause is how long it waits before it looks, in turns of a loop of about a nanosecond.
	pause = 1000
)
