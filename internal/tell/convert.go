package tell

import (
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A converter converts what a program has written to events of a trace. It keeps the known state of each goroutine
// and object, so that the trace is consistent even where something was not reported: it then attributes that to an
// unknown goroutine.
type converter struct {
	start int64
	clock clock
	out   []trace.Event
	seq   uint64
	last  int64
	lost  uint32

	gs     map[uint64]*goroutine
	chans  map[uint64]*object // and timers, which share their numbers
	others map[address]*object
	lastID trace.ID
	names  map[string]int // the number of objects with a name

	places map[uint64]*site
	files  map[string][][]byte
}

type address struct {
	of uint8
	p  uint64
}

// A goroutine is the known state of a goroutine.
type goroutine struct {
	id       uint64
	name     string
	ticket   uint32  // its ticket while it waits for a Cond
	waits    *object // nil if it does not wait
	released bool    // it was released, and has not resumed since
	sel      *object // where it waits in select statements; nil if it has not
}

// An object is the known state of an object.
type object struct {
	id    trace.ID
	class trace.Class

	items  []int64 // in a channel
	put    int64
	shut   bool
	ran    bool // of a Once
	writes bool
	reads  int          // of an RWMutex
	count  int64        // of a WaitGroup
	queue  []*goroutine // of a Cond, in the order of their tickets, or of a WaitGroup
}

// A clock converts ticks to times.
type clock struct {
	first, firstAt int64 // ticks, and their time
	last, lastAt   int64 // likewise, later
}

// at returns the time of t ticks.
func (c *clock) at(t int64) int64 {
	rate := 1.0
	if c.last > c.first && c.lastAt > c.firstAt {
		rate = float64(c.lastAt-c.firstAt) / float64(c.last-c.first)
	}
	return c.lastAt + int64(float64(t-c.last)*rate)
}

func newConverter(start, wall int64, clock clock) *converter {
	c := &converter{
		start: start, clock: clock, gs: make(map[uint64]*goroutine), chans: make(map[uint64]*object), others: make(map[address]*object),
		names: make(map[string]int), places: make(map[uint64]*site), files: make(map[string][][]byte),
	}
	c.emit(trace.Event{Kind: trace.KindBegin, N: wall})
	return c
}

func (c *converter) emit(ev trace.Event) {
	c.seq++
	ev.Seq, ev.Time = c.seq, c.last
	c.out = append(c.out, ev)
}

// end ends the trace.
func (c *converter) end(lost uint32) {
	c.drop(lost)
	c.emit(trace.Event{Kind: trace.KindEnd})
}

// drop reports lost events, given their total number.
func (c *converter) drop(lost uint32) {
	if n := lost - c.lost; n > 0 {
		c.lost = lost
		c.seq += uint64(n) - 1
		c.emit(trace.Event{Kind: trace.KindDropped, N: int64(n)})
	}
}

// convert adds the events for r.
func (c *converter) convert(r *raw) {
	c.drop(r.lost)
	if r.kind == clockIs {
		c.clock.last, c.clock.lastAt = r.time, r.n
		return
	}
	c.last = max(c.last, c.clock.at(r.time)-c.start)
	switch r.kind {
	case spawned:
		c.spawn(r)
	case exited:
		c.g(r.g)
		c.emit(trace.Event{Kind: trace.KindExit, G: int64(r.g)})
		delete(c.gs, r.g)
	case made, putIn, got, handedTo, tookFrom, foundShut, closed:
		c.channel(r)
	case oneCase:
		g := c.g(r.g)
		at := c.at(r, g)
		if g.sel == nil {
			g.sel = c.define(trace.ClassSelect, 0, 0, "select of "+g.name)
		}
		c.emit(trace.Event{Kind: trace.KindWatch, G: int64(r.g), Obj: at.id, Peer: int64(g.sel.id), PC: c.pc(r.pc), Text: verb(r.verb)})
	case blocked:
		c.block(r)
	case readied:
		c.release(r.peer, r.g)
	case resumed:
		g := c.g(r.g)
		if g.waits == nil {
			return
		}
		if !g.released {
			c.release(r.g, 0)
		}
		c.emit(trace.Event{Kind: trace.KindResume, G: int64(r.g), Obj: g.waits.id})
		g.waits = nil
	case acquired, released, tryFailed:
		c.lock(r)
	case timerMade, timerStop, timerSet, timerFire:
		c.timer(r)
	case added, passed, runs, hasRun, notified:
		c.other(r)
	}
}

// g returns the state of a goroutine, which it defines if necessary.
func (c *converter) g(id uint64) *goroutine {
	g := c.gs[id]
	if g == nil && id != 0 {
		name := "main"
		if id != 1 {
			name = "goroutine-" + strconv.FormatUint(id, 10)
		}
		g = c.defineG(id, 0, name)
	}
	if g == nil {
		g = new(goroutine)
	}
	return g
}

func (c *converter) defineG(id, parent uint64, name string) *goroutine {
	g := &goroutine{id: id, name: name}
	c.gs[id] = g
	c.emit(trace.Event{Kind: trace.KindDefineG, G: int64(id), Peer: int64(parent), Text: name})
	return g
}

func (c *converter) spawn(r *raw) {
	c.g(r.g)
	c.defineG(r.peer, r.g, c.another(c.called(r)))
	c.emit(trace.Event{Kind: trace.KindSpawn, G: int64(r.g), Peer: int64(r.peer), PC: c.pc(r.pc)})
}

// define defines an object.
func (c *converter) define(class trace.Class, n int64, parent trace.ID, name string) *object {
	return c.defineAs(trace.Event{Class: class, N: n, Peer: int64(parent), Text: name})
}

// defineAs defines the object described by ev, except for the ID.
func (c *converter) defineAs(ev trace.Event) *object {
	c.lastID++
	ev.Kind, ev.Obj = trace.KindDefineObj, c.lastID
	c.emit(ev)
	return &object{id: c.lastID, class: ev.Class}
}

// at returns the object of r, where g is about to wait.
func (c *converter) at(r *raw, g *goroutine) *object {
	switch r.what {
	case ofChan:
		_, count := fill(r.n)
		return c.chanOf(&raw{obj: r.obj, n: r.n, pc: r.pc}, count)
	case ofSelect:
		if g.sel == nil {
			g.sel = c.define(trace.ClassSelect, 0, 0, "select of "+g.name)
		}
		return g.sel
	}
	return c.object(r, true)
}

// only are the objects of which there is just one.
var only = map[uint8]struct {
	class trace.Class
	name  string
}{ofNilChan: {trace.ClassNilChan, "nil channel"}, ofClock: {trace.ClassClock, "clock"}, ofNetwork: {trace.ClassOther, "network"}}

// block reports that a goroutine begins to wait.
func (c *converter) block(r *raw) {
	g := c.g(r.g)
	o := c.at(r, g)
	if r.what == ofOnce && o.ran {
		return // the goroutine that ran the function has reported that, and is about to release the waiters
	}
	ev := trace.Event{Kind: trace.KindBlock, G: int64(r.g), Obj: o.id, N: 1, PC: c.pc(r.pc), Text: verb(r.verb)}
	if r.what == ofClock {
		ev.N = r.n
	}
	if r.what == ofWaitGroup && o.count == 0 { // a goroutine has added to it without a report
		o.count = 1
		c.emit(trace.Event{Kind: trace.KindAdd, Obj: o.id, N: 1})
	}
	if r.verb&atFront != 0 && (r.what == ofMutex || r.what == ofRWMutex) { // internal locks of the standard library share an object
		ev.Peer = -1
	}
	if g.waits != nil { // its resumption was not reported
		g.waits.leave(g)
	}
	switch r.what {
	case ofCond:
		ev.Peer = int64(o.enqueue(g, uint32(r.n)))
	case ofWaitGroup:
		o.enqueue(g, 0)
	}
	c.emit(ev)
	g.waits, g.released = o, false
}

// release reports that goroutine id is released by another.
func (c *converter) release(id, by uint64) {
	g := c.gs[id]
	if g == nil || g.waits == nil || g.released {
		return
	}
	c.g(by)
	if g.waits.class == trace.ClassCond { // it was notified without a report
		c.emit(trace.Event{Kind: trace.KindNotify, G: int64(by), Obj: g.waits.id, N: 1})
	}
	c.unblock(g, by)
}

// unblock reports that the waiting g is released.
func (c *converter) unblock(g *goroutine, by uint64) {
	g.released = true
	g.waits.leave(g)
	c.zero(g.waits, by)
	c.emit(trace.Event{Kind: trace.KindUnblock, G: int64(g.id), Obj: g.waits.id, Peer: int64(by)})
}
