package engine

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Patience is the interval at which the explorer checks whether anything has happened.
var Patience = 250 * time.Millisecond

// A task hangs if nothing has happened for this number of looks in a row.
const (
	waitPatience  = 4  // if it waits for another goroutine, or sleeps
	otherPatience = 16 // if it waits for something else, such as a file
	spinPatience  = 56 // if it runs, since it may be busy; only looks count before which the process got processor time
	awayPatience  = 80 // if it has announced a wait

	betweenPatience = 240 // if it rests, and so only waits for the machine
)

// Await waits until done is closed, and returns nil. If a task hangs, because it waits for something that the explorer
// does not control, Await abandons the execution and returns a fault that says where the task is. As long as there is
// nothing to explore, a task may take as long as it would without the explorer.
func (x *Execution) Await(done <-chan struct{}) *Fault {
	stacks := stackBytes()
	tick := time.NewTicker(Patience)
	defer tick.Stop()
	var quiet lookCount
	var next time.Time
	worked, _ := CPUTime()
	for seen := x.Beat.Load(); ; {
		select {
		case <-done:
			return nil
		case <-tick.C:
		}
		stepped := !x.ticked.Swap(true) // the first step since the last look has seen it: not every step makes a beat
		if now := x.Beat.Load(); now != seen || stepped || x.Untried.Load() || x.Learning.Load() {
			seen, quiet = now, lookCount{}
			worked, _ = CPUTime()
			continue
		}
		quiet.all++
		if now, known := CPUTime(); !known || now-worked >= Patience/2 { // or the machine is busy with something else
			worked = now
			quiet.busy++
		}
		if stackBytes() > stacks+deeper && quiet.all < otherPatience || x.away.Load() && quiet.all < awayPatience {
			continue
		}
		began := time.Now()
		if began.Before(next) {
			continue
		}
		f := hung(whoRuns(), quiet)
		next = time.Now().Add(rarely * time.Since(began))
		if f != nil {
			if s := Uncontrolled.Swap(nil); s != nil {
				f = s // it hangs because it waits for a goroutine that has been ended
			}
			Loose.Add(1)
			x.Gone.Store(true)
			leavesSome()
			setRunning(nil)
			return f
		}
	}
}

// Loose is the number of goroutines of abandoned runs that may still be running outside the explorer's control: they have not
// reached an operation since, where they would stay.
var Loose atomic.Int32

// stay is called by a task of an abandoned run when it reaches an operation. It never returns: if the task went on, it would change
// state that later runs share, and if the goroutine ended, its deferred functions would run.
func stay() {
	Loose.Add(-1)
	select {}
}

// rarely is the minimum interval between looks at the stacks, as a multiple of their duration: with a hundred thousand
// goroutines a look takes longer than the time between two ticks, and nothing else runs meanwhile.
const rarely = 20

// A lookCount counts looks at which nothing had happened.
type lookCount struct {
	all  int
	busy int // before which the process got processor time
}

// deeper is how many more bytes the stacks of the process take when a function may be calling itself without end, and will soon
// overflow the stack. Having the runtime print a deep stack takes longer than filling it.
const deeper = 4 << 20

// hung returns a fault that says where the task of th is, or nil if it may only be busy, or if none runs. Nothing has
// happened for the last looks.
func hung(th *Thread, quiet lookCount) *Fault {
	if th == nil || quiet.all < waitPatience {
		return nil
	}
	stack := stackOf(th.G)
	what := doing(stack)
	switch {
	case strings.Contains(stack, "(*Thread).pause("), strings.Contains(stack, "(*Execution).serve("), strings.Contains(stack, "(*Execution).point("):
		return nil // the explorer is busy
	case what == endless && quiet.busy < spinPatience, quiet.all < patienceWith(what),
		(what == between || stack == "") && quiet.all < betweenPatience && (firstSite(stack) == nowhere || strings.Contains(stack, "(*Task).Do(")):
		return nil
	}
	advice := "; use the replacements that package explore has for channels, package sync and time.Sleep, and call E.Yield in loops that wait"
	if Patched { // channels and locks are not the reason
		advice = ""
		if what == endless {
			advice = "; a loop that waits can call runtime.Gosched"
		}
	}
	return &Fault{Kind: FaultBadProgram, Stack: stack, Message: fmt.Sprintf("a task %s at %s, where the explorer has no control%s",
		what, firstSite(stack), advice)}
}

// patienceWith returns the number of looks after which a task that is doing what hangs.
func patienceWith(what string) int {
	switch state, _ := strings.CutPrefix(what, blocked); {
	case what == endless || what == unknown:
		return spinPatience
	case strings.HasPrefix(state, "chan "), strings.HasPrefix(state, "select"), strings.HasPrefix(state, "sync."), strings.HasPrefix(state, "sleep"):
		return waitPatience
	}
	return otherPatience
}

// Descriptions of what a hanging task does.
const (
	endless = "runs without end" // it neither blocks nor reaches an operation
	blocked = "is blocked ("     // the runtime's words, followed by a bracket
	unknown = "hangs"
	between = blocked + "coroutine)" // outside the program, or in an operation, it rests until it gets its turn
)

// doing returns the runtime's description of what a goroutine is doing.
func doing(stack string) string {
	header, rest, ok := strings.Cut(stack, "[") // as in "goroutine 7 [chan receive, 2 minutes]:"
	if !ok || !strings.HasPrefix(header, "goroutine ") {
		return unknown
	}
	state := rest[:max(0, strings.IndexAny(rest, ",]"))]
	if state == "running" || state == "runnable" {
		return endless
	}
	return blocked + state + ")"
}
