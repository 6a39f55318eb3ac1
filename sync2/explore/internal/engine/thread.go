package engine

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// MaxDepth is the number of tasks of a thread that may end by Goexit before the thread is retired: each makes its
// stack deeper.
const MaxDepth = 4

// A Thread runs tasks, one after another. There are two kinds, chosen by the race build tag: a coroutine, which is
// switched to in about 30 ns, and a goroutine that is handed control over a channel so that the race detector does
// not see it. Both have
//
//	control                // what it takes to hand over control
//	NewThread() *Thread    // paused or not begun, without a task
//	(*Thread).stop()       // called by the scheduler: ends a thread that is paused without a task
//	awaitEnd([]*Thread)    // called by the scheduler: returns when those that were stopped are gone
//	(*Task).Point(…)       // called by its task: has its request served, and pauses until it is the task's turn
//	(*Execution).drive()   // called by the scheduler: lets the tasks run until it is nobody's turn
//
// A task may end by runtime.Goexit. A thread survives that: it continues in the deferred function, one level deeper.
type Thread struct {
	number uint64 // the n-th that was made

	G    int64    // the id of its goroutine
	slot uintptr  // see goid.Slot
	lock *uintptr // not 0 while the goroutine is locked to a system thread; nil: it is not known where the runtime keeps that

	Task  *Task     // the current or last task; nil: the thread is to stop
	cond  Condition // of its task, if that has one
	Depth int       // number of tasks that have ended by Goexit

	returned bool // its task has ended neither by a panic nor by Goexit

	control
}

// identify is called by the thread's goroutine, before it runs any task.
//
//go:norace
func (th *Thread) identify() { th.slot, th.G = goid.Self() }

// locked reports whether the calling goroutine, which is th's, is locked to a system thread. If it is not known where
// the runtime keeps that, only stack traces tell, which takes long.
//
//go:norace
func (th *Thread) locked() bool {
	if th.lock != nil {
		return *th.lock != 0
	}
	return lockedByStack()
}

//go:norace
func lockedByStack() bool {
	var buf [96]byte
	head, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), ":")
	return strings.Contains(head, "locked to thread")
}

// loop runs the tasks that the scheduler puts into th.task, until that is nil.
//
//go:norace
func (th *Thread) loop() {
	for t := th.Task; t != nil; t = th.Task {
		th.runTask(t)
		if th.Task == t { // otherwise it was stopped in an inner loop
			t.Request(RequestEnd, nil, "")
		}
	}
}

//go:norace
func (th *Thread) runTask(t *Task) {
	th.returned = false
	defer th.taskDone(t)
	if t.parent != nil {
		RaceAcquire(t.parent)
	} else {
		raceEpochBegin(t.Exec)
	}
	if t.Kind == TaskTold {
		t.begun()
	}
	if Patched {
		t.enterProgram()
		defer leaveProgram()
		top()
	}
	t.fn()
	th.returned = true
}

// taskDone is called when a task has returned, panicked, or called Goexit.
//
//go:norace
func (th *Thread) taskDone(t *Task) {
	v, returned := recover(), th.returned
	if v != nil {
		th.panicked(t, v, returned)
		return
	}
	if t.Kind == TaskTold || t.parent == nil {
		t.exited()
	}
	th.finish(t, returned)
}

// panicked is taskDone for a task that has panicked with v.
//
//go:norace
func (th *Thread) panicked(t *Task, v any, returned bool) {
	defer th.finish(t, returned) // the program's code, the text of v, cannot prevent it
	if !t.Exec.dead {
		t.panics(v, debug.Stack())
	}
}

// finish ends a task.
//
//go:norace
func (th *Thread) finish(t *Task, returned bool) {
	if !isSet(&hook.Locals) {
		th.leave(t, returned)
		return
	}
	released := false
	defer func() { th.leave(t, returned && released) }() // in a dead run releasing a Local is a Goexit, like any operation
	sync2.ReleaseLocals()
	released = true
}

// leave is the rest of finish, once the task's Locals are released.
//
//go:norace
func (th *Thread) leave(t *Task, returned bool) {
	raceRelease(t)
	raceEpochEnd(t.Exec)
	if !returned { // after a panic too: it may have come in a deferred function after Goexit was called
		if th.Depth++; th.Depth == MaxDepth {
			t.Exec.Threads.Deep = true
		}
		t.Request(RequestEnd, nil, "")
		th.loop()
	}
}
