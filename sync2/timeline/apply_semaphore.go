package timeline

import "github.com/turnstile-go/turnstile/sync2/trace"

// Semaphores, and the workers of an executor.

func (c semaphoreChange) acquire() error {
	g, o, ev := c.g, c.o, c.ev
	switch {
	case isLock(o.Class):
		return lockChange(c).lock()
	case o.Class == trace.ClassRWMutex:
		return rwMutexChange(c).lock()
	}
	n := ev.N
	if n < 0 {
		return c.wrong("%s acquires %d", c.gName(), n)
	}
	if ev.Peer == -1 { // it received them while it was unknown
		if i := holdOf(o.Holders, 0); i >= 0 {
			c.letGo(o, i, n)
		}
		c.hold(g, o, n, true)
		return nil
	}
	c.hold(g, o, n, true)
	o.Permits -= n
	if o.Permits < 0 {
		o.Permits = 0
		return c.wrong("%s acquires %d of %s, which has fewer permits", c.gName(), n, c.objName())
	}
	return nil
}

func (c semaphoreChange) release() error {
	g, o, ev := c.g, c.o, c.ev
	switch {
	case isLock(o.Class):
		return lockChange(c).unlock()
	case o.Class == trace.ClassRWMutex:
		return rwMutexChange(c).unlock()
	}
	if ev.N < 0 {
		return c.wrong("%s releases %d", c.gName(), ev.N)
	}
	join(&o.Senders, g.ID)
	o.Permits = plus(o.Permits, ev.N)
	left := ev.N
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		left -= c.letGo(o, i, left)
	}
	if left > 0 && !o.Signals {
		c.signals(o)
	}
	for left > 0 && len(o.Holders) > 0 { // permits have no owner: any goroutine may return another's
		left -= c.letGo(o, 0, left)
	}
	if left > 0 { // no known goroutine held these: they are new, or were acquired before the trace began
		held := int64(0)
		for _, h := range o.Holders {
			held = plus(held, h.N)
		}
		o.Size = max(o.Size, plus(o.Permits, held))
	}
	return nil
}

// resize changes the maximum number of workers of an executor, or the available permits of a semaphore.
func (c semaphoreChange) resize() error {
	o, ev := c.o, c.ev
	if ev.N < 0 {
		return c.wrong("the size of %s becomes %d", c.objName(), ev.N)
	}
	if o.Class == trace.ClassExecutor {
		o.Workers = count(ev.N)
		return nil
	}
	held := int64(0)
	for _, h := range o.Holders {
		held = plus(held, h.N)
	}
	o.Permits, o.Size = ev.N, plus(ev.N, held)
	return nil
}

func (c semaphoreChange) tryFail() error {
	o := c.o
	o.Tries++
	return nil
}
