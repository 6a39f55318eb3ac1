package timeline

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State forgets goroutines that have ended, so that it does not grow with the number of those that ever were. Many end
// without a word; of these it forgets those that have not been heard of for long, and that neither wait nor hold anything.
// It keeps what anything else that it keeps refers to.

// maxPast is how many goroutines that could be forgotten a State keeps, those heard of last. It looks for others when there
// are as many again.
const maxPast = 1024

// forgetPast forgets goroutines of the past, and their handles, if there may be many.
func (s *State) forgetPast() {
	if len(s.gs) < max(s.look, 3*maxPast) {
		return
	}
	refers := s.referred()
	var past []*Goroutine
	for _, g := range s.gs {
		if g.past() && !refers[g.ID] {
			past = append(past, g)
		}
	}
	if n := len(past) - maxPast; n > 0 {
		slices.SortStableFunc(past, func(a, b *Goroutine) int { return cmp.Compare(b.Last.Seq, a.Last.Seq) })
		s.forget(past[maxPast:])
	}
	s.look = len(s.gs) + 2*maxPast
}

// past reports whether nothing may be to come of g.
func (g *Goroutine) past() bool {
	switch g.Status {
	case Ended:
		return true
	case Unknown, Running, GaveUp:
		return len(g.Holds) == 0 && len(g.locals) == 0 && g.Parent == 0 &&
			(g.Name == "" || g.Name == "goroutine-"+strconv.FormatInt(g.ID, 10))
	case Waiting, Released:
	}
	return false
}

// referred returns the goroutines to which objects, or goroutines that have not ended, refer.
func (s *State) referred() map[int64]bool {
	refers := make(map[int64]bool)
	for _, g := range s.gs {
		if g.Status != Ended {
			refers[g.Parent], refers[g.By] = true, true
		}
	}
	for _, o := range s.objs {
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
		for _, in := range [][]int64{o.Senders, o.Receivers} {
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
func (s *State) forget(gs []*Goroutine) {
	s.unshare()
	gone := make(map[int64]bool, len(gs))
	for _, g := range gs {
		gone[g.ID] = true
	}
	s.gs = slices.DeleteFunc(s.gs, func(g *Goroutine) bool { return gone[g.ID] })
	s.objs = slices.DeleteFunc(s.objs, func(o *Object) bool {
		return o.Class == trace.ClassGoroutine && gone[o.Of] && len(o.Queue) == 0
	})
	clear(s.gIndex)
	for i, g := range s.gs {
		s.gIndex[g.ID] = i
	}
	clear(s.objIndex)
	for i, o := range s.objs {
		s.objIndex[o.ID] = i
	}
}
