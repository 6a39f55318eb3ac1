package synctesting

import (
	"github.com/sasha-s/go-deadlock"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A lockOrder shows go-deadlock which locks a traced program takes. Each lock has a shadow, a lock of go-deadlock. The sink of
// the trace repeats each operation on the shadow, in the goroutine that performed it, so go-deadlock sees which goroutine
// takes what, and where.
//
// The shadow is locked for reading, which never blocks, so that one goroutine can take it while another has it. A goroutine
// takes it when it begins to wait, because a deadlock is about what it waits for.
type lockOrder struct {
	report *report
	said   bool // the report has been described
	locks  map[trace.ID]*shadow
	late   map[int64][]func() // by goroutine: operations on shadows that other goroutines caused and it must do
	orders orders
}

type shadow struct {
	mu    deadlock.RWMutex
	holds map[int64]hold
}

// A hold says how a goroutine has a lock: it holds the lock, waits for it, or both if it deadlocks with itself.
type hold struct{ holds, waits bool }

func newLockOrder(r *report) *lockOrder {
	return &lockOrder{report: r, locks: make(map[trace.ID]*shadow), late: make(map[int64][]func()), orders: newOrders()}
}

// event handles an event of a lock, in the goroutine that emitted it.
func (l *lockOrder) event(ev trace.Event) {
	me := goid.Get()
	for _, do := range l.late[me] {
		do()
	}
	delete(l.late, me)
	l.orders.define(ev)
	if ev.Kind == trace.KindDefineObj && (ev.Class == trace.ClassMutex || ev.Class == trace.ClassReentrantLock) {
		l.locks[ev.Obj] = &shadow{holds: make(map[int64]hold)}
		return
	}
	s := l.locks[ev.Obj]
	if s == nil {
		return
	}
	g := ev.G
	if ev.Kind == trace.KindRelease {
		g = s.holder(g)
	}
	do, takes := s.step(g, ev)
	switch {
	case do == nil:
	case g == me:
		do()
	default:
		l.late[g] = append(l.late[g], do)
	}
	l.account(g, ev, do != nil, takes)
}

// account records which goroutine has which lock, and describes a report that go-deadlock has just made.
func (l *lockOrder) account(g int64, ev trace.Event, changed, takes bool) {
	switch {
	case changed && takes:
		t := taken{lock: ev.Obj}
		if g == goid.Get() {
			t = taking(ev.Obj)
		}
		if !l.said && l.report.made() {
			l.said = true
			l.report.about(l.orders.against(g, t))
		}
		l.orders.take(g, t)
	case changed:
		l.orders.drop(g, ev.Obj)
	}
}

// holder returns the holder of the lock that goroutine g releases: g, or another goroutine whose Mutex it unlocks.
func (s *shadow) holder(g int64) int64 {
	if s.holds[g].holds {
		return g
	}
	for other, h := range s.holds {
		if h.holds {
			return other
		}
	}
	return g
}

// step records what goroutine g does to the lock. It returns the operation on the shadow, nil if there is none, and whether
// that operation takes it.
func (s *shadow) step(g int64, ev trace.Event) (do func(), takes bool) {
	h := s.holds[g]
	take, drop := func() { s.mu.RLock() }, func() { s.mu.RUnlock() }
	switch ev.Kind {
	case trace.KindBlock:
		if takes = !h.waits; takes { // otherwise it was woken, but another goroutine was faster
			do = take
		}
		h.waits = true
	case trace.KindGiveUp:
		if h.waits {
			do = drop
		}
		h.waits = false
	case trace.KindAcquire:
		if takes = !h.waits && !h.holds; takes {
			do = take
		}
		h = hold{holds: true}
	case trace.KindRelease:
		if ev.N > 0 { // it still holds the lock, less deep
			return nil, false
		}
		if h.holds {
			do = drop
		}
		h.holds = false
	default:
		return nil, false
	}
	if s.holds[g] = h; h == (hold{}) {
		delete(s.holds, g)
	}
	return do, takes
}

// finish unlocks all shadows.
func (l *lockOrder) finish() {
	for _, list := range l.late {
		for _, do := range list {
			do()
		}
	}
	for _, s := range l.locks {
		for _, h := range s.holds {
			for _, has := range []bool{h.holds, h.waits} {
				if has {
					s.mu.RUnlock()
				}
			}
		}
	}
}
