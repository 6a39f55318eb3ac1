package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Mutex is a mutual exclusion lock, like sync.Mutex, with a context and a timeout variant of Lock. It is a
// sync.Locker.
//
// The zero value for a Mutex is an unlocked mutex. A Mutex must not be copied after first use.
//
// For speed, a running goroutine may take the lock ahead of waiters. But no waiter starves: once the first waiter has
// waited for 1 ms, the next Unlock hands the lock to it.
//
// In the terminology of the Go memory model, the n'th call to [Mutex.Unlock] “synchronizes before” the return of the
// m'th successful call to Lock, LockContext, LockTimeout or TryLock for any n < m. A call that fails establishes no
// such relation.
type Mutex struct{ l lock }

// Lock locks m. If m is already locked, Lock waits until it is free.
//
// The preceding Unlock “synchronizes before” the return of Lock.
func (m *Mutex) Lock() {
	if !m.l.state.CompareAndSwap(hook.Or0(), held) {
		m.lockSlow()
	}
}

// lockSlow is outlined so that Lock can be inlined.
//
//go:noinline
func (m *Mutex) lockSlow() { _ = m.l.wait(0, &forever, &mutexKind, "Lock") }

// LockContext is like [Mutex.Lock], but gives up when ctx ends and then returns its cause. If ctx has already ended, it
// fails even if m is free. LockContext panics if ctx is nil.
func (m *Mutex) LockContext(ctx context.Context) error {
	ended := waitq.Ended(ctx)
	if !ended && m.l.fast() {
		return nil
	}
	var lim waitq.Limit
	limit(ctx, "Mutex.LockContext", ended, &lim)
	return outcome(m.l.wait(0, &lim, &mutexKind, "LockContext"), &lim)
}

// LockTimeout is like [Mutex.Lock], but gives up after d and then returns false. If d is zero or negative, it does not
// wait.
func (m *Mutex) LockTimeout(d time.Duration) bool {
	if m.l.fast() {
		return true
	}
	lim := waitq.Within(d)
	return m.l.wait(0, &lim, &mutexKind, "LockTimeout")
}

// TryLock locks m if it is free, and reports whether it did.
//
// A call that returns false establishes no “synchronizes before” relation.
func (m *Mutex) TryLock() bool {
	return m.l.fast() || m.l.try(0, trace.ClassMutex, "TryLock")
}

// Unlock unlocks m. It may be called by any goroutine. Unlock panics if m is not locked.
//
// Unlock “synchronizes before” the return of the next call that locks m.
func (m *Mutex) Unlock() {
	if !m.l.state.CompareAndSwap(hook.Or1(), 0) {
		m.unlockSlow()
	}
}

// unlockSlow is outlined so that Unlock can be inlined.
//
//go:noinline
func (m *Mutex) unlockSlow() {
	if !m.l.unlock(trace.ClassMutex) {
		misuse("Mutex.Unlock", "not locked")
	}
}

// Locked reports whether m is locked.
func (m *Mutex) Locked() bool {
	m.l.q.PointRead("Locked")
	return m.l.state.Load()&held != 0
}

// Waiting returns the number of goroutines waiting for m.
func (m *Mutex) Waiting() int { return m.l.waiting() }

func (m *Mutex) traced() *trace.Object { return m.l.q.Object() }
