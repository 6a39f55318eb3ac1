//go:build !deadlock

package waitq

import "sync"

// Mutex guards the insides of the primitives. The build tag "deadlock" makes it go-deadlock's, which checks the order
// of locking and how long it takes.
type Mutex = sync.Mutex

// spins is how often Lock looks whether the mutex is free before it takes its turn.
const spins = 100
