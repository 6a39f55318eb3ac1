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
// used the other end of the channel before, since no others are known to have it ([State.OtherEnd]). Each goroutine is
// in at most one cycle.
func (s *State) Deadlocks() []Deadlock {
	var who []int64
	needs := make(map[int64]waitgraph.Need[int64])
	rest := s.AtRest()
	needed := s.needed(rest)
	for _, g := range s.gs {
		o := s.Object(g.For)
		if g.Status != Waiting || !needed[g.ID] || o == nil || len(o.Holders) > maxHelpers+1 {
			continue
		}
		if helpers := s.helpers(g, rest); len(helpers) > 0 && len(helpers) <= maxHelpers {
			who = append(who, g.ID)
			needs[g.ID] = waitgraph.Need[int64]{Of: helpers, All: s.waitsForAll(g, o)}
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
func (s *State) needed(rest bool) map[int64]bool {
	needed := make(map[int64]bool)
	seen := make(map[trace.ID]bool) // what one waits for, others do too
	for _, g := range s.gs {
		if g.Status != Waiting || seen[g.For] {
			continue
		}
		helpers := s.helpers(g, rest)
		if len(helpers) > maxHelpers {
			seen[g.For] = true
			continue
		}
		for _, h := range helpers {
			needed[h] = true
		}
		// One who holds some of a semaphore itself is no helper of its own, but of the others. At a channel the ends differ, at
		// an RWMutex the places.
		o := s.Object(g.For)
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
		return s.helpers(w, s.AtRest())
	}
	return nil
}

// helpers returns who could end the wait of g, which waits, or nobody if that is not known. At rest nobody else goes on.
func (s *State) helpers(g *Goroutine, rest bool) []int64 {
	o := s.Object(g.For)
	if o == nil {
		return nil
	}
	switch o.Class {
	case trace.ClassMutex, trace.ClassReentrantLock:
		if o.Owner != 0 {
			return []int64{o.Owner}
		}
	case trace.ClassRWMutex:
		return s.holdersRW(g, o)
	case trace.ClassOnce:
		if o.Acting != 0 {
			return []int64{o.Acting}
		}
	case trace.ClassChan, trace.ClassSelect:
		if rest {
			return s.partners(g)
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
		return s.settlers(o)
	case trace.ClassGroup:
		return s.settlersOfAny(o)
	case trace.ClassTaskGroup:
		return s.enders(g, o)
	case trace.NoClass, trace.ClassEvent, trace.ClassBarrier, trace.ClassLocal, trace.ClassCond, trace.ClassQueue, trace.ClassStack,
		trace.ClassPriorityQueue, trace.ClassExecutor, trace.ClassVar, trace.ClassOther, trace.ClassNilChan, trace.ClassWaitGroup,
		trace.ClassTimer, trace.ClassClock, trace.ClassAtomic, trace.ClassWatch, trace.ClassKeyedMutex, trace.ClassFlight:
	}
	return nil
}

// holdersRW returns those who all have to let go of the RWMutex o before g can go on that waits for it. One who wants to read
// and need not wait for those who read, waits behind one who wants to write.
func (s *State) holdersRW(g *Goroutine, o *Object) []int64 {
	if o.Depth == 0 && reads(g.Verb) {
		for _, w := range o.Queue {
			if w != g.ID && !reads(s.verb(w)) {
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
func (s *State) settlers(f *Object) []int64 {
	if f.Progress == InProgress && f.Worker != 0 {
		return []int64{f.Worker}
	}
	if e := s.Object(f.Parent); e != nil && e.Class == trace.ClassExecutor && f.Progress == Pending && len(e.Busy) >= e.Workers {
		return holders(e.Busy)
	}
	return nil
}

// settlersOfAny returns who could settle one or more of the futures of group o. It returns nobody if that is not known of all
// of them, or if one who could goes on.
func (s *State) settlersOfAny(o *Object) []int64 {
	if len(o.Members) < o.Watches {
		return nil
	}
	var gs []int64
	full := trace.ID(0) // the executor whose workers are among them all
	for _, f := range s.unsettled(o) {
		if f.Progress == Pending && f.Parent == full && full != 0 {
			continue
		}
		of := s.settlers(f)
		for _, h := range of {
			if g := s.Goroutine(h); g == nil || g.Status != Waiting {
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
func (s *State) Sentence(d Deadlock) string {
	var parts []string
	for i, l := range d {
		if i == maxListed && len(d) > maxListed+1 {
			parts = append(parts, fmt.Sprintf("and so on, %d more", len(d)-i))
			break
		}
		g := s.Goroutine(l.G)
		if g == nil {
			continue
		}
		words := s.GName(l.G)
		if owes := s.owes(g, s.Object(l.Owes)); owes != "" {
			words += " " + owes + " and"
		}
		parts = append(parts, words+" "+s.waitsFor(g))
	}
	return safetext.Line(strings.Join(parts, "; "))
}

// Owes describes how goroutine g, one of the [State.Helpers] of a goroutine that waits for object id, blocks that wait:
// "holds fork-1", "runs f". It returns "" if the object is g itself.
func (s *State) Owes(g int64, id trace.ID) string {
	if x := s.Goroutine(g); x != nil {
		return safetext.Line(s.owes(x, s.Object(id)))
	}
	return ""
}

func (s *State) owes(g *Goroutine, o *Object) string {
	if o == nil || o.Class == trace.ClassGoroutine {
		return ""
	}
	if fs := s.unsettled(o); len(fs) > 0 { // a group: what it runs, else any
		i := slices.IndexFunc(fs, func(f *Object) bool { return f.Worker == g.ID })
		o = fs[max(i, 0)]
	}
	switch {
	case o.Class == trace.ClassChan:
		return s.comesTo(o)
	case o.Class == trace.ClassSelect:
		for _, c := range o.Cases {
			if ch := s.Object(c.Obj); ch != nil && slices.Contains(ch.end(!c.Send), g.ID) {
				return s.comesTo(ch)
			}
		}
		return ""
	case o.Class == trace.ClassRWMutex:
		return s.owesRW(g, o)
	case o.Class == trace.ClassOnce:
		return "runs the function of " + s.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup && slices.Contains(o.Team, g.ID):
		return "runs in " + s.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup:
		return "wants to start a goroutine in " + s.ObjName(o.ID)
	case o.Class != trace.ClassFuture:
		return "holds " + s.ObjName(o.ID)
	case o.Worker == g.ID && o.Progress == InProgress:
		return "runs " + s.ObjName(o.ID)
	}
	if e := s.Object(o.Parent); e != nil && len(e.Busy) > 1 {
		return "works for " + s.ObjName(o.Parent) + ", all of whose workers wait,"
	}
	return "works for " + s.ObjName(o.Parent) + ", which has nobody else for " + s.ObjName(o.ID) + ","
}
