package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Waits, which are the same for all objects.

func (c waitChange) block() error {
	g, o, ev := c.g, c.o, c.ev
	c.become(g, StatusWaiting)
	g.For, g.Verb, g.Want = ev.Obj, ev.Text, max(1, ev.N)
	o.wantsFrom(g.ID, ev.Text)
	o.renew()
	at := 0
	if ev.Peer >= 0 {
		at = len(o.Queue) - int(min(ev.Peer, int64(len(o.Queue))))
	}
	o.Queue = slices.Insert(o.Queue, at, g.ID)
	o.families[family(g.Verb)]++
	o.MaxQueue = max(o.MaxQueue, len(o.Queue))
	return nil
}

func (c waitChange) unblock() error {
	g, o, ev := c.g, c.o, c.ev
	if ev.G == 0 {
		return c.unblockUnknown()
	}
	verb := g.Verb
	err := c.endWait()
	waited := g.Waited
	c.become(g, StatusReleased)
	g.For, g.By, g.Waited = ev.Obj, ev.Peer, waited
	switch {
	case o.Class == trace.ClassEvent:
		o.Passed = append(o.Passed, Hold{Obj: o.ID, G: g.ID, Since: c.now})
	case o.Class == trace.ClassBarrier && o.failing && verb != awaitsAction:
		g.Failed, g.Reason = true, o.why
	case isQueue(o.Class) && o.Closed && family(verb) != joins:
		g.Failed, g.Reason = true, trace.ReasonClosed // a following Put or Get overrides this
	case o.Class == trace.ClassChan && o.Closed && family(verb) == puts:
		g.Failed, g.Reason = true, trace.ReasonClosed // likewise
	}
	return err
}

// unblockUnknown is unblock for g, which stands for an unknown goroutine that has waited since before the trace.
func (c waitChange) unblockUnknown() error {
	g, o, ev := c.g, c.o, c.ev
	err := c.endWait()
	if o.Class == trace.ClassSemaphore && ev.N > 0 {
		c.hold(g, o, ev.N, true)
		if o.Permits -= ev.N; o.Permits < 0 {
			o.Permits = 0
			return c.wrong("%s is given %d of %s, which has fewer permits", c.Words().GName(0), ev.N, c.objName())
		}
	}
	return err
}

func (c waitChange) giveUp() error {
	g, ev := c.g, c.ev
	err := c.endWait()
	waited := g.Waited
	c.become(g, StatusGaveUp)
	g.For, g.Reason, g.Waited = ev.Obj, trace.Reason(ev.N), waited
	return err
}

// awaitsAction is the verb of a barrier's party whose generation is complete and that waits to run the action.
const awaitsAction = "act"

// endWait removes g from the queue of o and records the duration of its wait.
func (c waitChange) endWait() error {
	g, o, ev := c.g, c.o, c.ev
	o.past = o.Class == trace.ClassSelect
	if ev.G == 0 { // an unknown goroutine; the beginning of its wait is unknown too
		if !slices.Contains(o.Queue, 0) {
			return c.wrong("no unknown goroutine waits for %s", c.objName())
		}
		o.Waits++
		o.leave(g)
		return nil
	}
	if g.Status != StatusWaiting || g.For != ev.Obj {
		g.Waited = 0
		if g.Last.Kind == trace.KindBad { // it began to wait before the trace
			return nil
		}
		err := c.wrong("%s does not wait for %s", c.gName(), c.objName())
		if g.Status == StatusWaiting {
			c.object(g.For).leave(g)
		}
		return err
	}
	g.Waited = c.now - g.Since
	o.Waits++
	o.WaitTime = plus(o.WaitTime, g.Waited)
	o.leave(g)
	return nil
}

// leave removes g from the queue of o. It is mostly the first, or else the last.
func (o *Object) leave(g *Goroutine) {
	i := len(o.Queue) - 1
	if i < 0 || o.Queue[i] != g.ID {
		i = slices.Index(o.Queue, g.ID)
	}
	if i < 0 {
		return
	}
	o.Queue = cut(o.Queue, i)
	o.families[family(g.Verb)]--
}
