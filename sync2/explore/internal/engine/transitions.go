package engine

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// FindTransitions finds the possible transitions, in the order of the tasks, and the default one.
func (x *Execution) FindTransitions() {
	if cap(x.Transitions) < len(x.Live) {
		x.growTransitions()
	}
	if x.Anytime {
		x.busy = x.Prompt && x.testBusy()
	}
	if x.bubbles != nil {
		x.passBubbles()
	}
	x.Transitions, x.steady = x.Transitions[:0], true
	def, last := -1, x.Last
	for _, t := range x.Live {
		first := len(x.Transitions)
		if t.Status == StatusPointed && t.Cond == nil { // most are, and should not pay for a call
			x.Transitions = append(x.Transitions, search.Transition{Task: t.ID})
		} else if !x.findWays(t) {
			continue
		}
		if def < 0 || t.ID == last {
			def = first
		}
	}
	x.Default = max(def, 0)
}

// findWays finds the transitions of t, whose next operation is not always possible, and reports whether it can perform the
// operation: giving up a wait does not count.
func (x *Execution) findWays(t *Task) bool {
	switch t.Status { //nolint:exhaustive // the others cannot run
	case StatusPointed:
		c := t.Cond
		if c.not != nil && c.not.Status != StatusEnded {
			return false
		}
		first := len(x.Transitions)
		for alt := range 1 + c.Alts {
			if c.Ready == nil || c.Ready(c, alt) {
				x.Transitions = append(x.Transitions, search.Transition{Task: t.ID, Alt: int32(alt)})
			}
		}
		x.steady = x.steady && c.not != nil && c.not.Status != StatusEnded // the task that it waits for
		return len(x.Transitions) > first
	case StatusParked:
		if x.mayGiveUp(t) {
			x.Transitions = append(x.Transitions, search.Transition{Task: t.ID, Alt: search.GiveUp})
		}
		x.steady = x.steady && t.limit.done == nil
	}
	return false
}

// passBubbles lets time pass in the bubbles.
func (x *Execution) passBubbles() {
	for _, b := range x.bubbles {
		x.passBubble(b)
	}
}

// growTransitions is a separate function, like everything that is rarely called and needs some stack: the tasks' stacks are
// small, and growing one takes as long as dozens of steps.
//
//go:noinline
func (x *Execution) growTransitions() {
	x.Transitions = make([]search.Transition, 0, 2*len(x.Live))
}

// mayGiveUp reports whether t's wait may end without success.
func (x *Execution) mayGiveUp(t *Task) bool {
	if !t.over && t.limit.done != nil && t.limit.Over() {
		t.over = true
		x.Claims.Ctx = x.Claims.Ctx || t.limit.unordered()
		t.preds = append(t.preds, int32(len(x.Steps)-1))
	}
	return t.over || t.timed && (t.deadline <= t.now() || x.early(t)) && (t.Bubble != nil || !t.vain())
}

// lateness is the maximum by which a test itself is late, and longestDelay that of other tasks, both only if x.Prompt:
// timeouts of many seconds are there so that a test does not hang forever.
const (
	lateness     = 20 * time.Millisecond
	longestDelay = 5 * time.Second
)

// early reports whether t's wait may end early. A long wait of a timer does so only if a task waits for the timer:
// otherwise a task that checks it later would be late by as much.
func (x *Execution) early(t *Task) bool {
	switch ahead := t.deadline - x.Now; {
	case !x.Anytime || t.Bubble != nil:
		return false
	case !x.Prompt:
		return true
	case x.busy || t.unawaited():
		return ahead <= lateness
	default:
		return ahead < longestDelay
	}
}

// testBusy reports whether a task that runs the test, or a subtest, can run.
func (x *Execution) testBusy() bool {
	for _, t := range x.Live {
		if t.OfTest && t.Status == StatusPointed && t.Can() {
			return true
		}
	}
	return false
}

// Can reports whether t's next operation is possible.
func (t *Task) Can() bool {
	c := t.Cond
	if c == nil || c.Ready == nil {
		return true
	}
	for alt := range 1 + c.Alts {
		if c.Ready(c, alt) {
			return true
		}
	}
	return false
}

// cannotGiveUp records that the last step, before which t might have given up, has made that impossible.
func (x *Execution) cannotGiveUp(t *Task) {
	for _, m := range x.Transitions { // the transitions before the last step
		if m.Task == t.ID && m.Alt == search.GiveUp {
			x.Disabled = append(x.Disabled, search.Disabled{Step: int32(len(x.Steps) - 1), Task: t.ID, Alt: search.GiveUp})
		}
	}
}

// findPending records the next operations of the tasks of a run that ends early.
func (x *Execution) findPending() {
	for _, t := range x.Live {
		switch {
		case t.Status == StatusPointed:
			for alt := range t.ways() {
				x.addPending(t, int32(alt), func() { x.touchAll(t) })
			}
		case t.Status == StatusParked && (t.over || x.Anytime && t.hasTime()):
			x.addPending(t, search.GiveUp, func() { x.touchGivingUp(t) })
			if t.lastStep < 0 { // a timer that has never fired; what it does then is not known yet
				x.cannotGiveUp(t)
			}
		}
	}
}

func (x *Execution) addPending(t *Task, alt int32, touch func()) {
	n := len(x.Accesses)
	touch()
	acc := append([]search.Access(nil), x.Accesses[n:]...)
	x.Accesses = x.Accesses[:n]
	x.Pending = append(x.Pending, search.Pending{Task: t.ID, Alt: alt, Cond: alt != search.GiveUp && t.conditional(), Accesses: acc, Preds: t.preds})
}
