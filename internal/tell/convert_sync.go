package tell

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// sorts describes the remaining classes of objects.
var sorts = map[uint8]struct {
	class trace.Class
	name  string
}{
	ofMutex: {trace.ClassMutex, "mutex"}, ofRWMutex: {trace.ClassRWMutex, "rwmutex"}, ofWaitGroup: {trace.ClassWaitGroup, "waitgroup"},
	ofOnce: {trace.ClassOnce, "once"}, ofCond: {trace.ClassCond, "cond"},
}

// object returns the object of r. If it is new and held is set, an unknown goroutine holds it.
func (c *converter) object(r *raw, held bool) *object {
	k := address{r.what, r.obj}
	if one, ok := only[r.what]; ok {
		k.p = 0
		if c.others[k] == nil {
			c.others[k] = c.define(one.class, 0, 0, one.name)
		}
		return c.others[k]
	}
	o := c.others[k]
	if s := c.places[r.obj]; o == nil && r.what == ofLibrary {
		name := "standard library"
		if s != nil {
			name = s.short() + " " + s.place()
		}
		o = c.defineAs(trace.Event{Class: trace.ClassOther, Inner: true, Text: c.another(name)})
		c.others[k] = o
	}
	if o == nil {
		sort, ok := sorts[r.what]
		if !ok {
			sort.class, sort.name = trace.ClassOther, "object"
		}
		n := int64(0)
		switch r.what {
		case ofMutex, ofRWMutex:
			if held {
				n = 1
			}
		case ofWaitGroup:
			if r.kind == added {
				n = max(0, r.n-int64(r.peer))
			}
		}
		o = c.define(sort.class, n, 0, c.named(sort.name, r.pc))
		o.count = n
		o.writes = n == 1 && (r.what == ofMutex || r.what == ofRWMutex)
		c.others[k] = o
	}
	return o
}

// unattributed reports whether r is about an unknown object that no report attributes to the program.
func (c *converter) unattributed(r *raw) bool {
	return r.pc == 0 && c.others[address{r.what, r.obj}] == nil
}

// zero reports that goroutine by made the counter of a WaitGroup 0, unless it is 0 already.
func (c *converter) zero(o *object, by uint64) {
	if o.class == trace.ClassWaitGroup && o.count != 0 {
		o.count = 0
		c.emit(trace.Event{Kind: trace.KindAdd, G: int64(by), Obj: o.id})
		c.letGo(o, by)
	}
}

// letGo releases all waiters of a WaitGroup: that they are readied is reported only after more may have come.
func (c *converter) letGo(o *object, by uint64) {
	for len(o.queue) > 0 {
		c.unblock(o.queue[0], by)
	}
}

// lock reports operations on locks, and failed tries.
func (c *converter) lock(r *raw) {
	if c.unattributed(r) {
		return
	}
	c.g(r.g)
	o := c.object(r, r.kind != acquired)
	pc := c.pc(r.pc)
	text := verb(r.verb)
	read := strings.HasPrefix(text, "R") || strings.HasPrefix(text, "TryR")
	nobody := trace.Event{Obj: o.id, N: 1, Text: "Lock"}
	switch r.kind {
	case acquired:
		nobody.Kind, nobody.N = trace.KindRelease, 0
		if o.writes {
			nobody.Text = "Unlock"
			c.emit(nobody)
			o.writes = false
		}
		for ; !read && o.reads > 0; o.reads-- {
			nobody.Text = "RUnlock"
			c.emit(nobody)
		}
		if read {
			o.reads++
		} else {
			o.writes = true
		}
		c.emit(trace.Event{Kind: trace.KindAcquire, G: int64(r.g), Obj: o.id, N: 1, PC: pc, Text: text})
	case released:
		nobody.Kind = trace.KindAcquire
		switch {
		case read && o.writes:
			c.emit(trace.Event{Kind: trace.KindRelease, Obj: o.id, Text: "Unlock"})
			o.writes = false
			fallthrough
		case read && o.reads == 0:
			nobody.Text = "RLock"
			c.emit(nobody)
			o.reads++
		case !read && !o.writes:
			for ; o.reads > 0; o.reads-- {
				c.emit(trace.Event{Kind: trace.KindRelease, Obj: o.id, Text: "RUnlock"})
			}
			c.emit(nobody)
		}
		if read {
			o.reads--
		} else {
			o.writes = false
		}
		c.emit(trace.Event{Kind: trace.KindRelease, G: int64(r.g), Obj: o.id, PC: pc, Text: text})
	default:
		c.emit(trace.Event{Kind: trace.KindTryFail, G: int64(r.g), Obj: o.id, N: 1, PC: pc, Text: text})
	}
}

// other reports operations on WaitGroups, Onces and Conds.
func (c *converter) other(r *raw) {
	if c.unattributed(r) {
		return
	}
	c.g(r.g)
	if old := c.others[address{r.what, r.obj}]; r.kind == runs && old != nil && old.ran {
		delete(c.others, address{r.what, r.obj}) // another object is at that address
	}
	o := c.object(r, false)
	if r.kind == passed {
		c.zero(o, 0)
	}
	ev := trace.Event{G: int64(r.g), Obj: o.id, PC: c.pc(r.pc)}
	switch r.kind {
	case added:
		// Of two concurrent additions, the one reported first need not have been the first.
		if o.count += int64(r.peer); o.count < 0 {
			o.count = max(0, r.n)
		}
		ev.Kind, ev.N = trace.KindAdd, o.count
	case passed:
		ev.Kind = trace.KindPass
	case runs:
		ev.Kind = trace.KindActionBegin
	case hasRun:
		ev.Kind = trace.KindActionEnd
		o.ran = true
	case notified:
		c.notify(r, o, ev)
		return
	}
	c.emit(ev)
	if ev.Kind == trace.KindAdd && ev.N == 0 {
		c.letGo(o, r.g)
	}
}

// notify reports a notification, and releases its waiters at once: that they are readied is reported only after other
// goroutines may have notified some too. The holder of a Signal's ticket need not be waiting yet, and then will not wait.
func (c *converter) notify(r *raw, o *object, ev trace.Event) {
	var to []*goroutine
	for _, g := range o.queue {
		if r.n != nobody && (verb(r.verb) == "Broadcast" || g.ticket == uint32(r.n)) {
			to = append(to, g)
		}
	}
	ev.Kind, ev.N = trace.KindNotify, int64(len(to))
	c.emit(ev)
	for _, g := range to {
		c.unblock(g, r.g)
	}
}

// enqueue adds g, with its ticket, to the queue, and returns the number of waiters that it goes ahead of: a ticket is
// taken some time before the wait.
func (o *object) enqueue(g *goroutine, ticket uint32) int {
	g.ticket = ticket
	at := len(o.queue)
	for at > 0 && int32(ticket-o.queue[at-1].ticket) < 0 {
		at--
	}
	o.queue = slices.Insert(o.queue, at, g)
	return len(o.queue) - 1 - at
}

// leave removes g from the queue, if there is one.
func (o *object) leave(g *goroutine) {
	if i := slices.Index(o.queue, g); i >= 0 {
		o.queue = slices.Delete(o.queue, i, i+1)
	}
}
