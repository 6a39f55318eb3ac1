package sync2

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Barrier is a rendezvous for a fixed number of goroutines, its parties: each waits until all have arrived, and then
// all continue. It is reusable, one generation after another, and any goroutine can abort it. It is the equivalent of
// Python's threading.Barrier and Java's CyclicBarrier.
//
// A Barrier is broken by a party that gives up, by [Barrier.Abort], and by an action that fails. Then all waiters of
// that generation fail with a [BrokenError] that has the same cause, and so does every later Wait until
// [Barrier.Reset]. A generation trips when its last party arrives: from then on only its own action can break it.
//
// A Barrier is made by [NewBarrier] and must not be copied.
//
// In the terminology of the Go memory model, the call of Wait of every party of a generation “synchronizes before” the
// action, and the action “synchronizes before” the return of Wait of every party. A call that breaks a barrier
// “synchronizes before” the return of every Wait that fails because of it.
type Barrier struct {
	parties int
	action  func() error
	timeout time.Duration // of Wait; 0 if there is none

	q           waitq.Queue                 // its mutex guards what follows; generations wait in its list for the action of the one before
	filling     *generation                 // the generation that is filling
	spare       *generation                 // to be used next; may be nil
	generations int64                       // the number of generations that have tripped
	broken      atomic.Pointer[BrokenError] // read without the mutex to see whether a context needs to be checked
	acting      bool                        // an action runs
	actor       steps.Int64                 // the goroutine that runs it, 0 if none does
}

// A generation is one meeting. After it has tripped it is used again for a later one, and its NotifyList counts these
// uses; after it has failed it is not, so that goroutines that are slow to leave can still read how it ended.
type generation struct {
	waiting waitq.NotifyList
	arrived int
	failed  steps.Pointer[failure]
}

// A failure says in which use a generation failed, and why.
type failure struct {
	gen uint64
	err *BrokenError
}

// A BrokenError says that a barrier, or an executor, is broken, and why. It matches [ErrBroken] and its Cause with
// errors.Is.
type BrokenError struct{ Cause error }

// Error returns text such as "sync2: broken: aborted".
func (e *BrokenError) Error() string { return fmt.Sprintf("%v: %v", ErrBroken, e.Cause) }

// TraceText returns what traces show: the same as Error, but with [trace.ErrorText] of the cause.
func (e *BrokenError) TraceText() string { return ErrBroken.Error() + ": " + trace.ErrorText(e.Cause) }

// Unwrap returns ErrBroken and the cause.
func (e *BrokenError) Unwrap() []error { return []error{ErrBroken, e.Cause} }

// A BarrierOption configures a Barrier: see [NewBarrier].
type BarrierOption func(*Barrier)

// WithAction makes the last party to arrive in each generation run action before any party is released.
//
// The action runs without any lock held. It may call any method of its barrier except Wait, WaitContext and
// WaitTimeout, which panic since they could never return. Goroutines that arrive while the action runs belong to the
// next generation, and so do calls of [Barrier.Abort] and [Barrier.Reset]. Actions never overlap. If the action returns
// an error, panics or calls runtime.Goexit, the generation fails and the barrier is broken; a panic continues in the
// goroutine that ran the action. WithAction panics if action is nil.
func WithAction(action func() error) BarrierOption {
	if action == nil {
		misuse("WithAction", "the action is nil")
	}
	return func(b *Barrier) { b.action = action }
}

// WithTimeout makes [Barrier.Wait] give up after d. It does not affect WaitContext and WaitTimeout. WithTimeout panics
// if d is zero or negative.
func WithTimeout(d time.Duration) BarrierOption {
	if d <= 0 {
		misusef("WithTimeout", "%v; must be positive", d)
	}
	return func(b *Barrier) { b.timeout = d }
}

// errActionDied is the cause of a barrier whose action did not return.
var errActionDied = errors.New("sync2: the barrier's action panicked or called runtime.Goexit")

// NewBarrier returns a barrier for the given number of parties. It panics if parties is less than 1 or an option is
// nil.
func NewBarrier(parties int, opts ...BarrierOption) *Barrier {
	if parties < 1 {
		misusef("NewBarrier", "%d parties; must be at least 1", parties)
	}
	b := &Barrier{parties: parties, filling: new(generation)}
	for i, opt := range opts {
		if opt == nil {
			misusef("NewBarrier", "option %d is nil", i)
		}
		opt(b)
	}
	return b
}

// Wait waits until all parties have arrived. It returns the caller's index in the order of arrival, from 0 to
// Parties()-1, which is unique within a generation.
//
// Wait returns -1 and a [*BrokenError] if the barrier is broken, or breaks while Wait waits. If the barrier was made
// [WithTimeout] and the timeout expires, Wait breaks the barrier with the cause context.DeadlineExceeded.
//
// The call of every party of a generation, and its action, “synchronizes before” the return of Wait of each.
func (b *Barrier) Wait() (index int, err error) {
	if b.timeout > 0 {
		return b.waitTimeout(b.timeout, "Wait")
	}
	return b.wait(&forever, "Wait", nil)
}

// WaitContext is like [Barrier.Wait], but gives up when ctx ends, or at once if ctx has already ended. Giving up breaks
// the barrier with the cause of ctx: WaitContext, and the Wait of every other party, returns -1 and a [*BrokenError] with
// that cause. WaitContext panics if ctx is nil.
func (b *Barrier) WaitContext(ctx context.Context) (int, error) {
	p, c, index, err := b.waitContext(ctx)
	if p.Woken == nil {
		return index, err
	}
	select {
	case <-p.Woken:
		return b.outcomeOf(c, p.N)
	case <-p.Ended:
		return b.giveUpContext(ctx, c, p.N)
	}
}

// waitContext is like WaitContext, but may leave the rest of a wait for the generation c to the caller.
//
//go:noinline
func (b *Barrier) waitContext(ctx context.Context) (p waitq.Pending, c *generation, index int, err error) {
	b.check("WaitContext")
	checkContext(ctx, "Barrier.WaitContext")
	for b.broken.Load() != nil {
		if _, err = b.wait(nil, "WaitContext", nil); err != nil { // nil if it was reset meanwhile
			return p, nil, -1, err
		}
	}
	var lim waitq.Limit
	b.ask(ctx, &lim)
	var r rest
	index, err = b.wait(&lim, "WaitContext", &r)
	return r.Pending, r.c, index, err
}

// WaitTimeout is like [Barrier.Wait], but gives up after d, or at once if d is zero or negative and the caller is not
// the last to arrive. Giving up breaks the barrier, with the cause context.DeadlineExceeded.
func (b *Barrier) WaitTimeout(d time.Duration) (int, error) {
	return b.waitTimeout(d, "WaitTimeout")
}

func (b *Barrier) waitTimeout(d time.Duration, verb string) (int, error) {
	lim := waitq.Within(d)
	return b.wait(&lim, verb, nil)
}

// Abort breaks the barrier: every Wait in progress fails, and so does every later one until [Barrier.Reset]. A nil
// cause means [ErrAborted]. If the barrier is already broken, the first cause stands. Abort does not affect a
// generation that has tripped.
//
// Abort “synchronizes before” the return of every Wait that fails because of it.
func (b *Barrier) Abort(cause error) {
	if cause == nil {
		cause = ErrAborted
	}
	b.check("Abort")
	why := reason{trace.ReasonAborted, cause, trace.ErrorText(cause)}
	b.lock("Abort")
	b.breakUp(why)
}

// Reset empties the barrier and repairs it if it is broken. Goroutines that are waiting fail, with the cause
// [ErrReset]. Reset does not affect a generation that has tripped.
//
// Reset “synchronizes before” the return of every Wait that fails because of it.
func (b *Barrier) Reset() {
	b.check("Reset")
	var wakes waitq.WakeList
	b.lock("Reset")
	b.broken.Store(nil)
	b.q.Emit(trace.KindReset, 0)
	if b.filling.arrived > 0 {
		b.fail(b.filling, &BrokenError{Cause: ErrReset}, &wakes)
		b.filling = new(generation)
	}
	b.q.Unlock()
	wakes.Wake()
}

// Parties returns the number of parties.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns the number of parties that have arrived in the current generation: all of them while the action runs,
// 0 if the barrier is broken.
func (b *Barrier) Waiting() int {
	b.q.Inspect("Waiting")
	defer b.q.Unlock()
	switch {
	case b.broken.Load() != nil || b.filling == nil:
		return 0
	case b.acting:
		return b.parties
	}
	return b.filling.arrived
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool {
	b.q.Inspect("Broken")
	defer b.q.Unlock()
	return b.broken.Load() != nil
}

// A rest is the part of a wait that is left to its caller: see [waitq.Pending].
type rest struct {
	waitq.Pending             // its N is the number of the arrival
	c             *generation // for which it waits
}

// wait is Wait in all its forms. If lim is the Limit of a context, it may leave the rest to the caller. Without a lim it only
// returns why the barrier is broken. Rare cases are outlined: every waiting party has this frame on its stack, and a million of
// them should get by with the stacks with which they started.
func (b *Barrier) wait(lim *waitq.Limit, verb string, r *rest) (int, error) {
	b.check(verb)
	if actor := b.actor.Load(); actor != 0 && actor == goid.Get() {
		misuseByAction(verb)
	}
	// This is b.lock, without its frame: every frame counts on the stack of a goroutine that waits for the mutex.
	b.q.Point(verb)
	b.q.Lock()
	b.define()
	if b.broken.Load() != nil || lim == nil || lim.Canceled() {
		return b.refuse(lim)
	}
	c := b.filling
	index := c.arrived
	c.arrived++
	b.q.Emit(trace.KindArrive, int64(index))
	if c.arrived == b.parties {
		return b.trip(c, index)
	}
	if lim.Instant() {
		return b.breakInstantly()
	}
	gen := c.waiting.Generation()
	if !hook.Enabled() { // the others may be about to arrive, so that nothing needs to park
		session := b.q.Session()
		b.q.Unlock()
		runtime.Gosched()
		if c.waiting.Over(gen) {
			return c.outcome(gen, index)
		}
		b.q.Lock()
		if c.waiting.Over(gen) {
			b.q.Unlock()
			return c.outcome(gen, index)
		}
		c.waiting.Late(&b.q, session)
	}
	c.waiting.Register(&b.q, b, "Wait")
	if lim.Endless() {
		c.waiting.Join(&b.q, verb)
		return c.outcome(gen, index)
	}
	return b.waitUntil(lim, verb, r, c, gen, index)
}

// waitUntil is the part of wait that waits with a limit, as the index'th party of the generation c in its use gen. The mutex
// must be held; waitUntil returns without it.
//
//go:noinline
func (b *Barrier) waitUntil(lim *waitq.Limit, verb string, r *rest, c *generation, gen uint64, index int) (int, error) {
	var t waitq.Ticket
	p, notified := c.waiting.Enter(&b.q, &t, lim, verb)
	if p.Woken != nil {
		p.N = p.N*uint64(b.parties) + uint64(index)
		*r = rest{p, c}
		return index, nil
	}
	if !notified {
		return b.giveUp(lim, c, &t, gen, index)
	}
	return c.outcome(gen, index)
}
