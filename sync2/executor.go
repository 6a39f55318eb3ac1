package sync2

import (
	"context"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Executor runs tasks in a bounded number of goroutines, its workers, like Python's ThreadPoolExecutor and the
// thread pools of java.util.concurrent. [Submit] submits a task and returns its [Future]; [Map] submits many.
//
// Tasks start in the order in which they were submitted. A worker is started when a task is submitted and no worker is
// idle, up to the given number of workers. Workers are started by [Go] and named worker-1, worker-2 and so on, or
// according to [WithName]. A worker whose task ends it by runtime.Goexit is replaced.
//
// Idle workers wait until [Executor.Shutdown] or [Executor.Cancel] ends them. An Executor belongs to the synctest
// bubble in which it is used, if any, and must be shut down before the bubble ends.
//
// Values of a [Local] that a task sets or inherits are dropped when the task ends. Values set by the worker's
// initializer are visible to every task of that worker that does not inherit another value.
//
// A task that waits for a Future of its own Executor may deadlock: if all workers do so, none is left to run the tasks
// they wait for.
//
// An Executor is made by [NewExecutor] and must not be copied.
//
// In the terminology of the Go memory model, a call to Submit “synchronizes before” the start of its task, and the end
// of each task “synchronizes before” the return of a Shutdown that waited for it.
type Executor struct {
	made        bool // it is not the zero value; never changes, like the fields below
	prefix      string
	initializer func() error
	ctx         context.Context // the parent of the tasks' contexts, whose end cancels e; nil if there is none
	room        int             // number of tasks that may queue; negative if it is unlimited

	q        waitq.Queue // the idle workers; its mutex guards what follows
	limit    int         // maximum number of workers
	tasks    buffer[runner]
	dead     int            // number of canceled tasks in tasks, as noted by canceled
	waiting  waitq.WaitList // waits until a task may queue; see applicant
	busy     int            // workers that have a task
	workers  []*worker
	leaving  []*Goroutine     // workers that have left and may not have ended yet
	alive    int              // workers that were started and have not ended; those that run are in workers
	surplus  int              // those of them that are about to leave because there were too many
	started  int              // number of workers ever started
	greeting int              // workers that run the initializer
	calling  bool             // a worker was woken or started and has not checked for a task yet
	closed   bool             // no more tasks
	broken   error            // nil, or a BrokenError
	actions  *stopper         // of the context of the tasks given to Execute; nil until there are any
	stopped  waitq.NotifyList // waits for the workers to end
	unfollow func()           // stops following ctx; nil if ctx is not followed
	tie      *tie             // of the last task that was submitted with a context that can end
	loose    []func()         // see takeLoose

	site site // where e was made; never changes
}

// A runner is a task: a *Future[T], or an action.
type runner interface {
	begin() bool     // returns false if the task was canceled
	run(e *Executor) // once, after begin
	now() State
	tied() *tie // nil if no context can cancel it

	// refuse settles the task, which will not run, with err, shown as text in a trace. The caller must call the callbacks.
	refuse(err error, text string) callbacks
	// drop is like refuse, but does nothing if the task is already running.
	drop(err error, text string) callbacks
	// cancel is like refuse, but ends the context of a task that is already running.
	cancel(err error, text string) callbacks
}

// An action is a task without a Future.
type action func(ctx context.Context)

func (action) begin() bool                    { return true }
func (a action) run(e *Executor)              { a(e.actions.ctx) }
func (action) now() State                     { return Pending }
func (action) tied() *tie                     { return nil }
func (action) refuse(error, string) callbacks { return nil }
func (action) drop(error, string) callbacks   { return nil }
func (action) cancel(error, string) callbacks { return nil }

// A worker is one goroutine of an Executor.
type worker struct {
	g       *Goroutine
	task    runner // the running task, nil if there is none
	surplus bool   // it is about to leave because there were too many workers
}

// NewExecutor returns an executor with at most the given number of workers. It panics if workers is less than 1 or an
// option is nil.
//
// An executor that has started workers and is never shut down leaks them: [WriteWaits] reports it with the line that
// called NewExecutor.
func NewExecutor(workers int, opts ...ExecutorOption) *Executor {
	if workers < 1 {
		misusef("NewExecutor", "%d workers; must be at least 1", workers)
	}
	e := &Executor{made: true, limit: workers, prefix: defaultPrefix, room: -1}
	e.site.note()
	for i, opt := range opts {
		if opt == nil {
			misusef("NewExecutor", "option %d is nil", i)
		}
		opt(e)
	}
	if e.ctx != nil {
		e.follow()
	}
	return e
}

// Resize changes the maximum number of workers. Surplus workers end at once if they are idle, and otherwise after their
// current task. If the number grows, workers are started for queued tasks. Resize panics if workers is less than 1.
//
// Resize does not reopen an executor that was shut down.
func (e *Executor) Resize(workers int) {
	e.check("Executor.Resize")
	if workers < 1 {
		misusef("Executor.Resize", "%d workers; must be at least 1", workers)
	}
	var wakes waitq.WakeList
	e.lock("Resize")
	e.limit = workers
	e.q.Emit(trace.KindResize, int64(workers))
	for range e.alive - e.surplus - workers {
		if w := e.q.Front(); w != nil {
			e.q.Grant(w, &wakes)
		}
	}
	e.admit(&wakes)
	e.call()
	wakes.Wake()
}

// most returns the maximum number of workers.
func (e *Executor) most() int {
	e.q.Lock()
	defer e.q.Unlock()
	return e.limit
}

// Workers returns the current number of workers. It exceeds the number given to [NewExecutor] or [Executor.Resize] only
// while surplus workers finish their tasks.
func (e *Executor) Workers() int {
	e.lock("Workers")
	defer e.q.Unlock()
	return e.alive
}

// Queued returns the number of tasks that wait for a busy worker. Canceled tasks are not counted, nor are tasks that an
// idle worker is about to take.
func (e *Executor) Queued() int {
	e.lock("Queued")
	defer e.q.Unlock()
	n := 0
	for i := range e.tasks.count {
		if e.tasks.at(i).value.now() == Pending {
			n++
		}
	}
	return max(0, n-max(0, e.limit-e.busy))
}

// Running returns the number of running tasks.
func (e *Executor) Running() int {
	e.lock("Running")
	defer e.q.Unlock()
	n := 0
	for _, w := range e.workers {
		if w.task != nil && !w.task.now().settled() {
			n++
		}
	}
	return n
}

// check panics if e was not made by NewExecutor. The operation is op.
func (e *Executor) check(op string) {
	if e == nil || !e.made {
		misuseZero(op, "NewExecutor")
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (e *Executor) lock(verb string) {
	if e == nil || !e.made {
		e.check("Executor." + verb)
	}
	e.q.Point(verb)
	e.q.Lock()
	e.define()
}

// define defines e in a running trace. The mutex must be held.
func (e *Executor) define() {
	if e.q.Define(trace.ClassExecutor, int64(e.limit), nil) {
		if e.closed {
			e.q.Found(trace.KindClose, 0, 0)
		}
		e.q.FoundWaiting(e.q.List(), "next")
		e.q.FoundWaiting(&e.waiting, "Submit")
		e.stopped.Found(&e.q, e.stopped.Waiting(), "Shutdown")
	}
}

func (e *Executor) traced() *trace.Object { return e.q.Object() }

// name returns the name of the n'th worker.
func (e *Executor) name(n int) string { return fmt.Sprintf("%s-%d", e.prefix, n) }
