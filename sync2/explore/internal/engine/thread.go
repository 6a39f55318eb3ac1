package engine

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// MaxDepth is how many tasks of a thread may end by Goexit before it is not used again: each makes its stack deeper.
const MaxDepth = 4

// A Thread runs tasks, one after the other. There are two kinds, chosen by the race build tag: a coroutine, which is
// switched to in about 30 ns, and a goroutine that is handed control over a channel in such a way that the race
// detector does not see it. Both have
//
//	control                // what it takes to hand over control
//	NewThread() *Thread    // paused or not begun, without a task
//	(*Thread).stop()       // called by the scheduler: ends a thread that is paused without a task
//	awaitEnd([]*Thread)    // called by the scheduler: returns when those that were stopped are gone
//	(*Task).Point(…)       // called by its task: has its request served, and pauses until it is the task's turn
//	(*Execution).drive()   // called by the scheduler: lets the tasks run until it is nobody's turn
//
// A task may end by runtime.Goexit. A thread survives that: it goes on in the deferred function, one level deeper.
type Thread struct {
	G    int64    // its goroutine
	slot uintptr  // see goid.Slot
	lock *uintptr // not 0 while that has locked itself to a thread of the system; nil: nobody knows where that stands

	Task  *Task     // that it runs, or has run; nil: it is to stop
	cond  Condition // of its task, if that has one
	Depth int       // how many tasks have ended by Goexit

	returned bool // its task has come to its end neither by a panic nor by Goexit

	control
}

// identify is called by the thread's goroutine, before it runs any task.
//
//go:norace
func (th *Thread) identify() { th.slot, th.G = goid.Self() }

// locked reports whether the calling goroutine, which is th's, has locked itself to a thread of the system. Where nobody
// knows where the runtime keeps that, only stack traces say so, which takes long.
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

// loop runs what the scheduler puts into th.task, until that is nil.
//
//go:norace
func (th *Thread) loop() {
	for t := th.Task; t != nil; t = th.Task {
		th.runTask(t)
		if th.Task == t { // or else it was stopped in a loop further in
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

// panicked is taskDone of one that has panicked with v.
//
//go:norace
func (th *Thread) panicked(t *Task, v any, returned bool) {
	defer th.finish(t, returned) // it is not prevented by what is the program's: the text of v
	if !t.Exec.dead {
		t.panics(v, debug.Stack())
	}
}

// finish ends a task.
//
//go:norace
func (th *Thread) finish(t *Task, returned bool) {
	released := false
	defer func() { th.leave(t, returned && released) }() // in a dead run to release a Local is Goexit, as is any operation
	sync2.ReleaseLocals()
	released = true
}

// leave is what remains of finish when the task's Locals are released.
//
//go:norace
func (th *Thread) leave(t *Task, returned bool) {
	raceRelease(t)
	raceEpochEnd(t.Exec)
	if !returned { // after a panic too: that may have come in a function deferred when Goexit was called
		if th.Depth++; th.Depth == MaxDepth {
			t.Exec.Threads.Deep = true
		}
		t.Request(RequestEnd, nil, "")
		th.loop()
	}
}
