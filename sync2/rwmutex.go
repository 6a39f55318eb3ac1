package sync2

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A RWMutex is a reader/writer lock, held by any number of readers or by one writer. It is like sync.RWMutex, but fair,
// and with a context and a timeout variant of Lock and RLock. As a sync.Locker it locks for writing.
//
// The zero value for a RWMutex is an unlocked mutex. A RWMutex must not be copied after first use.
//
// Waiters are served in FIFO order: a reader that arrives while a writer waits queues behind it, and adjacent readers
// in the queue are admitted together. So a goroutine that holds the lock for reading must not call RLock again: if a
// writer arrives in between, both wait forever. A RWMutex has no owner: one goroutine may lock it and another unlock
// it.
//
// In the terminology of the Go memory model, the n'th call to [RWMutex.Unlock] or [RWMutex.Downgrade] “synchronizes before”
// the return of the m'th successful call that locks for writing for any n < m, and before that of each that locks for
// reading after it. A call to [RWMutex.RUnlock] “synchronizes before” the return of the next that locks for writing. A call
// that fails establishes no such relation.
type RWMutex struct {
	// state is the number of readers, in units of reading, or written, and the flag crowded: goroutines wait, or are about to,
	// or a trace knows how the mutex stands. It may only be set, and state is only changed while it is set, under q's mutex:
	// so while the flag is set, every goroutine takes the slow path.
	state steps.Uint64
	q     waitq.Queue
}

// The state of a RWMutex. The fast paths know written as hook.Or1.
const (
	written uint64 = 1 << iota // a writer holds it
	crowded                    // the flag
	reading                    // one reader
)

// Lock locks m for writing. If m is already locked for reading or writing, Lock waits until it is free and all earlier
// waiters have been served.
//
// The preceding Unlock, and every preceding RUnlock, “synchronizes before” the return of Lock.
func (m *RWMutex) Lock() {
	if !m.state.CompareAndSwap(hook.Or0(), written) {
		m.lockSlow()
	}
}

// lockSlow is outlined so that Lock can be inlined.
//
//go:noinline
func (m *RWMutex) lockSlow() { m.wait(written, &forever, "Lock") }

// LockContext is like [RWMutex.Lock], but gives up when ctx ends and then returns its cause; readers that wait only
// because they queue behind it are then admitted at once. If ctx has already ended, it fails even if m is free.
// LockContext panics if ctx is nil.
func (m *RWMutex) LockContext(ctx context.Context) error {
	return m.context(ctx, written, "LockContext")
}

// LockTimeout is like [RWMutex.Lock], but gives up after d and then returns false. If d is zero or negative, it does
// not wait.
func (m *RWMutex) LockTimeout(d time.Duration) bool { return m.within(d, written, "LockTimeout") }

// TryLock locks m for writing if it is free, and reports whether it did.
//
// A call that returns false establishes no “synchronizes before” relation.
func (m *RWMutex) TryLock() bool { return m.try(written, "TryLock") }

// Unlock unlocks m for writing. Before it returns, m belongs to the waiters at the head of the queue, if any. It may be
// called by any goroutine. Unlock panics if m is not locked for writing.
//
// Unlock “synchronizes before” the return of the next calls that lock m.
func (m *RWMutex) Unlock() {
	if !m.state.CompareAndSwap(hook.Or1(), 0) {
		m.unlockSlow()
	}
}

// unlockSlow is outlined so that Unlock can be inlined.
//
//go:noinline
func (m *RWMutex) unlockSlow() { m.release(written, "Unlock") }

// RLock locks m for reading. If m is locked for writing, or if others wait, RLock waits until m is free of writers and
// all earlier waiters have been served.
//
// The preceding Unlock “synchronizes before” the return of RLock.
func (m *RWMutex) RLock() {
	if !m.state.CompareAndSwap(hook.Or0(), reading) { // not the only reader
		m.rLockSlow()
	}
}

// rLockSlow is outlined so that RLock can be inlined.
//
//go:noinline
func (m *RWMutex) rLockSlow() {
	if !m.take(reading) {
		m.wait(reading, &forever, "RLock")
	}
}

// RLockContext is like [RWMutex.RLock], but gives up when ctx ends and then returns its cause. If ctx has already
// ended, it fails even if it would not have to wait. RLockContext panics if ctx is nil.
func (m *RWMutex) RLockContext(ctx context.Context) error {
	return m.context(ctx, reading, "RLockContext")
}

// RLockTimeout is like [RWMutex.RLock], but gives up after d and then returns false. If d is zero or negative, it does
// not wait.
func (m *RWMutex) RLockTimeout(d time.Duration) bool { return m.within(d, reading, "RLockTimeout") }

// TryRLock locks m for reading if it is not locked for writing and no goroutine waits for it, and reports whether it
// did.
//
// A call that returns false establishes no “synchronizes before” relation.
func (m *RWMutex) TryRLock() bool { return m.try(reading, "TryRLock") }

// RUnlock undoes a single RLock. If it was the last, m belongs to the writer at the head of the queue, if any, before
// RUnlock returns. It may be called by any goroutine. RUnlock panics if m is not locked for reading.
//
// RUnlock “synchronizes before” the return of the next call that locks m for writing.
func (m *RWMutex) RUnlock() {
	if !m.state.CompareAndSwap(hook.Or0()|reading, 0) {
		m.rUnlockSlow()
	}
}

// rUnlockSlow is outlined so that RUnlock can be inlined.
//
//go:noinline
func (m *RWMutex) rUnlockSlow() { m.release(reading, "RUnlock") }

// Downgrade turns the writer's lock into a reader's lock; no other writer can lock m in between. Readers at the head of
// the queue are admitted too. Downgrade panics if m is not locked for writing.
//
// Downgrade “synchronizes before” the return of the next calls that lock m.
func (m *RWMutex) Downgrade() {
	if m.state.CompareAndSwap(hook.Or1(), reading) {
		return
	}
	m.lock("Downgrade")
	if !m.swap(written, reading) {
		m.q.Unlock()
		misuse("RWMutex.Downgrade", "not locked for writing")
	}
	m.q.EmitFor(trace.KindAcquire, 0, 0, 1, "Downgrade")
	m.serve()
}

// RLocker returns a sync.Locker whose Lock and Unlock call m.RLock and m.RUnlock.
func (m *RWMutex) RLocker() sync.Locker { return (*rLocker)(m) }

// A rLocker is a RWMutex whose Lock and Unlock are RLock and RUnlock.
type rLocker RWMutex

// Lock locks for reading.
func (r *rLocker) Lock() { (*RWMutex)(r).RLock() }

// Unlock undoes a Lock.
func (r *rLocker) Unlock() { (*RWMutex)(r).RUnlock() }

// Locked reports whether m is locked for writing.
func (m *RWMutex) Locked() bool {
	m.q.PointRead("Locked")
	return m.state.Load()&written != 0
}

// Readers returns the number of readers that hold m.
func (m *RWMutex) Readers() int {
	m.q.PointRead("Readers")
	return int(m.state.Load() / reading)
}

// Waiting returns the number of goroutines waiting for m, to read or to write.
func (m *RWMutex) Waiting() int {
	m.q.Inspect("Waiting")
	defer m.q.Unlock()
	return m.q.Len()
}

// take is the fast path of every method that locks m in the mode how, written or reading.
func (m *RWMutex) take(how uint64) bool {
	for !hook.Enabled() {
		old := m.state.Load()
		if !fits(old, how) || old&crowded != 0 {
			return false
		}
		if m.state.CompareAndSwap(old, old+how) {
			return true
		}
	}
	return false
}

// fits reports whether one more goroutine may hold a mutex in the given state, even if others queue.
func fits(state, how uint64) bool {
	return state&written == 0 && (how == reading || state < reading)
}

// takeLocked is like take, even if others queue. The mutex must be held.
func (m *RWMutex) takeLocked(how uint64) bool {
	for {
		old := m.state.Load()
		if !fits(old, how) {
			return false
		}
		if m.state.CompareAndSwap(old, old+how) {
			return true
		}
	}
}

// swap changes the mode in which one goroutine holds m; 0 means not at all. It reports whether there is such a goroutine.
func (m *RWMutex) swap(from, to uint64) bool {
	for {
		old := m.state.Load()
		if from == written && old&written == 0 || from == reading && old < reading {
			return false
		}
		if m.state.CompareAndSwap(old, old-from+to) {
			return true
		}
	}
}

func (m *RWMutex) context(ctx context.Context, how uint64, verb string) error {
	ended := waitq.Ended(ctx)
	if !ended && m.take(how) {
		return nil
	}
	var lim waitq.Limit
	limit(ctx, "RWMutex."+verb, ended, &lim)
	return outcome(m.wait(how, &lim, verb), &lim)
}

func (m *RWMutex) within(d time.Duration, how uint64, verb string) bool {
	if m.take(how) {
		return true
	}
	lim := waitq.Within(d)
	return m.wait(how, &lim, verb)
}

func (m *RWMutex) try(how uint64, verb string) bool {
	switch {
	case m.take(how):
		return true
	case !hook.Enabled() && m.state.Load()&crowded == 0:
		return false
	}
	return m.within(0, how, verb)
}

// wait is the slow path of every method that may wait.
func (m *RWMutex) wait(how uint64, lim *waitq.Limit, verb string) (granted bool) {
	if !lim.Ended() && !lim.Instant() && m.spin(how) {
		return true
	}
	m.lock(verb)
	switch {
	case m.admit(how, lim):
		m.q.EmitFor(trace.KindAcquire, 0, 0, 1, verb)
		m.q.Unlock()
		return true
	case lim.Canceled() || lim.Instant():
		m.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
		m.serve()
		return false
	}
	w := waitq.NewWaiter(lim)
	w.Tag = how
	m.q.List().Register(&m.q, m, "Lock")
	if granted = m.q.Park(w, lim, verb, false); granted {
		w.Free()
	} else {
		m.q.Lock()
		m.serve()
	}
	return granted
}

// admit locks m for the calling goroutine if no goroutine is queued and the lock permits, and reports whether it did. If it
// did not, the flag is set, unless lim has ended. The mutex must be held.
func (m *RWMutex) admit(how uint64, lim *waitq.Limit) bool {
	if m.q.Len() > 0 || lim.Canceled() {
		return false
	}
	for !m.takeLocked(how) {
		old := m.state.Load()
		if !fits(old, how) && m.state.CompareAndSwap(old, old|crowded) {
			return false // from now on nothing unlocks without the mutex
		}
	}
	return true
}

// spin waits a moment for the holders of m, if they can be running, and reports whether it got the lock. A reader yields to
// other goroutines: an interrupted writer goes on and unlocks meanwhile.
func (m *RWMutex) spin(how uint64) bool {
	for i := range yields {
		if hook.Enabled() || how == written && (i > 0 || !multicore) {
			return false
		}
		if i > 0 || !multicore {
			runtime.Gosched()
		}
		for range spins {
			if m.take(how) {
				return true
			}
		}
	}
	return false
}

// release undoes a lock.
func (m *RWMutex) release(how uint64, verb string) {
	for !hook.Enabled() {
		old := m.state.Load()
		if old&crowded != 0 || how == written && old&written == 0 || how == reading && old < reading {
			break
		}
		if m.state.CompareAndSwap(old, old-how) {
			return
		}
	}
	m.lock(verb)
	if !m.swap(how, 0) {
		m.q.Unlock()
		if how == written {
			misuse("RWMutex.Unlock", "not locked for writing")
		}
		misuse("RWMutex.RUnlock", "not locked for reading")
	}
	m.q.EmitFor(trace.KindRelease, 0, 0, 0, verb)
	m.serve()
}

// serve grants waiters from the head of the queue, releases the mutex, which must be held, and wakes them.
//
//go:noinline
func (m *RWMutex) serve() {
	var wakes waitq.WakeList
	w := m.q.Front()
	for ; w != nil && m.takeLocked(w.Tag); w = m.q.Front() {
		m.q.Grant(w, &wakes)
		m.q.EmitFor(trace.KindAcquire, w.G, 0, 1, verbOf(w))
	}
	if w == nil && m.q.Session() == 0 {
		m.state.And(^crowded)
	}
	m.q.Unlock()
	wakes.Wake()
}

// verbOf returns the operation for which w waits.
func verbOf(w *waitq.Waiter) string {
	if w.Tag == reading {
		return "RLock"
	}
	return "Lock"
}

// lock begins the operation verb: it notifies observers, takes the mutex, and defines m in a running trace. That
// closes the fast paths to all for as long as the trace runs.
func (m *RWMutex) lock(verb string) {
	m.q.Point(verb)
	m.q.Lock()
	m.define()
}

// define defines m in a running trace. The mutex must be held.
func (m *RWMutex) define() {
	if !hook.On(hook.Trace) && (steps.Instrumented || m.state.Load()&crowded == 0) { // with steps.Instrumented there are no traces
		return
	}
	old := m.state.Or(crowded)
	how := int64(old & written)
	if readers := int64(old / reading); readers > 0 {
		how = 1 + readers
	}
	if m.q.Define(trace.ClassRWMutex, how, nil) {
		m.q.FoundEach(m.q.List(), verbOf)
	}
	if m.q.Len() == 0 && m.q.Session() == 0 {
		m.state.And(^crowded)
	}
}

func (m *RWMutex) traced() *trace.Object { return m.q.Object() }
