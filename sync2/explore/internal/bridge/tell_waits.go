//go:build turnstile_goroot

package bridge

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// parks is called before a task waits in an operation of the language.
func (s *teller) parks(t *engine.Task) {
	s.begin(t)
	w, ps := s.of(t), &t.Plain
	w.class, w.released = classChan, false
	switch {
	case ps.Verb == "select":
		w.at, w.cases = &w.sel, slices.Clone(ps.Cases)
		if w.sel.ID() == 0 {
			w.sel = trace.Object{}
			trace.Name(&w.sel, "select of "+t.Name)
			w.sel.Define(trace.ClassSelect, 0, nil)
		}
		for i, c := range ps.Cases {
			what := "receive"
			if c.Send {
				what = "send"
			}
			var at *trace.Object
			if c.Chan != nil {
				at = s.know(run.object(t.Exec, c.Chan, classChan))
			} else {
				at = s.nobody()
			}
			s.tell(t, at, trace.Event{Kind: trace.KindWatch, Peer: int64(w.sel.ID()), N: int64(i + 1), Text: what})
		}
	case ps.P == nil:
		w.at = s.nobody()
	default:
		w.at = s.know(run.object(t.Exec, ps.P, class(ps.Class)))
	}
	w.send = ps.Verb == "send"
	s.tell(t, w.at, trace.Event{Kind: trace.KindBlock, N: 1, Text: ps.Verb})
}

// nobody returns the nil channel.
func (s *teller) nobody() *trace.Object {
	if s.never.ID() == 0 {
		trace.Name(&s.never, "nil channel")
		s.never.Define(trace.ClassNilChan, 0, nil)
	}
	return &s.never
}

// readies is called when another task, or a timer, releases a task that waits in an operation of the language.
//
//go:norace
func (s *teller) readies(t, by *engine.Task) {
	w := s.of(t)
	if w.at == nil || w.released || by != s.last {
		return
	}
	w.released = true
	o := s.met.o
	unblock := trace.Event{Kind: trace.KindUnblock, Peer: max(0, g(by))}
	switch s.met.kind {
	case opSend:
		s.putInto(by, o, by.Plain.Item)
		s.tell(t, w.at, unblock)
		s.getFrom(t, o)
	case opReceive:
		s.tell(t, w.at, unblock)
		s.putInto(t, o, w.item(t, o))
		if (*aChan)(o.p).size == 0 {
			s.getFrom(by, o)
		}
	default:
		s.tell(t, w.at, unblock)
	}
}

// goesOn is called when t continues after a wait.
func (s *teller) goesOn(t *engine.Task) {
	w := s.of(t)
	if w.at != nil && w.released {
		s.tell(t, w.at, trace.Event{Kind: trace.KindResume})
		w.at, w.released = nil, false
	}
}

// resumes is called when t has waited in an operation of the language.
func (s *teller) resumes(t *engine.Task) {
	s.begin(t)
	s.goesOn(t)
}

// meets is called when t, in an operation of package sync, has waited for others, or did not have to.
func (s *teller) meets(t *engine.Task) {
	s.begin(t)
	w := s.of(t)
	s.grant(t)
	if o := w.wants; o != nil {
		w.wants = nil
		s.tell(t, s.know(o), trace.Event{Kind: trace.KindAcquire, N: 1, Text: "Lock"})
	}
	s.goesOn(t)
}

// settle emits the result of the last operation, and which tasks wait now or no longer.
//
//go:norace
func (s *teller) settle() {
	if o := s.adds; o != nil {
		s.adds = nil
		if n := counter(o.p); n != o.count {
			o.count = n
			s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindAdd, N: int64(n)})
		}
	}
	for i := len(s.runs) - 1; i >= 0; i-- {
		if o := s.runs[i]; (*aOnce)(o.p).done != 0 {
			s.runs = slices.Delete(s.runs, i, i+1)
			s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindActionEnd})
		}
	}
	if o := s.calls; o != nil {
		s.calls = nil
		n := int64(0)
		for _, t := range s.waits {
			if s.of(t).at == &o.obj && canGoOn(t) {
				n++
			}
		}
		s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindNotify, N: n})
	}
	woken := make(map[*trace.Object]bool)
	for _, t := range slices.Clone(s.waits) {
		w := s.of(t)
		if canGoOn(t) && !woken[w.at] {
			woken[w.at] = w.class == classMutex // which lets one of them try
			s.unblock(t)
		}
	}
	for _, t := range slices.Backward(s.x.Live) {
		if w := s.of(t); w.released && w.at != nil && !canGoOn(t) && t.Status == engine.StatusPointed {
			s.block(t, -1) // another task was faster
		}
	}
	for _, t := range s.x.Live {
		if s.of(t).at == nil && !canGoOn(t) {
			s.block(t, 0)
		}
	}
}

// canGoOn reports whether t does not wait for a condition.
func canGoOn(t *engine.Task) bool {
	return t.Status != engine.StatusPointed || t.Cond == nil || t.Cond.Ready == nil || t.Plain.P == nil || len(t.Cond.Cases) > 0 || t.Cond.Ready(t.Cond, 0)
}

func (s *teller) block(t *engine.Task, place int64) {
	w := s.of(t)
	o := run.object(t.Exec, t.Plain.P, class(t.Plain.Class))
	w.at, w.class, w.released = s.know(o), o.class, false
	if place < 0 && o.class != classMutex && o.class != classRWMutex {
		place = 0
	}
	if place < 0 {
		s.waits = slices.Insert(s.waits, 0, t)
	} else {
		s.waits = append(s.waits, t)
	}
	ev := trace.Event{Kind: trace.KindBlock, G: g(t), N: 1, Text: t.Plain.Verb, Peer: place, PC: s.site(t.PCs)}
	w.at.EmitAt(ev, nil)
}

// unblock emits that t, which waits for a condition, no longer has to.
func (s *teller) unblock(t *engine.Task) {
	w := s.of(t)
	s.waits = slices.DeleteFunc(s.waits, func(o *engine.Task) bool { return o == t })
	w.released = true
	peer := int64(0)
	if s.last != nil && s.last != t {
		peer = max(0, g(s.last))
	}
	w.at.EmitAt(trace.Event{Kind: trace.KindUnblock, G: g(t), Peer: peer}, nil)
}

// grant is called when it is the turn of t, which may have waited for a condition.
func (s *teller) grant(t *engine.Task) {
	w := s.of(t)
	if w.at == nil || w.released {
		return
	}
	for _, o := range slices.Clone(s.waits) {
		if o == t {
			s.unblock(t)
			return
		}
		if s.of(o).at == w.at && w.class == classMutex { // it overtakes tasks that have waited longer
			s.unblock(o)
		}
	}
}

// sleeps is called before t sleeps, wakes when it has.
func (s *teller) sleeps(t *engine.Task, d time.Duration) {
	s.begin(t)
	if s.clock.ID() == 0 {
		trace.Name(&s.clock, "clock")
		s.clock.Define(trace.ClassClock, 0, nil)
	}
	w := s.of(t)
	w.at, w.class, w.released = &s.clock, classTimer, true
	s.tell(t, w.at, trace.Event{Kind: trace.KindBlock, N: int64(d), Text: "Sleep"})
}

func (s *teller) wakes(t *engine.Task) {
	s.begin(t)
	s.tell(t, &s.clock, trace.Event{Kind: trace.KindUnblock})
	s.goesOn(t)
}

// timer emits that a timer was set, has fired, or was stopped.
func (s *teller) timer(t *engine.Task, tm *timer, kind trace.Kind, when int64) {
	s.begin(t)
	if tm.obj.ID() == 0 {
		var c *trace.Object
		if tm.c != nil {
			c = s.know(run.object(t.Exec, tm.c, classChan))
		}
		tm.obj.Define(trace.ClassTimer, 0, c)
	}
	if when > 0 {
		when -= epoch
	}
	ev := trace.Event{Kind: kind, N: max(0, when)}
	if kind == trace.KindFire {
		tm.obj.EmitAt(trace.Event{Kind: kind, N: max(0, when), G: trace.UnknownG}, nil)
		return
	}
	s.tell(t, &tm.obj, ev)
}
