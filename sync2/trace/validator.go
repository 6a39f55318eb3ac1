package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Validator checks that a stream of events is consistent: no goroutine acquires a lock that another holds, a waiting
// goroutine does nothing else, waiters are served in FIFO order, and so on. It is for tests of primitives and of
// programs that use them.
//
//	var v trace.Validator
//	for _, ev := range rec.Events() {
//		if err := v.Event(ev); err != nil { … }
//	}
//	if err := v.Finish(); err != nil { … }
//
// The rules are documented with the code for each kind of event. After a [KindDropped], and for operations that started
// before the trace, the Validator checks only what it can still know. It accepts unknown kinds and classes.
//
// The zero value for a Validator is ready for a new stream.
type Validator struct {
	// AllowWaiting makes Finish accept goroutines that are still waiting, for programs that deadlock, leak or are
	// stopped.
	AllowWaiting bool

	begun, ended bool
	seq          uint64
	time         int64
	ev           Event // the event being checked: checks get a pointer to the copy, so that it is allocated once

	records
}

// A ViolationError describes an event that is inconsistent with the events before it.
type ViolationError struct {
	Event  Event
	G, Obj string // the names of the event's goroutine and object, "" if it has none
	Reason string
}

// Error returns text such as "event 7, release by main at room: it is not held".
func (e *ViolationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "trace: event %d, %s", e.Event.Seq, e.Event.Kind)
	if e.G != "" {
		fmt.Fprintf(&b, " by %s", e.G)
	}
	if e.Obj != "" {
		fmt.Fprintf(&b, " at %s", e.Obj)
	}
	return b.String() + ": " + e.Reason
}

// NewValidator returns a Validator for a new stream.
func NewValidator() *Validator { return new(Validator) }

// Event checks the next event of the stream. Its error is a [*ViolationError]. The Validator then applies ev as far
// as possible, and accepts further events.
func (v *Validator) Event(ev Event) error {
	v.init()
	v.ev = ev
	wrong := v.order(&v.ev)
	if ev.Kind < kinds {
		first(&wrong, v.apply(&v.ev, ruleOf(ev.Kind)))
	}
	if wrong == "" {
		return nil
	}
	e := &ViolationError{Event: ev, Reason: wrong}
	if ev.G != 0 {
		e.G = v.gName(ev.G)
	}
	if ev.Obj != 0 {
		e.Obj = v.objName(ev.Obj)
	}
	return e
}

func (v *Validator) apply(ev *Event, r *rule) (wrong string) {
	if r.stream != nil {
		return r.stream(v, ev)
	}
	c := check{records: &v.records, ev: ev}
	c.g, wrong = v.goroutine(ev.G)
	o, w := v.object(ev.Obj)
	c.o = o
	first(&wrong, w)
	first(&wrong, v.definedPC(ev.PC))
	first(&wrong, c.fits(r))
	if r.acts && !(r.grant && c.mayBeGranted()) {
		first(&wrong, v.act(c.g))
	}
	first(&wrong, c.due())
	first(&wrong, r.check(c))
	return wrong
}

// order checks Seq and Time. Seq has gaps only where events were dropped; a KindDropped has the Seq of the last lost
// event.
func (v *Validator) order(ev *Event) (wrong string) {
	gap := int64(ev.Seq - v.seq - 1)
	switch {
	case ev.Seq <= v.seq:
		wrong = fmt.Sprintf("it comes after event %d", v.seq)
	case ev.Kind == KindDropped && ev.N != gap+1:
		wrong = fmt.Sprintf("the number of events missing here is %d", gap+1)
	case ev.Kind != KindDropped && gap > 0 && v.begun:
		wrong = fmt.Sprintf("the number of events missing before it is %d", gap)
		v.lose()
	}
	v.seq = max(v.seq, ev.Seq)
	if ev.Time < v.time {
		first(&wrong, fmt.Sprintf("its time, %d, is before that of the event before it, %d", ev.Time, v.time))
	}
	v.time = max(v.time, ev.Time)
	if ev.Kind != KindBegin && !v.begun {
		first(&wrong, "the trace has not begun")
		v.begun = true
	}
	if v.ended {
		first(&wrong, "the trace has ended")
	}
	return wrong
}

// begin checks that the trace begins only once, with its first event.
func (v *Validator) begin(ev *Event) string {
	if v.begun || ev.Seq != 1 {
		return "a trace begins once, with event 1"
	}
	v.begun = true
	return ""
}

func (v *Validator) dropped(*Event) string {
	v.lose()
	return ""
}

func (v *Validator) end(*Event) string {
	v.ended = true
	return ""
}

// Finish checks that the stream is complete: that no goroutine is waiting, unless AllowWaiting is set, and that every
// waiter that an Event, Barrier or Cond had to release was released.
func (v *Validator) Finish() error {
	if !v.begun {
		return fmt.Errorf("trace: the trace has not begun")
	}
	for _, id := range slices.Sorted(maps.Keys(v.objs)) {
		o := v.lookObject(id)
		if wrong := (check{records: &v.records, ev: &Event{}, o: o}).due(); wrong != "" {
			return fmt.Errorf("trace: at the end, at %s: %s", o.name, wrong)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.gs)) {
		if g := v.look(id); g.status == vWaiting && !v.AllowWaiting {
			return fmt.Errorf("trace: at the end, %s still waits for %s", g.name, v.objName(g.obj))
		}
	}
	return nil
}
