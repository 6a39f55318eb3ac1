//go:build turnstile_goroot

package engine

import (
	"runtime"
	"strings"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A task that waits for something outside the explorer's control, such as the network or a process, is outside: it
// takes no part in the run while others continue. Outside input does not depend on the schedule alone, so such a
// program is never exhausted, and its tokens may not lead to the same run.

// UncontrolledReleases reports whether goroutines that are not tasks may release tasks, such as the one that waits for signals.
var UncontrolledReleases bool

// outside is what an execution knows about waits outside its control.
type outside struct {
	out  int  // the number of tasks outside
	left bool // a task has left, so the driver must choose the next
	vain bool // waiting for the tasks outside was in vain, and they are still the same

	vains int           // the number of times that was so in all runs, though a timer limited the wait
	late  time.Duration // the longest wait in vain for something that came later
}

// How long an execution in which no task can continue waits for outside input.
const (
	vainPatience  = 200 * time.Microsecond // if that was in vain before
	timerPatience = 20 * time.Millisecond  // at least, before time passes, or after the main task has ended
	firstPatience = 5 * time.Second        // at most, before time passes,
	mostVains     = 2                      // unless that was in vain this many times
	otherwise     = 100 * time.Millisecond // if only uncontrolled goroutines may release tasks
	stuckPatience = 20 * time.Second       // before the run is abandoned
)

// Leave takes t, which calls it, out of the run, and returns where the driver rests, which continues next.
//
//go:norace
func (t *Task) Leave() unsafe.Pointer {
	x := t.Exec
	if x.Verbose || x.Claims.Outside == "" {
		t.PCs = callers(0)
		x.Claims.Outside = x.outsideAt(t.PCs)
	}
	t.Status, t.Thread.at = StatusOutside, nil
	x.out++
	x.Unchanged, x.vain, x.left = false, false, true
	x.switchTo(nil)
	return x.driver.at
}

// Returned is called by t when its wait has ended and it is its turn.
//
//go:norace
func (t *Task) Returned() {
	if x := t.Exec; x.dead {
		x.bury()
		rtDie(unsafe.Pointer(&x.epoch))
	}
}

// news reports whether hear may have something to do.
//
//go:norace
func news() bool { return rtNews != 0 }

// hear brings back tasks whose wait has ended or that were released from outside, and reports whether there were any.
//
//go:norace
func (x *Execution) hear() (some bool) {
	for rtNews != 0 {
		thread, coro := rtHear()
		if thread == nil {
			return some
		}
		th := (*Thread)(thread)
		t := th.Task
		if t == nil || t.Exec != x || t.Thread != th {
			continue // from a previous run
		}
		some = true
		x.Unchanged, x.vain = false, false
		if coro == nil {
			x.Claims.from(byStranger)
			t.Release()
			t.waker = nil
			continue
		}
		th.at = coro
		x.out--
		t.Status, t.Cond = StatusPointed, nil
		x.declare(t, nil, "go on", hook.AccessRead)
	}
	return some
}

// byStranger is the source of input from a goroutine that is not a task.
const byStranger = "a goroutine that is not explored"

// Forget forgets that an uncontrolled goroutine has released a task: there are none anymore.
func (c *Claims) Forget() {
	if c.Outside == byStranger {
		c.Outside = ""
	}
}

// from records a source of outside input.
func (c *Claims) from(what string) {
	if c.Outside == "" {
		c.Outside = what
	}
}

// awaitOutside is called when no task can continue. It waits for outside input, and reports whether some has arrived,
// or the run has ended because its time is over.
//
//go:norace
func (x *Execution) awaitOutside() bool {
	patience := x.patience()
	if patience == 0 {
		return false
	}
	pause := 5 * time.Microsecond
	for begin := time.Now(); ; {
		d := time.Since(begin)
		if x.hear() {
			x.late = max(x.late, d)
			return true
		}
		if d > timerPatience && x.out > 0 && x.Enough != nil && x.Enough() {
			x.Cut, x.dead = true, true // tasks outside may yet come back
			return true
		}
		if d > patience {
			if patience > timerPatience {
				x.vains++
			}
			x.vain = true
			return false
		}
		x.Beat.Add(1)
		time.Sleep(pause)
		if x.conditional() {
			return true
		}
		pause = min(2*pause, time.Millisecond)
	}
}

// WaitsOutside reports whether a task waits for outside input.
func (x *Execution) WaitsOutside() bool { return x.out > 0 }

// conditional reports whether a task can continue now because a goroutine that is not a task changed what it waits
// for.
//
//go:norace
func (x *Execution) conditional() bool {
	x.FindTransitions()
	return len(x.Transitions) > 0
}

func (x *Execution) patience() time.Duration {
	next, timed, outer := endOfTime, false, false
	for _, t := range x.Live {
		outer = outer || t.Status == StatusPointed && t.Cond != nil && t.Cond.Outer
		if t.hasTime() {
			next, timed = min(next, t.deadline), true
		}
	}
	mainEnded := x.Live[0].ID != 0
	switch {
	case x.out > 0 && x.vain && (timed || mainEnded):
		return vainPatience
	case x.out > 0 && mainEnded:
		return timerPatience
	case x.out > 0 && timed:
		return max(timerPatience, min(next-x.Now, x.timersPatience()))
	case x.out > 0:
		return stuckPatience
	case UncontrolledReleases && timed:
		return timerPatience
	case UncontrolledReleases, outer:
		return otherwise
	}
	return 0
}

// timersPatience returns the maximum time to wait for tasks outside before time advances to the next timer. If what
// they wait for has always come sooner, if at all, that may be less than the time that then passes.
func (x *Execution) timersPatience() time.Duration {
	if x.vains < mostVains {
		return firstPatience
	}
	return 4 * x.late
}

// lose abandons the tasks that are outside, since the run is dead.
//
//go:norace
func (x *Execution) lose() {
	for x.out > 0 {
		for i := len(x.Live) - 1; i >= 0; i-- {
			t := x.Live[i]
			if t.Status != StatusOutside {
				continue
			}
			t.Thread.lost = true
			leavesSome()
			if rtLose(t.Thread.g) {
				t.Status = StatusEnded
				t.fn = nil
				x.Live = append(x.Live[:i], x.Live[i+1:]...)
				x.out--
				continue
			}
			t.Thread.lost = false // it is about to rest
		}
		x.hear()
	}
}

// vanish ends the calling goroutine if it is one that was abandoned.
//
//go:norace
func (th *Thread) vanish() {
	if th.lost {
		rtVanish()
	}
}

// outsideAt describes the call of the standard library in which a task waits, such as "Read at x.go:12".
func (x *Execution) outsideAt(pcs []uintptr) string {
	called := ""
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if !inLibrary(f) && !inGo(f) {
			break
		}
		if inGo(f) && !strings.HasPrefix(f.Function, "runtime.") && !strings.HasPrefix(f.Function, "internal/") {
			called = f.Function[strings.LastIndexByte(f.Function, '.')+1:]
		}
		if !more {
			break
		}
	}
	at := x.Site(pcs)
	switch {
	case called == "" && at == "":
		return "a wait of the standard library"
	case at == "":
		return called
	case called == "":
		return at
	}
	return called + " at " + at
}

// current reports whether the calling goroutine is th's, or acts for its task, as in iter.Pull.
//
//go:norace
func (th *Thread) current() bool { return rtThread() == unsafe.Pointer(th) }
