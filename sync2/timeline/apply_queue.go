package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Queues.

func (c queueChange) put() error {
	g, o, ev := c.g, c.o, c.ev
	g.Failed, g.Reason = false, trace.ReasonNone
	at := int(min(max(0, ev.Peer), int64(len(o.Items))))
	join(&o.Senders, g.ID)
	if o.Class == trace.ClassChan {
		at = len(o.Items)
		chanChange(c).chose(true)
	}
	o.Items = slices.Insert(o.Items, at, Item{ID: ev.N, Text: ev.Text, By: g.ID})
	o.Puts = plus(o.Puts, 1)
	if o.Capacity > 0 && len(o.Items) > o.Capacity {
		return c.wrong("%s puts into %s, which is full", c.gName(), c.objName())
	}
	return nil
}

func (c queueChange) get() error {
	g, o, ev := c.g, c.o, c.ev
	g.Failed, g.Reason = false, trace.ReasonNone
	o.Gets = plus(o.Gets, 1)
	join(&o.Receivers, g.ID)
	if o.Class == trace.ClassChan {
		chanChange(c).chose(false)
	}
	i := slices.IndexFunc(o.Items, func(it Item) bool { return it.ID == ev.N })
	if i < 0 && len(o.Items) > 0 && o.Items[0].ID == 0 { // it is older than the trace
		o.Items[0].ID, i = ev.N, 0
	}
	if i < 0 { // it was put before the trace began, or never
		o.Puts = max(o.Puts, o.Gets)
		o.Taken = Item{ID: ev.N, Text: ev.Text}
		return nil
	}
	o.Taken = o.Items[i]
	o.Items = cut(o.Items, i)
	return nil
}

// requeue puts back a taken item. The item was never finished, so no count changes.
func (c queueChange) requeue() error {
	g, o, ev := c.g, c.o, c.ev
	g.Failed, g.Reason = false, trace.ReasonNone
	at := int(min(max(0, ev.Peer), int64(len(o.Items))))
	o.Items = slices.Insert(o.Items, at, Item{ID: ev.N, Text: ev.Text, By: g.ID})
	return nil
}

func (c queueChange) taskDone() error {
	g, o, ev := c.g, c.o, c.ev
	if o.Class == trace.ClassTaskGroup {
		if i := slices.Index(o.Team, g.ID); i >= 0 {
			o.Team = cut(o.Team, i)
		}
		return nil
	}
	left := count(ev.N)
	o.Puts = max(o.Puts, left) // some were put before the trace began
	o.Done = o.Puts - left
	return nil
}

// close closes a queue, a channel or an executor. Dropped items are all that were left, and count as finished.
func (c queueChange) close() error {
	g, o, ev := c.g, c.o, c.ev
	o.Closed = true
	if o.Class == trace.ClassChan {
		join(&o.Senders, g.ID)
	}
	if isQueue(o.Class) && ev.N > 0 {
		o.Items = nil
		o.Done = min(o.Puts, plus(o.Done, count(ev.N))) // some may have been marked as finished before they were taken
	}
	return nil
}
