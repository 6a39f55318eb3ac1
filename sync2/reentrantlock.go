package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A ReentrantLock is a mutual exclusion lock that is owned by the goroutine that holds it. The owner may lock it again,
// and must unlock it as many times as it locked it. It is the equivalent of Python's threading.RLock and Java's
// ReentrantLock, and it is a sync.Locker.
//
// The zero value for a ReentrantLock is unlocked. A ReentrantLock must not be copied after first use.
//
// For speed, a running goroutine may take the lock ahead of waiters. But no waiter starves: once the first waiter has
// waited for 1 ms, the next Unlock that frees the lock hands it to that waiter.
//
// In the terminology of the Go memory model, the n'th call to [ReentrantLock.Unlock] that frees the lock
// “synchronizes before” the return of the m'th call that takes the free lock for any n < m. A call that fails
// establishes no such relation.
type ReentrantLock struct {
	l     lock // its tag is the id of the owner
	depth int  // guarded by l, and of no meaning while that is free
}

// Lock locks l. If another goroutine holds l, Lock waits until it is free.
//
// The Unlock that freed l “synchronizes before” the return of Lock.
func (l *ReentrantLock) Lock() {
	id := uint64(goid.Get())
	old := l.l.state.Load() // the fast path, inlined by hand for nested calls of Lock
	if old&(tagMask|traced)|hook.Or0() == id<<tagShift {
		l.depth++
		return
	}
	if old == 0 && l.l.state.CompareAndSwap(hook.Or0(), held|id<<tagShift) {
		l.depth = 1
		return
	}
	l.lockSlow(id)
}

// lockSlow is outlined so that Lock has little to set up. The lock may be free with others in the queue: then it is
// taken here.
//
//go:noinline
func (l *ReentrantLock) lockSlow(id uint64) {
	if !l.fast(id) {
		_ = l.wait(id, &forever, "Lock")
	}
}

// LockContext is like [ReentrantLock.Lock], but gives up when ctx ends and then returns its cause. If ctx has already
// ended, it fails even if l is free or the caller holds it. LockContext panics if ctx is nil.
func (l *ReentrantLock) LockContext(ctx context.Context) error {
	ended := waitq.Ended(ctx)
	id := uint64(goid.Get())
	if !ended && l.fast(id) {
		return nil
	}
	var lim waitq.Limit
	limit(ctx, "ReentrantLock.LockContext", ended, &lim)
	return outcome(l.wait(id, &lim, "LockContext"), &lim)
}

// LockTimeout is like [ReentrantLock.Lock], but gives up after d and then returns false. If d is zero or negative, it
// does not wait.
func (l *ReentrantLock) LockTimeout(d time.Duration) bool {
	id := uint64(goid.Get())
	if l.fast(id) {
		return true
	}
	lim := waitq.Within(d)
	return l.wait(id, &lim, "LockTimeout")
}

// TryLock locks l if it is free or the caller already holds it, and reports whether it did.
func (l *ReentrantLock) TryLock() bool {
	id := uint64(goid.Get())
	if l.fast(id) || l.again(id, &forever, "TryLock") {
		return true
	}
	if l.l.try(id, trace.ClassReentrantLock, "TryLock") {
		l.depth = 1
		return true
	}
	return false
}

// Unlock undoes one Lock of the calling goroutine. It panics if that goroutine does not hold l.
//
// An Unlock that frees l “synchronizes before” the return of the next call that locks l.
func (l *ReentrantLock) Unlock() {
	id := uint64(goid.Get())
	old := l.l.state.Load()
	if old&(tagMask|traced)|hook.Or0() == id<<tagShift {
		if l.depth > 1 {
			l.depth--
			return
		}
		if old&(waiters|starving|woken) == 0 && l.l.state.CompareAndSwap(old, old&^(held|tagMask)) {
			return
		}
	}
	l.unlockSlow(id)
}

// unlockSlow is Unlock without the fast paths.
//
//go:noinline
func (l *ReentrantLock) unlockSlow(id uint64) {
	if l.owner() != id {
		misuse("ReentrantLock.Unlock", "not held by the calling goroutine")
	}
	l.depth--
	if l.depth == 0 {
		l.l.unlock(trace.ClassReentrantLock)
	} else if l.watched() {
		l.emitNested(trace.KindRelease, "Unlock")
	}
}

// Held reports whether the calling goroutine holds l.
func (l *ReentrantLock) Held() bool {
	l.l.q.PointRead("Held")
	return l.owner() == uint64(goid.Get())
}

// Depth returns the number of times that the calling goroutine has locked l without unlocking it, or 0 if it does not
// hold l.
func (l *ReentrantLock) Depth() int {
	if !l.Held() {
		return 0
	}
	return l.depth
}

// Owner returns the id of the goroutine that holds l, or 0 if l is free.
func (l *ReentrantLock) Owner() int64 {
	l.l.q.PointRead("Owner")
	return int64(l.owner())
}

// Locked reports whether any goroutine holds l.
func (l *ReentrantLock) Locked() bool { return l.Owner() != 0 }

// Waiting returns the number of goroutines waiting for l.
func (l *ReentrantLock) Waiting() int { return l.l.waiting() }

func (l *ReentrantLock) owner() uint64 { return l.l.state.Load() >> tagShift }

// watched reports whether there is an observer, or was when l was last used.
func (l *ReentrantLock) watched() bool {
	return hook.Enabled() || !steps.Instrumented && l.l.state.Load()&traced != 0
}

// fast is the fast path: it takes l for goroutine id if it is free or that goroutine holds it already, and there is no
// observer.
func (l *ReentrantLock) fast(id uint64) bool {
	if hook.Enabled() {
		return false
	}
	old := l.l.state.Load()
	if old&traced != 0 {
		return false
	}
	if old>>tagShift == id {
		l.depth++
		return true
	}
	if old&(held|starving) == 0 && l.l.state.CompareAndSwap(old, old|held|id<<tagShift) {
		l.depth = 1
		return true
	}
	return false
}

// again locks l once more if goroutine id holds it and lim has not ended, and reports whether it did.
func (l *ReentrantLock) again(id uint64, lim *waitq.Limit, verb string) bool {
	if l.owner() != id {
		return false
	}
	if !l.watched() {
		l.depth++
		return true
	}
	l.l.begin(verb, trace.ClassReentrantLock)
	defer l.l.q.Unlock()
	if lim.Canceled() {
		return false
	}
	l.depth++
	l.l.q.Emit(trace.KindAcquire, int64(l.depth))
	return true
}

func (l *ReentrantLock) emitNested(kind trace.Kind, verb string) {
	l.l.begin(verb, trace.ClassReentrantLock)
	defer l.l.q.Unlock()
	l.l.q.Emit(kind, int64(l.depth))
}

// wait takes the lock for goroutine id, waiting for it if necessary.
func (l *ReentrantLock) wait(id uint64, lim *waitq.Limit, verb string) (granted bool) {
	if lim.Ended() {
		return false
	}
	if l.owner() == id {
		return l.again(id, lim, verb)
	}
	if !l.l.wait(id, lim, &reentrantKind, verb) {
		return false
	}
	l.depth = 1
	return true
}

func (l *ReentrantLock) traced() *trace.Object { return l.l.q.Object() }
