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

// Lock takes the mutex.
func (q *Queue) Lock() {
	if !q.mu.TryLock() {
		q.lockSlow()
	}
}

// lockSlow keeps away from the mutex for a while before it looks again. The mutex is held for some nanoseconds only, so
// whoever has to wait for it is up against others that go on working at what it guards; these are at their fastest as
// long as nobody else touches the memory, and done the sooner. To sleep at once would cost all of them more.
func (q *Queue) lockSlow() {
	for range spins {
		for range pause {
			q.idle()
		}
		if q.mu.TryLock() {
			return
		}
	}
	q.mu.Lock()
}

// idle takes about a nanosecond.
//
//go:noinline
func (q *Queue) idle() {}
