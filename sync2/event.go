package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Event is a flag that goroutines wait for, like Python's threading.Event.
//
// The zero value for an Event is a flag that is not set. An Event must not be copied after first use.
//
// In the terminology of the Go memory model, a call to [Event.Set] “synchronizes before” the return of any Wait that it
// releases, before the return of any Wait that finds the flag set by it, before the return of any [Event.IsSet] that
// reports true because of it, and before the completion of a receive from the channel of [Event.Done]. A Wait that
// gives up establishes no such relation.
type Event struct {
	set     steps.Bool // written under q's mutex
	q       waitq.Queue
	waiting waitq.NotifyList // waits for the next Set
}

// closed is the result of Done when the flag is already set.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Set sets the flag and releases every goroutine that waits for it. All of these waits succeed, even if [Event.Clear]
// follows at once. If the flag is set already, Set does nothing.
//
// Set “synchronizes before” the return of every Wait that succeeds because of it.
func (e *Event) Set() {
	if e.set.Load() && !hook.Enabled() {
		return
	}
	var wakes waitq.WakeList
	e.lock("Set")
	if e.set.Load() {
		e.q.Emit(trace.KindSet, 0)
		e.q.Unlock()
		return
	}
	e.set.Store(true)
	e.q.Emit(trace.KindSet, int64(e.waiting.Waiting()))
	e.waiting.NotifyAll(&e.q, &wakes)
	e.q.Unlock()
	wakes.Wake()
}

// Clear resets the flag. Subsequent waits block until the next [Event.Set].
func (e *Event) Clear() {
	e.lock("Clear")
	defer e.q.Unlock()
	e.set.Store(false)
	e.q.Emit(trace.KindClear, 0)
}

// IsSet reports whether the flag is set.
//
// The Set that set the flag “synchronizes before” the return of an IsSet that reports true.
func (e *Event) IsSet() bool {
	if hook.Enabled() {
		return e.isSetWatched()
	}
	return e.set.Load()
}

// isSetWatched is outlined so that IsSet can be inlined.
//
//go:noinline
func (e *Event) isSetWatched() bool {
	e.q.PointRead("IsSet")
	return e.set.Load()
}

// Wait waits until the flag is set. It returns at once if the flag is already set.
//
// The Set that ends the wait “synchronizes before” the return of Wait.
func (e *Event) Wait() {
	if !e.set.Load() || hook.Enabled() {
		e.waitSlow()
	}
}

// waitSlow is outlined so that Wait can be inlined.
//
//go:noinline
func (e *Event) waitSlow() {
	e.lock("Wait")
	if e.set.Load() {
		e.q.Emit(trace.KindPass, 0)
		e.q.Unlock()
		return
	}
	e.waiting.Register(&e.q, e, "Wait")
	e.waiting.Join(&e.q, "Wait") // here, because each frame on a waiter's stack costs time when it wakes
}

// WaitContext is like [Event.Wait], but gives up when ctx ends and then returns its cause. If ctx has already ended, it
// fails even if the flag is set. WaitContext panics if ctx is nil.
func (e *Event) WaitContext(ctx context.Context) error {
	ended := waitq.Ended(ctx)
	if !ended && e.set.Load() && !hook.Enabled() {
		return nil
	}
	p, err := e.waitContext(ctx, ended)
	if p.Woken == nil {
		return err
	}
	select {
	case <-p.Woken:
		return nil
	case <-p.Ended:
		return quit(ctx, &e.waiting, &e.q, p.N)
	}
}

// waitContext is like WaitContext, but may leave the rest to the caller.
//
//go:noinline
func (e *Event) waitContext(ctx context.Context, ended bool) (p waitq.Pending, err error) {
	var lim waitq.Limit
	limit(ctx, "Event.WaitContext", ended, &lim)
	p, granted := e.wait(&lim, "WaitContext")
	if p.Woken == nil {
		err = outcome(granted, &lim)
	}
	return p, err
}

// WaitTimeout is like [Event.Wait], but gives up after d and then returns false. If d is zero or negative, it does not
// wait, and reports whether the flag is set.
func (e *Event) WaitTimeout(d time.Duration) bool {
	if e.set.Load() && !hook.Enabled() {
		return true
	}
	lim := waitq.Within(d)
	_, granted := e.wait(&lim, "WaitTimeout")
	return granted
}

// Done returns a channel that is closed by the next [Event.Set], for use in a select statement. The channel is already
// closed if the flag is set. A closed channel stays closed after [Event.Clear]: call Done again for a new one.
func (e *Event) Done() <-chan struct{} {
	e.lock("Done")
	defer e.q.Unlock()
	if e.set.Load() {
		return closed
	}
	return e.waiting.Chan()
}

// Waiting returns the number of waiting goroutines. Goroutines that wait on the channel of [Event.Done] are not
// counted.
func (e *Event) Waiting() int {
	e.q.Inspect("Waiting")
	defer e.q.Unlock()
	return e.waiting.Waiting()
}

func (e *Event) wait(lim *waitq.Limit, verb string) (p waitq.Pending, granted bool) {
	e.lock(verb)
	switch {
	case lim.Canceled():
	case e.set.Load():
		e.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Instant():
		e.waiting.Register(&e.q, e, "Wait")
		return e.waiting.Begin(&e.q, lim, verb)
	}
	e.q.Unlock()
	return p, granted
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (e *Event) lock(verb string) {
	e.q.Point(verb)
	e.q.Lock()
	e.define()
}

// define defines e in a running trace. The mutex must be held.
func (e *Event) define() {
	if e.q.Define(trace.ClassEvent, bit(e.set.Load()), nil) {
		e.waiting.Found(&e.q, e.waiting.Waiting(), "Wait")
	}
}

func (e *Event) traced() *trace.Object { return e.q.Object() }

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
