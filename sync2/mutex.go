package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Mutex is a mutual exclusion lock, like sync.Mutex, that can also give up waiting. It is a sync.Locker.
//
// The zero value for a Mutex is an unlocked mutex. A Mutex must not be copied after first use.
//
// A running goroutine may take the lock before one that waits for it: that is faster than to serve strictly in order.
// But none starves: one that has waited for 1 ms is next.
//
// In the terminology of the Go memory model, the n'th call to [Mutex.Unlock] “synchronizes before” the return of the
// m'th successful call to Lock, LockContext, LockTimeout or TryLock for any n < m. A call that fails establishes no
// such relation.
type Mutex struct{ l lock }

// Lock locks m. If it is locked already, Lock waits until it is free.
//
// The Unlock before it “synchronizes before” its return.
func (m *Mutex) Lock() {
	if !m.l.state.CompareAndSwap(hook.Or0(), held) {
		m.lockSlow()
	}
}

// lockSlow is outlined so that Lock can be inlined.
//
//go:noinline
func (m *Mutex) lockSlow() { _ = m.l.wait(0, &forever, &mutexKind, "Lock") }

// LockContext is like [Mutex.Lock], but gives up when ctx ends and then returns its cause. If ctx has ended already, it
// fails even if m is free.
func (m *Mutex) LockContext(ctx context.Context) error {
	ended := waitq.Ended(ctx)
	if !ended && m.l.fast() {
		return nil
	}
	var lim waitq.Limit
	limit(ctx, "Mutex.LockContext", ended, &lim)
	return outcome(m.l.wait(0, &lim, &mutexKind, "LockContext"), &lim)
}

// LockTimeout is like [Mutex.Lock], but gives up after d and then returns false. If d is zero or less it does not wait.
func (m *Mutex) LockTimeout(d time.Duration) bool {
	if m.l.fast() {
		return true
	}
	lim := waitq.Within(d)
	return m.l.wait(0, &lim, &mutexKind, "LockTimeout")
}

// TryLock locks m if it is free, and reports whether it did.
//
// If it fails, it establishes no order.
func (m *Mutex) TryLock() bool {
	return m.l.fast() || m.l.try(0, trace.ClassMutex, "TryLock")
}

// Unlock unlocks m. It may be called by any goroutine. Unlock panics if m is not locked.
//
// It “synchronizes before” the return of the next call that locks m.
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
	m.l.q.Look("Locked")
	return m.l.state.Load()&held != 0
}

// Waiting returns how many goroutines wait for m.
func (m *Mutex) Waiting() int { return m.l.waiting() }

func (m *Mutex) traced() *trace.Object { return m.l.q.Object() }
