//go:build !deadlock && !turnstile_steps

package waitq

import "sync"

// Mutex guards the internals of the primitives. The build tag "deadlock" makes it go-deadlock's, which checks lock
// ordering and the time that locking takes.
type Mutex = sync.Mutex

const (
	// spins is the number of times that Lock checks again whether the mutex is free before it queues.
	spins = 4
	// pause is the length of the wait before each check, in iterations of about a nanosecond.
	pause = 1000
)

// Lock takes the mutex.
func (q *Queue) Lock() {
	if !q.mu.TryLock() {
		q.lockSlow()
	}
}

// lockSlow stays away from the mutex for a while before it checks again. The mutex is held for only some nanoseconds,
// so a goroutine that has to wait for it competes with others that work on what it guards; these are fastest while no
// other goroutine touches the memory. Sleeping at once would cost all of them more.
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
