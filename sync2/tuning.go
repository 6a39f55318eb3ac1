//go:build !turnstile_steps

package sync2

// How often things are tried again. With the build tag turnstile_steps, where an explorer tries every order, once is
// enough.
const (
	// spins is how often a goroutine checks whether a lock or a permit is free before it queues.
	spins = 30
	// maxLosses is how often a goroutine that was woken may find a lock taken again, whatever the time, before it is
	// given the lock. It bounds the wait where time stands still: in a synctest bubble.
	maxLosses = 64
	// maxSkip is how many calls of Unlock in a row need not look at the clock, at most.
	maxSkip = 64
	// yields is how often a goroutine lets others run before it queues at a semaphore.
	yields = 4
)
