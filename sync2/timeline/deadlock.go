package timeline

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Deadlock is a circle of goroutines each of which waits for something that only the next can give: for what it
// holds, or for its end. The last waits for the first.
type Deadlock []Link

// A Link is one goroutine in a [Deadlock].
type Link struct {
	G    int64
	For  trace.ID // what it waits for
	Owes trace.ID // what the one before it waits for: G holds it, runs its task, or that of one of several, or is it
}

// Deadlocks returns the circles of waiting that s holds, none of which can come apart unless somebody gives up. It
// knows who could help where something has an owner: locks, semaphores whose permits are held, goroutines that are
// joined, and tasks of executors. It says nothing about Events, Barriers, Conds, Queues and semaphores whose permits are
// signals ([Object.Signals]), since anybody could come.
// Each goroutine is in one circle at most.
func (s *State) Deadlocks() []Deadlock {
	stuck := make(map[int64][]int64) // who waits, and who could help it
	for _, g := range s.gs {
		if g.Status == Waiting {
			if helpers := s.helpers(g); len(helpers) > 0 {
				stuck[g.ID] = helpers
			}
		}
	}
	for removed := true; removed; { // those whom somebody who can go on could help are not stuck
		removed = false
		for id, helpers := range stuck {
			if slices.ContainsFunc(helpers, func(h int64) bool { return stuck[h] == nil }) {
				delete(stuck, id)
				removed = true
			}
		}
	}
	var found []Deadlock
	seen := make(map[int64]int) // the number of the walk that came by
	for n, g := range s.gs {
		id := g.ID
		for stuck[id] != nil && seen[id] == 0 {
			seen[id] = n + 1
			id = stuck[id][0]
		}
		if stuck[id] != nil && seen[id] == n+1 { // this walk has come back to where it was
			found = append(found, s.circle(id, stuck))
		}
	}
	return found
}

// circle returns the circle on which g lies.
func (s *State) circle(g int64, stuck map[int64][]int64) Deadlock {
	var d Deadlock
	owes := trace.ID(0)
	for id := g; len(d) == 0 || id != g; id = stuck[id][0] {
		d = append(d, Link{G: id, For: s.Goroutine(id).For, Owes: owes})
		owes = s.Goroutine(id).For
	}
	d[0].Owes = owes
	return d
}

// helpers returns who could end the wait of g, or nobody if that is not known.
func (s *State) helpers(g *Goroutine) []int64 {
	o := s.Object(g.For)
	if o == nil {
		return nil
	}
	switch o.Class {
	case trace.ClassMutex, trace.ClassReentrantLock:
		if o.Owner != 0 {
			return []int64{o.Owner}
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
	case trace.NoClass, trace.ClassEvent, trace.ClassBarrier, trace.ClassLocal, trace.ClassCond, trace.ClassQueue, trace.ClassStack,
		trace.ClassPriorityQueue, trace.ClassExecutor, trace.ClassVar, trace.ClassOther:
	}
	return nil
}

// settlers returns who could settle future f: its worker, or those who keep all workers of its executor busy.
func (s *State) settlers(f *Object) []int64 {
	if f.Progress == InProgress && f.Worker != 0 {
		return []int64{f.Worker}
	}
	if e := s.Object(f.Parent); e != nil && f.Progress == Pending && len(e.Busy) >= e.Workers {
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

// Sentence returns d in words: "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1".
func (s *State) Sentence(d Deadlock) string {
	parts := make([]string, 0, len(d))
	for _, l := range d {
		g := s.Goroutine(l.G)
		if g == nil {
			continue
		}
		words := s.GName(l.G)
		if owes := s.Object(l.Owes); owes != nil && owes.Class != trace.ClassGoroutine {
			words += s.owes(g, owes) + " and"
		}
		parts = append(parts, words+" "+s.waitsFor(g))
	}
	return clean(strings.Join(parts, "; "))
}

// owes says what g has to do with o, for which somebody waits.
func (s *State) owes(g *Goroutine, o *Object) string {
	if fs := s.unsettled(o); len(fs) > 0 { // a group: what it runs, else any
		i := slices.IndexFunc(fs, func(f *Object) bool { return f.Worker == g.ID })
		o = fs[max(i, 0)]
	}
	switch {
	case o.Class != trace.ClassFuture:
		return " holds " + s.ObjName(o.ID)
	case o.Worker == g.ID && o.Progress == InProgress:
		return " runs " + s.ObjName(o.ID)
	}
	if e := s.Object(o.Parent); e != nil && len(e.Busy) > 1 {
		return " works for " + s.ObjName(o.Parent) + ", all of whose workers wait,"
	}
	return " works for " + s.ObjName(o.Parent) + ", which has nobody else for " + s.ObjName(o.ID) + ","
}
