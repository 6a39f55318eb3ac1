package explore

import (
	"context"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// E is the program's handle of the run that it is in. It is of use only in that run, and in its tasks.
type E struct {
	x     *execution
	tasks []*task
	few   [4]*task // where tasks begins
	ctx   *steered // see Context; nil: nobody has asked for it
	end   context.CancelCauseFunc
}

// Go starts fn as a task with the given name. It runs up to its first operation before Go returns. Tasks may also be
// started by sync2.Go.
//
//go:norace
func (e *E) Go(name string, fn func()) {
	t := e.task("Go")
	t.childTold = true
	t.spawn(name, fn, false)
	e.tasks = append(e.tasks, t.child)
}

// exited tells a trace that the calling task has ended.
func exited() {
	if hook.On(hook.Trace) {
		(*trace.Object)(nil).Emit(trace.Event{Kind: trace.KindExit})
	}
}

// Join waits until all tasks that [E.Go] has started have ended.
//
//go:norace
func (e *E) Join() {
	t := e.task("Join")
	t.obj, t.verb, t.alts, t.uses, t.ready, t.joins = nil, "Join", 0, nil, (*task).joined, e.tasks
	t.ask(reqPoint)
	for _, c := range e.tasks {
		raceAcquire(c)
	}
	e.tasks = nil
}

// joined reports whether all that t joins have ended.
//
//go:norace
func (t *task) joined(int) bool {
	for _, c := range t.joins {
		if c.status != ended {
			return false
		}
	}
	return true
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
	t.fail(&Failure{Kind: CheckFailed, Task: t.name, Message: fmt.Sprintf(format, args...)})
}

// Context returns the context of the run. It ends when the main task does, with the cause context.Canceled, so that
// tasks that wait with it do not outlive the program. See also [E.WithCancel], [E.WithTimeout] and [E.Interrupt].
//
//go:norace
func (e *E) Context() context.Context {
	e.task("Context")
	if e.ctx == nil {
		e.ctx, e.end = steer(context.Background())
	}
	return e.ctx
}

// ended ends what the run has had, as the last thing that the main task does.
//
//go:norace
func (e *E) ended() {
	if e.ctx != nil {
		e.task("ended").Point(e.ctx.end, "cancel")
		e.end(nil)
	}
}

// Yield lets others go first, if the explorer likes. A task that looks again and again for something to change must
// call it, or another operation, in between.
//
//go:norace
func (e *E) Yield() {
	t := e.task("Yield")
	t.Point(nil, "Yield")
}

// Log adds a remark to the recording of the run.
//
//go:norace
func (e *E) Log(format string, args ...any) {
	if hook.On(hook.Trace) {
		trace.Log(format, args...)
	}
}

// task returns the calling goroutine's task.
//
//go:norace
func (e *E) task(op string) *task { return taskOf(e.x, op) }

// taskOf returns the calling goroutine's task, which must be one of x.
//
//go:norace
func taskOf(x *execution, op string) *task {
	t := current()
	if t == nil && goid.Get() != x.home {
		x.intruder(op)
	}
	if t == nil || t.x != x {
		panic("explore: " + op + " was called by what is no task of the run that it belongs to")
	}
	return t
}
