package explore

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// running is the thread that runs now. Only its own goroutine may look into it.
var running atomic.Pointer[thread]

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

// A task is a goroutine of the program. It is reused from run to run.
type task struct {
	x      *execution
	id     int32
	name   string
	parent *task
	daemon bool // it may be left behind
	told   bool // a trace was told of its start
	thread *thread
	fn     func()

	// What it asks of the scheduler; written by the task, read by whoever does the scheduler's work.
	req         request
	obj         hook.Object
	verb        string
	ctx         context.Context // what the operation looks at, nil: none
	limit       context.Context // of a Park
	d           time.Duration
	timed       bool
	ready       func(t *task, alt int) bool // whether the operation can be done; nil: it always can
	when        func() bool                 // of a When
	alts        int                         // how many alternatives the operation has beside the first
	uses        []hook.Object               // objects that it reads beside obj
	childFn     func()                      // reqSpawn; its name is in verb
	childDaemon bool
	childTold   bool      // the trace is to be told
	child       *task     // the last that it started
	failure     *Failure  // reqFail
	pcs         []uintptr // where, if anybody wants to know

	status   status
	op       operation
	alt      int32 // the alternative that was chosen
	gaveUp   bool
	over     bool // its context has ended
	woken    bool // Ready has been called and Park has not returned
	deadline time.Duration
	waker    *task
	nextDue  *task   // in the list of those that are ready
	joins    []*task // what the operation waits for the end of
	preds    []int32 // steps that come before its next
	lastStep int32   // its last step, -1: none
	born     int32   // how many steps there were before it
	clock    clock
}

// current returns the calling goroutine's task, or nil if it is none.
//
//go:norace
func current() *task {
	raceOff()
	th := running.Load()
	raceOn()
	if th == nil || th.g != goid.Get() {
		return nil
	}
	return th.task
}

// Point implements [hook.Task].
//
//go:norace
func (t *task) Point(obj hook.Object, verb string) {
	t.obj, t.verb, t.ready, t.alts, t.uses, t.joins = obj, verb, nil, 0, nil, nil
	t.point()
}

// When implements [hook.Task].
//
//go:norace
func (t *task) When(obj hook.Object, verb string, ready func() bool) {
	t.obj, t.verb, t.ready, t.alts, t.uses, t.joins = obj, verb, (*task).may, 0, nil, nil
	t.when = ready
	t.point()
}

// may is the condition of a When.
//
//go:norace
func (t *task) may(int) bool { return t.when() }

// point waits until the operation that has been described may be done.
//
//go:norace
func (t *task) point() {
	if t.x.verbose {
		t.pcs = callers()
	}
	t.req = reqPoint
	t.ask()
	t.ctx = nil
}

// Uses implements [hook.Task].
//
//go:norace
func (t *task) Uses(ctx context.Context) { t.ctx = ctx }

// Park implements [hook.Task].
//
//nolint:revive // ctx is one of the limits, which come last
//go:norace
func (t *task) Park(obj hook.Object, verb string, ctx context.Context, d time.Duration, timed bool) bool {
	t.obj, t.verb, t.limit, t.d, t.timed = obj, verb, ctx, d, timed
	if t.x.verbose {
		t.pcs = callers()
	}
	t.req = reqPark
	t.ask()
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
	t.childTold = false // sync2.Go tells of it
	t.spawn(name, run, false)
}

//go:norace
func (t *task) spawn(name string, run func(), daemon bool) {
	raceRelease(t) // the child begins by acquiring it
	t.verb, t.childFn, t.childDaemon = name, run, daemon
	t.req = reqSpawn
	t.ask()
}

// fail ends the run with f. It does not return.
//
//go:norace
func (t *task) fail(f *Failure) {
	t.failure = f
	t.req = reqFail
	t.ask()
}

// panicked notes a panic of the task; end must follow.
//
//go:norace
func (t *task) panicked(v any, stack []byte) { t.failure = panicFailure(v, stack) }

// end is the task's last request.
//
//go:norace
func (t *task) end() {
	sync2.ReleaseLocals()
	raceRelease(t)
	raceEpochEnd(t.x)
	t.req = reqEnd
	x := t.x
	t.checkThread()
	t.req = reqEnd
	if inline {
		x.switchTo(x.serve(t))
	}
}

// ask has t's request served, and returns when it is t's turn again. If the run is dead, it ends the goroutine.
//
//go:norace
func (t *task) ask() {
	x := t.x
	if x.dead {
		runtime.Goexit()
	}
	t.checkThread()
	if inline {
		if n := x.serve(t); n != t {
			x.switchTo(n)
			t.thread.pause()
		}
	} else {
		raceRelease(t) // the scheduler sees all that t does, but nobody sees what the scheduler does
		t.thread.pause()
	}
	if x.dead {
		runtime.Goexit()
	}
}

// checkThread fails the run if the task has locked itself to a thread: a coroutine that has cannot be switched away
// from. Where nobody knows where the runtime keeps that, only stack traces say so, which takes long.
//
//go:norace
func (t *task) checkThread() {
	locked, known := goid.Locked(t.thread.slot)
	if !known {
		var buf [96]byte
		head, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), ":")
		locked = strings.Contains(head, "locked to thread")
	}
	if !locked {
		return
	}
	runtime.UnlockOSThread()
	t.failure = &Failure{Kind: BadProgram, Task: t.name, Message: "runtime.LockOSThread was called by " + t.name + "; a program under exploration cannot do that"}
	t.req = reqFail
}

// limitOver reports whether what limits t's Park has ended.
func (t *task) limitOver() bool {
	return t.timed && t.deadline <= t.x.now || t.limit != nil && t.limit.Err() != nil
}
