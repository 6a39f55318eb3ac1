// Package waitq has the wait queues of package sync2: all its parking and waking happens here.
//
// A primitive is a few words of state, a lock-free fast path, and a slow path that runs under its [Queue]'s mutex. There
// are two ways to wait: in the Queue, whose members are granted one by one what they ask for, and in a [NotifyList], whose
// members are all notified at once. One protocol serves both. A goroutine that releases another changes the state on its
// behalf, grants (or notifies), releases the mutex, and wakes it. So a woken goroutine need not check again, and a wait
// that gives up and finds itself granted keeps the grant.
//
//	a waiter in                    parks on                          is woken by
//	Park, Wait without a Limit     the Bed of its Waiter             Wake, after its Grant
//	Park, Wait with a Limit        a door of its own                 Wake, after its Grant, or its Limit
//	JoinAlike                      the primitive's SharedBed         Wake, after a Grant of its turn
//	ParkAlike, the leader          the door of the shared Waiter     Wake, after its Grant, or its context
//	ParkAlike, the others          the Bed of the shared Waiter      Wake, after the Grant before theirs, or the leader
//	NotifyList without a Limit     the list's Bed                    Wake, after NotifyAll
//	NotifyList with a Limit        the door of its generation        Wake, after NotifyAll, or its Limit
//
// Waiters in the Queue can also be refused: then they are woken like those that were granted.
//
// Grants, refusals, notifications and giving up are decided under the mutex, parking begins under it, and waking needs none. Between
// a grant and the wake, others see the state after the grant: the goroutine is off the queue, and has what it asked for. Goroutines
// that come to a NotifyList between NotifyAll and the wake belong to the next generation, and go back to sleep if they are woken too
// early.
//
// The only difference between production, a trace and an explorer is what a wait parks on: a sync.Cond, a channel, or the
// explorer's task; see [Bed]. In production the select statement at a door can be the primitive's; see [Pending]. A Limit
// calls the methods of a context without any lock; see [Limit].
//
// The idea of one queue beneath all primitives is that of java.util.concurrent's AbstractQueuedSynchronizer and of
// parking_lot_core; waking with the grant already made, that of golang.org/x/sync/semaphore.
//
// # Files
//
//   - The queue, in which waiters are granted one by one: queue.go, waiter.go, alike.go, limit.go, wait.go.
//   - The notify list, whose waiters are notified at once: notify.go.
//   - What a goroutine sleeps on: park.go.
//   - The mutex of a queue (plain, checked by go-deadlock, or explored step by step): mutex.go,
//     mutex_deadlock.go, mutex_steps.go.
//   - The list of all waits: register.go, register_race.go, register_norace.go, register_off.go.
//   - Annotations for the race detector: race.go, norace.go.
package waitq
