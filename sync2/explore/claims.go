package explore

import (
	"fmt"
	"slices"
)

// claims is what the runs so far have shown that limits what can be said of a program of which every order was tried.
type claims struct {
	idle  []string // the tasks that had done no operation when they ended
	timed bool     // a wait had a timeout, and that ended only when nothing else could happen
	ctx   bool     // a context was ended by what is no operation
}

// maxIdle is how many idle tasks are named at most.
const maxIdle = 5

// noteIdle notes that t has ended and had done no operation. Such a task runs from its start to its end while no other
// does: whatever it shares with others, they never come in between. The main task may be like that if there are others.
//
//go:noinline
func (x *execution) noteIdle(t *task) {
	if t.id == 0 && len(x.tasks) > 1 {
		return
	}
	if c := &x.claims; len(c.idle) <= maxIdle && !slices.Contains(c.idle, t.name) {
		c.idle = append(c.idle, t.name)
	}
}

// caveat adds a reason for which it is not known that every order holds.
func (r *Result) caveat(words string) {
	if !slices.Contains(r.Caveats, words) {
		r.Caveats = append(r.Caveats, words)
	}
}

// caveats says what is not known though every order was tried.
func (c *claims) caveats(r *Result) {
	if n := len(c.idle); n > maxIdle {
		r.caveat(listed(c.idle[:maxIdle]) + " and others did nothing that can be ordered")
	} else if n > 0 {
		r.caveat(listed(c.idle) + " did nothing that can be ordered")
	}
	if c.ctx {
		r.caveat("a context was ended by what is no operation; use E.WithCancel")
	}
}

// listed returns names in words: "ann, ben and cat".
func listed(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return fmt.Sprintf("%s and %s", joinNames(names[:last]), names[last])
}
