package engine

import "slices"

// Claims records what the runs so far have shown that limits the claims about a program whose every schedule was tried.
type Claims struct {
	Idle  []string // the tasks that performed no operation
	Timed bool     // a wait had a timeout, which expired only when nothing else could happen
	Ctx   bool     // a context ended other than by an operation

	Random uint8 // a bit for each sequence that was used for random numbers and map orders

	Outside string // where a task waited for something that the explorer does not control; "" if none has
}

// MaxIdle is the maximum number of idle tasks that are named.
const MaxIdle = 5

// noteIdle records that t has ended without performing an operation. Such a task runs from start to end while no other
// does, so others never interleave with its accesses to shared memory. The main task may be like that if there are others.
//
//go:noinline
func (x *Execution) noteIdle(t *Task) {
	if t.ID == 0 && (Patched || len(x.Tasks) > 1) {
		return
	}
	if c := &x.Claims; len(c.Idle) <= MaxIdle && !slices.Contains(c.Idle, t.Name) {
		c.Idle = append(c.Idle, t.Name)
	}
}
