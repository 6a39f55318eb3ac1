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
	x   *execution
	run uint32
}

func newE(x *execution) *E { return &E{x, x.runs} }

// common is what all tasks of a run have together by its E.
type common struct {
	tasks  []*task  // that E.Go has started
	some   [8]*task // where tasks begins
	joined int      // the first so many of them have been joined
	ctx    *steered // see E.Context; nil: nobody has asked for it
	end    context.CancelCauseFunc
}

// begin forgets an earlier run.
func (c *common) begin() { c.tasks, c.joined, c.ctx, c.end = c.some[:0], 0, nil, nil }

// Go starts fn as a task with the given name. It runs up to its first operation before Go returns. Tasks may also be
// started by sync2.Go. Go panics if fn is nil.
//
//go:norace
func (e *E) Go(name string, fn func()) {
	t := e.task("Go")
	if fn == nil {
		panic("explore: E.Go: the function is nil")
	}
	t.begets(fn, told)
	t.ask(reqSpawn, nil, name)
	e.x.common.tasks = append(e.x.common.tasks, t.child)
}

// begun tells a trace that t, which calls it, was started.
//
//go:norace
func (t *task) begun() {
	if hook.On(hook.Trace) {
		(*trace.Object)(nil).Emit(trace.Event{Kind: trace.KindSpawn, G: t.parent.thread.g, Peer: t.thread.g})
	}
}

// exited tells a trace that the calling task has ended.
func (*task) exited() {
	if hook.On(hook.Trace) {
		(*trace.Object)(nil).Emit(trace.Event{Kind: trace.KindExit})
	}
}

// Join waits until all tasks that [E.Go] has started have ended.
//
//go:norace
func (e *E) Join() {
	t, c := e.task("Join"), &e.x.common
	n := len(c.tasks)
	children := c.tasks[c.joined:n]
	cond := t.only()
	cond.ready, cond.joins = (*condition).joined, children
	t.ask(reqPoint, nil, "Join")
	for _, child := range children {
		raceAcquire(child)
	}
	c.joined = max(c.joined, n) // others may have joined them too, or more
}

// joined reports whether all that are joined have ended.
//
//go:norace
func (c *condition) joined(int) bool {
	for _, t := range c.joins {
		if t.status != ended {
			c.not = t
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
	f := &Failure{Kind: CheckFailed, Task: t.name, Message: format}
	defer t.fail(f) // also if the text of an argument ends the goroutine
	f.Message = shortened(fmt.Sprintf(format, args...))
}

// Context returns the context of the run. It ends when the main task does, with the cause context.Canceled, so that
// tasks that wait with it do not outlive the program. See also [E.WithCancel], [E.WithTimeout] and [E.Interrupt].
//
//go:norace
func (e *E) Context() context.Context {
	e.task("Context")
	c := &e.x.common
	if c.ctx == nil {
		c.ctx, c.end = steer(context.Background())
	}
	return c.ctx
}

// ended ends what the run has had, as the last thing that the main task does.
//
//go:norace
func (e *E) ended() {
	if c := &e.x.common; c.ctx != nil {
		e.task("ended").Point(c.ctx.end, "cancel", hook.Write)
		c.ctx.end.ends()
		c.end(nil)
	}
}

// Yield lets others go first, if the explorer likes. A task that looks again and again for something to change must
// call it, or another operation, in between.
//
//go:norace
func (e *E) Yield() {
	t := e.task("Yield")
	t.Point(nil, "Yield", hook.Write)
}

// Log adds a remark to the recording of the run.
//
//go:norace
func (e *E) Log(format string, args ...any) {
	if hook.On(hook.Trace) {
		trace.Log(format, args...)
	}
}

// task returns the calling goroutine's task, which must be of e's run. op is what it is about to do.
//
//go:norace
func (e *E) task(op string) *task {
	th := running
	if th == nil || th.g != goid.Get() || th.task.x != e.x || e.x.runs != e.run {
		e.misused(op)
	}
	return th.task
}

// misused says that something was used by what is no task of its run.
//
//go:norace
func (e *E) misused(op string) {
	t := current()
	switch {
	case t != nil:
		t.fail(&Failure{Kind: BadProgram, Task: t.name, Message: op + " was called on what an earlier run has made; " +
			"a program has to make everything that it uses"})
	case goid.Get() != e.x.home:
		e.x.intruder(op)
	}
	panic("explore: " + op + " was called by what is no task of the run that it belongs to")
}
