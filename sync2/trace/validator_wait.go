package trace

import (
	"fmt"
	"slices"
)

// Waiting, which is the same for all objects except for their classRule.

// block: a goroutine waits for something, only where it must, and at the end of the queue unless that is a lock's or
// a Cond's.
func (c waitCheck) block() string {
	g, o, ev := c.g, c.o, c.ev
	if ev.Obj == 0 {
		return "it waits for nothing"
	}
	g.status, g.obj, g.verb, g.want, g.mayGo = vWaiting, ev.Obj, ev.Text, ev.N, false
	at := 0
	if ev.Peer >= 0 {
		at = len(o.queue) - int(min(ev.Peer, int64(len(o.queue))))
	}
	o.queue = slices.Insert(o.queue, at, g)
	switch {
	case ev.Peer > 0 && o.class != ClassCond:
		return "only a condition variable's waiter may wait ahead of others"
	case ev.Peer < 0 && !slices.Contains(vLocks, o.class) && o.class != ClassRWMutex:
		return "only a lock's waiter may wait at the front"
	}
	if wait := classRuleOf(o).wait; wait != nil {
		return wait(c.check)
	}
	return ""
}

// unblock: only a waiting goroutine is released, only for a reason and, where FIFO is promised, only the longest
// waiter.
func (c waitCheck) unblock() (wrong string) {
	if c.ev.G == 0 {
		c.g = c.o.unknown(c.g)
	}
	if c.ev.Peer != 0 {
		_, wrong = c.goroutine(c.ev.Peer)
	}
	first(&wrong, c.endWait(func() string {
		reason := ""
		if release := classRuleOf(c.o).release; release != nil {
			reason = release(c.check)
		}
		first(&reason, c.isNext())
		return reason
	}))
	c.g.status, c.g.obj = vReleased, c.ev.Obj
	if c.o.class == ClassPriorityQueue && c.o.family(c.g.verb) == "Put" {
		c.g.room = c.ev.Obj
	}
	return wrong
}

// pending: only waiters that must be released are released.
func (c check) pending() string {
	if c.o.pending == 0 {
		return "no earlier event has released it"
	}
	c.o.pending--
	return ""
}

// isNext checks that, where waiters are served in order, no goroutine has waited longer than c.g for the same thing.
func (c waitCheck) isNext() string {
	if !classRuleOf(c.o).fifo {
		return ""
	}
	for _, w := range c.o.queue {
		if w == c.g {
			break
		}
		if c.o.family(w.verb) == c.o.family(c.g.verb) {
			return fmt.Sprintf("%s has waited longer", w.name)
		}
	}
	return ""
}

func (c waitCheck) giveUp() string {
	if c.ev.G == 0 {
		c.g = c.o.unknown(c.g)
	}
	wrong := c.endWait(func() string { return "" })
	c.g.status = vRunning
	c.o.sel.over = true
	if c.o.class == ClassBarrier && !c.g.mayGo {
		c.o.barrier.mustBreak = true
	}
	if c.ev.N == 0 {
		first(&wrong, "it has no reason")
	}
	return wrong
}

// endWait removes c.g from the queue of c.o, where it must be waiting. It calls check first.
func (c waitCheck) endWait(check func() string) string {
	if c.g.status == vUnknown {
		return "" // it may have waited before the trace began, or since events were lost
	}
	if c.g.status != vWaiting || c.g.obj != c.ev.Obj {
		if c.g.status == vWaiting {
			c.lookObject(c.g.obj).leave(c.g)
		}
		return "it does not wait for that"
	}
	wrong := check()
	c.o.leave(c.g)
	return wrong
}

// pass: the goroutine need not wait.
func (c check) pass() string {
	if pass := classRuleOf(c.o).pass; pass != nil {
		return pass(c)
	}
	return ""
}

// family returns what verb waits for at o: a queue has three things to wait for, a channel and a group two.
func (o *vObject) family(verb string) string {
	if family := classRuleOf(o).family; family != nil {
		return family(verb)
	}
	return ""
}

// unknown returns the unknown goroutine that has waited longest at o, or g if there is none.
func (o *vObject) unknown(g *vGoroutine) *vGoroutine {
	for _, w := range o.queue {
		if w.id == 0 {
			return w
		}
	}
	return g
}

// leave removes g from the queue of o.
func (o *vObject) leave(g *vGoroutine) {
	if len(o.queue) > 0 && o.queue[0] == g {
		o.queue = o.queue[1:]
	} else if i := slices.Index(o.queue, g); i >= 0 {
		o.queue = slices.Delete(o.queue, i, i+1)
	}
}
