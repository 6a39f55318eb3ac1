package timeline

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Events, conditions, timers, watches and wait groups: objects that are set, counted and passed.

// maxPassed is the maximum number of goroutines remembered that found an Event set.
const maxPassed = 256

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

func (c flagChange) notify() error {
	g, o := c.g, c.o
	join(&o.Senders, g.ID)
	return nil
}

func (c flagChange) add() error {
	g, o, ev := c.g, c.o, c.ev
	n := count(ev.N)
	if n < o.Count {
		join(&o.Senders, g.ID)
	}
	o.Added = n - o.Count
	o.Count = n
	if ev.N < 0 {
		return c.wrong("the counter of %s is %d", c.objName(), ev.N)
	}
	return nil
}

func (c flagChange) fire() error {
	o, ev := c.o, c.ev
	o.IsSet, o.Deadline = ev.N > 0, time.Duration(max(0, ev.N))
	o.Fired = plus(o.Fired, 1)
	return nil
}
