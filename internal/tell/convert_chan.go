package tell

import "github.com/turnstile-go/turnstile/sync2/trace"

// fill unpacks the capacity of a channel and the number of its items, as reported by an event.
func fill(n int64) (capacity, count int) { return int(n >> 32), int(uint32(n)) }

// chanOf returns the channel of r, with the number of items that it had before.
func (c *converter) chanOf(r *raw, before int) *object {
	o := c.chans[r.obj]
	if o == nil {
		capacity, _ := fill(r.n)
		o = c.defineAs(trace.Event{Class: trace.ClassChan, Inner: r.pc == 0, N: int64(capacity), Text: c.named("chan", r.pc)})
		c.chans[r.obj] = o
	}
	for len(o.items) < before {
		o.put++
		o.items = append(o.items, o.put)
		c.emit(trace.Event{Kind: trace.KindPut, Obj: o.id, N: o.put})
	}
	for len(o.items) > max(0, before) {
		c.emit(trace.Event{Kind: trace.KindGet, Obj: o.id, N: o.items[0]})
		o.items = o.items[1:]
	}
	return o
}

func (c *converter) channel(r *raw) {
	c.g(r.g)
	pc := c.pc(r.pc)
	capacity, count := fill(r.n)
	switch r.kind {
	case putIn:
		c.put(c.chanOf(r, count-1), r.g, pc)
	case got:
		c.get(c.chanOf(r, count+1), r.g, pc)
	case handedTo:
		o := c.chanOf(r, 0)
		c.put(o, r.g, pc)
		c.release(r.peer, r.g)
		c.get(o, r.peer, 0)
	case tookFrom:
		if capacity > 0 {
			o := c.chanOf(r, capacity)
			c.get(o, r.g, pc)
			c.release(r.peer, r.g)
			c.put(o, r.peer, 0)
			break
		}
		o := c.chanOf(r, 0)
		c.release(r.peer, r.g)
		c.put(o, r.peer, 0)
		c.get(o, r.g, pc)
	case foundShut:
		o := c.chanOf(r, 0)
		if !o.shut { // it was closed before it was known
			o.shut = true
			c.emit(trace.Event{Kind: trace.KindClose, Obj: o.id})
		}
		c.emit(trace.Event{Kind: trace.KindPass, G: int64(r.g), Obj: o.id, PC: pc})
	case closed:
		o := c.chanOf(r, count)
		o.shut = true
		c.emit(trace.Event{Kind: trace.KindClose, G: int64(r.g), Obj: o.id, PC: pc})
	default:
		c.chanOf(r, 0)
	}
}

func (c *converter) put(o *object, g, pc uint64) {
	o.put++
	o.items = append(o.items, o.put)
	c.emit(trace.Event{Kind: trace.KindPut, G: int64(g), Obj: o.id, N: o.put, PC: pc})
}

func (c *converter) get(o *object, g, pc uint64) {
	n := o.items[0]
	if o.items = o.items[1:]; len(o.items) == 0 {
		o.items = nil
	}
	c.emit(trace.Event{Kind: trace.KindGet, G: int64(g), Obj: o.id, N: n, PC: pc})
}

// timer reports operations on timers.
func (c *converter) timer(r *raw) {
	c.g(r.g)
	o := c.chans[r.obj]
	when := max(0, r.n-c.start)
	if r.n == 0 {
		when = 0
	}
	if o == nil {
		parent := trace.ID(0)
		if ch := c.chans[r.peer]; ch != nil && r.peer != 0 {
			parent = ch.id
		}
		o = c.define(trace.ClassTimer, 0, parent, c.named("timer", r.pc))
		c.chans[r.obj] = o
	}
	ev := trace.Event{G: int64(r.g), Obj: o.id, N: when, PC: c.pc(r.pc)}
	switch r.kind {
	case timerStop:
		ev.Kind, ev.N = trace.KindClear, 0
	case timerFire:
		ev.Kind, ev.G = trace.KindFire, 0
	default:
		ev.Kind = trace.KindSet
	}
	c.emit(ev)
}
