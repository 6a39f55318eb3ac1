package engine

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A Clock is a vector clock: it says how much of each task its owner has seen, by the task's id. It has only the
// order that the program itself establishes by synchronization, not the order in which steps happened to run. Two
// accesses to a variable, neither of which the other's task has seen, are a data race.
type Clock []uint32

// join adds what d has seen to c.
func (c *Clock) join(d Clock) {
	for len(*c) < len(d) {
		*c = append(*c, 0)
	}
	for i, v := range d {
		(*c)[i] = max((*c)[i], v)
	}
}

// At returns how much of the task with the given id c has seen.
func (c Clock) At(id int32) uint32 {
	if int(id) < len(c) {
		return c[id]
	}
	return 0
}

// A PlainObject is an object that does not synchronize: other operations have to order accesses to it.
type PlainObject interface {
	hook.Object
	// Access records an access by t, and returns a fault if an earlier one is not ordered before it.
	Access(t *Task, verb string, does hook.Access) *Fault
}

// tick advances t's own clock.
func (x *Execution) tick(t *Task) {
	for len(t.Clock) <= int(t.ID) {
		t.Clock = append(t.Clock, 0)
	}
	t.Clock[t.ID]++
}

// synchronize orders t's operation after earlier ones on the same object, and before later ones. It takes each
// operation that changes something as both acquire and release, though some are only one; so it may miss a race in
// one schedule, and find it in another, but never reports a false one.
func (x *Execution) synchronize(t *Task, op *Operation) {
	if t.Cond != nil {
		for _, o := range t.Cond.Uses {
			x.meet(t, x.number(t, o), op)
		}
	}
	if op.Obj != 0 {
		x.meet(t, op.Obj, op)
	}
}

func (x *Execution) meet(t *Task, obj int32, op *Operation) {
	o := &x.Objects[obj]
	if v, ok := o.Ref.(PlainObject); ok {
		if f := v.Access(t, x.Verbs.Name(op.Verb), op.mode); f != nil {
			x.fail(f)
		}
		return // it orders nothing
	}
	if _, ok := o.Ref.(*memory); ok {
		return
	}
	t.Clock.join(o.clock)
	if op.mode != hook.AccessRead {
		o.clock.join(t.Clock)
	}
}
