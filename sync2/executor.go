package sync2

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// ErrShutdown is the error of the [Future] of a task that was submitted to an [Executor] after it was shut down or
// canceled.
var ErrShutdown = errors.New("sync2: executor shut down")

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
	dead     int        // number of canceled tasks in tasks, as noted by canceled
	waiting  waitq.Line // waits until a task may queue; see applicant
	busy     int        // workers that have a task
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

	// It will not run, because of err, of which the trace says text. What is returned has to be called.
	refuse(err error, text string) callbacks
	// The same, unless it runs already.
	drop(err error, text string) callbacks
	// The same, or if it runs already, it shall end soon.
	cancel(err error, text string) callbacks
}

// An action is a task without a Future.
type action func(ctx context.Context)

func (action) begin() bool       { return true }
func (a action) run(e *Executor) { a(e.actions.ctx) }
func (action) now() State        { return Pending }
func (action) tied() *tie        { return nil }

func (action) refuse(error, string) callbacks { return nil }
func (action) drop(error, string) callbacks   { return nil }
func (action) cancel(error, string) callbacks { return nil }

// A worker is one goroutine of an Executor.
type worker struct {
	g       *Goroutine
	task    runner // the running task, nil if there is none
	surplus bool   // it is about to leave because there were too many workers
}

// An ExecutorOption configures an Executor: see [NewExecutor].
type ExecutorOption func(*Executor)

// WithInitializer makes each worker call f once, before its first task. If f returns an error, panics or calls
// runtime.Goexit, the executor is broken: every task that has not started, and every task submitted later, fails with a
// [BrokenError] whose cause is the error of f, or a [PanicError]. WithInitializer panics if f is nil.
func WithInitializer(f func() error) ExecutorOption {
	if f == nil {
		misuse("WithInitializer", "the function is nil")
	}
	return func(e *Executor) { e.initializer = f }
}

// defaultPrefix is the prefix of the names of workers of an executor without a name.
const defaultPrefix = "worker"

// WithName names the workers prefix-1, prefix-2 and so on.
func WithName(prefix string) ExecutorOption {
	return func(e *Executor) { e.prefix = prefix }
}

// WithContext gives the contexts of all tasks the values and the deadline of ctx. When ctx ends, the executor is
// canceled with the cause of ctx, as by [Executor.Cancel]. WithContext panics if ctx is nil.
func WithContext(ctx context.Context) ExecutorOption {
	checkContext(ctx, "WithContext")
	return func(e *Executor) { e.ctx = ctx }
}

// WithQueue makes [Submit] wait while n tasks are queued. A task that an idle worker, or one not yet started, is about
// to take does not count as queued; so with n == 0 the executor accepts no more tasks than it has workers. Without this
// option the queue is unbounded. WithQueue panics if n is negative.
func WithQueue(n int) ExecutorOption {
	if n < 0 {
		misusef("WithQueue", "a queue of %d; must not be negative", n)
	}
	return func(e *Executor) { e.room = n }
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
// tasks.
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
// Execute waits if Submit would wait. It returns [ErrShutdown] or a [BrokenError] if e no longer accepts tasks, and the
// cause given to Cancel if that is called while Execute waits. Execute panics if task is nil.
//
// Execute “synchronizes before” the start of the task.
func (e *Executor) Execute(task func(ctx context.Context)) error {
	e.check("Executor.Execute")
	if task == nil {
		misuse("Executor.Execute", "the task is nil")
	}
	do := bequeathAction(task)
	if !hook.Watched() {
		return e.submit(action(do), nil, &forever)
	}
	f := newTask(e, func(ctx context.Context) (none struct{}, _ error) { // so that it is seen
		do(ctx)
		return none, nil
	})
	f.fatal = true
	return e.submit(f, &f.future, &forever)
}

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
		e.stopped.Enroll(&e.q, e, "Shutdown")
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
	e.waiting.Enroll(&e.q, e, "Submit")
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
	for _, w := range e.workers { // a worker whose task is settled is as good as idle
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

// breather is the number of queued tasks at which a submitter yields to the workers. A short queue stays in the processor's
// cache, which is most of the cost of small tasks.
const breather = 256

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
		e.q.FoundWaiting(e.q.Line(), "next")
		e.q.FoundWaiting(&e.waiting, "Submit")
		e.stopped.Found(&e.q, e.stopped.Waiting(), "Shutdown")
	}
}

func (e *Executor) traced() *trace.Object { return e.q.Object() }

// name returns the name of the n'th worker.
func (e *Executor) name(n int) string { return fmt.Sprintf("%s-%d", e.prefix, n) }
