package engine

import (
	"math"
	"time"
)

// endOfTime is the last moment of a run. A wait that would go on beyond it ends then.
const endOfTime = time.Duration(math.MaxInt64)

// later returns the moment d after now.
func later(now, d time.Duration) time.Duration {
	if d > endOfTime-now {
		return endOfTime
	}
	return now + d
}

// passTime advances time to the next timeout, and reports whether there is one. It advances by at least a microsecond, since
// closer moments cannot be distinguished, and by more if that happens again and again: otherwise a ticker that ticks every
// nanosecond would keep everything else from running.
func (x *Execution) passTime() bool {
	next, timed := endOfTime, false
	for _, t := range x.Live {
		if t.hasTime() {
			next, timed = min(next, t.deadline), true
		}
	}
	if !timed {
		return false
	}
	if least := time.Microsecond << min(x.crept/32, 10); next >= x.Now && next-x.Now < least {
		x.crept++
		next = later(x.Now, least)
	}
	x.Now = max(x.Now, next)
	x.barrier, x.passed, x.hurried = int32(len(x.Steps)), int32(len(x.Steps)), 0
	if x.WaitsOutside() {
		x.hurried = 1 // time does not pass that fast there
	}
	return true
}

// pace is the number of steps after which time passes although tasks can run, and moment is how much passes at first.
const (
	pace   = 500
	moment = 500 * time.Microsecond
)

// hurry lets time pass although tasks can run, so that a task that only waits for that ends, such as a loop that polls a
// timer. The longer that lasts, the faster time passes: a second is over after some 30,000 steps. A wait that gives up then
// does so early, as it does while tasks wait for the outside.
func (x *Execution) hurry() {
	d := moment << min(x.hurried/8, 30)
	x.Now, x.sped = later(x.Now, d), later(x.sped, d)
	x.hurried++
	x.barrier, x.passed, x.Unchanged = int32(len(x.Steps)), int32(len(x.Steps)), false
}
