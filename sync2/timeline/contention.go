package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Contention is the cost of waiting for one object.
type Contention struct {
	Obj      trace.ID
	Waits    int           // number of waits, including current ones
	WaitTime time.Duration // total waiting time, including current waits
	MaxQueue int           // maximum number of simultaneous waiters
	Waiting  int           // number of current waiters
}

// Contention returns the cost of waiting so far for each object that goroutines have waited for, the most expensive
// first.
func (s *State) Contention() []Contention {
	var all []Contention
	for _, o := range s.objs {
		if o.MaxQueue == 0 {
			continue
		}
		c := Contention{o.ID, o.Waits + len(o.Queue), o.WaitTime, o.MaxQueue, len(o.Queue)}
		for _, id := range o.Queue {
			if g := s.Goroutine(id); g != nil {
				c.WaitTime = plus(c.WaitTime, s.now-g.Since)
			}
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Contention) int { return cmp.Compare(b.WaitTime, a.WaitTime) })
	return all
}

// A lockOrder records that a goroutine took, or tried to take, one lock while it held another.
type lockOrder struct {
	before, after trace.ID
	g             int64 // the first goroutine that did so
	seq           uint64
	pc            uint64 // where
	times         int    // number of times the second lock was acquired; 0 if goroutines only waited for it
}

// An inversion is a pair of locks that are taken in both orders: goroutines that do so at the same time can deadlock.
type inversion struct{ one, other lockOrder }

// lockOrders are the orders in which locks (of the classes Mutex, ReentrantLock and RWMutex) were taken so far, in order
// of appearance.
type lockOrders struct {
	orders []lockOrder
	index  map[lockPair]int
}

type lockPair struct{ before, after trace.ID }

// isMutex reports whether objects of class c are held by one goroutine at a time, or by readers.
func isMutex(c trace.Class) bool { return isLock(c) || c == trace.ClassRWMutex }

// add accounts for ev, after which the State is s.
func (l *lockOrders) add(s *State, ev *trace.Event) {
	if ev.Kind != trace.KindAcquire && ev.Kind != trace.KindBlock {
		return
	}
	o, g := s.Object(ev.Obj), s.Goroutine(ev.G)
	if o == nil || g == nil || !isMutex(o.Class) || slices.ContainsFunc(g.Holds, func(h Hold) bool { return h.Obj == ev.Obj && h.N > 1 }) {
		return // a Cond's wait ended: the goroutine had the lock before
	}
	for _, h := range g.Holds {
		if x := s.Object(h.Obj); h.Obj == ev.Obj || x == nil || !isMutex(x.Class) {
			continue
		}
		p := lockPair{h.Obj, ev.Obj}
		i, ok := l.index[p]
		if !ok {
			i = len(l.orders)
			if l.index == nil {
				l.index = make(map[lockPair]int)
			}
			l.index[p] = i
			l.orders = append(l.orders, lockOrder{before: h.Obj, after: ev.Obj, g: ev.G, seq: ev.Seq, pc: ev.PC})
		}
		if ev.Kind == trace.KindAcquire {
			l.orders[i].times++
		}
	}
}

// inversions returns the pairs of orders that contradict each other.
func (l *lockOrders) inversions() []inversion {
	var pairs []inversion
	for i, o := range l.orders {
		if j, ok := l.index[lockPair{o.after, o.before}]; ok && i < j {
			pairs = append(pairs, inversion{o, l.orders[j]})
		}
	}
	return pairs
}
