package explore

import (
	"context"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// running is the thread that runs now. Only its own goroutine may look into it. It is not read and written as an atomic
// variable: the race detector would see that, and it would be a good part of what a switch costs. A goroutine that is
// not the one it is about only has to find out that it is not, which any thread that it may read here tells it.
var running *thread

//go:norace
func setRunning(th *thread) { running = th }

//go:norace
func whoRuns() *thread { return running }

// A status says what a task is doing.
type status uint8

const (
	active  status = iota // it runs, or is about to, without being asked whether it may
	pointed               // it is about to do an operation
	parked                // it waits inside a primitive, which will call Ready
	ended
)

// A request is what a task wants from the scheduler.
type request uint8

const (
	reqPoint request = iota + 1
	reqPark
	reqSpawn
	reqFail
	reqEnd
)

// A kind says what a task is to others.
type kind uint8

const (
	plain  kind = iota // sync2.Go has started it, and tells a trace of it
	told               // E.Go has started it, and a trace is told here
	daemon             // it is the explorer's own: it may be left behind
)

// A condition says when an operation can be done, and how.
type condition struct {
	ready func(c *condition, alt int) bool // whether the alternative can be done; nil: each always can
	alts  int                              // how many alternatives it has beside the first
	when  func() bool                      // of a When
	joins []*task                          // what it waits for the end of
	not   *task                            // one of them that had not ended; nil: none is known
	uses  []hook.Object                    // objects that it reads beside that of the operation
	cases []Case                           // of a Select
}

// A task is a goroutine of the program. It is reused from run to run.
type task struct {
	x      *execution
	id     int32
	name   string
	parent *task
	kind   kind
	thread *thread
	fn     func()

	// What it asks of the scheduler, beside the arguments of ask; written by the task, read by whoever does the
	// scheduler's work.
	ctx       ctxEnd // what the operation looks at
	limit     ctxEnd // of a Park
	d         time.Duration
	timed     bool
	cond      *condition  // of the operation; nil: it can always be done, and in one way
	access    hook.Access // of the operation
	childFn   func()      // reqSpawn
	childKind kind
	child     *task     // the last that it started
	failure   *Failure  // reqFail
	pcs       []uintptr // where, if anybody wants to know

	status   status
	op       operation // that it is about to do, or in which it is parked
	alt      int32     // the alternative that was chosen
	gaveUp   bool
	over     bool // its context has ended
	woken    bool // Ready has been called and Park has not returned
	deadline time.Duration
	waker    *task
	nextDue  *task   // in the list of those that are ready
	preds    []int32 // steps that come before its next
	lastStep int32   // its last step, -1: none
	born     int32   // how many steps there were before it
	clock    clock
}

// begin makes t a task anew. What is not set here is set before it is looked at.
func (t *task) begin(name string, parent *task, fn func(), k kind) {
	t.name, t.parent, t.fn, t.kind, t.lastStep = name, parent, fn, k, -1
	t.status, t.woken = active, false
	t.preds, t.clock = t.preds[:0], t.clock[:0]
	t.op, t.cond, t.ctx, t.failure = operation{}, nil, ctxEnd{}, nil
}

// current returns the calling goroutine's task, or nil if it is none.
//
//go:norace
func current() *task {
	th := running
	if th == nil || th.g != goid.Get() {
		return nil
	}
	return th.task
}

// Point implements [hook.Task].
//
//go:norace
func (t *task) Point(obj hook.Object, verb string, access hook.Access) {
	t.access = access
	if t.cond != nil { // it is not written for nothing, since pointers cost while the garbage is collected
		t.cond = nil
	}
	t.ask(reqPoint, obj, verb)
}

// When implements [hook.Task].
//
//go:norace
func (t *task) When(obj hook.Object, verb string, ready func() bool) {
	c := t.only()
	c.ready, c.when = (*condition).may, ready
	t.ask(reqPoint, obj, verb)
}

// only makes the next operation subject to a condition, which is to be filled in.
//
//go:norace
func (t *task) only() *condition {
	t.access = hook.Write
	t.cond = &t.thread.cond
	*t.cond = condition{}
	return t.cond
}

// conditional reports whether the operation cannot always be done.
func (t *task) conditional() bool { return t.cond != nil && t.cond.ready != nil }

// ways returns in how many ways the operation can be done, at most.
func (t *task) ways() int {
	if t.cond == nil {
		return 1
	}
	return 1 + t.cond.alts
}

// may is the condition of a When.
//
//go:norace
func (c *condition) may(int) bool { return c.when() }

// Uses implements [hook.Task].
//
//go:norace
func (t *task) Uses(ctx context.Context) { t.ctx = endOf(ctx) }

// Park implements [hook.Task].
//
//nolint:revive // ctx is one of the limits, which come last
//go:norace
func (t *task) Park(obj hook.Object, verb string, ctx context.Context, d time.Duration, timed bool) bool {
	t.checkCtx(ctx)
	t.limit, t.d, t.timed = endOf(ctx), d, timed
	t.ask(reqPark, obj, verb)
	raceAcquire(t)
	return !t.gaveUp
}

// Ready implements [hook.Task].
//
//go:norace
func (t *task) Ready() {
	raceRelease(t)
	x := t.x
	if x.dead {
		return
	}
	t.woken = true
	t.waker = x.cur
	if t.status != parked {
		return
	}
	t.status = active
	t.nextDue = nil
	if x.due == nil {
		x.due = t
	} else {
		x.lastDue.nextDue = t
	}
	x.lastDue = t
}

// Go implements [hook.Task].
//
//go:norace
func (t *task) Go(name string, run func()) {
	t.begets(run, plain)
	t.ask(reqSpawn, nil, name)
}

// begets describes a child; a reqSpawn with its name must follow.
//
//go:norace
func (t *task) begets(run func(), k kind) {
	raceRelease(t) // the child begins by acquiring it
	t.childFn, t.childKind = run, k
}

// fail ends the run with f. It does not return.
//
//go:norace
func (t *task) fail(f *Failure) {
	f.place = t.x.site(callers())
	t.failure = f
	t.ask(reqFail, nil, "")
}

// prepare does what is not usual before a request is served, and returns the one to be served. If the run is dead, it
// ends the goroutine.
//
//go:norace
func (t *task) prepare(req request) request {
	if t.x.dead && req != reqEnd {
		runtime.Goexit()
	}
	if t.x.verbose {
		t.pcs = callers()
	}
	if !t.thread.locked() {
		return req
	}
	// A coroutine that has locked itself to a thread cannot be switched away from.
	runtime.UnlockOSThread()
	t.failure = &Failure{Kind: BadProgram, Task: t.name, Message: "runtime.LockOSThread was called by " + t.name + "; a program under exploration cannot do that"}
	if req == reqEnd {
		return req
	}
	return reqFail
}

// limitOver reports whether what limits t's Park has ended.
func (t *task) limitOver() bool {
	return t.timed && t.deadline <= t.x.now || t.limit.done != nil && t.limit.over()
}
