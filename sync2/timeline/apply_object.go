package timeline

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// maxPassed bounds how many of those that found an Event set are remembered.
const maxPassed = 256

func (s *State) defineObj(ev *trace.Event) {
	if ev.Obj == 0 {
		return
	}
	o := s.object(ev.Obj)
	o.Class, o.Name, o.Parent, o.Inner = ev.Class, safetext.Cut(ev.Text, maxName), trace.ID(ev.Peer), ev.Inner
	n := max(0, ev.N)
	switch ev.Class {
	case trace.ClassEvent:
		o.IsSet = n > 0
	case trace.ClassBarrier:
		o.Parties = count(n)
	case trace.ClassSemaphore:
		o.Permits, o.Size, o.Signals = n, n, n == 0
	case trace.ClassMutex, trace.ClassReentrantLock:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = n
			o.Holders = []Hold{{Obj: o.ID, N: n, Since: s.now}}
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue, trace.ClassChan:
		o.Capacity = count(n)
	case trace.ClassRWMutex:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = 1
			o.Holders = []Hold{{Obj: o.ID, N: 1, Since: s.now}}
		}
		if n > 1 {
			o.Depth = 0
			o.Holders[0].N, o.Holders[0].Read = n-1, true
		}
	case trace.ClassWaitGroup:
		o.Count = count(n)
	case trace.ClassOnce:
		o.IsSet = n == 1
	case trace.ClassTimer:
		o.IsSet, o.Deadline = n > 0, time.Duration(n)
	case trace.ClassExecutor:
		o.Workers = count(n)
	case trace.ClassFuture:
		p := Progress(n)
		if p < Pending || p > CanceledBefore {
			p = Pending
		}
		if p != o.Progress { // or else somebody has come back to it
			o.Progress, o.Since = p, s.now
		}
	case trace.ClassGroup:
		o.Watches = count(n)
	case trace.ClassGoroutine:
		o.Of = ev.N
	case trace.ClassWatch:
		o.Count = count(n)
	case trace.ClassTaskGroup:
		o.Limit = count(n)
	case trace.NoClass, trace.ClassLocal, trace.ClassCond, trace.ClassVar, trace.ClassOther,
		trace.ClassNilChan, trace.ClassSelect, trace.ClassClock, trace.ClassAtomic, trace.ClassKeyedMutex, trace.ClassFlight:
	}
}

// Events.

func (s *State) set(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Class == trace.ClassTimer {
		o.IsSet, o.Deadline = true, time.Duration(max(0, ev.N))
		return nil
	}
	if o.Class == trace.ClassWatch {
		o.Count, o.Result, o.Passed = count(ev.N), ev.Text, nil
		return nil
	}
	if !o.IsSet {
		o.Passed = nil
	}
	o.IsSet = true
	join(&o.Senders, g.ID)
	return nil
}

func (s *State) clear(_ *Goroutine, o *Object, _ *trace.Event) error {
	if o.IsSet {
		o.Generation++
	}
	o.IsSet = false
	return nil
}

func (s *State) pass(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Class == trace.ClassChan {
		join(&o.Receivers, g.ID)
		s.chose(g, o, false)
	}
	if o.Class != trace.ClassEvent && o.Class != trace.ClassWatch {
		return nil
	}
	if len(o.Passed) >= maxPassed {
		o.Passed = cut(o.Passed, 0)
	}
	o.Passed = append(o.Passed, Hold{Obj: o.ID, G: g.ID, Since: s.now})
	if !o.IsSet && o.Class == trace.ClassEvent {
		o.IsSet = true
		return s.wrong(ev, "%s passes %s, which is not set", s.GName(g.ID), s.ObjName(o.ID))
	}
	return nil
}

// Locks and semaphores.

func (s *State) acquire(g *Goroutine, o *Object, ev *trace.Event) error {
	switch {
	case isLock(o.Class):
		return s.lock(g, o, ev)
	case o.Class == trace.ClassRWMutex:
		return s.lockRW(g, o, ev)
	}
	n := ev.N
	if n < 0 {
		return s.wrong(ev, "%s acquires %d", s.GName(g.ID), n)
	}
	if ev.Peer == -1 { // it had got them when it was not known
		if i := holdOf(o.Holders, 0); i >= 0 {
			s.letGo(o, i, n)
		}
		s.hold(g, o, n, true)
		return nil
	}
	s.hold(g, o, n, true)
	o.Permits -= n
	if o.Permits < 0 {
		o.Permits = 0
		return s.wrong(ev, "%s acquires %d of %s, which has fewer permits", s.GName(g.ID), n, s.ObjName(o.ID))
	}
	return nil
}

func (s *State) lock(g *Goroutine, o *Object, ev *trace.Event) error {
	var err error
	if o.Depth > 0 && o.Owner != g.ID {
		if o.Owner != 0 || o.Class == trace.ClassMutex {
			err = s.wrong(ev, "%s acquires %s, which %s holds", s.GName(g.ID), s.ObjName(o.ID), s.GName(o.Owner))
		}
		s.free(o)
	}
	o.Owner, o.Depth = g.ID, max(1, ev.N)
	s.hold(g, o, o.Depth, false)
	return err
}

// hold notes that g holds n of o: n more than before if add, else n in all. A signal is no possession.
func (s *State) hold(g *Goroutine, o *Object, n int64, add bool) {
	h := Hold{Obj: o.ID, G: g.ID, N: n, Since: s.now}
	// Many may hold a semaphore, but nobody holds many things: those tell whether to look for g among the holders.
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

// letGo takes up to n of o from what o's holder number i holds, and returns how much that was.
func (s *State) letGo(o *Object, i int, n int64) int64 {
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
	g := s.goroutine(h.G)
	if j := slices.IndexFunc(g.Holds, func(x Hold) bool { return x.Obj == o.ID }); j >= 0 {
		if h.N == 0 {
			g.Holds = cut(g.Holds, j)
		} else {
			g.Holds[j].N = h.N
		}
	}
	return n
}

// free takes o from all who hold it.
func (s *State) free(o *Object) {
	for len(o.Holders) > 0 {
		s.letGo(o, 0, o.Holders[0].N)
	}
	o.Owner, o.Depth = 0, 0
}

func (s *State) release(g *Goroutine, o *Object, ev *trace.Event) error {
	switch {
	case isLock(o.Class):
		return s.unlock(g, o, ev)
	case o.Class == trace.ClassRWMutex:
		return s.unlockRW(g, o, ev)
	}
	if ev.N < 0 {
		return s.wrong(ev, "%s releases %d", s.GName(g.ID), ev.N)
	}
	join(&o.Senders, g.ID)
	o.Permits = plus(o.Permits, ev.N)
	left := ev.N
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		left -= s.letGo(o, i, left)
	}
	if left > 0 && !o.Signals {
		s.signals(o)
	}
	for left > 0 && len(o.Holders) > 0 { // permits have no owner: anybody may give back another's
		left -= s.letGo(o, 0, left)
	}
	if left > 0 { // nobody was known to hold these: they are new, or were taken before the trace began
		held := int64(0)
		for _, h := range o.Holders {
			held = plus(held, h.N)
		}
		o.Size = max(o.Size, plus(o.Permits, held))
	}
	return nil
}

// resize changes how many workers an executor may have, or how many permits of a semaphore are available.
func (s *State) resize(_ *Goroutine, o *Object, ev *trace.Event) error {
	if ev.N < 0 {
		return s.wrong(ev, "the size of %s becomes %d", s.ObjName(o.ID), ev.N)
	}
	if o.Class == trace.ClassExecutor {
		o.Workers = count(ev.N)
		return nil
	}
	held := int64(0)
	for _, h := range o.Holders {
		held = plus(held, h.N)
	}
	o.Permits, o.Size = ev.N, plus(ev.N, held)
	return nil
}

func (s *State) notify(g *Goroutine, o *Object, _ *trace.Event) error {
	join(&o.Senders, g.ID)
	return nil
}

// signals notes that the permits of o turn out to be signals, which nobody holds.
func (s *State) signals(o *Object) {
	o.Signals = true
	for _, h := range o.Holders {
		if h.G != 0 {
			g := s.goroutine(h.G)
			g.Holds = slices.DeleteFunc(g.Holds, func(x Hold) bool { return x.Obj == o.ID })
		}
	}
}

func (s *State) unlock(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Depth == 0 {
		return s.wrong(ev, "%s releases %s, which nobody holds", s.GName(g.ID), s.ObjName(o.ID))
	}
	if ev.N <= 0 {
		s.free(o)
		return nil
	}
	o.Depth = ev.N
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		s.hold(g, o, ev.N, false)
	}
	return nil
}

func (s *State) tryFail(_ *Goroutine, o *Object, _ *trace.Event) error {
	o.Tries++
	return nil
}

// Goroutine-local values.

func (s *State) setValue(g *Goroutine, o *Object, ev *trace.Event) error {
	if g.ID == 0 {
		return s.wrong(ev, "nobody sets %s", s.ObjName(o.ID))
	}
	v := Value{G: g.ID, Text: ev.Text, Since: s.now}
	if slices.Contains(g.locals, o.ID) {
		o.Values[valueOf(o, g.ID)] = v
	} else {
		o.Values = append(o.Values, v)
		g.locals = append(g.locals, o.ID)
	}
	return nil
}

func (s *State) dropValue(g *Goroutine, o *Object, _ *trace.Event) error {
	o.drop(g.ID)
	if i := slices.Index(g.locals, o.ID); i >= 0 {
		g.locals = cut(g.locals, i)
	}
	return nil
}

// dropValues drops all values of g, which has ended.
func (s *State) dropValues(g *Goroutine) {
	for _, id := range g.locals {
		s.object(id).drop(g.ID)
	}
	g.locals = nil
}

func (o *Object) drop(g int64) {
	if i := valueOf(o, g); i >= 0 {
		o.Values = cut(o.Values, i)
	}
}

func valueOf(o *Object, g int64) int {
	return slices.IndexFunc(o.Values, func(v Value) bool { return v.G == g })
}
