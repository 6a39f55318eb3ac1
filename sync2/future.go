package sync2

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// State says how far a [Future] has come.
type State int32

// The states of a Future. The last three are final: in them it is settled.
const (
	Pending   State = iota + 1 // not begun
	Running                    // its task runs
	Succeeded                  // it has a value
	Failed                     // it has an error
	Canceled                   // it was canceled before its task began
)

// String returns the state in a word, such as "pending".
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
// Futures come from [Submit], which settles them by running a task, and from a [Promise], which is settled by whoever
// has it. A Future must not be copied.
//
// In the terminology of the Go memory model, what the task did, or who settled the promise did before, “synchronizes
// before” everything that shows the Future settled: the return of Result, a State that is final, a receive from Done,
// the call of a function given to OnDone. A wait that gives up establishes no such relation.
type Future[T any] struct {
	future
	value T                                            // written before the state becomes final
	task  func(ctx context.Context) (value T, _ error) // nil when it has begun or never will
}

// Result waits until the future is settled and returns its value, or why it has none: the error that the task
// returned, a [*PanicError] if it panicked, or an error that matches [ErrCanceled].
//
// What the task did “synchronizes before” the return of Result.
func (f *Future[T]) Result() (T, error) {
	return f.result(&forever, "Result")
}

// ResultContext is like [Future.Result], but gives up when ctx ends and then returns its cause. A future that is settled
// gives its result even if ctx has ended.
func (f *Future[T]) ResultContext(ctx context.Context) (T, error) {
	f.check("ResultContext")
	lim := until(ctx, "Future.ResultContext")
	return f.result(&lim, "ResultContext")
}

// ResultTimeout is like [Future.Result], but gives up after d and then returns context.DeadlineExceeded. If d is zero or
// less it does not wait.
func (f *Future[T]) ResultTimeout(d time.Duration) (T, error) {
	lim := waitq.Within(d)
	return f.result(&lim, "ResultTimeout")
}

func (f *Future[T]) result(lim *waitq.Limit, verb string) (v T, err error) {
	f.check(verb)
	if f.now().settled() && !hook.Watched() {
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

// State returns how far the future has come.
func (f *Future[T]) State() State {
	f.check("State")
	f.q.Look("State")
	return f.now()
}

// Cancel cancels the future if its task has not begun: then it is settled, with [ErrCanceled], the task will never
// run, and Cancel returns true, as it does for a future that was canceled before. A task that runs already goes on; its
// context ends, with the cause ErrCanceled, and Cancel returns false. To cancel a future that has succeeded or failed
// does nothing and returns false.
//
// The future of a [Promise] can be canceled until it is settled.
//
// If it settles the future, it “synchronizes before” the return of every wait that it ends.
func (f *Future[T]) Cancel() bool {
	f.check("Cancel")
	then := f.cancel(ErrCanceled, trace.ErrorText(ErrCanceled))
	canceled := f.now() == Canceled
	then.call()
	return canceled
}

// OnDone makes fn be called when the future is settled: by the goroutine that settles it, in the order in which the
// functions were given, or by the caller at once if it is settled already. Each is called once, after those who wait
// for the future have been released.
//
// A panic of fn goes no further; [OnPanic] says who is told of it. If fn calls [runtime.Goexit], the others are called before the
// goroutine ends. The worker that ran the task takes no other task before fn has returned. OnDone panics if fn is nil.
//
// What settled the future “synchronizes before” the call of fn.
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

// Waiting returns how many goroutines wait for the result. Those that wait on the channel of [Future.Done], or for
// several futures at once, are not among them.
func (f *Future[T]) Waiting() int {
	f.check("Waiting")
	f.q.Inspect("Waiting")
	defer f.q.Unlock()
	return f.q.Len()
}

// check panics if nothing has made f.
func (f *Future[T]) check(verb string) {
	if f == nil || !f.made {
		misuseZero("Future."+verb, "Submit or by a Promise")
	}
}

// settle settles the future with v, or err if that is not nil, and calls the callbacks. It reports whether it did: the
// state must be from, and nobody but a Cancel may want to settle it at the same time.
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
	defer func() { // deferred, since the text of err may end the goroutine
		var then callbacks
		then, ok = f.settleAs(from, to, v, err, text)
		then.call()
	}()
	if hook.Watched() {
		text = described(v, err)
	}
	return ok
}

// described returns what a trace says of a future settled with v, or err if that is not nil.
func described[T any](v T, err error) string {
	if err != nil {
		return trace.ErrorText(err)
	}
	return trace.ValueText(v)
}

// settleAs is settle with the state to and with what a trace says of the outcome. It returns the callbacks.
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

// drop is cancel, but that it leaves a task alone that runs.
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

// refuse settles a future whose task its executor does not take. It returns the callbacks.
func (f *Future[T]) refuse(err error, text string) callbacks {
	var none T
	to := Failed
	if _, canceled := err.(*canceledError); canceled || err == ErrCanceled { //nolint:errorlint // a BrokenError may match it
		to = Canceled
	}
	then, _ := f.settleAs(Pending, to, none, err, text)
	return then
}
