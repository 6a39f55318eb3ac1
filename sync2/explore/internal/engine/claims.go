package engine

import "slices"

// Claims is what the runs so far have shown that limits what can be said of a program of which every order was tried.
type Claims struct {
	Idle  []string // the tasks that had done no operation when they ended
	Timed bool     // a wait had a timeout, and that ended only when nothing else could happen
	Ctx   bool     // a context was ended by what is no operation

	Random uint8 // a bit for each sequence that random numbers and the orders of maps were of

	Outside string // where a task waited for what the explorer does not decide about; "" if none has
}

// MaxIdle is how many idle tasks are named at most.
const MaxIdle = 5

// noteIdle notes that t has ended and had done no operation. Such a task runs from its start to its end while no other
// does: whatever it shares with others, they never come in between. The main task may be like that if there are others.
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
