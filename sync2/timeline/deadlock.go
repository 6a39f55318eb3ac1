package timeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/internal/waitgraph"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Deadlock is a cycle in the wait-for graph: each of its goroutines waits for an object that only the next can
// release, because it holds it, executes it, or is it. The last waits for the first.
type Deadlock []Link

// A Link is one goroutine in a [Deadlock] or a [Chain].
type Link struct {
	G    int64
	For  trace.ID // what it waits for
	Owes trace.ID // the object the previous goroutine waits for, which G holds, executes, or is
}

// Deadlocks returns the cycles of the wait-for graph, none of which can be broken unless a wait is given up. The graph
// has edges where an object has an owner: for locks, semaphores whose permits are held, goroutines that are joined,
// Onces, and tasks of executors. It has none for Events, Barriers, Conds, Queues, WaitGroups and semaphores whose
// permits are signals ([Object.Signals]), since any goroutine could release them, nor for objects held by more than 64
// goroutines. For channels it has edges only once all goroutines wait and no timer is set: to the goroutines that have
// used the other end of the channel before, since no others are known to have it ([Words.OtherEnd]). Each goroutine is
// in at most one cycle.
func (s *State) Deadlocks() []Deadlock {
	var who []int64
	needs := make(map[int64]waitgraph.Need[int64])
	gr := s.graph()
	needed := gr.needed()
	for _, g := range s.gs {
		o := s.Object(g.For)
		if g.Status != Waiting || !needed[g.ID] || o == nil || len(o.Holders) > maxHelpers+1 {
			continue
		}
		if helpers := gr.helpers(g); len(helpers) > 0 && len(helpers) <= maxHelpers {
			who = append(who, g.ID)
			needs[g.ID] = waitgraph.Need[int64]{Of: helpers, All: gr.waitsForAll(g, o)}
		}
	}
	var found []Deadlock
	for _, c := range waitgraph.Find(who, needs) {
		d := make(Deadlock, len(c))
		owes := s.Goroutine(c[len(c)-1]).For
		for i, g := range c {
			d[i] = Link{G: g, For: s.Goroutine(g).For, Owes: owes}
			owes = d[i].For
		}
		found = append(found, d)
	}
	return found
}

// maxHelpers is how many goroutines are considered that could end one wait. If they are more it hardly ever happens that all
// of them wait, and to look at all of them for each of many waiters would take too long.
const maxHelpers = 64

// needed returns the goroutines of which one is needed by somebody who waits. Of many waiters mostly none is, so that they
// cannot be part of a cycle.
func (gr graph) needed() map[int64]bool {
	needed := make(map[int64]bool)
	seen := make(map[trace.ID]bool) // what one waits for, others do too
	for _, g := range gr.gs {
		if g.Status != Waiting || seen[g.For] {
			continue
		}
		helpers := gr.helpers(g)
		if len(helpers) > maxHelpers {
			seen[g.For] = true
			continue
		}
		for _, h := range helpers {
			needed[h] = true
		}
		// One who holds some of a semaphore itself is no helper of its own, but of the others. At a channel the ends differ, at
		// an RWMutex the places.
		o := gr.Object(g.For)
		seen[g.For] = !slices.ContainsFunc(g.Holds, func(h Hold) bool { return h.Obj == g.For }) &&
			o != nil && o.Class != trace.ClassChan && o.Class != trace.ClassRWMutex && o.Class != trace.ClassTaskGroup
	}
	return needed
}

// Helpers returns the goroutines that block goroutine g: those that hold the object it waits for, execute it, or are
// it. One of them must act before g can continue; for an RWMutex, all of them must. It returns nil if g does not wait
// or the goroutines are not known; see [State.Deadlocks].
func (s *State) Helpers(g int64) []int64 {
	if w := s.Goroutine(g); w != nil && w.Status == Waiting {
		return s.graph().helpers(w)
	}
	return nil
}

// helpers returns who could end the wait of g, which waits, or nobody if that is not known.
func (gr graph) helpers(g *Goroutine) []int64 {
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
			return holders(o.Holders) // only itself, or nobody
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
	case trace.NoClass, trace.ClassEvent, trace.ClassBarrier, trace.ClassLocal, trace.ClassCond, trace.ClassQueue, trace.ClassStack,
		trace.ClassPriorityQueue, trace.ClassExecutor, trace.ClassVar, trace.ClassOther, trace.ClassNilChan, trace.ClassWaitGroup,
		trace.ClassTimer, trace.ClassClock, trace.ClassAtomic, trace.ClassWatch, trace.ClassKeyedMutex, trace.ClassFlight:
	}
	return nil
}

// holdersRW returns those who all have to let go of the RWMutex o before g can go on that waits for it. One who wants to read
// and need not wait for those who read, waits behind one who wants to write.
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

// settlers returns who could settle future f: its worker, or those who keep all workers of its executor busy.
func (gr graph) settlers(f *Object) []int64 {
	if f.Progress == InProgress && f.Worker != 0 {
		return []int64{f.Worker}
	}
	if e := gr.Object(f.Parent); e != nil && e.Class == trace.ClassExecutor && f.Progress == Pending && len(e.Busy) >= e.Workers {
		return holders(e.Busy)
	}
	return nil
}

// settlersOfAny returns who could settle one or more of the futures of group o. It returns nobody if that is not known of all
// of them, or if one who could goes on.
func (gr graph) settlersOfAny(o *Object) []int64 {
	if len(o.Members) < o.Watches {
		return nil
	}
	var gs []int64
	full := trace.ID(0) // the executor whose workers are among them all
	for _, f := range gr.unsettled(o) {
		if f.Progress == Pending && f.Parent == full && full != 0 {
			continue
		}
		of := gr.settlers(f)
		for _, h := range of {
			if g := gr.Goroutine(h); g == nil || g.Status != Waiting {
				return nil
			}
		}
		if len(of) == 0 {
			return nil
		}
		if f.Progress == Pending {
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
		if f := s.Object(id); f != nil && f.Progress <= InProgress {
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

// Sentence describes d: "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1".
func (w Words) Sentence(d Deadlock) string {
	var parts []string
	for i, l := range d {
		if i == maxListed && len(d) > maxListed+1 {
			parts = append(parts, fmt.Sprintf("and so on, %d more", len(d)-i))
			break
		}
		g := w.s.Goroutine(l.G)
		if g == nil {
			continue
		}
		words := w.GName(l.G)
		if owes := w.owes(g, w.s.Object(l.Owes)); owes != "" {
			words += " " + owes + " and"
		}
		parts = append(parts, words+" "+w.at(g).waitsFor())
	}
	return safetext.Line(strings.Join(parts, "; "))
}

// Owes describes how goroutine g, one of the [State.Helpers] of a goroutine that waits for object id, blocks that wait:
// "holds fork-1", "runs f". It returns "" if the object is g itself.
func (w Words) Owes(g int64, id trace.ID) string {
	if x := w.s.Goroutine(g); x != nil {
		return safetext.Line(w.owes(x, w.s.Object(id)))
	}
	return ""
}

func (w Words) owes(g *Goroutine, o *Object) string {
	if o == nil || o.Class == trace.ClassGoroutine {
		return ""
	}
	if fs := w.s.unsettled(o); len(fs) > 0 { // a group: what it runs, else any
		i := slices.IndexFunc(fs, func(f *Object) bool { return f.Worker == g.ID })
		o = fs[max(i, 0)]
	}
	switch {
	case o.Class == trace.ClassChan:
		return w.comesTo(o)
	case o.Class == trace.ClassSelect:
		for _, c := range o.Cases {
			if ch := w.s.Object(c.Obj); ch != nil && slices.Contains(ch.end(!c.Send), g.ID) {
				return w.comesTo(ch)
			}
		}
		return ""
	case o.Class == trace.ClassRWMutex:
		return w.owesRW(g, o)
	case o.Class == trace.ClassOnce:
		return "runs the function of " + w.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup && slices.Contains(o.Team, g.ID):
		return "runs in " + w.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup:
		return "wants to start a goroutine in " + w.ObjName(o.ID)
	case o.Class != trace.ClassFuture:
		return "holds " + w.ObjName(o.ID)
	case o.Worker == g.ID && o.Progress == InProgress:
		return "runs " + w.ObjName(o.ID)
	}
	if e := w.s.Object(o.Parent); e != nil && len(e.Busy) > 1 {
		return "works for " + w.ObjName(o.Parent) + ", all of whose workers wait,"
	}
	return "works for " + w.ObjName(o.Parent) + ", which has nobody else for " + w.ObjName(o.ID) + ","
}
