package engine

import (
	"fmt"
	"strings"
)

// Now and then a long run is checked for tasks that wait forever though others go on: after firstLook steps,
// whenever the number of steps has doubled, and at the latest mostUnlooked steps after the last check. Each check
// takes as long as thousands of steps. The moments depend only on the number of steps, so that a replay finds the
// same.
const (
	firstLook    = 1 << 16
	mostUnlooked = 1 << 18
)

// lookForStuck checks, after the given number of steps, for tasks that wait forever though others can go on. It
// reports whether it has ended the run.
func (x *Execution) lookForStuck(steps int) (ended bool) {
	x.nextLook = steps + min(steps, mostUnlooked)
	tasks := x.Forever()
	if len(tasks) == 0 {
		if x.EndStuck > 0 {
			x.tooLong()
		}
		return x.dead
	}
	f := &Fault{Kind: FaultLeak, Amid: tasks, step: steps}
	names := f.addWaits(x, tasks)
	f.Message = waitForEver(names) + ": no goroutine that can still run can reach the awaited object"
	switch {
	case x.EndStuck > 0:
		x.fail(f)
	case x.Stuck == nil || x.Stuck.Waits != f.Waits:
		x.Stuck = f
	}
	return x.dead
}

// stuck ends a run in which no task can run. If a task waits for the outside, nothing is known about the run.
func (x *Execution) stuck() {
	if x.WaitsOutside() {
		x.Stranded, x.Lingered, x.Cut, x.dead = true, x.Live[0].ID != 0, x.Live[0].ID == 0, true
		return
	}
	f := &Fault{Kind: FaultLeak}
	var left []*Task
	for _, t := range x.Live {
		if t.ID == 0 {
			f.Kind = FaultDeadlock
		}
		if !t.MayStay() {
			left = append(left, t)
		}
	}
	names := f.addWaits(x, left)
	f.Message = waitForEver(names)
	if f.Kind == FaultLeak {
		f.Message += " after main has ended"
	}
	x.silent(f, names)
	x.fail(f)
}

// mostNames is the maximum number of goroutines that a message names.
const mostNames = 8

// Some lists names, or the first of them if there are many.
func Some(names []string) string {
	if more := len(names) - mostNames; more > 1 {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// waitForEver says that the named tasks wait forever.
func waitForEver(names []string) string {
	if len(names) == 1 {
		return names[0] + " waits forever"
	}
	return Some(names) + " wait forever"
}

// tooLong ends a run that has too many steps.
func (x *Execution) tooLong() {
	if x.Strategy.Fair() && !x.Patient {
		x.fail(&Fault{Kind: FaultLivelock, Message: fmt.Sprintf("the program has not ended after %d steps under a fair scheduler", len(x.Steps))})
		return
	}
	x.findPending()
	x.Cut, x.dead = true, true
}

// fail ends the run because of f. The first fault stands.
func (x *Execution) fail(f *Fault) {
	if !x.dead {
		x.findPending()
		if x.Failed != nil {
			x.Failed(f)
		}
		f.step = len(x.Steps)
		x.Fault, x.dead = f, true
	}
}
