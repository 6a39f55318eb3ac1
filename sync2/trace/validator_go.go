package trace

import (
	"fmt"
	"slices"
	"strings"
)

// What is particular to plain Go: channels, select statements, RWMutexes, WaitGroups, Onces and timers.

// What a goroutine puts into a channel beyond its capacity, another takes at once: next at this channel, or as soon as it is
// released from there. untaken checks that.
func (o *vObject) untaken(ev *Event) string {
	q := &o.items
	n := int64(len(q.list)) - q.capacity
	if o.class != ClassChan || n <= 0 || o.vague || ev.Kind == KindGet || ev.Kind == KindUnblock || ev.Kind == KindResume {
		return ""
	}
	last := q.list[len(q.list)-1]
	q.list = q.list[:q.capacity] // not told again
	if q.capacity == 0 {
		return fmt.Sprintf("the channel has no buffer, and nobody has taken item %d", last)
	}
	return fmt.Sprintf("the buffer is full, with %d items", q.capacity)
}

// closeChan: once. All who wait are released.
func (v *Validator) closeChan(ev *Event, o *vObject) (wrong string) {
	switch {
	case o.items.closed && !o.vague:
		wrong = "the channel is closed"
	case ev.N != 0:
		wrong = fmt.Sprintf("closing a channel drops nothing, but it drops %d", ev.N)
	}
	o.items.closed = true
	o.pending = len(o.queue)
	return wrong
}

// watchChan: what a goroutine that is about to wait watches is for a select in which nobody waits.
func (v *Validator) watchChan(o, sel *vObject) string {
	switch {
	case sel.class != ClassSelect && !v.lost:
		return sel.name + " is not a select"
	case len(sel.queue) > 0:
		return sel.queue[0].name + " waits there"
	}
	v.beginCases(sel)
	sel.cases = append(sel.cases, o.id)
	return ""
}

// beginCases forgets the cases of a select in which the last wait is over.
func (v *Validator) beginCases(sel *vObject) {
	if sel.over {
		sel.cases, sel.over = nil, false
	}
}

// mayReleaseGo checks that there is a reason to release g, which waits at o.
func (v *Validator) mayReleaseGo(g *vGoroutine, o *vObject) string {
	switch {
	case o.class == ClassNilChan:
		return "nobody ever comes to the nil channel"
	case o.class == ClassSelect:
		if o.over = true; len(o.cases) == 0 && !o.vague {
			return "it has no cases"
		}
	case o.pending > 0:
		o.pending--
	case o.vague:
	case o.class == ClassWaitGroup:
		return "nobody has released it: there is no event before that says so"
	case o.class == ClassOnce && !o.done && o.runner != 0:
		return v.gName(o.runner) + " runs the function"
	case o.class == ClassOnce && !o.done && o.queue[0] != g:
		return o.queue[0].name + " has waited longer"
	case o.class == ClassChan && o.family(g.verb) == "" && len(o.items.list) == 0:
		return "there is nothing in the channel, and it is not closed"
	}
	return ""
}

// isRead reports whether a verb of an RWMutex is about reading.
func isRead(verb string) bool { return strings.HasPrefix(verb, "R") || strings.HasPrefix(verb, "TryR") }

// acquireRW: either one writes or any number read.
func (v *Validator) acquireRW(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if ev.Text == "Downgrade" {
		if o.depth == 0 && !o.vague {
			wrong = "nobody holds it"
		}
		o.owner, o.depth, o.readers, o.vague = 0, 0, 1, false
		return wrong
	}
	switch {
	case o.vague:
	case o.depth > 0:
		wrong = v.holder(o) + " holds it"
	case !isRead(ev.Text) && o.readers > 0:
		wrong = fmt.Sprintf("%d read it", o.readers)
	}
	if isRead(ev.Text) {
		o.readers++
		return wrong
	}
	o.owner, o.depth, o.readers, o.vague = g.id, 1, 0, false
	return wrong
}

func (v *Validator) releaseRW(ev *Event, o *vObject) (wrong string) {
	switch {
	case isRead(ev.Text):
		if o.readers == 0 && !o.vague {
			wrong = "nobody reads it"
		}
		o.readers = max(0, o.readers-1)
	default:
		if o.depth == 0 && !o.vague {
			wrong = "nobody holds it"
		}
		o.owner, o.depth, o.readers, o.vague = 0, 0, 0, false
	}
	return wrong
}

// add: a counter is never less than 0. At 0 all who wait are released.
func (v *Validator) add(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	if ev.N < 0 {
		wrong = fmt.Sprintf("the counter is %d", ev.N)
	}
	if o.counter = max(0, ev.N); o.counter == 0 {
		o.pending = len(o.queue)
	}
	return wrong
}

// A Once runs one function at a time, until one has succeeded; after one that failed, that of the first in the queue.
func (v *Validator) onceBegin(g *vGoroutine, o *vObject) (wrong string) {
	switch {
	case o.vague:
	case o.done:
		wrong = "the function has run"
	case o.runner != 0:
		wrong = v.gName(o.runner) + " runs the function"
	case len(o.queue) > 0 && !v.mayBeGranted(g, o.id):
		wrong = o.queue[0].name + " has waited longer"
	}
	o.runner = g.id
	return wrong
}

func (v *Validator) onceEnd(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if o.runner != g.id && !o.vague {
		wrong = "it does not run the function"
	}
	o.runner, o.done, o.vague = 0, ev.N == 0, false
	return wrong
}

// fire: only a timer that is set goes off, and not before its time.
func (v *Validator) fire(ev *Event, _ *vGoroutine, o *vObject) (wrong string) {
	if !o.set && !o.vague {
		wrong = "the timer is not set"
	}
	o.set = ev.N != 0
	return wrong
}

// watches reports whether a goroutine that waits in select o waits for object id.
func (o *vObject) watches(id ID) bool { return slices.Contains(o.cases, id) }
