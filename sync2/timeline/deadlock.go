package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/waitgraph"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Deadlock is a cycle in the wait-for graph: each of its goroutines waits for an object that only the next can
// release, because it holds it, executes it, or is it. The last waits for the first.
type Deadlock []Link

// A Link is one goroutine in a [Deadlock] or a [Chain].
type Link struct {
	G     int64
	For   trace.ID // what it waits for
	Holds trace.ID // the object the previous goroutine waits for, which G holds, executes, or is
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
		if g.Status != StatusWaiting || !needed[g.ID] || o == nil || len(o.Holders) > maxBlockers+1 {
			continue
		}
		if blockers := gr.blockers(g); len(blockers) > 0 && len(blockers) <= maxBlockers {
			who = append(who, g.ID)
			needs[g.ID] = waitgraph.Need[int64]{Of: blockers, All: gr.waitsForAll(g, o)}
		}
	}
	var found []Deadlock
	for _, c := range waitgraph.Find(who, needs) {
		d := make(Deadlock, len(c))
		holds := s.Goroutine(c[len(c)-1]).For
		for i, g := range c {
			d[i] = Link{G: g, For: s.Goroutine(g).For, Holds: holds}
			holds = d[i].For
		}
		found = append(found, d)
	}
	return found
}

// maxBlockers is the maximum number of goroutines considered that could end one wait. With more of them, it hardly
// ever happens that all wait, and checking them all for each of many waiters would take too long.
const maxBlockers = 64

// needed returns the goroutines for which others wait. Most of many waiters are not among them, and so cannot be part
// of a cycle.
func (gr graph) needed() map[int64]bool {
	needed := make(map[int64]bool)
	seen := make(map[trace.ID]bool) // waiters for the same object
	for _, g := range gr.gs {
		if g.Status != StatusWaiting || seen[g.For] {
			continue
		}
		blockers := gr.blockers(g)
		if len(blockers) > maxBlockers {
			seen[g.For] = true
			continue
		}
		for _, h := range blockers {
			needed[h] = true
		}
		// A holder of part of a semaphore does not help itself, but does help the others. At a channel the ends
		// differ, at an RWMutex the positions.
		o := gr.Object(g.For)
		seen[g.For] = !slices.ContainsFunc(g.Holds, func(h Hold) bool { return h.Obj == g.For }) &&
			o != nil && o.Class != trace.ClassChan && o.Class != trace.ClassRWMutex && o.Class != trace.ClassTaskGroup
	}
	return needed
}

// Blockers returns the goroutines that block goroutine g: those that hold or execute the object it waits for, or the
// goroutine whose end it waits for. One of them must act before g can continue; for an RWMutex, all of them must. It returns nil if g does not wait
// or the goroutines are not known; see [State.Deadlocks].
func (s *State) Blockers(g int64) []int64 {
	if w := s.Goroutine(g); w != nil && w.Status == StatusWaiting {
		return s.graph().blockers(w)
	}
	return nil
}
