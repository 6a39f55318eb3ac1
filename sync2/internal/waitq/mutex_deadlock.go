//go:build deadlock

package waitq

import "github.com/sasha-s/go-deadlock"

// Mutex guards the insides of the primitives; here it is checked by go-deadlock.
type Mutex = deadlock.Mutex

// spins is 0: go-deadlock checks the order of Lock, not of TryLock.
const spins = 0
