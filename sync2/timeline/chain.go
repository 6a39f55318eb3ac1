package timeline

import (
	"cmp"
	"maps"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/waitgraph"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Chain explains why a goroutine waits: each of its goroutines waits for an object that the next one holds, executes,
// or is.
type Chain struct {
	// Links are the goroutines of the chain. Holds of the first is 0 unless it is part of the cycle. For of the last is
	// 0 if it does not wait.
	Links []Link
	// Loop is the index in Links of the goroutine for which the last one waits, or -1 if there is none. A Chain whose
	// Loop is 0 is a cycle.
	Loop int
	// Stuck reports whether no waiting goroutine of the chain can continue unless a wait is given up or an unknown
	// goroutine intervenes.
	Stuck bool
	// Presumed reports whether a link of the cycle is only an assumption: a goroutine is presumed to wait for the one
	// that released such a wait before, for example the one that last set the Event. See [State.Waits].
	Presumed bool
	// Alike are the other goroutines that wait for the same object as the first, and so head the same chain.
	Alike []int64
}

// Waits is the wait-for graph at one moment.
type Waits struct {
	// Chains has a chain for each goroutine for which no other waits, and one for each cycle. The cycles come first,
	// then chains that lead into one, then others that are stuck, and then the rest, each in order of appearance.
	Chains []Chain
	// Cycle and Hanging are the goroutines that are part of a cycle, and those that can never continue because of one.
	Cycle, Hanging map[int64]bool
}

// Waits returns the wait-for graph of s as chains. It knows more edges than [State.Deadlocks]: once all goroutines
// wait, a goroutine that has notified a Cond, set an Event, released a signal, decremented a WaitGroup, or used the
// other end of a queue is presumed to be the one that would do so again.
func (s *State) Waits() *Waits {
	f := s.follow()
	w := &Waits{Cycle: make(map[int64]bool), Hanging: make(map[int64]bool)}
	for _, c := range waitgraph.Find(f.who, f.needs) {
		w.Chains = append(w.Chains, f.cycle(c))
		for _, g := range c {
			w.Cycle[g] = true
		}
	}
	var chains []Chain
	type start struct {
		obj  trace.ID
		next int64
		verb int
	}
	heads := make(map[start]int) // in chains
	seen := maps.Clone(w.Cycle)  // already part of a chain, besides cycles
	add := func(g int64, x *Goroutine) {
		at := start{x.For, f.next[g], family(x.Verb)}
		if i, ok := heads[at]; ok {
			chains[i].Alike = append(chains[i].Alike, g)
			seen[g] = true
			return
		}
		heads[at] = len(chains)
		c := f.chain(g)
		for _, l := range c.Links {
			seen[l.G] = true
		}
		chains = append(chains, c)
	}
	for _, loose := range [...]bool{false, true} { // last, those in a cycle that is not stuck, since another goroutine can help
		for _, g := range f.who {
			if !seen[g] && (loose || !f.awaited[g]) {
				add(g, s.Goroutine(g))
			}
		}
	}
	for i := range chains {
		c := &chains[i]
		if c.Loop < 0 || !w.Cycle[c.Links[c.Loop].G] {
			continue
		}
		for _, l := range c.Links[:c.Loop] {
			w.Hanging[l.G] = true
		}
		for _, g := range c.Alike {
			w.Hanging[g] = true
		}
	}
	slices.SortStableFunc(chains, func(a, b Chain) int { return cmp.Compare(a.rank(), b.rank()) })
	w.Chains = append(w.Chains, chains...)
	return w
}

// rank returns the rank of c among chains: the most important come first.
func (c *Chain) rank() int {
	switch {
	case c.Loop >= 0 && c.Stuck:
		return 0
	case c.Stuck:
		return 1
	case len(c.Links) > 1:
		return 2
	}
	return 3
}

// A follower follows waiting goroutines to those that could release them.
type follower struct {
	graph
	who     []int64 // all waiting goroutines
	of      map[int64]*help
	needs   map[int64]waitgraph.Need[int64]
	next    map[int64]int64 // the one of these to follow
	awaited map[int64]bool  // those that some goroutine waits for
	stuck   map[int64]bool
}

// A help is the set of goroutines that could release a waiter, and others that wait alike.
type help struct {
	of       []int64
	presumed bool     // since they have done so before
	next     [2]int64 // the one to follow from a goroutine that is not stuck, and from one that is; 0: not known yet
}

// follow determines which goroutine waits for which.
func (s *State) follow() *follower {
	f := &follower{
		graph: s.graph(), of: make(map[int64]*help, len(s.gs)), needs: make(map[int64]waitgraph.Need[int64]),
		next: make(map[int64]int64, len(s.gs)), awaited: make(map[int64]bool),
	}
	type end struct {
		obj  trace.ID
		verb int
	}
	known := make(map[end]*help) // goroutines that could end one wait for an object can mostly end each
	for _, g := range s.gs {
		o := s.Object(g.For)
		if g.Status != StatusWaiting || o == nil {
			continue
		}
		f.who = append(f.who, g.ID)
		at := end{o.ID, family(g.Verb)}
		h := known[at]
		if alike := f.alike(g, o); h == nil || !alike {
			h = new(help)
			h.of, h.presumed = f.blockers(g, o)
			if alike {
				known[at] = h
			}
		}
		f.of[g.ID] = h
		if n := len(h.of); n > 0 && n <= maxBlockers {
			f.needs[g.ID] = waitgraph.Need[int64]{Of: h.of, All: f.waitsForAll(g, o)}
		}
	}
	f.stuck = waitgraph.Stuck(f.needs)
	for _, g := range f.who {
		h, i := f.of[g], 0
		if len(h.of) == 0 {
			continue
		}
		if f.stuck[g] {
			i = 1
		}
		if h.next[i] == 0 {
			h.next[i] = f.pick(h.of, i == 1)
			f.awaited[h.next[i]] = true
		}
		f.next[g] = h.next[i]
	}
	return f
}

// blockers returns the goroutines that could end the wait of g for o, and whether that is presumed because they have
// done so before.
func (f *follower) blockers(g *Goroutine, o *Object) (of []int64, presumed bool) {
	of = f.graph.blockers(g)
	if len(of) == 0 && f.rest {
		return f.givers(g, o), true
	}
	return of, false
}

// pick returns the goroutine of those awaited that is most informative: one that is stuck, or otherwise one that can
// continue.
func (f *follower) pick(of []int64, stuck bool) int64 {
	rank := func(h int64) int {
		x := f.Goroutine(h)
		switch {
		case f.stuck[h] == stuck && (stuck || x != nil && x.Status != StatusWaiting && x.Status != StatusEnded):
			return 0
		case f.stuck[h]:
			return 2
		case x != nil && x.Status == StatusEnded:
			return 3
		}
		return 1
	}
	return slices.MinFunc(of, func(a, b int64) int { return cmp.Compare(rank(a), rank(b)) })
}

// alike reports whether the goroutines that could end the wait of g for o could end any other wait with the same
// verb.
func (gr graph) alike(g *Goroutine, o *Object) bool {
	switch o.Class {
	case trace.ClassChan, trace.ClassSelect, trace.ClassRWMutex, trace.ClassTaskGroup:
		return false
	default:
		return holdOf(o.Holders, g.ID) < 0 && !slices.Contains(o.Senders, g.ID) && !slices.Contains(o.Receivers, g.ID)
	}
}

// givers returns the live goroutines that have done before what would end the wait of g for o.
func (gr graph) givers(g *Goroutine, o *Object) []int64 {
	switch o.Class {
	case trace.ClassCond, trace.ClassEvent, trace.ClassWaitGroup:
		return gr.others(o, g.ID, false)
	case trace.ClassSemaphore:
		if o.Signals {
			return gr.others(o, g.ID, false)
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		switch family(g.Verb) {
		case puts:
			return gr.others(o, g.ID, true)
		case gets:
			return gr.others(o, g.ID, false)
		}
	default:
	}
	return nil
}

// cycle returns as a Chain the goroutines c, each of which waits for the next and the last for the first.
func (f *follower) cycle(c []int64) Chain {
	ch := Chain{Stuck: true}
	holds := f.Goroutine(c[len(c)-1]).For
	for _, g := range c {
		ch.Links = append(ch.Links, Link{G: g, For: f.Goroutine(g).For, Holds: holds})
		holds = f.Goroutine(g).For
		ch.Presumed = ch.Presumed || f.of[g].presumed
	}
	return ch
}

// chain returns the Chain that begins with g.
func (f *follower) chain(g int64) Chain {
	c := Chain{Loop: -1, Stuck: f.stuck[g]}
	at := make(map[int64]int)
	holds := trace.ID(0)
	for {
		at[g] = len(c.Links)
		l := Link{G: g, Holds: holds}
		x := f.Goroutine(g)
		if x != nil && x.Status == StatusWaiting {
			l.For = x.For
		}
		c.Links = append(c.Links, l)
		next := f.next[g]
		if l.For == 0 || next == 0 {
			break
		}
		if i, ok := at[next]; ok {
			c.Loop = i
			break
		}
		g, holds = next, l.For
	}
	if x := f.Goroutine(g); c.Loop < 0 && x != nil && (x.Status == StatusEnded || f.Words().at(x).nobody(f.graph) != "") {
		c.Stuck = true
	}
	return c
}
