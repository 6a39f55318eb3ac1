package engine

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
