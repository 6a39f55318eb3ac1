package explore

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A clock says how far its owner has seen each task, by the task's id: a vector clock. It orders what the program
// itself has ordered by synchronizing, which is less than the order in which things happened to be done. Two accesses
// to a variable of which neither is known to the other's task are a data race.
type clock []uint32

// join makes c know what d knows.
func (c *clock) join(d clock) {
	for len(*c) < len(d) {
		*c = append(*c, 0)
	}
	for i, v := range d {
		(*c)[i] = max((*c)[i], v)
	}
}

// at returns how far c has seen the task with the given id.
func (c clock) at(id int32) uint32 {
	if int(id) < len(c) {
		return c[id]
	}
	return 0
}

// tick begins a new moment of t.
func (x *execution) tick(t *task) {
	for len(t.clock) <= int(t.id) {
		t.clock = append(t.clock, 0)
	}
	t.clock[t.id]++
}

// synchronize orders t's operation after those at the same object that it may learn from, and before those to come.
// It takes each operation that changes something to do both, though some only do one; so it may miss a race in one
// order, and finds it in another, but never reports one that is none.
func (x *execution) synchronize(t *task, op *operation) {
	if t.cond != nil {
		for _, o := range t.cond.uses {
			x.meet(t, x.number(t, o), op)
		}
	}
	if op.obj != 0 {
		x.meet(t, op.obj, op)
	}
}

func (x *execution) meet(t *task, obj int32, op *operation) {
	o := &x.objects[obj]
	if v, ok := o.ref.(*variable); ok {
		if f := v.access(t, x.verbs.name(op.verb), op.mode); f != nil {
			x.fail(f)
		}
		return // it orders nothing
	}
	if _, ok := o.ref.(*memory); ok {
		return
	}
	t.clock.join(o.clock)
	if op.mode != hook.Read {
		o.clock.join(t.clock)
	}
}
