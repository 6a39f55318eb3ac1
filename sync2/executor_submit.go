package sync2

import (
	"context"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Submit submits a task to e and returns its [Future], which is settled with the task's value, with the error that the
// task returns, or with a [PanicError] if it panics. Tasks are queued in order while no worker is free. Submit waits
// only if e was made [WithQueue] and its queue is full; waiting calls are served in FIFO order.
//
// The context of the task ends when the task returns, when its Future is canceled, or when [Executor.Cancel] is called.
//
// If e no longer accepts tasks, the returned Future has already failed, with [ErrShutdown] or a [BrokenError]; if
// Cancel is called while Submit waits, the Future is canceled. Submit panics if e or task is nil.
//
// Submit “synchronizes before” the start of the task, and the end of the task “synchronizes before” everything that
// observes its Future settled.
func Submit[T any](e *Executor, task func(ctx context.Context) (T, error)) *Future[T] {
	e.check("Submit")
	if task == nil {
		misuse("Submit", "the task is nil")
	}
	f := newTask(e, bequeathTask(task))
	if err := e.submit(f, &f.future, &forever); err != nil {
		f.refuse(err, trace.ErrorText(err)).call()
	}
	return f
}

// SubmitContext is like [Submit], but the task's context also has the values and the deadline of ctx, and ends when ctx
// ends. If ctx ends before the task starts, even while SubmitContext waits or before it is called, the Future is
// canceled: its error matches [ErrCanceled] and the cause of ctx. SubmitContext panics if ctx, e or task is nil.
func SubmitContext[T any](ctx context.Context, e *Executor, task func(context.Context) (T, error)) *Future[T] {
	e.check("SubmitContext")
	if task == nil {
		misuse("SubmitContext", "the task is nil")
	}
	var lim waitq.Limit
	if limit(ctx, "SubmitContext", waitq.Ended(ctx), &lim); lim.Ended() {
		f := newTask(e, task)
		err := error(&canceledError{lim.Cause()})
		f.refuse(err, trace.ErrorText(err)).call()
		return f
	}
	f := newTask(e, bequeathTask(task))
	f.origin = e.tieTo(ctx, lim.Done())
	err := e.submit(f, &f.future, &lim)
	switch t := f.origin.tie; {
	case err != nil:
		e.refused(f)
		f.refuse(err, trace.ErrorText(err)).call()
	case t != nil && t.over.Load(): // perhaps before e got the task
		lapse(f)
	}
	return f
}

// TrySubmit is like [Submit], but never waits: it returns nil and false if Submit would wait, or if e no longer accepts
// tasks. TrySubmit panics if e or task is nil.
func TrySubmit[T any](e *Executor, task func(ctx context.Context) (T, error)) (*Future[T], bool) {
	e.check("TrySubmit")
	if task == nil {
		misuse("TrySubmit", "the task is nil")
	}
	f, lim := newTask(e, bequeathTask(task)), waitq.Within(0)
	if e.submit(f, &f.future, &lim) != nil {
		return nil, false
	}
	return f, true
}

// Execute submits a task without a [Future], which is faster than [Submit]. A panic in the task crashes the program, as
// with the go statement.
//
// The context of the task ends when [Executor.Cancel] is called, which also drops the task if it has not started.
// If e was made [WithQueue] and its queue is full, Execute waits for room. It returns [ErrShutdown] or a [BrokenError] if
// e no longer accepts tasks, and the cause given to Cancel if that is called while Execute waits. Execute panics if task
// is nil.
//
// Execute “synchronizes before” the start of the task.
func (e *Executor) Execute(task func(ctx context.Context)) error {
	e.check("Executor.Execute")
	if task == nil {
		misuse("Executor.Execute", "the task is nil")
	}
	do := bequeathAction(task)
	if !hook.Enabled() {
		return e.submit(action(do), nil, &forever)
	}
	f := newTask(e, func(ctx context.Context) (none struct{}, _ error) { // so that it is seen
		do(ctx)
		return none, nil
	})
	f.fatal = true
	return e.submit(f, &f.future, &forever)
}

// newTask returns the future of a new task of e.
func newTask[T any](e *Executor, task func(context.Context) (T, error)) *Future[T] {
	f := &Future[T]{task: task}
	f.made, f.executor = true, e
	f.state.Store(int32(Pending))
	return f
}

// submit accepts a task as soon as it may queue, or returns why it does not, such as that lim has ended. The future of the task
// is f, nil if it has none.
func (e *Executor) submit(task runner, f *future, lim *waitq.Limit) error {
	e.lock("Submit")
	switch {
	case e.broken != nil:
		defer e.q.Unlock()
		return e.broken
	case e.closed:
		e.q.Unlock()
		return ErrShutdown
	case e.room >= 0 && (e.waiting.Len() > 0 || !e.vacant()):
		return e.apply(task, f, lim)
	}
	e.handIn(f)
	e.tasks.add(item[runner]{value: task})
	backlog := e.tasks.count
	e.call()
	if backlog%breather == 0 {
		runtime.Gosched()
	}
	return nil
}

// breather is the number of queued tasks at which a submitter yields to the workers. A short queue stays in the processor's
// cache, which is most of the cost of small tasks.
const breather = 256

// handIn emits that the task with the future f, if it has one, was submitted. The mutex must be held.
func (e *Executor) handIn(f *future) {
	if f == nil {
		if e.actions == nil {
			e.actions = newStopper(newBase(nil, e.ctx)) //nolint:staticcheck // it is the context of no task
		}
		return
	}
	f.define()
	f.q.EmitFor(trace.KindSubmit, 0, int64(e.q.Object().ID()), 0, "")
}

// An applicant is a goroutine that waits until its task may queue.
type applicant struct {
	waitq.Own
	task runner
	err  error // why it never may; written before the Grant
}

// apply is submit when there is no room. The mutex must be held; apply returns without it.
func (e *Executor) apply(task runner, f *future, lim *waitq.Limit) error {
	if lim.Instant() {
		e.q.EmitFor(trace.KindTryFail, 0, 0, 1, "TrySubmit")
		e.q.Unlock()
		return ErrShutdown // the caller does not use it
	}
	e.handIn(f)
	a := &applicant{task: task}
	a.Reset(lim)
	a.Data = a
	e.waiting.Register(&e.q, e, "Submit")
	if !e.q.ParkIn(&e.waiting, &a.Waiter, lim, "Submit") {
		return &canceledError{lim.Cause()}
	}
	return a.err
}

// vacant reports whether one more task can be accepted: whether a worker would take it, or it may queue. The mutex must be held.
func (e *Executor) vacant() bool {
	busy := e.busy
	more := func() bool { return e.tasks.count-e.dead < max(0, e.limit-busy)+e.room }
	if more() {
		return true
	}
	for _, w := range e.workers { // a worker whose task is settled counts as idle
		if w.task != nil && w.task.now().settled() {
			busy--
		}
	}
	return more()
}

// admit accepts the tasks of waiting submitters as far as there is room. The mutex must be held, and the caller calls call
// afterwards.
func (e *Executor) admit(wakes *waitq.WakeList) {
	for w := e.waiting.Front(); w != nil && e.vacant(); w = e.waiting.Front() {
		e.tasks.add(item[runner]{value: w.Data.(*applicant).task})
		e.q.GrantIn(&e.waiting, w, wakes)
	}
}
