package engine

import (
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// pick chooses the task that runs next, nil if none is left.
func (x *Execution) pick() *Task { //nolint:gocognit // the inner loop of each run, in which a call counts
	for {
		if n := len(x.starting) - 1; n >= 0 {
			t := x.starting[n]
			x.starting = x.starting[:n]
			return t
		}
		if x.dead {
			x.lose()
			return x.anyLive()
		}
		if Patched && news() {
			x.hear()
		}
		if t := x.due; t != nil {
			x.due = t.nextDue
			x.released(t)
			return t
		}
		if len(x.Live) >= search.Crowd && x.blind() {
			if t := x.pickBlindly(); t != nil {
				return t
			}
			continue
		}
		if x.Unchanged && x.Tasks[x.Last].Cond == nil {
			x.Default = x.lastChoice
		} else {
			x.FindTransitions()
		}
		if len(x.Transitions) == 0 {
			if !x.awaitOutside() && !x.passTime() {
				x.stuck()
			}
			continue
		}
		if (len(x.Steps) >= x.calm || isSet(&x.ticked)) && x.longEnough() {
			continue
		}
		i := x.Strategy.Choose(&x.View)
		if i < 0 {
			x.giveRunUp(i)
			continue
		}
		return x.take(i)
	}
}

// giveRunUp ends the run because the strategy, which has chosen i, does not want it to go on.
func (x *Execution) giveRunUp(i int) {
	if x.Cut = i == search.TooLarge; x.Cut {
		x.findPending()
	}
	x.Pruned, x.dead = !x.Cut, true
}

// blind makes the default transition the only one if the strategy would choose it whatever the others are.
func (x *Execution) blind() bool {
	if !x.Crowded || x.Anytime || x.bubbles != nil || x.Last < 0 {
		return false
	}
	s, ok := x.Strategy.(search.Blind)
	if !ok {
		return false
	}
	t := x.Tasks[x.Last]
	alt := t.way()
	if !s.Blind(&x.View, len(x.Live), alt >= 0) {
		return false
	}
	for i := 0; alt < 0 && i < len(x.Live); i++ {
		t = x.Live[i]
		alt = t.way()
	}
	x.Unchanged = false
	if alt < 0 {
		return false // a task may give up
	}
	x.Transitions, x.Default = append(x.Transitions[:0], search.Transition{Task: t.ID, Alt: alt}), 0
	return true
}

// way returns the first alternative of t's next operation that is possible, -1 if there is none.
func (t *Task) way() int32 {
	if t.Status != StatusPointed {
		return -1
	}
	c := t.Cond
	switch {
	case c == nil:
		return 0
	case c.not != nil && c.not.Status != StatusEnded:
		return -1
	}
	for alt := range 1 + c.Alts {
		if c.Ready == nil || c.Ready(c, alt) {
			return int32(alt)
		}
	}
	return -1
}

// pickBlindly takes the default transition and returns its task, or nil if the run has reached its limit.
func (x *Execution) pickBlindly() *Task {
	if x.longEnough() {
		return nil
	}
	t := x.take(0)
	x.Unchanged = false // nobody has checked
	return t
}

// longEnough ends the run if it has reached its limit, and reports whether it has. If not, it computes the number of
// steps up to which that need not be checked again, unless x.ticked.
func (x *Execution) longEnough() bool {
	steps := len(x.Steps)
	switch {
	case steps >= x.MaxSteps:
		x.tooLong()
	case x.Forever != nil && steps >= x.nextLook && x.lookForStuck(steps):
	case x.Patient && steps-int(x.passed) >= pace:
		x.hurry()
	case x.Linger > 0 && x.Live[0].ID != 0 && steps-int(x.mainEnd) >= x.Linger+32*len(x.Tasks):
		x.findPending()
		x.Lingered, x.dead = true, true
	case (steps&1023 == 1023 || isSet(&x.ticked) && x.ticked.Swap(false)) && x.Enough != nil && x.Enough():
		x.Cut, x.dead = true, true
	default:
		x.calm = min(x.MaxSteps, (steps+1)|1023)
		if x.Forever != nil {
			x.calm = min(x.calm, x.nextLook)
		}
		if x.Patient {
			x.calm = min(x.calm, int(x.passed)+pace)
		}
		if x.Linger > 0 && x.Live[0].ID != 0 {
			x.calm = min(x.calm, int(x.mainEnd)+x.Linger+32*len(x.Tasks))
		}
		return false
	}
	return true
}

// anyLive returns a task that still has to be ended, nil if there is none.
func (x *Execution) anyLive() *Task {
	if n := len(x.Live); n > 0 {
		return x.Live[n-1]
	}
	return nil
}
