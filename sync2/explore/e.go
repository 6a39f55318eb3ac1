package explore

import (
	"context"
	"fmt"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// E is the handle through which a program uses the explorer. It is valid only in the tasks of the run to which it was
// passed.
type E struct {
	run    engine.Handle
	common *common
}

// newE prepares the common state of a run's tasks, and returns their handle.
//
//go:norace
func newE(x *engine.Execution, c *common) *E {
	c.begin()
	if len(c.fresh) == 0 {
		c.fresh = make([]E, 32)
	}
	e := &c.fresh[0]
	c.fresh = c.fresh[1:]
	e.run.Exec, e.common = x, c
	x.Handle = &e.run
	return e
}

// common is the state that all tasks of a run share through its E.
type common struct {
	tasks  []*engine.Task     // started by E.Go
	some   [8]*engine.Task    // initial storage of tasks
	joined int                // the number of tasks, from the first, that have been joined
	ctx    *controlledContext // see E.Context; nil until it is called
	end    context.CancelCauseFunc

	fresh []E // for future runs: each gets another
}

// begin resets the state of an earlier run.
//
//go:norace
func (c *common) begin() {
	c.tasks, c.joined, c.ctx, c.end = c.some[:0], 0, nil, nil
}

// Go starts fn as a task with the given name, and returns when that task has reached its first operation. Tasks may
// also be started by sync2.Go. Go panics if fn is nil.
//
//go:norace
func (e *E) Go(name string, fn func()) {
	t := e.task("Go")
	if fn == nil {
		panic("explore: E.Go: the function is nil")
	}
	t.DescribeChild(fn, engine.TaskTold)
	t.Ask(engine.RequestSpawn, nil, name)
	e.common.tasks = append(e.common.tasks, t.Child)
}

// Join waits until all tasks started by [E.Go] have ended.
//
//go:norace
func (e *E) Join() {
	t, c := e.task("Join"), e.common
	n := len(c.tasks)
	children := c.tasks[c.joined:n]
	cond := t.NewCondition()
	cond.Ready, cond.Joins = (*engine.Condition).Joined, children
	t.Ask(engine.RequestPoint, nil, "Join")
	for _, child := range children {
		engine.RaceAcquire(child)
	}
	c.joined = max(c.joined, n) // other tasks may have joined the same or more
}

// Check fails the program if ok is false. The message is formatted as by fmt.Sprintf.
//
//go:norace
func (e *E) Check(ok bool, format string, args ...any) {
	if !ok {
		e.Fail(format, args...)
	}
}

// Fail fails the program. It does not return.
//
//go:norace
func (e *E) Fail(format string, args ...any) {
	t := e.task("Fail")
	f := &engine.Fault{Kind: engine.FaultCheckFailed, Task: t.Name, Message: format}
	defer t.Fail(f) // even if the text of an argument ends the goroutine
	f.Message = engine.Shortened(fmt.Sprintf(format, args...))
}

// Context returns the context of the run. It ends when the main task ends, with the cause context.Canceled, so that
// tasks that wait with it do not outlive the program. See also [E.WithCancel], [E.WithTimeout] and [E.Interrupt].
//
//go:norace
func (e *E) Context() context.Context {
	e.task("Context")
	c := e.common
	if c.ctx == nil {
		c.ctx, c.end = newControlledContext(context.Background())
	}
	return c.ctx
}

// ended ends the run's context, as the main task's last action.
//
//go:norace
func (e *E) ended() {
	if c := e.common; c.ctx != nil {
		e.task("ended").Point(c.ctx.end, "cancel", hook.AccessWrite)
		c.ctx.end.MarkEnded()
		c.end(nil)
	}
}

// Yield is a scheduling point at which other tasks may run. A task that polls for a change must call Yield, or another
// operation, between polls.
//
//go:norace
func (e *E) Yield() {
	t := e.task("Yield")
	t.Point(nil, "Yield", hook.AccessWrite)
}

// Helper marks the calling function as a helper function, as testing.T.Helper does: failures report the position where
// the helper was called. It may be called in several functions and in every run.
//
//go:norace
func (e *E) Helper() {
	e.task("Helper")
	var pc [1]uintptr
	if runtime.Callers(2, pc[:]) == 1 {
		e.run.Exec.Helpers.Add(pc[0])
	}
}

// Log adds a log message to the recording of the run.
//
//go:norace
func (e *E) Log(format string, args ...any) {
	if hook.On(hook.Trace) {
		trace.Log(format, args...)
	}
}

// task returns the calling goroutine's task, which must belong to e's run. op is the operation it is about to
// perform.
//
//go:norace
func (e *E) task(op string) *engine.Task {
	id := goid.Get()
	th := engine.Running
	if th == nil || th.G != id || th.Task.Exec.Handle != &e.run {
		e.misused(op)
	}
	return th.Task
}

// misused reports use by a goroutine that is not a task of the run.
//
//go:norace
func (e *E) misused(op string) {
	t := engine.Current()
	switch {
	case t != nil:
		t.Fail(&engine.Fault{Kind: engine.FaultBadProgram, Task: t.Name, Message: op + " was called on something that an earlier run made; " +
			"a program must make everything that it uses"})
	case goid.Get() != e.run.Exec.Home:
		e.run.Exec.RejectUncontrolled(op)
	}
	panic("explore: " + op + " was called from outside the tasks of its run")
}
