package synctesting

import (
	"github.com/sasha-s/go-deadlock"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A lockOrder shows go-deadlock what locks a traced program takes. Each lock has a shadow, one of go-deadlock's. What a
// goroutine does to the lock it does to the shadow, in the same goroutine, from within the trace; so go-deadlock sees
// who takes what, and from where.
//
// The shadow is locked for reading, which never has to wait, so that one can be in line for it while another holds it. A
// goroutine has it from the moment when it begins to wait: a deadlock is in what it waits for.
type lockOrder struct {
	report *report
	said   bool // what the report is about has been said
	locks  map[trace.ID]*shadow
	late   map[int64][]func() // by goroutine: what others did in its place, for it to do to the shadows
	orders orders
}

type shadow struct {
	mu    deadlock.RWMutex
	holds map[int64]hold
}

// A hold is how a goroutine has a lock: it may hold it, wait for it, or both if it is its own undoing.
type hold struct{ holds, waits bool }

func newLockOrder(r *report) *lockOrder {
	return &lockOrder{report: r, locks: make(map[trace.ID]*shadow), late: make(map[int64][]func()), orders: newOrders()}
}

// event notes what ev tells of a lock. The goroutine that acted calls it.
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

// account keeps the account of who has what, and says what a report that has just been made is about.
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

// holder returns who holds the lock that goroutine g gives back: g, or another whose Mutex it unlocks.
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

// step notes what goroutine g does to the lock, and returns what it has to do to the shadow, nil for nothing, and whether
// that is to take it.
func (s *shadow) step(g int64, ev trace.Event) (do func(), takes bool) {
	h := s.holds[g]
	take, drop := func() { s.mu.RLock() }, func() { s.mu.RUnlock() }
	switch ev.Kind {
	case trace.KindBlock:
		if takes = !h.waits; takes { // else it was woken, and another was faster
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
		if ev.N > 0 { // it still holds it, if less deep
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

// finish lets go of all shadows.
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
