package engine

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A Clock says how far its owner has seen each task, by the task's id: a vector clock. It orders what the program
// itself has ordered by synchronizing, which is less than the order in which things happened to be done. Two accesses
// to a variable of which neither is known to the other's task are a data race.
type Clock []uint32

// join makes c know what d knows.
func (c *Clock) join(d Clock) {
	for len(*c) < len(d) {
		*c = append(*c, 0)
	}
	for i, v := range d {
		(*c)[i] = max((*c)[i], v)
	}
}

// At returns how far c has seen the task with the given id.
func (c Clock) At(id int32) uint32 {
	if int(id) < len(c) {
		return c[id]
	}
	return 0
}

// A PlainObject is one that orders nothing: accesses to it are to be ordered by other operations.
type PlainObject interface {
	hook.Object
	// Access notes an access by t, and returns a fault if an earlier one is not ordered before it.
	Access(t *Task, verb string, does hook.Access) *Fault
}

// tick begins a new moment of t.
func (x *Execution) tick(t *Task) {
	for len(t.Clock) <= int(t.ID) {
		t.Clock = append(t.Clock, 0)
	}
	t.Clock[t.ID]++
}

// synchronize orders t's operation after those at the same object that it may learn from, and before those to come.
// It takes each operation that changes something to do both, though some only do one; so it may miss a race in one
// order, and finds it in another, but never reports one that is none.
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
