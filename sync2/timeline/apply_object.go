package timeline

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// maxPassed bounds how many of those that found an Event set are remembered.
const maxPassed = 256

func (s *State) defineObj(ev *trace.Event) {
	if ev.Obj == 0 {
		return
	}
	o := s.object(ev.Obj)
	o.Class, o.Name, o.Parent, o.Inner = ev.Class, safetext.Cut(ev.Text, maxName), trace.ID(ev.Peer), ev.Inner
	n := max(0, ev.N)
	switch ev.Class {
	case trace.ClassEvent:
		o.IsSet = n > 0
	case trace.ClassBarrier:
		o.Parties = count(n)
	case trace.ClassSemaphore:
		o.Permits, o.Size, o.Signals = n, n, n == 0
	case trace.ClassMutex, trace.ClassReentrantLock:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = n
			o.Holders = []Hold{{Obj: o.ID, N: n, Since: s.now}}
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue, trace.ClassChan:
		o.Capacity = count(n)
	case trace.ClassRWMutex:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = 1
			o.Holders = []Hold{{Obj: o.ID, N: 1, Since: s.now}}
		}
		if n > 1 {
			o.Depth = 0
			o.Holders[0].N, o.Holders[0].Read = n-1, true
		}
	case trace.ClassWaitGroup:
		o.Count = count(n)
	case trace.ClassOnce:
		o.IsSet = n == 1
	case trace.ClassTimer:
		o.IsSet, o.Deadline = n > 0, time.Duration(n)
	case trace.ClassExecutor:
		o.Workers = count(n)
	case trace.ClassFuture:
		p := Progress(n)
		if p < Pending || p > CanceledBefore {
			p = Pending
		}
		if p != o.Progress { // or else somebody has come back to it
			o.Progress, o.Since = p, s.now
		}
	case trace.ClassGroup:
		o.Watches = count(n)
	case trace.ClassGoroutine:
		o.Of = ev.N
	case trace.ClassWatch:
		o.Count = count(n)
	case trace.ClassTaskGroup:
		o.Limit = count(n)
	case trace.NoClass, trace.ClassLocal, trace.ClassCond, trace.ClassVar, trace.ClassOther,
		trace.ClassNilChan, trace.ClassSelect, trace.ClassClock, trace.ClassAtomic, trace.ClassKeyedMutex, trace.ClassFlight:
	}
}

// Events.

func (c flagChange) set() error {
	g, o, ev := c.g, c.o, c.ev
	if o.Class == trace.ClassTimer {
		o.IsSet, o.Deadline = true, time.Duration(max(0, ev.N))
		return nil
	}
	if o.Class == trace.ClassWatch {
		o.Count, o.Result, o.Passed = count(ev.N), ev.Text, nil
		return nil
	}
	if !o.IsSet {
		o.Passed = nil
	}
	o.IsSet = true
	join(&o.Senders, g.ID)
	return nil
}

func (c flagChange) clear() error {
	o := c.o
	if o.IsSet {
		o.Generation++
	}
	o.IsSet = false
	return nil
}

func (c flagChange) pass() error {
	g, o := c.g, c.o
	if o.Class == trace.ClassChan {
		join(&o.Receivers, g.ID)
		chanChange(c).chose(false)
	}
	if o.Class != trace.ClassEvent && o.Class != trace.ClassWatch {
		return nil
	}
	if len(o.Passed) >= maxPassed {
		o.Passed = cut(o.Passed, 0)
	}
	o.Passed = append(o.Passed, Hold{Obj: o.ID, G: g.ID, Since: c.now})
	if !o.IsSet && o.Class == trace.ClassEvent {
		o.IsSet = true
		return c.wrong("%s passes %s, which is not set", c.gName(), c.objName())
	}
	return nil
}

// Locks and semaphores.

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
	if ev.Peer == -1 { // it had got them when it was not known
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

func (c lockChange) lock() error {
	g, o, ev := c.g, c.o, c.ev
	var err error
	if o.Depth > 0 && o.Owner != g.ID {
		if o.Owner != 0 || o.Class == trace.ClassMutex {
			err = c.wrong("%s acquires %s, which %s holds", c.gName(), c.objName(), c.Words().GName(o.Owner))
		}
		c.free(o)
	}
	o.Owner, o.Depth = g.ID, max(1, ev.N)
	c.hold(g, o, o.Depth, false)
	return err
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
	for left > 0 && len(o.Holders) > 0 { // permits have no owner: anybody may give back another's
		left -= c.letGo(o, 0, left)
	}
	if left > 0 { // nobody was known to hold these: they are new, or were taken before the trace began
		held := int64(0)
		for _, h := range o.Holders {
			held = plus(held, h.N)
		}
		o.Size = max(o.Size, plus(o.Permits, held))
	}
	return nil
}

// resize changes how many workers an executor may have, or how many permits of a semaphore are available.
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

func (c flagChange) notify() error {
	g, o := c.g, c.o
	join(&o.Senders, g.ID)
	return nil
}

func (c lockChange) unlock() error {
	g, o, ev := c.g, c.o, c.ev
	if o.Depth == 0 {
		return c.wrong("%s releases %s, which nobody holds", c.gName(), c.objName())
	}
	if ev.N <= 0 {
		c.free(o)
		return nil
	}
	o.Depth = ev.N
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		c.hold(g, o, ev.N, false)
	}
	return nil
}

func (c semaphoreChange) tryFail() error {
	o := c.o
	o.Tries++
	return nil
}

// Goroutine-local values.

func (c valueChange) setValue() error {
	g, o, ev := c.g, c.o, c.ev
	if g.ID == 0 {
		return c.wrong("nobody sets %s", c.objName())
	}
	v := Value{G: g.ID, Text: ev.Text, Since: c.now}
	if slices.Contains(g.locals, o.ID) {
		o.Values[valueOf(o, g.ID)] = v
	} else {
		o.Values = append(o.Values, v)
		g.locals = append(g.locals, o.ID)
	}
	return nil
}

func (c valueChange) dropValue() error {
	g, o := c.g, c.o
	o.drop(g.ID)
	if i := slices.Index(g.locals, o.ID); i >= 0 {
		g.locals = cut(g.locals, i)
	}
	return nil
}

func (o *Object) drop(g int64) {
	if i := valueOf(o, g); i >= 0 {
		o.Values = cut(o.Values, i)
	}
}

func valueOf(o *Object, g int64) int {
	return slices.IndexFunc(o.Values, func(v Value) bool { return v.G == g })
}
