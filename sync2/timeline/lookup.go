package timeline

import (
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Last returns the last event applied; its Kind is KindBad before the first.
func (s *State) Last() trace.Event { return s.last }

// Now returns the time of the last event applied.
func (s *State) Now() time.Duration { return s.now }

// Failure returns the [trace.KindFail] event of the program's failure; its Kind is KindBad if the program has not
// failed.
func (s *State) Failure() trace.Event { return s.fail }

// Lost returns the number of events that are known to be missing from the trace so far.
func (s *State) Lost() int64 { return s.lost }

// Goroutines returns the goroutines in order of appearance. Goroutines that have ended, or have been inactive for long
// and hold nothing, are included only if they are among the last thousand or so, or an object refers to them.
func (s *State) Goroutines() []*Goroutine { return s.gs }

// Objects returns all objects in order of definition, except the handles of goroutines that [State.Goroutines] does not
// return.
func (s *State) Objects() []*Object { return s.objs }

// Goroutine returns the goroutine with the given id, or nil if it has not appeared.
func (s *State) Goroutine(id int64) *Goroutine {
	if i, ok := s.gIndex[id]; ok {
		return s.gs[i]
	}
	return nil
}

// Object returns the object with the given ID, or nil if it has not been defined.
func (s *State) Object(id trace.ID) *Object {
	if i, ok := s.objIndex[id]; ok {
		return s.objs[i]
	}
	return nil
}

// Internal reports whether o is internal to the standard library and no goroutine had to wait for it, such as the
// channel of a context that nothing waits for. Displays of a trace omit such objects.
func (o *Object) Internal() bool {
	return o.Inner && o.Waits+len(o.Queue)+len(o.Holders) == 0
}

// Visible reports whether ev, which may be any event up to the last one applied, is of interest to people. Definitions
// are not, nor are events of objects that are [Object.Internal].
func (s *State) Visible(ev *trace.Event) bool {
	if !visible(ev.Kind) {
		return false
	}
	o := s.Object(ev.Obj)
	return o == nil || !o.Internal()
}

// Clone returns a State that is equal to s and independent of it. It copies one pointer for each goroutine and object;
// the rest is shared until one of the two changes it.
func (s *State) Clone() *State {
	c := *s
	c.records, c.positions = s.records.clone(), s.positions.clone()
	return &c
}

// QueuePosition returns the position of goroutine g, from 1, among the waiters of its object, and the number of
// positions. At a Barrier these are its order of arrival and the number of parties; at a Queue only waiters with the
// same verb count. QueuePosition returns 0, 0 if g does not wait.
func (s *State) QueuePosition(g int64) (place, of int) {
	w := s.Goroutine(g)
	if w == nil || w.Status != StatusWaiting {
		return 0, 0
	}
	o := s.Object(w.For)
	if o == nil {
		return 0, 0
	}
	if o.Class == trace.ClassBarrier {
		for _, in := range [][]Hold{o.Arrived, o.Next} {
			for _, h := range slices.Backward(in) { // mostly it is the most recent
				if h.G == g {
					return plus(count(h.N), 1), o.Parties
				}
			}
		}
		return 0, 0 // its generation is over, and it is about to be unblocked
	}
	if of = len(o.Queue); hasEnds(o.Class) {
		of = o.families[family(w.Verb)]
	}
	return s.placeIn(o, w, of), of
}

// placeIn returns the position of w in the queue of o, among the given number of goroutines that count. It searches
// from both ends, since w is mostly near one of them.
func (s *State) placeIn(o *Object, w *Goroutine, of int) int {
	counts := func(id int64) int {
		if hasEnds(o.Class) && family(s.verb(id)) != family(w.Verb) {
			return 0
		}
		return 1
	}
	before, behind := 0, 0
	for i, j := 0, len(o.Queue)-1; i <= j; i, j = i+1, j-1 {
		switch w.ID {
		case o.Queue[i]:
			return before + 1
		case o.Queue[j]:
			return of - behind
		}
		before += counts(o.Queue[i])
		behind += counts(o.Queue[j])
	}
	return 0
}

func (s *State) verb(g int64) string {
	if w := s.Goroutine(g); w != nil {
		return w.Verb
	}
	return ""
}

// Settled returns the number of settled members of group id.
func (s *State) Settled(id trace.ID) int {
	if group := s.Object(id); group != nil {
		return group.settled
	}
	return 0
}

// Children returns the objects that belong to object id, such as the Conds of a lock or the Futures of an Executor.
func (s *State) Children(id trace.ID) []*Object {
	var of []*Object
	for _, o := range s.objs {
		if o.Parent == id && id != 0 {
			of = append(of, o)
		}
	}
	return of
}

// A queue has three things to wait for, each with an order of its own; a channel and a group have two.
const (
	neither = iota
	puts
	gets
	joins
	goes // at a group
)

// family returns the one that verb waits for: PutContext is a Put.
func family(verb string) int {
	switch {
	case strings.HasPrefix(verb, "Put"), verb == "send", verb == "Send":
		return puts
	case strings.HasPrefix(verb, "Get"), verb == "receive", verb == "Recv":
		return gets
	case strings.HasPrefix(verb, "Join"):
		return joins
	case strings.HasPrefix(verb, "Go"):
		return goes
	}
	return neither
}

func isQueue(c trace.Class) bool {
	return c == trace.ClassQueue || c == trace.ClassStack || c == trace.ClassPriorityQueue
}

// hasEnds reports whether waiters at objects of class c wait at one of two ends.
func hasEnds(c trace.Class) bool {
	return isQueue(c) || c == trace.ClassChan || c == trace.ClassTaskGroup
}

func isLock(c trace.Class) bool { return c == trace.ClassMutex || c == trace.ClassReentrantLock }

// watches reports whether channel id is one of the cases of select sel.
func (s *State) watches(sel, id trace.ID) bool {
	o := s.Object(sel)
	return o != nil && slices.ContainsFunc(o.Cases, func(c Case) bool { return c.Obj == id })
}
