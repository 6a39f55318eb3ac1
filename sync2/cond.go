package sync2

import (
	"context"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Cond is a condition variable: goroutines wait on it for a condition on shared state, and goroutines that change the
// state notify them. It is sync.Cond with contexts and timeouts, and the equivalent of Python's threading.Condition.
//
// The state is guarded by a lock that is associated with the Cond. A goroutine must hold the lock to wait; the lock is
// released while the goroutine waits, and held again on every return, even with an error. Other goroutines may hold the
// lock between a notification and the return of Wait, so Wait belongs in a loop that checks the condition. WaitFor is
// that loop:
//
//	mu.Lock()
//	notEmpty.WaitFor(func() bool { return len(items) > 0 })
//	… take one …
//	mu.Unlock()
//
// A [ReentrantLock] is released in full, however many times the waiting goroutine has locked it, and locked again to
// the same depth.
//
// Waiters are notified in FIFO order. A notification is never lost: a waiter that is notified succeeds even if its
// timeout expires at the same moment, and a waiter that has given up receives none.
//
// A Cond is made by [NewCond] and must not be copied.
//
// In the terminology of the Go memory model, a call to Signal, Broadcast or Notify “synchronizes before” the return of
// any Wait that it ends. A Wait that gives up establishes no such relation, except through the lock.
type Cond struct {
	l sync.Locker
	q waitq.Queue
}

// NewCond returns a condition variable for state guarded by l, which may be any Locker. It panics if l is nil, or a nil
// pointer to a lock of this package or of package sync.
func NewCond(l sync.Locker) *Cond {
	if isNil(l) {
		misuse("NewCond", "the lock is nil")
	}
	return &Cond{l: l}
}

// isNil reports whether l is nil, or a nil pointer to a lock of this package or of package sync. The methods of other types may
// accept a nil pointer.
func isNil(l sync.Locker) bool {
	switch l := l.(type) {
	case nil:
		return true
	case *Mutex:
		return l == nil
	case *ReentrantLock:
		return l == nil
	case *sync.Mutex:
		return l == nil
	case *sync.RWMutex:
		return l == nil
	}
	return false
}

// Wait releases the lock, waits for a notification, and locks again before it returns. The caller must hold the lock:
// Wait panics if the lock is a [Mutex] that is not locked, or a [ReentrantLock] that the caller does not hold.
//
// The notification that ends the wait “synchronizes before” the return of Wait.
func (c *Cond) Wait() {
	c.check("Wait", true)
	c.wait(&forever, "Wait")
}

// WaitContext is like [Cond.Wait], but gives up when ctx ends and then returns its cause. If ctx has already ended,
// WaitContext returns without releasing the lock. WaitContext panics if ctx is nil.
func (c *Cond) WaitContext(ctx context.Context) error {
	c.check("WaitContext", true)
	lim := until(ctx, "Cond.WaitContext")
	return outcome(c.wait(&lim, "WaitContext"), &lim)
}

// WaitTimeout is like [Cond.Wait], but gives up after d and then returns false. The time it takes to lock again is not
// limited by d. If d is zero or negative, WaitTimeout returns false without releasing the lock.
func (c *Cond) WaitTimeout(d time.Duration) bool {
	c.check("WaitTimeout", true)
	lim := waitq.Within(d)
	return c.wait(&lim, "WaitTimeout")
}

// WaitFor waits until pred returns true. It calls pred with the lock held, once before it waits and again after each
// notification, and does not wait if the first call returns true. If pred panics, the lock stays held. The caller must
// hold the lock, as with [Cond.Wait]. WaitFor panics if pred is nil.
func (c *Cond) WaitFor(pred func() bool) {
	c.checkFor(pred, "WaitFor")
	c.waitFor(&forever, pred, "WaitFor")
}

// WaitForContext is like [Cond.WaitFor], but gives up when ctx ends. It then calls pred once more, and returns the
// cause of ctx only if pred returns false. If ctx has already ended, WaitForContext fails without calling pred.
// WaitForContext panics if ctx or pred is nil.
func (c *Cond) WaitForContext(ctx context.Context, pred func() bool) error {
	c.checkFor(pred, "WaitForContext")
	lim := until(ctx, "Cond.WaitForContext")
	granted := !lim.Ended() && c.waitFor(&lim, pred, "WaitForContext")
	return outcome(granted, &lim)
}

// WaitForTimeout is like [Cond.WaitFor], but gives up after a total time of d. It returns the last result of pred. If d
// is zero or negative, WaitForTimeout calls pred once, without releasing the lock, and returns its result.
// WaitForTimeout panics if pred is nil.
func (c *Cond) WaitForTimeout(d time.Duration, pred func() bool) bool {
	c.checkFor(pred, "WaitForTimeout")
	lim := waitq.Within(d)
	return c.waitFor(&lim, pred, "WaitForTimeout")
}

// Signal notifies the goroutine that has waited longest, if there is one. The caller need not hold the lock, unless it
// is a [ReentrantLock]: then Signal panics if the caller does not hold it.
//
// Signal “synchronizes before” the return of the Wait that it ends.
func (c *Cond) Signal() { c.notify(1, "Signal") }

// Broadcast notifies all waiting goroutines. The caller need not hold the lock, unless it is a [ReentrantLock]: then
// Broadcast panics if the caller does not hold it.
//
// Broadcast “synchronizes before” the return of every Wait that it ends.
func (c *Cond) Broadcast() { c.notify(-1, "Broadcast") }

// Notify notifies the n goroutines that have waited longest, or all of them if fewer than n are waiting. The caller
// need not hold the lock, unless it is a [ReentrantLock]: then Notify panics if the caller does not hold it. Notify
// panics if n is negative.
//
// Notify “synchronizes before” the return of every Wait that it ends.
func (c *Cond) Notify(n int) {
	if n < 0 {
		misusef("Cond.Notify", "%d waiters; must not be negative", n)
	}
	c.notify(n, "Notify")
}

// Waiting returns the number of waiting goroutines that have not been notified.
func (c *Cond) Waiting() int {
	c.q.Inspect("Waiting")
	defer c.q.Unlock()
	return c.q.Len()
}

// check checks, as far as the type of the lock allows, that the caller holds it.
func (c *Cond) check(verb string, toWait bool) {
	switch l := c.l.(type) {
	case nil:
		misuseZero("Cond."+verb, "NewCond")
	case *ReentrantLock:
		if l.owner() != uint64(goid.Get()) {
			misuse("Cond."+verb, "the lock is not held by the calling goroutine")
		}
	case *Mutex:
		if toWait && l.l.state.Load()&held == 0 {
			misuse("Cond."+verb, "the lock is not locked")
		}
	}
}

// checkFor is like check, for a wait with a predicate.
func (c *Cond) checkFor(pred func() bool, verb string) {
	c.check(verb, true)
	if pred == nil {
		misuse("Cond."+verb, "pred is nil")
	}
}

// waitFor waits until pred returns true, and returns the last result of pred.
func (c *Cond) waitFor(lim *waitq.Limit, pred func() bool, verb string) bool {
	for !pred() {
		if lim.Instant() {
			return false
		}
		if !c.wait(lim, verb) {
			return pred()
		}
	}
	return true
}

// wait waits once, unless lim has already ended. The caller holds the lock, also when wait returns.
//
// It joins the queue before it releases the lock, so that a goroutine that changes the state after that finds it there. No
// other lock is held in between, because the Locker is the caller's code.
func (c *Cond) wait(lim *waitq.Limit, verb string) (granted bool) {
	c.lock(verb)
	if lim.Canceled() || lim.Instant() {
		c.q.Unlock()
		return false
	}
	w := waitq.NewWaiter(lim)
	c.q.List().Register(&c.q, c, "Wait")
	c.q.Enqueue(w)
	c.q.Unlock()
	depth := c.release(w)
	c.q.Lock()
	granted = c.q.Wait(w, lim, "Wait")
	w.Free()
	if l, ok := c.l.(*ReentrantLock); ok {
		l.restore(depth)
	} else {
		c.l.Lock()
	}
	return granted
}

// release releases the lock, in full if it is a ReentrantLock, and returns its depth. If that panics, w leaves the queue.
func (c *Cond) release(w *waitq.Waiter) (depth int) {
	released := false
	defer func() {
		if !released {
			c.withdraw(w)
		}
	}()
	if l, ok := c.l.(*ReentrantLock); ok {
		depth = l.releaseAll()
	} else {
		c.l.Unlock()
	}
	released = true
	return depth
}

// withdraw removes w from the queue. If it was notified meanwhile, the notification passes to the next waiter.
func (c *Cond) withdraw(w *waitq.Waiter) {
	var wakes waitq.WakeList
	c.q.Lock()
	if next := c.q.Front(); !c.q.Cancel(w) && next != nil {
		c.q.Grant(next, &wakes)
	}
	c.q.Unlock()
	wakes.Wake()
}

// notify notifies n waiters, or all if n is -1.
func (c *Cond) notify(n int, verb string) {
	c.check(verb, false)
	c.lock(verb)
	if n < 0 || n > c.q.Len() {
		n = c.q.Len()
	}
	var wakes waitq.WakeList
	if hook.Enabled() {
		c.q.Emit(trace.KindNotify, int64(c.q.Traced(n)))
	}
	for range n {
		c.q.Grant(c.q.Front(), &wakes)
	}
	c.q.Unlock()
	wakes.Wake()
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (c *Cond) lock(verb string) {
	c.q.Point(verb)
	c.q.Lock()
	c.define()
}

// define defines c in a running trace. The mutex must be held.
func (c *Cond) define() {
	if hook.Enabled() {
		var parent *trace.Object
		if t, ok := c.l.(traceable); ok {
			parent = t.traced()
		}
		if c.q.Define(trace.ClassCond, 0, parent) {
			c.q.FoundWaiting(c.q.List(), "Wait")
		}
	}
}

func (c *Cond) traced() *trace.Object { return c.q.Object() }

// releaseAll releases l in full, and returns its depth. The caller holds l.
func (l *ReentrantLock) releaseAll() (depth int) {
	depth = l.depth
	l.depth = 0
	l.l.unlock(trace.ClassReentrantLock)
	return depth
}

// restore locks l to the given depth.
func (l *ReentrantLock) restore(depth int) {
	l.Lock()
	if depth == 1 {
		return
	}
	l.depth = depth
	if hook.Enabled() {
		l.l.begin("Lock", trace.ClassReentrantLock)
		defer l.l.q.Unlock()
		for deep := 2; deep <= depth; deep++ { // one at a time, as Lock would
			l.l.q.Emit(trace.KindAcquire, int64(deep))
		}
	}
}
