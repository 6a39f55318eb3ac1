package sync2

import (
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How a cycle of a Barrier comes to its end.

//go:noinline
func misuseByAction(verb string) { misuse("Barrier."+verb, "called by the barrier's own action") }

// refuse turns a party away. The mutex is held, and released when it returns.
//
//go:noinline
func (b *Barrier) refuse(lim *waitq.Limit) (int, error) {
	if b.broken != nil {
		defer b.q.Unlock()
		return -1, b.broken
	}
	return b.giveUp(lim.CtxErr())
}

// giveUp breaks the barrier for a party that gives up because of err. The mutex is held, and released when it returns.
//
//go:noinline
func (b *Barrier) giveUp(err error) (int, error) {
	defer b.q.Unlock()
	return -1, b.breakUp(waitq.ReasonOf(err), err)
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
		w, forever := waitq.NewWaiter(nil), waitq.Forever()
		_ = b.q.Park(w, &forever, "act", false)
		w.Free()
		b.q.Lock()
	}
	b.acting = true
	b.actor.Store(goid.Get())
	b.q.Emit(trace.KindActionBegin, 0)
	b.q.Unlock()

	err := errActionDied
	defer func() { b.acted(c, err) }()
	err = b.action()
	if err != nil {
		return &BrokenError{Cause: err}
	}
	return nil
}

// acted lets the parties of c go after the action has ended with err.
func (b *Barrier) acted(c *cycle, err error) {
	var next waitq.Wakes
	b.q.Lock()
	b.actor.Store(0)
	if err != nil {
		b.q.EmitFor(trace.KindActionEnd, 0, 0, 0, err.Error())
		b.fail(c, &BrokenError{Cause: err})
		b.breakUp(trace.ActionFailed, err)
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

// breakUp breaks the barrier, unless it is broken already, and returns why it is broken.
func (b *Barrier) breakUp(reason trace.Reason, cause error) *BrokenError {
	if b.broken == nil {
		b.broken = &BrokenError{Cause: cause}
		b.q.EmitFor(trace.KindBreak, 0, 0, int64(reason), cause.Error())
		b.fail(b.filling, b.broken)
		b.filling = new(cycle)
	}
	return b.broken
}

// fail lets all parties of c go, with err. The cycle must not be used again.
func (b *Barrier) fail(c *cycle, err *BrokenError) {
	c.failed.Store(&failure{round: c.crowd.Round(), err: err})
	c.crowd.ReleaseAll(&b.q)
}

// lock begins the operation verb: it tells those who watch, and takes the mutex.
func (b *Barrier) lock(verb string) {
	b.q.Point(verb)
	b.q.Lock()
	b.q.Define(trace.ClassBarrier, int64(b.parties), nil)
}

func (b *Barrier) traced() *trace.Object { return b.q.Object() }
