package sync2

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// ErrShutdown is the error of the [Future] of a task that was submitted to an [Executor] after it was shut down or
// canceled.
var ErrShutdown = errors.New("sync2: executor shut down")

// Shutdown makes e reject new tasks, and waits until all accepted tasks and all workers have ended. If it is called
// from a task of e, or from a callback that one of its workers runs, it does not wait.
//
// The end of every accepted task “synchronizes before” the return of a Shutdown that waited for it.
func (e *Executor) Shutdown() {
	e.shutdown(&forever, "Shutdown")
}

// ShutdownContext is like [Executor.Shutdown], but stops waiting when ctx ends, and then returns its cause. Even if ctx
// has already ended, e rejects new tasks, and accepted tasks continue. ShutdownContext panics if ctx is nil.
func (e *Executor) ShutdownContext(ctx context.Context) error {
	e.check("Executor.ShutdownContext")
	lim := until(ctx, "Executor.ShutdownContext")
	return outcome(e.shutdown(&lim, "ShutdownContext"), &lim)
}

// ShutdownTimeout is like [Executor.Shutdown], but stops waiting after d, and then returns false. If d is zero or
// negative, it does not wait, and reports whether all tasks and workers have ended.
func (e *Executor) ShutdownTimeout(d time.Duration) bool {
	lim := waitq.Within(d)
	return e.shutdown(&lim, "ShutdownTimeout")
}

func (e *Executor) shutdown(lim *waitq.Limit, verb string) (granted bool) {
	e.lock(verb)
	me := Current()
	inside := slices.ContainsFunc(e.workers, func(w *worker) bool { return w.g == me })
	if !e.closed {
		e.q.Emit(trace.KindClose, 0)
	}
	e.close(ErrShutdown)
	if lim.Canceled() || inside {
		return !lim.Canceled()
	}
	e.q.Lock()
	if e.alive > 0 {
		if lim.Instant() {
			e.q.Unlock()
			return false
		}
		e.stopped.Register(&e.q, e, "Shutdown")
		if !e.stopped.Wait(&e.q, lim, "Shutdown") {
			return false
		}
		e.q.Lock()
	}
	leaving := slices.Clone(e.leaving)
	e.q.Unlock()
	for _, g := range leaving {
		g.Join() // it has left, so this takes only a moment
	}
	return true
}

// Cancel makes e reject new tasks, cancels those that have not started, and ends the contexts of running tasks. It does
// not wait. The errors of the canceled Futures match both [ErrCanceled] and cause, and so do the causes of the
// contexts. A nil cause means ErrCanceled alone.
func (e *Executor) Cancel(cause error) {
	err := ErrCanceled
	if cause != nil {
		err = &canceledError{cause}
	}
	e.check("Executor.Cancel")
	e.cancel(err, trace.ErrorText(err)) // before anything is locked or changed, because it may call the caller's code
}

// cancel is Cancel with the error for the futures, and its text.
func (e *Executor) cancel(err error, text string) {
	e.lock("Cancel")
	e.q.Emit(trace.KindCancel, 0)
	all, actions := e.takeAll(), e.actions
	for _, w := range e.workers {
		if w.task != nil {
			all = append(all, w.task)
		}
	}
	e.close(err)
	if actions != nil {
		actions.cancel(err)
	}
	var then callbacks
	for _, task := range all {
		then = append(then, task.cancel(err, text)...)
	}
	then.call()
}
