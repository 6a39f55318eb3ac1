package engine

import (
	"context"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Running is the thread that runs now. Only its own goroutine may look into it. It is not read and written as an atomic
// variable: the race detector would see that, and it would be a good part of what a switch costs. A goroutine that is
// not the one it is about only has to find out that it is not, which any thread that it may read here tells it.
var Running *Thread

//go:norace
func setRunning(th *Thread) { Running = th }

//go:norace
func whoRuns() *Thread { return Running }

// A Status says what a task is doing.
type Status uint8

// What a task does.
const (
	StatusActive  Status = iota // it runs, or is about to, without being asked whether it may
	StatusPointed               // it is about to do an operation
	StatusParked                // it waits inside a primitive, which will call Ready
	StatusEnded                 // it has returned, panicked, or called Goexit
	StatusOutside               // it waits for what the explorer does not decide about
)

// A Request is what a task wants from the scheduler.
type Request uint8

// What a task asks for beside operations that can always be done.
const (
	RequestPoint Request = iota + 1 // to do an operation that has a condition
	RequestPark                     // to wait
	RequestSpawn                    // to start the child that it has described
	RequestFail                     // to end the run with its fault
	RequestEnd                      // nothing more
)

// A TaskKind says what a task is to others.
type TaskKind uint8

// The kinds of task.
const (
	TaskPlain  TaskKind = iota // sync2.Go has started it, and tells a trace of it
	TaskTold                   // E.Go has started it, and a trace is told here
	TaskDaemon                 // it is the explorer's own: it may be left behind
)

// A Condition says when an operation can be done, and how.
type Condition struct {
	Ready func(c *Condition, alt int) bool // whether the alternative can be done; nil: each always can
	Alts  int                              // how many alternatives it has beside the first
	not   *Task                            // one of Joins that had not ended; nil: none is known
	when  func() bool                      // of a When or an Await

	expect func() hook.Expectation // of an Await; nil: it is none
	Joins  []*Task                 // what it waits for the end of
	Uses   []hook.Object           // objects that it reads beside that of the operation
	Of     any                     // what Ready looks at

	Bubble  *Bubble // whose tasks it waits for
	Durable bool    // only tasks of the same bubble can make Ready true

	plainCondition //nolint:unused // another build has more of it
}

// A Task is a goroutine of the program. It is reused from run to run.
type Task struct {
	// What is looked at to find out whether it can go on. It lies together, since of thousands of tasks hardly more is in the cache.
	Status   Status
	OfTest   bool // it runs the test, or a subtest
	timed    bool
	over     bool // its context has ended
	gaveUp   bool
	woken    bool // Ready has been called and Park has not returned
	ID       int32
	Cond     *Condition // of the operation; nil: it can always be done, and in one way
	deadline time.Duration
	limit    CtxEnd  // of a Park
	Bubble   *Bubble // that it belongs to; nil: none
	Exec     *Execution

	Name   string
	parent *Task
	Kind   TaskKind
	Thread *Thread
	fn     func()

	// What it asks of the scheduler, beside the arguments of ask; written by the task, read by whoever does the
	// scheduler's work.
	ctx       CtxEnd // what the operation looks at
	d         time.Duration
	request   Request // 0: to do an operation that can always be done
	childFn   func()  // of a RequestSpawn
	childKind TaskKind
	Child     *Task     // the last that it started
	fault     *Fault    // of a RequestFail
	stuck     *Fault    // of the bubble that it has made
	PCs       []uintptr // where, if anybody wants to know
	origin    string    // where it was started, likewise

	Op       Operation // that it is about to do, or in which it is parked
	Alt      int32     // the alternative that was chosen
	waker    *Task
	nextDue  *Task   // in the list of those that are ready
	preds    []int32 // steps that come before its next
	uses     []int32 // the numbers of what its condition uses
	lastStep int32   // its last step, -1: none
	born     int32   // how many steps there were before it
	Clock    Clock

	Resident bool // the program has started it while its packages were initialized: it is there as long as the process

	lateIn   uint32 // the last run in which it was late, see LooksAtClock,
	lateFrom int32  // and from which step on

	Durable bool // where it is parked, only tasks of the same bubble can release it

	Selects any // where it waits in select statements, in a trace; nil: it has not

	plain
}

// begin makes t a task anew. What is not set here is set before it is looked at.
func (t *Task) begin(name string, parent *Task, fn func(), k TaskKind) {
	t.Name, t.parent, t.fn, t.Kind, t.lastStep = name, parent, fn, k, -1
	t.Status, t.woken, t.OfTest, t.Resident = StatusActive, false, false, t.Exec.Initializing
	t.preds, t.Clock = t.preds[:0], t.Clock[:0]
	t.Op, t.Cond, t.ctx, t.fault = Operation{}, nil, CtxEnd{}, nil
	if t.Selects != nil {
		t.Selects = nil
	}
	if t.stuck != nil {
		t.stuck = nil
	}
	if b := bubbleOf(parent); b != t.Bubble { // pointers cost, see Point
		t.Bubble = b
	}
	t.plain.begin()
}

// Follows returns the steps after which t does what it does when it has no step any more.
func (t *Task) Follows() []int32 { return t.preds }

// Where returns where t is, or where it was started if nothing there is of the program.
func (t *Task) Where() string {
	if at := t.Exec.Site(t.PCs); at != "" {
		return at
	}
	return t.origin
}

// Current returns the calling goroutine's task, or nil if it is none.
//
//go:norace
func Current() *Task {
	th := Running
	if th == nil || !th.current() {
		return nil
	}
	return th.Task
}

// MayStay reports whether nobody minds if t has not ended when the run has.
func (t *Task) MayStay() bool { return t.Kind == TaskDaemon || t.Resident }

// Ask has a request served, which is about verb at obj, and returns when it is t's turn again, or at its end when its
// thread has another task. If the run is dead, it ends the goroutine.
//
//go:norace
func (t *Task) Ask(req Request, obj hook.Object, verb string) {
	t.request = req
	t.Point(obj, verb, hook.AccessWrite)
}

// When implements [hook.Task].
//
//go:norace
func (t *Task) When(obj hook.Object, verb string, ready func() bool) {
	c := t.NewCondition()
	c.Ready, c.when, c.Durable = (*Condition).may, ready, true
	t.Sink()
	t.Ask(RequestPoint, obj, verb)
}

// NewCondition makes the next operation subject to a condition, which is to be filled in.
//
//go:norace
func (t *Task) NewCondition() *Condition {
	t.Cond = &t.Thread.cond
	*t.Cond = Condition{}
	return t.Cond
}

// conditional reports whether the operation cannot always be done.
func (t *Task) conditional() bool { return t.Cond != nil && t.Cond.Ready != nil }

// ways returns in how many ways the operation can be done, at most.
func (t *Task) ways() int {
	if t.Cond == nil {
		return 1
	}
	return 1 + t.Cond.Alts
}

// may is the condition of a When.
//
//go:norace
func (c *Condition) may(int) bool { return c.when() }

// Uses implements [hook.Task].
//
//go:norace
func (t *Task) Uses(ctx context.Context) { t.ctx = EndOf(ctx) }

// Park implements [hook.Task].
//
//nolint:revive // ctx is one of the limits, which come last
//go:norace
func (t *Task) Park(obj hook.Object, verb string, ctx context.Context, d time.Duration, timed bool) bool {
	t.checkCtx(ctx)
	t.limit, t.Durable = EndOf(ctx), true
	t.Sink()
	t.wait(obj, verb, d, timed)
	RaceAcquire(t)
	return !t.gaveUp
}

// Wait is Park without a context, and without a word to the race detector.
//
//go:norace
func (t *Task) Wait(obj hook.Object, verb string, d time.Duration, timed bool) bool {
	t.limit = CtxEnd{}
	t.wait(obj, verb, d, timed)
	return !t.gaveUp
}

//go:norace
func (t *Task) wait(obj hook.Object, verb string, d time.Duration, timed bool) {
	t.d, t.timed = d, timed
	t.Ask(RequestPark, obj, verb)
}

// Ready implements [hook.Task].
//
//go:norace
func (t *Task) Ready() {
	raceRelease(t)
	t.Release()
}

// Release is Ready without a word to the race detector.
//
//go:norace
func (t *Task) Release() {
	x := t.Exec
	if x.dead {
		return
	}
	t.woken, x.Unchanged = true, false
	t.waker = x.cur
	if t.Status != StatusParked {
		return
	}
	t.Status = StatusActive
	t.nextDue = nil
	if x.due == nil {
		x.due = t
	} else {
		x.lastDue.nextDue = t
	}
	x.lastDue = t
}

// begun tells a trace that t, which calls it, was started.
//
//go:norace
func (t *Task) begun() {
	if hook.On(hook.Trace) {
		by := t.parent.Thread.G
		if t.parent.Kind == TaskDaemon {
			by = trace.Somebody
		}
		(*trace.Object)(nil).EmitAt(trace.Event{Kind: trace.KindSpawn, G: by, Peer: t.Thread.G}, t.Exec.inProgram(t.parent.PCs))
	}
}

// exited tells a trace that the calling task has ended.
//
//go:norace
func (t *Task) exited() {
	if hook.On(hook.Trace) && !t.Exec.dead {
		if t.Exec.Settle != nil {
			t.Exec.Settle()
		}
		(*trace.Object)(nil).Emit(trace.Event{Kind: trace.KindExit})
	}
}

// Joined reports whether all that are joined have ended.
//
//go:norace
func (c *Condition) Joined(int) bool {
	for _, t := range c.Joins {
		if t.Status != StatusEnded {
			c.not = t
			return false
		}
	}
	return true
}

// Go implements [hook.Task].
//
//go:norace
func (t *Task) Go(name string, run func()) {
	t.DescribeChild(run, TaskPlain)
	t.Ask(RequestSpawn, nil, name)
}

// DescribeChild describes a child; a RequestSpawn with its name must follow.
//
//go:norace
func (t *Task) DescribeChild(run func(), k TaskKind) {
	raceRelease(t) // the child begins by acquiring it
	t.fork()
	t.childFn, t.childKind = run, k
}

// Fail ends the run with f. It does not return.
//
//go:norace
func (t *Task) Fail(f *Fault) {
	f.Place = t.Exec.Site(callers(0))
	t.fault = f
	t.Ask(RequestFail, nil, "")
}

// prepare does what is not usual before a request is served, and returns the one to be served: 0 if that is to do an
// operation that can always be done. If the run is dead, it ends the goroutine.
//
//go:norace
func (t *Task) prepare() Request {
	req := t.request
	t.request = 0
	if Patched && isSet(&t.Exec.Gone) {
		stay()
	}
	if t.Exec.dead && req != RequestEnd {
		runtime.Goexit()
	}
	if t.Exec.Verbose {
		t.PCs = callers(1)
	}
	if !t.Thread.locked() {
		return req
	}
	// A coroutine that has locked itself to a thread cannot be switched away from.
	runtime.UnlockOSThread()
	t.fault = &Fault{Kind: FaultBadProgram, Task: t.Name, Message: "runtime.LockOSThread was called by " + t.Name + "; a program under exploration cannot do that"}
	if req == RequestEnd {
		return req
	}
	return RequestFail
}

// limitOver reports whether what limits t's Park has ended.
func (t *Task) limitOver() bool {
	return t.timed && t.deadline <= t.now() || t.limit.done != nil && t.limit.Over()
}
