package trace

import (
	"fmt"
	"slices"
)

// Channels and select statements. validator_queue.go has the rules for items in a channel.

func chanFamily(verb string) string {
	if verb == "send" || verb == "Send" || verb == "Put" {
		return "Put"
	}
	return ""
}

func (c chanCheck) wait() string {
	if c.o.items.closed && !c.o.vague {
		return "the channel is closed"
	}
	return ""
}

func (c chanCheck) release() string {
	switch {
	case c.o.pending > 0:
		c.o.pending--
	case c.o.vague:
	case c.o.family(c.g.verb) == "" && len(c.o.items.list) == 0:
		return "there is nothing in the channel, and it is not closed"
	}
	return ""
}

func (c chanCheck) pass() string {
	switch {
	case c.o.vague:
	case !c.o.items.closed:
		return "the channel is not closed"
	case len(c.o.items.list) > 0:
		return fmt.Sprintf("the number of items in it is %d", len(c.o.items.list))
	}
	return ""
}

// due: an item put beyond the channel's capacity is taken at once, by the next event at this channel or by a
// goroutine just released from it.
func (c chanCheck) due() string {
	q := &c.o.items
	n := int64(len(q.list)) - q.capacity
	if n <= 0 || c.o.vague || c.ev.Kind == KindGet || c.ev.Kind == KindUnblock || c.ev.Kind == KindResume {
		return ""
	}
	last := q.list[len(q.list)-1]
	q.list = q.list[:q.capacity] // report it once
	if q.capacity == 0 {
		return fmt.Sprintf("the channel has no buffer, and item %d has not been taken", last)
	}
	return fmt.Sprintf("the buffer is full: its capacity is %d", q.capacity)
}

// close: once. All waiters are released.
func (c chanCheck) close() (wrong string) {
	switch {
	case c.o.items.closed && !c.o.vague:
		wrong = "the channel is closed"
	case c.ev.N != 0:
		wrong = fmt.Sprintf("closing a channel drops nothing, but it drops %d", c.ev.N)
	}
	c.o.items.closed = true
	c.o.pending = len(c.o.queue)
	return wrong
}

// watch: a goroutine about to wait watches the channel for a select without waiters.
func (c chanCheck) watch(sel *vObject) string {
	switch {
	case sel.class != ClassSelect && !c.lost:
		return sel.name + " is not a select"
	case len(sel.queue) > 0:
		return sel.queue[0].name + " waits there"
	}
	sel.sel.begin()
	sel.sel.cases = append(sel.sel.cases, c.o.id)
	return ""
}

// vSelect is a place where goroutines wait in select statements.
type vSelect struct {
	cases []ID // the channels of the current wait; if over, of the last one
	over  bool
}

// begin clears the cases if the last wait is over.
func (s *vSelect) begin() {
	if s.over {
		*s = vSelect{}
	}
}

// has reports whether object id is one of the cases.
func (s *vSelect) has(id ID) bool { return slices.Contains(s.cases, id) }

func (c selectCheck) wait() string {
	c.o.sel.begin()
	return ""
}

func (c selectCheck) release() string {
	s := &c.o.sel
	if s.over = true; len(s.cases) == 0 && !c.o.vague {
		return "it has no cases"
	}
	return ""
}
