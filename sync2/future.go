package sync2

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State is the state of a [Future].
type State int32

// The states of a Future. Succeeded, Failed and Canceled are final: a Future in one of them is settled.
const (
	Pending   State = iota + 1 // not begun
	Running                    // its task is running
	Succeeded                  // it has a value
	Failed                     // it has an error
	Canceled                   // it was canceled before its task began
)

// String returns the name of the state, such as "pending".
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Running:
		return "running"
	case Succeeded:
		return "succeeded"
	case Failed:
		return "failed"
	case Canceled:
		return "canceled"
	}
	return fmt.Sprintf("state %d", int32(s))
}

// settled reports whether the state is final.
func (s State) settled() bool { return s >= Succeeded }

// A Future is the result of a task that may not have run yet. It is settled once, and then never changes: it succeeds
// with a value, fails with an error, or is canceled.
//
// A Future is returned by [Submit], which settles it by running a task, or belongs to a [Promise], whose owner settles
// it. A Future must not be copied.
//
// In the terminology of the Go memory model, the end of the task, or the call that settles the promise, “synchronizes
// before” everything that observes the Future settled: the return of Result, the return of a final State, the
// completion of a receive from Done, and the call of a function given to OnDone. A wait that gives up establishes no
// such relation.
type Future[T any] struct {
	future
	value T                                            // written before the state becomes final
	task  func(ctx context.Context) (value T, _ error) // nil when it has begun or never will
}

// Result waits until the future is settled and returns its value or its error: the error that the task returned, a
// [*PanicError] if the task panicked, or an error that matches [ErrCanceled].
//
// The end of the task “synchronizes before” the return of Result.
func (f *Future[T]) Result() (T, error) {
	return f.result(&forever, "Result")
}

// ResultContext is like [Future.Result], but gives up when ctx ends and then returns its cause. If the future is
// settled, ResultContext returns its result even if ctx has ended. ResultContext panics if ctx is nil.
func (f *Future[T]) ResultContext(ctx context.Context) (T, error) {
	f.check("ResultContext")
	lim := until(ctx, "Future.ResultContext")
	return f.result(&lim, "ResultContext")
}

// ResultTimeout is like [Future.Result], but gives up after d and then returns context.DeadlineExceeded. If d is zero
// or negative, it does not wait.
func (f *Future[T]) ResultTimeout(d time.Duration) (T, error) {
	lim := waitq.Within(d)
	return f.result(&lim, "ResultTimeout")
}

func (f *Future[T]) result(lim *waitq.Limit, verb string) (v T, err error) {
	f.check(verb)
	if f.now().settled() && !hook.Enabled() {
		return f.value, f.err
	}
	if !f.wait(lim, verb) {
		return v, lim.Cause()
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the future is settled, for use in a select statement.
func (f *Future[T]) Done() <-chan struct{} {
	f.check("Done")
	f.lock("Done")
	defer f.unlock()
	return f.channel()
}

// State returns the state of the future. It never waits.
func (f *Future[T]) State() State {
	f.check("State")
	f.q.PointRead("State")
	return f.now()
}

// Cancel cancels the future if its task has not started, and reports whether the future is canceled. The future is then
// settled with [ErrCanceled], and the task never runs. If the task is running, Cancel ends its context with the cause
// ErrCanceled and returns false; the task continues until it returns. If the future has succeeded or failed, Cancel
// does nothing and returns false.
//
// The future of a [Promise] can be canceled until it is settled.
//
// A Cancel that settles the future “synchronizes before” the return of every wait that it ends.
func (f *Future[T]) Cancel() bool {
	f.check("Cancel")
	then := f.cancel(ErrCanceled, trace.ErrorText(ErrCanceled))
	canceled := f.now() == Canceled
	then.call()
	return canceled
}

// OnDone registers fn to be called once when the future is settled. Registered functions are called in order of
// registration by the goroutine that settles the future, after its waiters have been released. If the future is already
// settled, OnDone calls fn before it returns.
//
// A panic in fn is recovered and reported to the function given to [OnPanic], if any. If fn calls [runtime.Goexit], the
// remaining functions are called before the goroutine ends. The worker that ran the task takes no other task until fn
// has returned. OnDone panics if fn is nil.
//
// The call that settles the future “synchronizes before” the call of fn.
func (f *Future[T]) OnDone(fn func(*Future[T])) {
	f.check("OnDone")
	if fn == nil {
		misuse("Future.OnDone", "the function is nil")
	}
	f.lock("OnDone")
	if !f.hear() {
		f.unlock()
		callbacks{{&f.future, func() { fn(f) }}}.call()
		return
	}
	a := f.listeners()
	a.onDone = append(a.onDone, callback{&f.future, func() { fn(f) }})
	f.q.Unlock()
}

// Waiting returns the number of goroutines waiting for the result. Goroutines that wait on the channel of
// [Future.Done], or for several futures at once, are not counted.
func (f *Future[T]) Waiting() int {
	f.check("Waiting")
	f.q.Inspect("Waiting")
	defer f.q.Unlock()
	return f.q.Len()
}

// check panics if f is nil or a zero value.
func (f *Future[T]) check(verb string) {
	if f == nil || !f.made {
		misuseZero("Future."+verb, "Submit or by a Promise")
	}
}

// settle settles the future with v, or with err if that is not nil, calls the callbacks, and reports whether it did. The state
// must be from, and only a Cancel may try to settle the future at the same time.
func (f *Future[T]) settle(from State, v T, err error) (ok bool) {
	to := Succeeded
	if err != nil {
		to = Failed
	}
	if from == Running {
		f.value = v
		if f.finish(to, err) {
			return true
		}
	}
	text := ""
	defer func() { // deferred, because a method of err may end the goroutine
		var then callbacks
		then, ok = f.settleAs(from, to, v, err, text)
		then.call()
	}()
	if hook.Enabled() {
		text = described(v, err)
	}
	return ok
}

// described returns the text in a trace for a future settled with v, or with err if that is not nil.
func described[T any](v T, err error) string {
	if err != nil {
		return trace.ErrorText(err)
	}
	return trace.ValueText(v)
}

// settleAs is settle with the state to, and with the text of the outcome for a trace. It returns the callbacks.
func (f *Future[T]) settleAs(from, to State, v T, err error, text string) (then callbacks, ok bool) {
	f.lock("settle")
	if f.now() != from {
		f.unlock()
		return nil, false
	}
	f.value, f.task = v, nil
	return f.become(to, err, text), true
}

// cancel is Cancel with the given error, whose text in a trace is text. It returns the callbacks.
func (f *Future[T]) cancel(err error, text string) (then callbacks) {
	f.lock("Cancel")
	f.q.Emit(trace.KindCancel, 0)
	if then, dropped := f.dropLocked(err, text); dropped {
		return then
	}
	runs := f.now() == Running
	f.unlock()
	if runs {
		f.stopTask().cancel(err)
	}
	return nil
}

// drop is like cancel, but does not affect a running task.
func (f *Future[T]) drop(err error, text string) callbacks {
	f.lock("Cancel")
	then, dropped := f.dropLocked(err, text)
	if !dropped {
		f.unlock()
	}
	return then
}

// dropLocked cancels the future if its task has not begun, and reports whether it did. The mutex is held, and released if so.
func (f *Future[T]) dropLocked(err error, text string) (then callbacks, dropped bool) {
	if !f.move(Pending, Pending|settling) {
		return nil, false
	}
	f.task = nil
	then = f.become(Canceled, err, text)
	if f.executor != nil {
		f.executor.canceled()
	}
	return then, true
}

// tied implements runner.
func (f *Future[T]) tied() *tie {
	if f.origin == nil {
		return nil
	}
	return f.origin.tie
}

// run runs the task, which has begun, and settles the future.
func (f *Future[T]) run(*Executor) {
	var v T
	var err error
	task, returned := f.task, false
	f.task = nil
	defer func() {
		if !returned {
			r := recover()
			if r != nil && f.fatal {
				panic(r)
			}
			err = died(r)
		}
		f.settle(Running, v, err)
	}()
	v, err = task(f.taskContext())
	returned = true
}

// refuse settles a future whose task the executor rejects. It returns the callbacks.
func (f *Future[T]) refuse(err error, text string) callbacks {
	var none T
	to := Failed
	if _, canceled := err.(*canceledError); canceled || err == ErrCanceled { //nolint:errorlint // a BrokenError may match it
		to = Canceled
	}
	then, _ := f.settleAs(Pending, to, none, err, text)
	return then
}
