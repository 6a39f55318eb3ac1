package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Watch holds a value whose changes goroutines can wait for, such as a configuration or the state of a connection. A
// reader gets the latest value together with its version, and can wait for a newer one.
//
// Versions start at 1 and rise by one with each change. A reader never gets an older value after a newer one, but it
// may skip values in between: a waiter is released with the first newer value, and gets the latest when it waits again.
//
//	for v, version := w.Get(); ; v, version = w.Wait(version) {
//		apply(v)
//	}
//
// A Watch is made by [NewWatch] and must not be copied. All readers share the values, so they must not modify the
// memory that a value refers to.
//
// In the terminology of the Go memory model, the call to Set or Update that made a version “synchronizes before” the
// return of any Get, Wait, WaitContext or WaitTimeout that returns that version, or a later one.
type Watch[T any] struct {
	now steps.Pointer[edition[T]] // the latest; nil if not made by NewWatch. Written under q's mutex
	q   waitq.Queue               // the waiters; the Tag of each is the version after which it waits
}

// An edition is a value and its version. It does not change once it is the latest, so Get needs no lock.
type edition[T any] struct {
	value   T
	version uint64
}

// A reader is a goroutine that waits for a newer version.
type reader[T any] struct {
	waitq.Own
	got *edition[T] // the edition that released it; written under the mutex, before it is woken
}

// NewWatch returns a Watch with the value v as version 1.
func NewWatch[T any](v T) *Watch[T] {
	w := new(Watch[T])
	w.now.Store(&edition[T]{v, 1})
	return w
}

// Set makes v the latest value, as a new version even if v is equal to the current value. It releases the goroutines
// that wait for this version. Set allocates memory for the value, so that Get needs no lock.
//
// Set “synchronizes before” the return of any call that returns this version or a later one.
func (w *Watch[T]) Set(v T) {
	w.current("Set")
	text := describe(v)
	w.lock("Set")
	w.publish(&edition[T]{value: v}, text)
}

// Update replaces the latest value by the result of calling fn with it. If the value has changed while fn ran, Update
// calls fn again with the new one; a failed attempt creates no version. fn is called without any lock held: it may call
// any method of w, and if it panics or calls runtime.Goexit, the value is unchanged. If fn changes w itself on every
// call, Update never returns. Update panics if fn is nil.
//
// Update “synchronizes before” the return of any call that returns this version or a later one.
func (w *Watch[T]) Update(fn func(old T) T) {
	w.current("Update")
	if fn == nil {
		misuse("Watch.Update", "the function is nil")
	}
	for {
		old := w.latest("Update")
		e := &edition[T]{value: fn(old.value)}
		text := describe(e.value)
		w.lock("Update")
		if w.now.Load() == old {
			w.publish(e, text)
			return
		}
		w.q.Unlock()
	}
}

// Get returns the latest value and its version. It neither waits nor takes a lock.
//
// The Set or Update that made the version “synchronizes before” the return of Get.
func (w *Watch[T]) Get() (v T, version uint64) {
	e := w.latest("Get")
	return e.value, e.version
}

// Wait waits until there is a version greater than after, and returns the latest value and its version.
//
// The Set or Update that made the version “synchronizes before” the return of Wait.
func (w *Watch[T]) Wait(after uint64) (v T, version uint64) {
	e := w.current("Wait")
	if e.version <= after || hook.Enabled() {
		e, _ = w.wait(after, &forever, "Wait")
	}
	return e.value, e.version
}

// WaitContext is like [Watch.Wait], but gives up when ctx ends, and then returns its cause, together with the latest
// value and its version. If ctx has already ended, it fails even if there is a newer version. WaitContext panics if ctx
// is nil.
func (w *Watch[T]) WaitContext(ctx context.Context, after uint64) (v T, version uint64, err error) {
	e := w.current("WaitContext")
	ended := waitq.Ended(ctx)
	if ended || e.version <= after || hook.Enabled() {
		var lim waitq.Limit
		limit(ctx, "Watch.WaitContext", ended, &lim)
		var granted bool
		e, granted = w.wait(after, &lim, "WaitContext")
		err = outcome(granted, &lim)
	}
	return e.value, e.version, err
}

// WaitTimeout is like [Watch.Wait], but gives up after d, and then returns false, together with the latest value and
// its version. If d is zero or negative, it does not wait, and reports whether there is a version greater than after.
func (w *Watch[T]) WaitTimeout(after uint64, d time.Duration) (v T, version uint64, ok bool) {
	e := w.current("WaitTimeout")
	ok = true
	if e.version <= after || hook.Enabled() {
		lim := waitq.Within(d)
		e, ok = w.wait(after, &lim, "WaitTimeout")
	}
	return e.value, e.version, ok
}

// Waiting returns the number of waiting goroutines.
func (w *Watch[T]) Waiting() int {
	w.current("Waiting")
	w.q.Inspect("Waiting")
	defer w.q.Unlock()
	return w.q.Len()
}

// wait waits for a version above after and returns it and true, or the latest version and false if lim ends first.
func (w *Watch[T]) wait(after uint64, lim *waitq.Limit, verb string) (e *edition[T], granted bool) {
	w.lock(verb)
	e = w.now.Load()
	switch {
	case lim.Canceled():
	case e.version > after:
		w.q.Emit(trace.KindPass, int64(e.version))
		granted = true
	case !lim.Instant():
		return w.park(after, lim, verb)
	}
	w.q.Unlock()
	return e, granted
}

// park waits in the queue. The mutex must be held; park returns without it.
func (w *Watch[T]) park(after uint64, lim *waitq.Limit, verb string) (e *edition[T], granted bool) {
	r := new(reader[T])
	r.Reset(lim)
	r.N, r.Tag, r.Data = int64(after), after, r
	w.q.List().Register(&w.q, w, "Wait")
	if w.q.Park(&r.Waiter, lim, verb, false) {
		return r.got, true
	}
	return w.latest(verb), false
}

// publish makes e the latest version, and releases its waiters. The mutex must be held; publish returns without it.
func (w *Watch[T]) publish(e *edition[T], text string) {
	var wakes waitq.WakeList
	e.version = w.now.Load().version + 1
	w.now.Store(e)
	w.q.EmitFor(trace.KindSet, 0, 0, int64(e.version), text)
	for next := w.q.Front(); next != nil; {
		r := next
		next = r.Next()
		if r.Tag >= e.version {
			continue
		}
		r.Data.(*reader[T]).got = e
		w.q.Grant(r, &wakes)
		w.q.EmitFor(trace.KindPass, r.G, 0, int64(e.version), "")
	}
	w.q.Unlock()
	wakes.Wake()
}

// latest returns the value, and reports the read to an explorer.
func (w *Watch[T]) latest(verb string) *edition[T] {
	e := w.current(verb)
	if hook.Enabled() {
		w.q.PointRead(verb)
		e = w.now.Load()
	}
	return e
}

// current returns the latest version. It panics if w was not made by NewWatch.
func (w *Watch[T]) current(verb string) *edition[T] {
	if w != nil {
		if e := w.now.Load(); e != nil {
			return e
		}
	}
	misuseZero("Watch."+verb, "NewWatch")
	return nil
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (w *Watch[T]) lock(verb string) {
	w.q.Point(verb)
	w.q.Lock()
	w.define()
}

// define defines w in a running trace. The mutex must be held.
func (w *Watch[T]) define() {
	if hook.On(hook.Trace) && w.q.Define(trace.ClassWatch, int64(w.now.Load().version), nil) {
		w.q.FoundWaiting(w.q.List(), "Wait")
	}
}

func (w *Watch[T]) traced() *trace.Object { return w.q.Object() }

// describe describes v for a trace, if one is running. It may call a TraceText of the caller's, so no lock may be held.
func describe[T any](v T) string {
	if !hook.On(hook.Trace) {
		return ""
	}
	return trace.ValueText(v)
}
