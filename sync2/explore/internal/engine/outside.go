package engine

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A program may have a part outside the explorer's control, such as other processes: see [hook.Outsider]. A task receives
// what comes from there, as a step of its own. If something is expected soon, that step can be chosen whether it has come
// or not: if not, the run waits for it. So the possible schedules do not depend on how fast the outside is, and in most
// programs a token leads to the same run again. But they may, so such a program is never exhausted.

// How long a run in which no task can run waits for outside input.
const (
	idlePatience  = 100 * time.Millisecond // if nothing is expected
	endPatience   = 10 * time.Second       // if something is
	againPatience = time.Second            // the same, if nothing came in an earlier run
)

// How long a run waits for outside input that is expected soon: at first a second, then half as long after each wait
// in vain, and a little longer after each other; but no less than a multiple of the longest successful wait.
const (
	leastPatience = 20 * time.Millisecond
	mostPatience  = time.Second
	multiple      = 2
)

// An experience is what an execution has learned from its waits for the outside.
type experience struct {
	longest  time.Duration // the longest successful wait
	patience time.Duration // the duration of the next wait; 0 before the first
}

// beyond is what an execution knows about the outside part of its program.
type beyond struct {
	awaits int      // the number of times that tasks of the run waited for outside input
	after  []func() // functions to call when the run is over
	experience
	vainly time.Duration // the longest wait in vain of a stuck run
	waited time.Duration // the same in this run
	away   atomic.Bool   // a task does something outside, and will come back
}

// A runID identifies a run.
type runID struct {
	x *Execution
	n uint32
}

// Run implements [hook.Outsider].
//
//go:norace
func (t *Task) Run() any { return runID{t.Exec, t.Exec.Runs} }

// Outside implements [hook.Outsider].
//
//go:norace
func (t *Task) Outside(what string) {
	if x := t.Exec; x.Claims.Outside == "" {
		if at := x.Site(callers(0)); at != "" {
			what += " at " + at
		}
		x.Claims.Outside = what
	}
}

// Away implements [hook.Outsider].
//
//go:norace
func (t *Task) Away() (back func()) {
	away := &t.Exec.away
	away.Store(true)
	return func() { away.Store(false) }
}

// AtEnd implements [hook.Outsider].
//
//go:norace
func (t *Task) AtEnd(f func()) { t.Exec.after = append(t.Exec.after, f) }

// Serve implements [hook.Outsider].
//
//go:norace
func (t *Task) Serve(name string, run func()) {
	t.DescribeChild(run, TaskDaemon)
	t.Ask(RequestSpawn, nil, name)
}

// Await implements [hook.Outsider].
//
//go:norace
func (t *Task) Await(obj hook.Object, verb string, come func() bool, expect func() hook.Expectation) {
	c := t.NewCondition()
	c.Ready, c.when, c.expect = (*Condition).mayCome, come, expect
	t.Exec.awaits++
	t.Ask(RequestPoint, obj, verb)
}

// mayCome is the condition of an Await.
//
//go:norace
func (c *Condition) mayCome(int) bool { return c.when() || c.expect() >= hook.ExpectSoon }

// waitFor waits until what t waits for has come, or as long as it is worth waiting.
func (x *Execution) waitFor(t *Task) {
	if t.Cond.when() {
		return
	}
	if t.Cond.expect() == hook.ExpectSurely {
		x.poll(endPatience, t.Cond.when)
		return
	}
	e := &x.experience
	if e.patience == 0 {
		e.patience = mostPatience
	}
	begin := time.Now()
	if x.poll(e.patience, t.Cond.when) {
		e.longest = max(e.longest, time.Since(begin))
		e.patience += e.patience / 8
	} else {
		e.patience /= 2
	}
	e.patience = min(max(e.patience, multiple*e.longest, leastPatience), mostPatience)
}

// poll waits until come reports that something has come, and reports whether it has. It gives up after d, or when the run
// should stop.
func (x *Execution) poll(d time.Duration, come func() bool) bool {
	pause := 5 * time.Microsecond
	for begin := time.Now(); ; {
		if come() {
			return true
		}
		if time.Since(begin) > d || x.Enough != nil && x.Enough() {
			return false
		}
		x.Beat.Add(1)
		time.Sleep(pause) //nolint:forbidigo // nothing in the process signals its arrival
		pause = min(2*pause, time.Millisecond)
	}
}

// awaitAny is called when no task can run. It waits for the outside, and reports whether something has come, or the run is
// over because it should stop.
func (x *Execution) awaitAny() bool {
	patience := x.untilStuck()
	if patience == 0 {
		return false
	}
	begin := time.Now()
	if x.poll(patience, x.anyHasCome) {
		return true
	}
	if x.Enough != nil && x.Enough() {
		x.Cut, x.dead = true, true
		return true
	}
	if patience >= againPatience {
		x.waited = time.Since(begin)
	}
	return false
}

func (x *Execution) anyHasCome() bool {
	for _, t := range x.Live {
		if t.awaits() && t.Cond.when() {
			return true
		}
	}
	return false
}

// awaits reports whether t waits for the outside.
func (t *Task) awaits() bool {
	return t.Status == StatusPointed && t.Cond != nil && t.Cond.expect != nil
}

// untilStuck returns how long to wait in a run in which no task can run. While something is expected, the time of the
// run passes as fast as real time, or faster after a while.
func (x *Execution) untilStuck() time.Duration {
	if x.awaits == 0 {
		return 0
	}
	expected, timed, next := hook.ExpectNothing, false, endOfTime
	for _, t := range x.Live {
		if t.awaits() {
			expected = max(expected, t.Cond.expect())
		}
		if t.Status == StatusParked && t.timed {
			next, timed = min(next, t.deadline), true
		}
	}
	switch {
	case timed && expected >= hook.ExpectLate:
		return min(next-x.Now, endPatience)
	case timed:
		return 0
	case expected == hook.ExpectNothing:
		return idlePatience
	case x.vainly > 0:
		return againPatience
	}
	return endPatience
}

// silent adds to f, which says that tasks wait forever, how long nothing came from outside, if a wait was in vain. If
// something is still expected, it is not known whether the tasks wait forever.
func (x *Execution) silent(f *Fault, names []string) {
	if x.waited == 0 {
		return
	}
	x.vainly = max(x.vainly, x.waited)
	what := fmt.Sprintf("nothing came from outside in %v", x.vainly.Round(time.Second))
	for _, t := range x.Live {
		if t.awaits() && t.Cond.expect() >= hook.ExpectLate {
			f.Kind, f.Message = FaultBadProgram, strings.Join(names, ", ")+" cannot go on, and "+what+": "+x.Claims.Outside
			return
		}
	}
	f.Message += "; " + what
}

// Finish ends everything that the run has begun outside.
func (x *Execution) Finish() {
	for _, f := range x.after {
		f()
	}
	clear(x.after)
	x.after = x.after[:0]
}
