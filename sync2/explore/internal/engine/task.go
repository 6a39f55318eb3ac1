package engine

import (
	"cmp"
	"context"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Running is the thread that runs now. Only its own goroutine may use its contents. It is not an atomic variable: the
// race detector would see the accesses, and they would be a good part of the cost of a switch. Any other goroutine only
// has to find out that it is not the running one, and any value that it may read here tells it that.
var Running *Thread

//go:norace
func setRunning(th *Thread) { Running = th }

//go:norace
func whoRuns() *Thread { return Running }

// A Status is the status of a task.
type Status uint8

// The statuses of a task.
const (
	StatusActive  Status = iota // it runs, or is about to run, without a choice
	StatusPointed               // it is about to perform an operation
	StatusParked                // it waits inside a primitive, which will call Ready
	StatusEnded                 // it has returned, panicked, or called Goexit
	StatusOutside               // it waits for something that the explorer does not control
)

// A Request is a request of a task to the scheduler.
type Request uint8

// The requests other than for operations that are always possible.
const (
	RequestPoint Request = iota + 1 // to perform an operation that has a condition
	RequestPark                     // to wait
	RequestSpawn                    // to start the child that it has described
	RequestFail                     // to end the run with its fault
	RequestEnd                      // nothing more
)

// A TaskKind is the kind of a task.
type TaskKind uint8

// The kinds of task.
const (
	TaskPlain  TaskKind = iota // started by sync2.Go, which emits its trace events
	TaskTold                   // started by E.Go; its trace events are emitted here
	TaskDaemon                 // the explorer's own: it may be left behind
)

// A Condition says when an operation is possible, and how.
type Condition struct {
	Ready func(c *Condition, alt int) bool // whether the alternative is possible; nil: all always are
	Alts  int                              // number of alternatives besides the first
	not   *Task                            // one of Joins that had not ended; nil: none is known
	when  func() bool                      // of a When or an Await

	expect func() hook.Expectation // of an Await; nil: it is none
	Joins  []*Task                 // the tasks whose end it waits for
	Uses   []hook.Object           // objects that it reads besides that of the operation
	Of     any                     // what Ready reads

	Bubble  *Bubble // whose tasks it waits for
	Durable bool    // only tasks of the same bubble can make Ready true

	plainCondition //nolint:unused // it has fields in another build
}

// A Task is a goroutine of the program. It is reused from run to run.
type Task struct {
	// The fields that determine whether it can run. They are adjacent, since with thousands of tasks hardly more fits
	// into the cache.
	Status   Status
	OfTest   bool // it runs the test, or a subtest
	timed    bool
	over     bool // its context has ended
	gaveUp   bool
	woken    bool // Ready has been called and Park has not returned
	ID       int32
	Cond     *Condition // of the operation; nil: it is always possible, in one way
	deadline time.Duration
	limit    CtxEnd  // of a Park
	Bubble   *Bubble // that it belongs to; nil: none
	Exec     *Execution

	Name   string
	parent *Task
	Kind   TaskKind
	Thread *Thread
	fn     func()

	// Its request to the scheduler, besides the arguments of Ask; written by the task, read by the goroutine that
	// schedules.
	ctx       CtxEnd // the context that the operation reads
	d         time.Duration
	request   Request // 0: to perform an operation that is always possible
	childFn   func()  // of a RequestSpawn
	childKind TaskKind
	Child     *Task     // the last one that it started
	fault     *Fault    // of a RequestFail
	stuck     *Fault    // the fault of the bubble that it made
	PCs       []uintptr // where it is, if that is recorded
	origin    string    // where it was started, if that is recorded and startPlace does not know it

	Op       Operation // the operation that it is about to perform, or in which it is parked
	Alt      int32     // the alternative that was chosen
	waker    *Task
	nextDue  *Task   // in the list of released tasks
	preds    []int32 // steps that come before its next one
	uses     []int32 // the numbers of the objects that its condition uses
	lastStep int32   // its last step, -1: none
	born     int32   // the number of steps before it
	Clock    Clock

	Resident bool // started while the program's packages were initialized: it lives as long as the process

	lateIn   uint32 // the last run in which it was late, see LooksAtClock,
	lateFrom int32  // and from which step on

	Durable bool // where it is parked, only tasks of the same bubble can release it

	Selects any // the trace's object for its select statements; nil: it has used none

	plain
}

// begin makes t a new task. Fields that are not set here are set before they are read.
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

// Follows returns the steps after which t acts once it has no more steps of its own.
func (t *Task) Follows() []int32 { return t.preds }

// Where returns where t is, or where it was started if no function there belongs to the program.
func (t *Task) Where() string {
	if at := t.Exec.Site(t.stack()); at != "" {
		return at
	}
	return cmp.Or(t.origin, t.startPlace())
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

// MayStay reports whether t may be left behind when the run ends.
func (t *Task) MayStay() bool { return t.Kind == TaskDaemon || t.Resident }

// Ask makes a request about verb at obj, and returns when it is t's turn again, or, after t's end, when its thread
// has another task. If the run is dead, it ends the goroutine.
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

// NewCondition makes the next operation subject to a condition, which the caller has to fill in.
//
//go:norace
func (t *Task) NewCondition() *Condition {
	t.Cond = &t.Thread.cond
	*t.Cond = Condition{}
	return t.Cond
}

// unconditionally makes the next operation one that is always possible. It does not write without need, because writing pointers
// costs time during a garbage collection.
//
//go:norace
func (t *Task) unconditionally() {
	if t.Cond != nil {
		t.Cond = nil
	}
}

// conditional reports whether the operation is not always possible.
func (t *Task) conditional() bool { return t.Cond != nil && t.Cond.Ready != nil }

// ways returns the maximum number of alternatives of the operation.
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

// Wait is like Park, without a context and without synchronization for the race detector.
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

// Release is like Ready, without synchronization for the race detector.
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

// begun emits the start of t, which calls it, to a trace.
//
//go:norace
func (t *Task) begun() {
	if hook.On(hook.Trace) {
		by := t.parent.Thread.G
		if t.parent.Kind == TaskDaemon {
			by = trace.UnknownG
		}
		(*trace.Object)(nil).EmitAt(trace.Event{Kind: trace.KindSpawn, G: by, Peer: t.Thread.G}, t.Exec.inProgram(t.parent.PCs))
	}
}

// exited emits the end of the calling task to a trace.
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

// Joined reports whether all joined tasks have ended.
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
	raceRelease(t) // the child acquires it when it begins
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

// prepare handles the uncommon cases before a request is served, and returns the request to serve: 0 for an operation
// that is always possible. If the run is dead, it ends the goroutine.
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
	if t.PCs = nil; t.Exec.Verbose && len(t.Exec.Steps) >= t.Exec.NoteFrom {
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

// limitOver reports whether the context or timeout of t's Park has ended.
func (t *Task) limitOver() bool {
	return t.timed && t.deadline <= t.now() || t.limit.done != nil && t.limit.Over()
}
