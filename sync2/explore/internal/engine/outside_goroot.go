//go:build turnstile_goroot

package engine

import (
	"runtime"
	"strings"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A task that waits for something that the explorer does not decide about, such as the network or a process, is outside: it
// takes no part in the run while others go on. What comes from outside depends on more than the order, so that nothing of
// such a program is exhausted, and a token may not lead to the same.

// Strangers says that goroutines that are no tasks may release some: the one that waits for signals.
var Strangers bool

// outside is what an execution knows of what it does not decide about.
type outside struct {
	out  int  // how many tasks are outside
	left bool // a task has left, so that the driver has to choose the next
	vain bool // to wait for those outside has led to nothing, and they are still the same

	vains int           // how often that was so in all runs, though a timer let them time
	late  time.Duration // for how long something was waited for in vain that came all the same, at most
}

// How long an execution in which no task can go on waits for what comes from outside.
const (
	vainPatience  = 200 * time.Microsecond // if that was in vain before
	timerPatience = 20 * time.Millisecond  // at least, before it lets time pass, or after the main task has ended
	firstPatience = 5 * time.Second        // at most, before it lets time pass,
	mostVains     = 2                      // until that was in vain so often
	otherwise     = 100 * time.Millisecond // if only strangers may release somebody
	stuckPatience = 20 * time.Second       // if otherwise the run is given up
)

// Leave takes t, which calls it, out of the run, and returns where the driver rests, who is to go on.
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

// Returned is called by t when it has come back and it is its turn.
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

// hear makes tasks take part again that have come back or were released from outside, and reports whether there were any.
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
			continue // of a run that is over
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

// byStranger is where something came from that is none of the tasks.
const byStranger = "a goroutine that is not explored"

// Forget forgets that a stranger has released a task: there are none anymore.
func (c *Claims) Forget() {
	if c.Outside == byStranger {
		c.Outside = ""
	}
}

// from notes where something came from that the explorer does not decide about.
func (c *Claims) from(what string) {
	if c.Outside == "" {
		c.Outside = what
	}
}

// awaitOutside is called when no task can go on. It waits for what comes from outside, and reports whether something has, or
// the run has been ended because there is no time left.
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
			x.Cut, x.dead = true, true // who is outside may yet come back
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

// WaitsOutside reports whether a task waits for what comes from outside.
func (x *Execution) WaitsOutside() bool { return x.out > 0 }

// conditional reports whether a task can go on now, since what it waits for was changed by a goroutine that is none.
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
	case Strangers && timed:
		return timerPatience
	case Strangers, outer:
		return otherwise
	}
	return 0
}

// timersPatience is how long those outside are waited for at most before time passes up to the next timer. As long as what
// is waited for was there sooner, if at all, it need not be as much time as then passes.
func (x *Execution) timersPatience() time.Duration {
	if x.vains < mostVains {
		return firstPatience
	}
	return 4 * x.late
}

// lose leaves those tasks to themselves that are outside, since the run is dead.
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

// vanish ends the calling goroutine if it is one that was lost.
//
//go:norace
func (th *Thread) vanish() {
	if th.lost {
		rtVanish()
	}
}

// outsideAt says what of the standard library was called where, such as "Read at x.go:12".
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

// current reports whether the calling goroutine is th's, or does something for its task, as in iter.Pull.
//
//go:norace
func (th *Thread) current() bool { return rtThread() == unsafe.Pointer(th) }
