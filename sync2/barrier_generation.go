package sync2

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How a generation of a Barrier ends.

//go:noinline
func misuseByAction(verb string) { misuse("Barrier."+verb, "called by the barrier's own action") }

// check panics if b was not made by NewBarrier.
func (b *Barrier) check(verb string) {
	if b.parties == 0 {
		misuseZero("Barrier."+verb, "NewBarrier")
	}
}

// ask makes lim, which is new, the limit that ends with ctx. If a method of ctx panics or calls runtime.Goexit, the party has
// given up.
func (b *Barrier) ask(ctx context.Context, lim *waitq.Limit) {
	answered := false
	defer func() {
		if !answered {
			b.Abort(nil)
		}
	}()
	lim.Until(ctx, waitq.Ended(ctx))
	answered = true
}

// A reason is why a barrier breaks.
type reason struct {
	kind  trace.Reason
	cause error
	text  string // the errorText of cause
}

var (
	aborted = reason{trace.ReasonAborted, ErrAborted, ErrAborted.Error()}
	tooLate = reason{trace.ReasonTimedOut, context.DeadlineExceeded, context.DeadlineExceeded.Error()}
)

// reasonOf returns the reason for a wait that lim has ended. It calls methods of the context, so no lock may be held.
func reasonOf(lim *waitq.Limit) reason {
	err := lim.Cause()
	return reason{waitq.ReasonOf(err), err, trace.ErrorText(err)}
}

// refuse rejects a party. The mutex must be held; refuse returns without it.
//
//go:noinline
func (b *Barrier) refuse(lim *waitq.Limit) (_ int, err error) {
	broken := b.broken.Load()
	b.q.Unlock()
	if broken != nil {
		return -1, broken
	}
	if lim == nil {
		return -1, nil
	}
	why := aborted // if a method of the context does not return
	defer func() {
		b.q.Lock()
		err = b.breakUp(why)
	}()
	why = reasonOf(lim)
	return -1, nil
}

// breakInstantly breaks the barrier for a party that must not wait. The mutex must be held; breakInstantly returns without it.
//
//go:noinline
func (b *Barrier) breakInstantly() (int, error) { return -1, b.breakUp(tooLate) }

// giveUp breaks the barrier for a party, the index'th of the generation c in its use gen, whose limit has ended,
// unless the generation has tripped or failed meanwhile.
//
//go:noinline
func (b *Barrier) giveUp(lim *waitq.Limit, c *generation, t *waitq.Ticket, gen uint64, index int) (at int, err error) {
	why := aborted // if a method of the context does not return
	defer func() {
		b.q.Lock()
		if !c.waiting.Leave(&b.q, t, lim) {
			c.waiting.Stay(&b.q, t)
			at, err = c.outcome(gen, index)
			return
		}
		at, err = -1, b.breakUp(why)
	}()
	why = reasonOf(lim)
	return at, err
}

// giveUpContext is giveUp for a wait that was left to the caller: for the arrival at c with this number, whose context has ended.
//
//go:noinline
func (b *Barrier) giveUpContext(ctx context.Context, c *generation, number uint64) (int, error) {
	gen, index := b.arrival(number)
	lim, t := waitq.Over(ctx), waitq.Ticket{Gen: gen}
	return b.giveUp(&lim, c, &t, gen, index)
}

// outcomeOf is like outcome, for the arrival at c with this number.
//
//go:noinline
func (b *Barrier) outcomeOf(c *generation, number uint64) (int, error) {
	return c.outcome(b.arrival(number))
}

// arrival returns the party and the use of a generation for the number of an arrival, which counts the parties of all uses.
func (b *Barrier) arrival(number uint64) (gen uint64, index int) {
	n := uint64(b.parties)
	return number / n, int(number % n)
}

// outcome returns the result for the index'th party of c in its use gen, which has ended.
func (c *generation) outcome(gen uint64, index int) (int, error) {
	if f := c.failed.Load(); f != nil && f.gen == gen {
		return -1, f.err
	}
	return index, nil
}

// trip completes the generation c, whose last party is the caller. The mutex must be held; trip returns without it.
//
//go:noinline
func (b *Barrier) trip(c *generation, index int) (int, error) {
	if b.action != nil {
		if err := b.act(c); err != nil {
			return -1, err
		}
		return index, nil
	}
	var wakes waitq.WakeList
	b.release(c, &wakes)
	b.q.Unlock()
	wakes.Wake()
	return index, nil
}

// release releases all parties of the full generation c, and empties it. The mutex must be held.
func (b *Barrier) release(c *generation, wakes *waitq.WakeList) {
	b.generations++
	b.q.Emit(trace.KindTrip, b.generations)
	c.arrived = 0
	c.waiting.NotifyAll(&b.q, wakes)
}

// act runs the action for the full generation c, and then releases its parties. The mutex must be held; act returns without
// it.
func (b *Barrier) act(c *generation) error {
	c.waiting.Commit()
	b.filling, b.spare = b.spare, nil
	if b.filling == nil {
		b.filling = new(generation)
	}
	if b.acting { // the previous generation is not done; it hands over the turn
		w := waitq.NewWaiter(nil)
		b.q.List().Register(&b.q, b, "Wait")
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
	text = trace.ErrorText(err)
	end = err
	if err != nil {
		return &BrokenError{Cause: err}
	}
	return nil
}

// acted releases the parties of c after the action has ended with err, whose errorText is text.
func (b *Barrier) acted(c *generation, err error, text string) {
	var wakes waitq.WakeList
	b.q.Lock()
	b.actor.Store(0)
	if err != nil {
		b.q.EmitFor(trace.KindActionEnd, 0, 0, 0, text)
		b.fail(c, &BrokenError{Cause: err}, &wakes)
		b.becomeBroken(reason{trace.ReasonActionFailed, err, text}, &wakes)
	} else {
		b.q.Emit(trace.KindActionEnd, 0)
		b.release(c, &wakes)
		b.spare = c
	}
	if w := b.q.Front(); w != nil {
		b.q.Grant(w, &wakes)
	} else {
		b.acting = false
	}
	b.q.Unlock()
	wakes.Wake()
}

// breakUp breaks the barrier, unless it is already broken, and returns why it is broken. The mutex must be held; breakUp
// returns without it.
func (b *Barrier) breakUp(why reason) *BrokenError {
	var wakes waitq.WakeList
	b.becomeBroken(why, &wakes)
	broken := b.broken.Load()
	b.q.Unlock()
	wakes.Wake()
	return broken
}

// becomeBroken breaks the barrier, unless it is already broken. The mutex must be held; the caller wakes the wake list without
// it.
func (b *Barrier) becomeBroken(why reason, wakes *waitq.WakeList) {
	if b.broken.Load() != nil {
		return
	}
	broken := &BrokenError{Cause: why.cause}
	b.broken.Store(broken)
	b.q.EmitFor(trace.KindBreak, 0, 0, int64(why.kind), why.text)
	b.fail(b.filling, broken, wakes)
	b.filling = new(generation)
}

// fail releases all parties of c with err. The generation must not be used again. The mutex must be held.
func (b *Barrier) fail(c *generation, err *BrokenError, wakes *waitq.WakeList) {
	c.failed.Store(&failure{gen: c.waiting.Generation(), err: err})
	c.waiting.NotifyAll(&b.q, wakes)
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (b *Barrier) lock(verb string) {
	b.q.Point(verb)
	b.q.Lock()
	b.define()
}

// define defines b in a running trace. The mutex must be held.
func (b *Barrier) define() {
	if b.q.Define(trace.ClassBarrier, int64(b.parties), nil) {
		b.found()
	}
}

// found emits the state of b to a trace that did not know it. The mutex must be held.
func (b *Barrier) found() {
	if b.acting {
		for range 1 + b.q.Len() { // the complete generations: one runs its action or is about to, the others wait for their turn
			for i := range b.parties {
				b.q.Found(trace.KindArrive, int64(i), 0)
			}
		}
		if actor := b.actor.Load(); actor != 0 {
			b.q.EmitFor(trace.KindActionBegin, actor, 0, 0, "")
		}
		b.q.FoundWaiting(b.q.List(), "act")
	}
	if b.broken.Load() != nil {
		b.q.Found(trace.KindBreak, 0, 0)
	}
	if b.filling == nil { // a zero value, which will be rejected
		return
	}
	for i := range b.filling.arrived {
		b.q.Found(trace.KindArrive, int64(i), 0)
	}
	b.filling.waiting.Found(&b.q, b.filling.arrived, "Wait")
}

func (b *Barrier) traced() *trace.Object { return b.q.Object() }
