//go:build !turnstile_steps

package sync2

// How often things are tried again. With the build tag turnstile_steps, where an explorer tries every schedule, once is
// enough.
const (
	// spins is the number of times that a goroutine checks whether a lock or a permit is free before it queues.
	spins = 30
	// maxLosses is the number of times that a woken goroutine may lose the lock to another before the lock is handed to it, whatever
	// the time. It bounds the wait where time stands still, in a synctest bubble.
	maxLosses = 64
	// maxSkip is the maximum number of calls of Unlock in a row that do not read the clock.
	maxSkip = 64
	// yields is the number of times that a goroutine yields before it queues at a semaphore.
	yields = 4
)
