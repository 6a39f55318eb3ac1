package engine

// It is found out now and then in a long run which tasks wait forever though others go on: when it has had firstLook steps, when it
// has had twice as many as the last time, and after mostUnlooked more at the latest. Each time takes as long as thousands of steps. When that
// is depends on nothing but the steps, so that a replay finds the same.
const (
	firstLook    = 1 << 16
	mostUnlooked = 1 << 18
)

// lookForStuck finds out, after the given number of steps, which tasks wait forever though others can go on. It reports whether it
// has ended the run.
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
	f.Message = waitForEver(names) + ": no goroutine that can go on reaches what is waited for"
	switch {
	case x.EndStuck > 0:
		x.fail(f)
	case x.Stuck == nil || x.Stuck.Waits != f.Waits:
		x.Stuck = f
	}
	return x.dead
}
