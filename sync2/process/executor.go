package process

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Executor runs tasks in worker processes, like Python's ProcessPoolExecutor. [Submit] submits a task and returns
// its Future; [Map] submits many.
//
// The number of workers is fixed; they are started by [NewExecutor], and each runs one task at a time. Tasks start in
// the order in which they were submitted. A worker is a new process of the same program, with variables of its own.
//
// A worker that dies breaks the executor: running and queued tasks, and those submitted later, fail with a
// [sync2.BrokenError] whose cause is an [ExitError]. With the option [OnDeath], a worker that dies can be replaced
// instead.
//
// The workers run until [Executor.Shutdown] or [Executor.Cancel] is called, or until this process ends in whatever way.
//
// An Executor is made by [NewExecutor] and must not be copied.
//
// In the terminology of the Go memory model, the end of a task's function “synchronizes before” everything that
// observes its Future settled, insofar as the processes share memory. The argument of a task is read when the task
// starts: the caller must not modify it before the Future is settled.
type Executor struct {
	options options
	inner   *sync2.Executor // each of its goroutines has a seat
	workers crew
	done    sync2.Event // set when the workers have ended after the last task
	endName string      // what that is called
	run     any         // of the program that an explorer runs, in which e was made; nil: it runs none
	ending  atomic.Bool // there will be no more tasks

	mu   sync.Mutex
	stop func() bool // takes the watch off the context; guarded by mu
}

// NewExecutor starts the given number of worker processes. It does not wait until they are ready; if one cannot be
// started, the executor is broken. NewExecutor panics if workers is less than 1, or if [Main] was not called.
func NewExecutor(workers int, opts ...Option) *Executor {
	if workers < 1 {
		misuse("NewExecutor", "%d workers; must be at least 1", workers)
	}
	usable("NewExecutor")
	e := &Executor{options: options{name: "worker", stdout: os.Stdout, stderr: os.Stderr}, run: explored()}
	for _, opt := range opts {
		opt(&e.options)
	}
	e.endName = "end of " + e.options.name + "-1"
	if workers > 1 {
		e.endName += fmt.Sprintf("…%d", workers)
	}
	trace.Name(&e.done, e.endName)
	e.inner = sync2.NewExecutor(workers, sync2.WithName(e.options.name), sync2.WithInitializer(e.workers.sit))
	e.workers.options = &e.options
	e.workers.start(workers)
	if ctx := e.options.ctx; ctx != nil {
		stop := whenDone(ctx, func() { e.Cancel(context.Cause(ctx)) })
		e.mu.Lock()
		defer e.mu.Unlock()
		e.stop = stop
	}
	return e
}

// Shutdown makes e reject new tasks, and waits until all accepted tasks and all workers have ended. If it is called
// from a callback of one of its Futures, it does not wait.
func (e *Executor) Shutdown() { _ = e.ShutdownContext(context.Background()) }

// ShutdownContext is like [Executor.Shutdown], but stops waiting when ctx ends, and then returns its cause. Even if ctx
// has already ended, e rejects new tasks, and accepted tasks continue. ShutdownContext panics if ctx is nil.
func (e *Executor) ShutdownContext(ctx context.Context) error {
	if ctx == nil {
		misuse("Executor.ShutdownContext", "the context is nil")
	}
	e.end()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e.workers.mySeat() != nil {
		return nil
	}
	return e.done.WaitContext(ctx)
}

// ShutdownTimeout is like [Executor.Shutdown], but stops waiting after d, and then returns false. If d is zero or
// negative, it does not wait, and reports whether all tasks and workers have ended.
func (e *Executor) ShutdownTimeout(d time.Duration) bool {
	e.end()
	if e.workers.mySeat() != nil {
		d = 0
	}
	return e.done.WaitTimeout(d)
}

// end makes e take no more tasks, and the workers end after the last.
func (e *Executor) end() {
	if e == nil || e.inner == nil {
		misuse("Executor.Shutdown", "the executor was not made by NewExecutor")
	}
	e.inner.ShutdownTimeout(0)
	if !e.ending.CompareAndSwap(false, true) {
		return
	}
	aside(e.endName, func() {
		e.inner.Shutdown()
		e.mu.Lock()
		if e.stop != nil {
			e.stop()
		}
		e.mu.Unlock()
		all := e.workers.dismiss()
		for _, c := range all {
			c.bye()
		}
		for _, c := range all {
			await(c, "wait for the end of", func() bool { return closed(c.flushed) })
			<-c.flushed
		}
		e.done.Set()
	})
}

// Cancel makes e reject new tasks, cancels those that have not started, and ends the contexts of running tasks. It does
// not wait. The errors of the canceled Futures match both [sync2.ErrCanceled] and cause. A nil cause means ErrCanceled
// alone.
func (e *Executor) Cancel(cause error) {
	if e == nil || e.inner == nil {
		misuse("Executor.Cancel", "the executor was not made by NewExecutor")
	}
	e.inner.Cancel(cause)
	e.end()
}

// Kill kills the workers and the processes that they started. It does not wait. Running and queued tasks fail with a
// [sync2.BrokenError] with the given cause, or [sync2.ErrCanceled] if cause is nil.
func (e *Executor) Kill(cause error) {
	if e == nil || e.inner == nil {
		misuse("Executor.Kill", "the executor was not made by NewExecutor")
	}
	if cause == nil {
		cause = sync2.ErrCanceled
	}
	e.workers.breakUp(cause)
	e.end()
}

// String returns text such as "executor worker: 2 processes, 3 tasks queued" or
// "executor worker: shut down".
func (e *Executor) String() string {
	if e == nil || e.inner == nil {
		return "executor"
	}
	state := counted(len(e.Pids()), "process", "processes") + ", " + counted(e.Queued(), "task queued", "tasks queued")
	if err := e.workers.failure(); err != nil {
		state = err.Error()
	} else if e.done.IsSet() {
		state = "shut down"
	}
	return "executor " + e.options.name + ": " + state
}

// counted returns n and one of the words, the first if n is 1.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Pids returns the process ids of the workers, in the order of their names.
func (e *Executor) Pids() []int { return e.workers.pids() }

// Queued returns the number of tasks that have not started and are not canceled.
func (e *Executor) Queued() int { return e.inner.Queued() }
