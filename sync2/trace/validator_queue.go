package trace

import (
	"fmt"
	"slices"
	"strings"
)

// Queues and their items. Channels have items too; validator_chan.go has the rules for channels alone.

// vItems is the items in a queue, the next to be taken first.
type vItems struct {
	capacity   int64
	list       []int64
	puts       bool  // a Put was seen …
	oldest     int64 // … of this item: those with lower numbers are older than the trace
	taken      map[int64]bool
	closed     bool
	counted    bool  // unfinished is known
	unfinished int64 // items put and not yet marked as finished
}

// saw records that item n was put, if it is the first.
func (q *vItems) saw(n int64) {
	if !q.puts {
		q.puts, q.oldest = true, n
	}
}

// place returns the position of the event's item among those in the queue.
func (c queueCheck) place() int { return int(min(max(0, c.ev.Peer), int64(len(c.o.items.list)))) }

func queueFamily(verb string) string {
	for _, f := range []string{"Put", "Join"} {
		if strings.HasPrefix(verb, f) {
			return f
		}
	}
	return ""
}

func (c queueCheck) define() string {
	c.o.items.capacity = max(0, c.ev.N)
	return ""
}

// put: an item's number is new, there is room, and no producer is overtaken.
func (c queueCheck) put() (wrong string) {
	o, ev, q := c.o, c.ev, &c.o.items
	place := c.place()
	if o.class == ClassChan {
		place = len(q.list)
	}
	switch {
	case q.closed && o.class == ClassChan:
		wrong = "the channel is closed"
	case q.closed:
		wrong = "the queue is closed"
	case ev.N != 0 && slices.Contains(q.list, ev.N):
		wrong = fmt.Sprintf("item %d is already in it", ev.N)
	case q.capacity > 0 && int64(len(q.list)) >= q.capacity && o.class != ClassChan: // a channel's receiver may take it at once
		wrong = fmt.Sprintf("the queue is full: its capacity is %d", q.capacity)
	case o.class == ClassQueue && place < len(q.list), o.class == ClassStack && ev.Peer != 0 && ev.N != 0:
		wrong = fmt.Sprintf("item %d is put at position %d", ev.N, ev.Peer)
	default:
		wrong = c.overtakes("Put")
	}
	c.g.room = 0
	o.vague = o.vague || ev.Peer > int64(place) // behind items older than the trace
	if ev.N != 0 {
		q.saw(ev.N)
	}
	q.list = slices.Insert(q.list, place, ev.N)
	q.unfinished++
	return wrong
}

// requeue: the item may exceed the capacity and overtake waiting producers. An item that a queue takes back by itself
// may go ahead of younger items.
func (c queueCheck) requeue() (wrong string) {
	o, ev, q := c.o, c.ev, &c.o.items
	place := c.place()
	switch {
	case q.closed:
		wrong = "the queue is closed"
	case slices.Contains(q.list, ev.N):
		wrong = fmt.Sprintf("item %d is already in it", ev.N)
	case o.class == ClassQueue && place < len(q.list) && ev.G != 0, o.class == ClassStack && ev.Peer != 0:
		wrong = fmt.Sprintf("item %d is put at position %d", ev.N, ev.Peer)
	}
	o.vague = o.vague || ev.Peer > int64(place) // behind items older than the trace
	q.saw(ev.N)
	q.list = slices.Insert(q.list, place, ev.N)
	return wrong
}

// get: the item is the next, and no consumer is overtaken.
func (c queueCheck) get() (wrong string) {
	n, q := c.ev.N, &c.o.items
	i := slices.Index(q.list, n)
	if i < 0 && len(q.list) > 0 && q.list[0] == 0 && (!q.puts || n < q.oldest) {
		i = 0 // an item older than the trace
	}
	switch {
	case i < 0 && (c.o.vague || !q.puts || n < q.oldest) && !q.taken[n]: // older than the trace
		if q.taken == nil {
			q.taken = make(map[int64]bool)
		}
		q.taken[n] = true
		c.o.vague = true
	case i < 0:
		wrong = fmt.Sprintf("item %d is not in it", n)
	case i > 0 && !c.o.vague:
		wrong = fmt.Sprintf("item %d is the next, not %d", q.list[0], n)
	default:
		wrong = c.overtakes("Get")
	}
	if i >= 0 {
		q.list = slices.Delete(q.list, i, i+1)
	}
	return wrong
}

// taskDone: each one finishes one item.
func (c queueCheck) taskDone() (wrong string) {
	if c.o.class == ClassTaskGroup {
		return groupCheck(c).leaves()
	}
	n, q := c.ev.N, &c.o.items
	q.unfinished--
	if n < 0 || q.counted && n != q.unfinished {
		wrong = fmt.Sprintf("the number of unfinished items is %d, not %d", max(0, q.unfinished), n)
	}
	q.counted, q.unfinished = true, n
	return wrong
}

// pass, of a Join: all items are finished.
func (c queueCheck) pass() string {
	if q := &c.o.items; !c.o.vague && q.counted && q.unfinished > 0 {
		return fmt.Sprintf("the number of unfinished items is %d", q.unfinished)
	}
	return ""
}

// close: a queue drops all of its items or none.
func (c queueCheck) close() (wrong string) {
	if c.o.class == ClassChan {
		return chanCheck(c).close()
	}
	dropped, q := c.ev.N, &c.o.items
	n := int64(len(q.list))
	if slices.Contains(vQueues, c.o.class) && dropped != 0 && dropped < n || dropped < 0 {
		wrong = fmt.Sprintf("the number of items is %d, but it drops %d", n, dropped)
	}
	if dropped != 0 {
		q.list = nil
		q.unfinished = max(0, q.unfinished-dropped) // some may have been marked as finished before they were taken
	}
	q.closed = true
	return wrong
}
