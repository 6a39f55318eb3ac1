package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A graph is the wait-for graph of a State: it finds the goroutines that could end a wait.
type graph struct {
	*State
	rest bool // all goroutines wait, so that no other can help
}

// graph returns the wait-for graph of s.
func (s *State) graph() graph { return graph{s, s.AtRest()} }

// AtRest reports whether all goroutines that have not ended are waiting and no timer is set, so that nothing more
// happens unless an unknown goroutine intervenes.
func (s *State) AtRest() bool {
	if s.active > 0 {
		return false
	}
	waits := false
	for _, g := range s.gs {
		if g.Status == StatusEnded {
			continue
		}
		if o := s.Object(g.For); o != nil && o.Class == trace.ClassClock {
			return false
		}
		waits = true
	}
	return waits && !slices.ContainsFunc(s.objs, func(o *Object) bool { return o.Class == trace.ClassTimer && o.IsSet })
}

// blockers returns the goroutines that could end the wait of g, or none if they are not known.
func (gr graph) blockers(g *Goroutine) []int64 {
	o := gr.Object(g.For)
	if o == nil {
		return nil
	}
	switch o.Class {
	case trace.ClassMutex, trace.ClassReentrantLock:
		if o.Owner != 0 {
			return []int64{o.Owner}
		}
	case trace.ClassRWMutex:
		return gr.holdersRW(g, o)
	case trace.ClassOnce:
		if o.Acting != 0 {
			return []int64{o.Acting}
		}
	case trace.ClassChan, trace.ClassSelect:
		if gr.rest {
			return gr.partners(g)
		}
	case trace.ClassSemaphore:
		if o.Signals {
			return nil
		}
		others := slices.DeleteFunc(holders(o.Holders), func(h int64) bool { return h == g.ID })
		if len(others) == 0 {
			return holders(o.Holders) // only itself, or none
		}
		return others
	case trace.ClassGoroutine:
		return []int64{o.Of}
	case trace.ClassFuture:
		return gr.settlers(o)
	case trace.ClassGroup:
		return gr.settlersOfAny(o)
	case trace.ClassTaskGroup:
		return gr.enders(g, o)
	case trace.ClassNone, trace.ClassEvent, trace.ClassBarrier, trace.ClassLocal, trace.ClassCond, trace.ClassQueue, trace.ClassStack,
		trace.ClassPriorityQueue, trace.ClassExecutor, trace.ClassVar, trace.ClassOther, trace.ClassNilChan, trace.ClassWaitGroup,
		trace.ClassTimer, trace.ClassClock, trace.ClassAtomic, trace.ClassWatch, trace.ClassKeyedMutex, trace.ClassFlight:
	}
	return nil
}

// partners returns the goroutines that could come to the other end of a channel where g waits, judging by those that
// have been there; none if that is unknown for one of the channels.
func (gr graph) partners(g *Goroutine) []int64 {
	var gs []int64
	for _, c := range gr.casesOf(g) {
		o := gr.Object(c.Obj)
		if o == nil || o.Class == trace.ClassNilChan {
			continue
		}
		of := gr.others(o, g.ID, c.Send)
		if len(of) == 0 {
			return nil
		}
		for _, h := range of {
			if !slices.Contains(gs, h) {
				gs = append(gs, h)
			}
		}
	}
	return gs
}

// enders returns the goroutines that could end the wait of g at the group o. g waits for the end of all members, and
// of goroutines waiting to start one; or for the end of any member, to have room.
func (gr graph) enders(g *Goroutine, o *Object) []int64 {
	gs := slices.Clone(o.Team)
	if family(g.Verb) == goes {
		if len(gs) > 1 { // it cannot end before it has room itself
			gs = slices.DeleteFunc(gs, func(m int64) bool { return m == g.ID })
		}
		return gs
	}
	for _, w := range o.Queue {
		if family(gr.verb(w)) == goes {
			gs = append(gs, w)
		}
	}
	return gs
}

// waitsForAll reports whether the wait of g at o ends only when all of its blockers have acted.
func (gr graph) waitsForAll(g *Goroutine, o *Object) bool {
	return o.Class == trace.ClassRWMutex || o.Class == trace.ClassTaskGroup && family(g.Verb) != goes
}

// holdersRW returns the goroutines that must all release the RWMutex o before g, which waits for it, can continue. A
// reader that need not wait for other readers waits behind a writer.
func (gr graph) holdersRW(g *Goroutine, o *Object) []int64 {
	if o.Depth == 0 && reads(g.Verb) {
		for _, w := range o.Queue {
			if w != g.ID && !reads(gr.verb(w)) {
				return []int64{w}
			}
		}
		return nil
	}
	if o.mixed {
		return nil
	}
	return slices.DeleteFunc(holders(o.Holders), func(h int64) bool { return h == 0 })
}

// settlers returns the goroutines that could settle future f: its worker, or those that keep all workers of its
// executor busy.
func (gr graph) settlers(f *Object) []int64 {
	if f.Progress == ProgressRunning && f.Worker != 0 {
		return []int64{f.Worker}
	}
	if e := gr.Object(f.Parent); e != nil && e.Class == trace.ClassExecutor && f.Progress == ProgressPending && len(e.Busy) >= e.Workers {
		return holders(e.Busy)
	}
	return nil
}

// settlersOfAny returns the goroutines that could settle one or more of the futures of group o, or none if they are
// not known for every future, or if one of them can continue.
func (gr graph) settlersOfAny(o *Object) []int64 {
	if len(o.Members) < o.Watches {
		return nil
	}
	var gs []int64
	full := trace.ID(0)            // the executor whose workers are all among them
	for _, id := range o.Members { // there may be very many, but usually the first decides that it is not known
		f := gr.Object(id)
		if f == nil || f.Progress > ProgressRunning {
			continue
		}
		if f.Progress == ProgressPending && f.Parent == full && full != 0 {
			continue
		}
		of := gr.settlers(f)
		for _, h := range of {
			if g := gr.Goroutine(h); g == nil || g.Status != StatusWaiting {
				return nil
			}
		}
		if len(of) == 0 {
			return nil
		}
		if f.Progress == ProgressPending {
			full = f.Parent
		}
		gs = append(gs, of...)
	}
	return gs
}

// unsettled returns the futures of group o that are not settled.
func (s *State) unsettled(o *Object) []*Object {
	var fs []*Object
	for _, id := range o.Members {
		if f := s.Object(id); f != nil && f.Progress <= ProgressRunning {
			fs = append(fs, f)
		}
	}
	return fs
}

func holders(in []Hold) []int64 {
	var gs []int64
	for _, h := range in {
		gs = append(gs, h.G)
	}
	return gs
}
