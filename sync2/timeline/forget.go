package timeline

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State forgets goroutines that have ended, so that it does not grow with the number of goroutines that ever
// existed. Many end without an event; of these it forgets those that have been inactive for long and neither wait nor
// hold anything. Likewise it forgets settled futures, and groups that are not used again. It keeps whatever
// anything it keeps refers to.

// maxPast is the number of goroutines and of objects, the most recent ones, that a State keeps although it could
// forget them. It looks for more to forget when their number has doubled.
const maxPast = 1024

// forgetPast forgets what belongs to the past, if that may be much.
func (r *records) forgetPast() {
	r.forgetGoroutines()
	r.forgetObjects()
}

// forgetObjects forgets futures and groups of the past.
func (r *records) forgetObjects() {
	if len(r.objs) < max(r.lookObjs, 3*maxPast) {
		return
	}
	refers := make(map[trace.ID]bool)
	for _, g := range r.gs {
		if g.Status != StatusEnded {
			refers[g.For], refers[g.Last.Obj] = true, true
		}
	}
	for _, o := range r.objs {
		if o.Class == trace.ClassGroup && !o.past {
			for _, id := range o.Members {
				refers[id] = true
			}
		}
	}
	var past []*Object
	for _, o := range r.objs {
		if o.over() && len(o.Queue) == 0 && !refers[o.ID] {
			past = append(past, o)
		}
	}
	if n := len(past) - maxPast; n > 0 {
		slices.SortStableFunc(past, func(a, b *Object) int { return cmp.Compare(b.Touched, a.Touched) })
		gone := make(map[trace.ID]bool, n)
		for _, o := range past[maxPast:] {
			gone[o.ID] = true
		}
		r.forgetThese(func(o *Object) bool { return gone[o.ID] })
	}
	r.lookObjs = len(r.objs) + 2*maxPast
}

// over reports whether o is not used again unless it is defined again.
func (o *Object) over() bool {
	return o.past && o.Class != trace.ClassSelect || o.Class == trace.ClassFuture && o.Progress > ProgressRunning
}

// forgetThese forgets the objects for which gone returns true.
func (r *records) forgetThese(gone func(o *Object) bool) {
	r.unshare()
	r.objs = slices.DeleteFunc(r.objs, gone)
	clear(r.objIndex)
	for i, o := range r.objs {
		r.objIndex[o.ID] = i
	}
}

// forgetGoroutines forgets goroutines of the past, and their handles.
func (r *records) forgetGoroutines() {
	if len(r.gs) < max(r.look, 3*maxPast) {
		return
	}
	refers := r.referred()
	var past []*Goroutine
	for _, g := range r.gs {
		if g.past() && !refers[g.ID] {
			past = append(past, g)
		}
	}
	if n := len(past) - maxPast; n > 0 {
		slices.SortStableFunc(past, func(a, b *Goroutine) int { return cmp.Compare(b.Last.Seq, a.Last.Seq) })
		r.forget(past[maxPast:])
	}
	r.look = len(r.gs) + 2*maxPast
}

// past reports whether g may have no more events.
func (g *Goroutine) past() bool {
	switch g.Status {
	case StatusEnded:
		return true
	case StatusUnknown, StatusRunning, StatusGaveUp:
		return len(g.Holds) == 0 && len(g.locals) == 0 && g.Parent == 0 &&
			(g.Name == "" || g.Name == "goroutine-"+strconv.FormatInt(g.ID, 10))
	case StatusWaiting, StatusReleased:
	}
	return false
}

// referred returns the goroutines to which objects, or live goroutines, refer.
func (r *records) referred() map[int64]bool {
	refers := make(map[int64]bool)
	for _, g := range r.gs {
		if g.Status != StatusEnded {
			refers[g.Parent], refers[g.By] = true, true
		}
	}
	for _, o := range r.objs {
		if o.Class == trace.ClassGoroutine && len(o.Queue) == 0 {
			continue
		}
		for _, g := range o.Queue {
			refers[g] = true
		}
		for _, in := range [][]Hold{o.Holders, o.Passed, o.Arrived, o.Next, o.Fallen, o.Busy} {
			for _, h := range in {
				refers[h.G] = true
			}
		}
		for _, in := range [][]int64{o.Senders, o.Receivers, o.Team} {
			for _, g := range in {
				refers[g] = true
			}
		}
		for _, v := range o.Values {
			refers[v.G] = true
		}
		for _, it := range o.Items {
			refers[it.By] = true
		}
		for _, g := range [...]int64{o.Acting, o.By, o.Owner, o.Worker, o.Taken.By, o.Of} {
			refers[g] = true
		}
	}
	return refers
}

// forget forgets the goroutines gs, and their handles.
func (r *records) forget(gs []*Goroutine) {
	r.unshare()
	gone := make(map[int64]bool, len(gs))
	for _, g := range gs {
		gone[g.ID] = true
	}
	r.gs = slices.DeleteFunc(r.gs, func(g *Goroutine) bool { return gone[g.ID] })
	clear(r.gIndex)
	for i, g := range r.gs {
		r.gIndex[g.ID] = i
	}
	r.forgetThese(func(o *Object) bool {
		return o.Class == trace.ClassGoroutine && gone[o.Of] && len(o.Queue) == 0
	})
}
