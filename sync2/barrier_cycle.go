package sync2

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How a cycle of a Barrier comes to its end.

//go:noinline
func misuseByAction(verb string) { misuse("Barrier."+verb, "called by the barrier's own action") }

// check panics if b was not made by NewBarrier.
func (b *Barrier) check(verb string) {
	if b.parties == 0 {
		misuseZero("Barrier."+verb, "NewBarrier")
	}
}

// ask returns the limit that ends with ctx.
func (b *Barrier) ask(ctx context.Context) (lim waitq.Limit) {
	asked := false
	defer func() { b.abortUnless(asked) }()
	lim = waitq.Until(ctx)
	asked = true
	return lim
}

// cause returns why lim has ended, and the errorText of that.
func (b *Barrier) cause(lim *waitq.Limit) (err error, text string) { //nolint:revive // the text is of the error
	asked := false
	defer func() { b.abortUnless(asked) }()
	err = lim.Cause()
	text = errorText(err)
	asked = true
	return err, text
}

// abortUnless breaks the barrier for a party that was asking its context, unless that answered: if it panicked or called
// runtime.Goexit instead, the party has given up.
func (b *Barrier) abortUnless(asked bool) {
	if !asked {
		b.Abort(nil)
	}
}

// refuse turns a party away. The mutex is held, and released when it returns.
//
//go:noinline
func (b *Barrier) refuse(lim *waitq.Limit) (int, error) {
	broken := b.broken.Load()
	b.q.Unlock()
	if broken != nil {
		return -1, broken
	}
	if lim == nil {
		return -1, nil
	}
	err, text := b.cause(lim)
	b.q.Lock()
	defer b.q.Unlock()
	return -1, b.breakUp(waitq.ReasonOf(err), err, text)
}

// giveUp breaks the barrier for a party, the index'th of the cycle c in the given round, whose limit has ended, unless
// the cycle has come to its end meanwhile.
//
//go:noinline
func (b *Barrier) giveUp(lim *waitq.Limit, c *cycle, round uint64, index int) (int, error) {
	err, text := b.cause(lim)
	b.q.Lock()
	switch released := c.crowd.Round() != round; {
	case released, b.filling != c: // or its action runs
		c.crowd.Stay(&b.q, lim, released)
	default:
		defer b.q.Unlock()
		c.crowd.Quit(&b.q, lim)
		return -1, b.breakUp(waitq.ReasonOf(err), err, text)
	}
	return c.outcome(round, index)
}

// outcome is what the index'th party of c in the given round returns, after that has come to its end.
func (c *cycle) outcome(round uint64, index int) (int, error) {
	if f := c.failed.Load(); f != nil && f.round == round {
		return -1, f.err
	}
	return index, nil
}

// trip completes the cycle c, whose last party is the caller. The mutex is held, and released when it returns.
//
//go:noinline
func (b *Barrier) trip(c *cycle, index int) (int, error) {
	if b.action != nil {
		if err := b.act(c); err != nil {
			return -1, err
		}
		return index, nil
	}
	defer b.q.Unlock()
	b.release(c)
	return index, nil
}

// release lets all parties of the full cycle c go, and empties it.
func (b *Barrier) release(c *cycle) {
	b.trips++
	b.q.Emit(trace.KindTrip, b.trips)
	c.arrived = 0
	c.crowd.ReleaseAll(&b.q)
}

// act runs the action for the full cycle c, and then lets its parties go. The mutex is held, and released when it
// returns.
func (b *Barrier) act(c *cycle) error {
	c.crowd.Commit()
	b.filling, b.spare = b.spare, nil
	if b.filling == nil {
		b.filling = new(cycle)
	}
	if b.acting { // the cycle before is not done; it hands the turn over
		w := waitq.NewWaiter(nil)
		b.q.Park(w, &forever, "act", false)
		w.Free()
		b.q.Lock()
	}
	b.acting = true
	b.actor.Store(goid.Get())
	b.q.Emit(trace.KindActionBegin, 0)
	b.q.Unlock()

	end, text := errActionDied, errActionDied.Error()
	defer func() { b.acted(c, end, text) }()
	err := b.action()
	text = errorText(err)
	end = err
	if err != nil {
		return &BrokenError{Cause: err}
	}
	return nil
}

// acted lets the parties of c go after the action has ended with err, whose errorText is text.
func (b *Barrier) acted(c *cycle, err error, text string) {
	var next waitq.Wakes
	b.q.Lock()
	b.actor.Store(0)
	if err != nil {
		b.q.EmitFor(trace.KindActionEnd, 0, 0, 0, text)
		b.fail(c, &BrokenError{Cause: err})
		b.breakUp(trace.ActionFailed, err, text)
	} else {
		b.q.Emit(trace.KindActionEnd, 0)
		b.release(c)
		b.spare = c
	}
	if w := b.q.Front(); w != nil {
		b.q.Grant(w, &next)
	} else {
		b.acting = false
	}
	b.q.Unlock()
	next.Wake()
}

// breakUp breaks the barrier, unless it is broken already, and returns why it is broken. The mutex must be held; text is
// the errorText of cause.
func (b *Barrier) breakUp(reason trace.Reason, cause error, text string) *BrokenError {
	broken := b.broken.Load()
	if broken == nil {
		broken = &BrokenError{Cause: cause}
		b.broken.Store(broken)
		b.q.EmitFor(trace.KindBreak, 0, 0, int64(reason), text)
		b.fail(b.filling, broken)
		b.filling = new(cycle)
	}
	return broken
}

// fail lets all parties of c go, with err. The cycle must not be used again.
func (b *Barrier) fail(c *cycle, err *BrokenError) {
	c.failed.Store(&failure{round: c.crowd.Round(), err: err})
	c.crowd.ReleaseAll(&b.q)
}

// lock begins the operation verb: it tells those who watch, and takes the mutex.
func (b *Barrier) lock(verb string) {
	if b.q.Begin(verb, trace.ClassBarrier, int64(b.parties)) {
		b.found()
	}
}

// found tells a trace, which did not know b before, how it stands. The mutex must be held.
func (b *Barrier) found() {
	if b.acting {
		for range 1 + b.q.Len() { // the cycles that are complete: one acts or is about to, the others wait for their turn
			for i := range b.parties {
				b.q.Found(trace.KindArrive, int64(i), 0)
			}
		}
		if actor := b.actor.Load(); actor != 0 {
			b.q.EmitFor(trace.KindActionBegin, actor, 0, 0, "")
		}
		b.q.FoundWaiting(b.q.Line(), "act")
	}
	if b.broken.Load() != nil {
		b.q.Found(trace.KindBreak, 0, 0)
	}
	if b.filling == nil { // it is a zero value, and will be rejected
		return
	}
	for i := range b.filling.arrived {
		b.q.Found(trace.KindArrive, int64(i), 0)
	}
	b.filling.crowd.Found(&b.q, b.filling.arrived, "Wait")
}

func (b *Barrier) traced() *trace.Object { return b.q.Object() }
