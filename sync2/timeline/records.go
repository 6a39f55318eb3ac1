package timeline

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// records are the goroutines and objects of a State. A State and its clones share them: a record with the tag of
// these records belongs to them alone and may be changed; any other is copied first.
type records struct {
	now      time.Duration // the time of the last event
	tag      uint64
	gs       []*Goroutine // in order of appearance
	objs     []*Object    // in order of definition
	active   int          // the number of gs that neither wait nor have ended
	look     int          // the length of gs at which to forget some
	lookObjs int          // the same for objs

	// The maps are shared too, until something is added to them.
	shared   bool
	gIndex   map[int64]int // index in gs
	objIndex map[trace.ID]int
}

var tags atomic.Uint64

// clone returns a copy that shares its contents with the original.
func (r *records) clone() records {
	c := *r
	c.gs, c.objs = slices.Clone(r.gs), slices.Clone(r.objs)
	r.shared, c.shared = true, true
	r.tag, c.tag = tags.Add(1), tags.Add(1)
	return c
}

// goroutine returns goroutine id for changing, and makes it appear if it has not appeared yet.
func (r *records) goroutine(id int64) *Goroutine {
	i, ok := r.gIndex[id]
	if !ok {
		r.unshare()
		g := &Goroutine{ID: id, Status: StatusRunning, Since: r.now, Born: r.now, tag: r.tag}
		r.gIndex[id] = len(r.gs)
		r.gs = append(r.gs, g)
		r.active++
		return g
	}
	if g := r.gs[i]; g.tag == r.tag {
		return g
	}
	g := r.gs[i].clone()
	g.tag = r.tag
	r.gs[i] = g
	return g
}

// object returns object id for changing, and defines it, without a class, if it is not defined yet.
func (r *records) object(id trace.ID) *Object {
	i, ok := r.objIndex[id]
	if !ok {
		r.unshare()
		o := &Object{ID: id, Born: r.now, Touched: r.now, tag: r.tag}
		r.objIndex[id] = len(r.objs)
		r.objs = append(r.objs, o)
		return o
	}
	if o := r.objs[i]; o.tag == r.tag {
		return o
	}
	o := r.objs[i].clone()
	o.tag = r.tag
	r.objs[i] = o
	return o
}

// unshare gives these records their own maps.
func (r *records) unshare() {
	if r.gIndex == nil {
		r.gIndex, r.objIndex = make(map[int64]int), make(map[trace.ID]int)
	} else if r.shared {
		r.gIndex, r.objIndex = maps.Clone(r.gIndex), maps.Clone(r.objIndex)
	}
	r.shared = false
}

// run marks g as running.
func (r *records) run(g *Goroutine) { r.become(g, StatusRunning) }

// become gives g a new status and clears the fields of the old one.
func (r *records) become(g *Goroutine, st Status) {
	if g.ID != 0 {
		r.active += activity(st) - activity(g.Status)
	}
	g.Status, g.Since = st, r.now
	g.For, g.Verb, g.Want, g.By, g.Failed, g.Reason, g.Waited = 0, "", 0, 0, false, trace.ReasonNone, 0
}

// activity returns 1 if a goroutine with status st neither waits nor has ended, and 0 otherwise.
func activity(st Status) int {
	if st == StatusWaiting || st == StatusEnded {
		return 0
	}
	return 1
}

// hold records that g holds n of o: n more than before if add, otherwise n in total. A signal is not held.
func (r *records) hold(g *Goroutine, o *Object, n int64, add bool) {
	h := Hold{Obj: o.ID, G: g.ID, N: n, Since: r.now}
	// A semaphore may have many holders, but a goroutine holds few things: those tell whether to search the holders
	// for g.
	old := o.Signals || g.ID == 0 || slices.ContainsFunc(g.Holds, func(x Hold) bool { return x.Obj == o.ID })
	for _, in := range []*[]Hold{&g.Holds, &o.Holders} {
		if o.Signals && in == &g.Holds {
			continue
		}
		i := -1
		if old || in == &g.Holds {
			i = slices.IndexFunc(*in, func(x Hold) bool { return x.Obj == h.Obj && x.G == h.G })
		}
		switch {
		case i < 0:
			*in = append(*in, h)
		case add:
			(*in)[i].N = plus((*in)[i].N, n)
		default:
			(*in)[i].N = n
		}
	}
}

// letGo takes up to n of o from holder number i of o, and returns the number taken.
func (r *records) letGo(o *Object, i int, n int64) int64 {
	h := o.Holders[i]
	n = min(n, h.N)
	h.N -= n
	if h.N == 0 {
		o.Holders = cut(o.Holders, i)
	} else {
		o.Holders[i].N = h.N
	}
	if h.G == 0 {
		return n
	}
	g := r.goroutine(h.G)
	if j := slices.IndexFunc(g.Holds, func(x Hold) bool { return x.Obj == o.ID }); j >= 0 {
		if h.N == 0 {
			g.Holds = cut(g.Holds, j)
		} else {
			g.Holds[j].N = h.N
		}
	}
	return n
}

// free takes o from all of its holders.
func (r *records) free(o *Object) {
	for len(o.Holders) > 0 {
		r.letGo(o, 0, o.Holders[0].N)
	}
	o.Owner, o.Depth = 0, 0
}

// signals records that the permits of o turn out to be signals, which no goroutine holds.
func (r *records) signals(o *Object) {
	o.Signals = true
	for _, h := range o.Holders {
		if h.G != 0 {
			g := r.goroutine(h.G)
			g.Holds = slices.DeleteFunc(g.Holds, func(x Hold) bool { return x.Obj == o.ID })
		}
	}
}

// dropValues drops all values of g, which has ended.
func (r *records) dropValues(g *Goroutine) {
	for _, id := range g.locals {
		r.object(id).drop(g.ID)
	}
	g.locals = nil
}

func holdOf(in []Hold, g int64) int {
	return slices.IndexFunc(in, func(h Hold) bool { return h.G == g })
}

func (g *Goroutine) clone() *Goroutine {
	c := *g
	c.Holds = slices.Clone(g.Holds)
	c.locals = slices.Clone(g.locals)
	return &c
}

func (o *Object) clone() *Object {
	c := *o
	c.Queue = slices.Clone(o.Queue)
	c.Members = slices.Clone(o.Members)
	c.Holders = slices.Clone(o.Holders)
	c.Passed = slices.Clone(o.Passed)
	c.Arrived = slices.Clone(o.Arrived)
	c.Next = slices.Clone(o.Next)
	c.Fallen = slices.Clone(o.Fallen)
	c.Values = slices.Clone(o.Values)
	c.Items = slices.Clone(o.Items)
	c.Tasks = slices.Clone(o.Tasks)
	c.Busy = slices.Clone(o.Busy)
	c.groups = slices.Clone(o.groups)
	c.Senders, c.Receivers = slices.Clone(o.Senders), slices.Clone(o.Receivers)
	c.Cases = slices.Clone(o.Cases)
	c.Team = slices.Clone(o.Team)
	return &c
}
