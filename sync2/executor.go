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

// ErrShutdown is what the [Future] of a task fails with that was submitted to an [Executor] that takes no more tasks.
var ErrShutdown = errors.New("sync2: executor shut down")

// An Executor runs tasks in a bounded number of goroutines, its workers, like Python's ThreadPoolExecutor and the
// thread pools of java.util.concurrent. [Submit] hands a task in and returns its [Future]; [Map] hands in many.
//
// Tasks begin in the order in which they were submitted. A worker is started when there is a task and no worker idle,
// until there are as many as were asked for; so two tasks submitted quickly run at the same time if there is room.
// Workers are goroutines of [Go] that are named worker-1, worker-2 and so on, or as [WithName] says. A worker whose
// task ends it by runtime.Goexit is replaced.
//
// Idle workers wait until [Executor.Shutdown] or [Executor.Cancel] ends them; nothing else does. An Executor belongs to
// the synctest bubble in which it is used, if any, and has to be shut down before that ends.
//
// What a task sets in a [Local], or inherits, is dropped when the task has ended; what the worker's initializer set is there
// for each task of that worker that does not inherit another value.
//
// A task that waits for a Future of its own Executor may wait for ever: if all workers do that, none is left to run
// what they wait for.
//
// An Executor is made by [NewExecutor] and must not be copied.
//
// In the terminology of the Go memory model, a call to Submit “synchronizes before” the beginning of its task, and the
// end of each task “synchronizes before” the return of a Shutdown that waited for it.
type Executor struct {
	made        bool // it is not the zero value; like the rest here it never changes
	prefix      string
	initializer func() error
	ctx         context.Context // from which those of the tasks are derived, and which cancels e; nil: none
	room        int             // how many tasks may queue; less than 0: any number

	q        waitq.Queue // the idle workers; its mutex guards what follows
	limit    int         // workers at most
	tasks    buffer[runner]
	dead     int        // how many of tasks were canceled and noted by canceled, less those that were and are no more in tasks
	waiting  waitq.Line // those who wait until their task may queue; see applicant
	busy     int        // workers that have a task
	workers  []*worker
	leaving  []*Goroutine     // of workers that have left and may not have ended yet
	alive    int              // workers that were started and have not ended; of them in workers are those that run already
	surplus  int              // of them those that are about to leave, since there were too many
	started  int              // workers ever started
	greeting int              // workers that run the initializer
	calling  bool             // a worker was woken or started and has not looked for a task yet
	closed   bool             // no more tasks
	broken   error            // nil, or a BrokenError
	actions  *stopper         // of the context of the tasks given to Execute; nil until there are some
	stopped  waitq.NotifyList // those who wait for the workers to end
	unfollow func()           // makes the end of ctx be of no concern; nil: it is
	tie      *tie             // of the last task that was submitted with a context that can end
	loose    []func()         // see takeLoose

	site site // where it was made; never changes
}

// A runner is a task: a *Future[T], or an action.
type runner interface {
	begin() bool     // false: it was canceled
	run(e *Executor) // once, after begin
	now() State
	tied() *tie // nil: no end of a context cancels it

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
	task    runner // that runs; nil if none does
	surplus bool   // it is about to leave, since there were too many
}

// An ExecutorOption changes what [NewExecutor] makes.
type ExecutorOption func(*Executor)

// WithInitializer makes each worker call f once, before its first task. If f returns an error, panics or calls
// runtime.Goexit, the executor is broken: all tasks that have not begun fail with a [BrokenError] that has the error of
// f as its cause, or a [PanicError], and so do those that are submitted later. WithInitializer panics if f is nil.
func WithInitializer(f func() error) ExecutorOption {
	if f == nil {
		misuse("WithInitializer", "the function is nil")
	}
	return func(e *Executor) { e.initializer = f }
}

// defaultPrefix is that of the workers of an executor without a name.
const defaultPrefix = "worker"

// WithName makes the workers be named prefix-1, prefix-2 and so on.
func WithName(prefix string) ExecutorOption {
	return func(e *Executor) { e.prefix = prefix }
}

// WithContext makes the contexts of all tasks have the values and the deadline of ctx. When ctx ends, e is canceled with its
// cause, as by [Executor.Cancel]. WithContext panics if ctx is nil.
func WithContext(ctx context.Context) ExecutorOption {
	checkContext(ctx, "WithContext")
	return func(e *Executor) { e.ctx = ctx }
}

// WithQueue makes [Submit] wait while n tasks queue. A task that a worker is about to take, one that is idle or has not been
// started yet, does not queue; so with 0 no more tasks are taken than there are workers. Without this option any number of
// tasks may queue. WithQueue panics if n is negative.
func WithQueue(n int) ExecutorOption {
	if n < 0 {
		misusef("WithQueue", "a queue of %d; must not be negative", n)
	}
	return func(e *Executor) { e.room = n }
}

// NewExecutor returns an executor with at most the given number of workers. It panics if that is less than 1, or if an
// option is nil.
//
// An executor whose workers were started and that is never shut down is a leak: [WriteWaits] reports it with the line that
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

// Submit hands in a task, and returns the [Future] that it settles: with its value, with the error it returns, or with
// a [PanicError] if it panics. Tasks for which no worker is free are kept in order. Submit waits only if e is one of
// [WithQueue], and then those who wait are served in the order in which they came.
//
// The context of the task ends when the task returns, when its Future is canceled, or with [Executor.Cancel].
//
// If e takes no more tasks, the Future has failed already, with [ErrShutdown] or a [BrokenError]; if Cancel ends the wait, it
// has been canceled. Submit panics if e or task is nil.
//
// It “synchronizes before” the beginning of the task, and that “synchronizes before” what shows its Future settled.
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

// SubmitContext is like [Submit], but the task's context has the values and the deadline of ctx too, and ends with it. If ctx
// ends before the task has begun, its Future is canceled: its error matches [ErrCanceled] and the cause of ctx. So it is at
// once if ctx has ended already, or ends while SubmitContext waits. SubmitContext panics if ctx is nil.
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
	case t != nil && t.over.Load(): // perhaps before e had the task
		lapse(f)
	}
	return f
}

// TrySubmit is like [Submit], but if Submit would have to wait, or if e takes no more tasks, it returns nil and false. It never
// waits.
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

// Execute hands in a task that has no [Future], for the sake of speed: it reports in its own way, if at all. A panic of
// the task has nobody to go to, and crashes the program, as with the go statement.
//
// Its context ends with [Executor.Cancel], which also drops the task if it has not begun. Execute returns [ErrShutdown]
// or a [BrokenError] if e takes no more tasks, and what Cancel was called with if that ends its wait. It waits if Submit would.
// Execute panics if task is nil.
//
// It “synchronizes before” the beginning of the task.
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

// Shutdown makes e take no more tasks, and waits until the tasks that it has taken and its workers have ended. Called
// from a task of e, or from a callback that one of its workers runs, it does not wait.
//
// The end of every task that it waited for “synchronizes before” its return.
func (e *Executor) Shutdown() {
	e.shutdown(&forever, "Shutdown")
}

// ShutdownContext is like [Executor.Shutdown], but gives up waiting when ctx ends, and then returns its cause. That
// changes nothing else: also if ctx has ended already, e takes no more tasks, and those that it has taken go on.
func (e *Executor) ShutdownContext(ctx context.Context) error {
	e.check("Executor.ShutdownContext")
	lim := until(ctx, "Executor.ShutdownContext")
	return outcome(e.shutdown(&lim, "ShutdownContext"), &lim)
}

// ShutdownTimeout is like [Executor.Shutdown], but gives up waiting after d, and then returns false. If d is zero or
// less it does not wait, and tells whether all have ended.
func (e *Executor) ShutdownTimeout(d time.Duration) bool {
	lim := waitq.Within(d)
	return e.shutdown(&lim, "ShutdownTimeout")
}

// Cancel makes e take no more tasks, cancels those that have not begun, and ends the contexts of those that run. It
// does not wait. The Futures that it cancels match both [ErrCanceled] and cause, and so does the cause with which the
// contexts end. A nil cause means ErrCanceled alone.
func (e *Executor) Cancel(cause error) {
	err := ErrCanceled
	if cause != nil {
		err = &canceledError{cause}
	}
	e.check("Executor.Cancel")
	e.cancel(err, trace.ErrorText(err)) // before anything is locked or changed: it is the caller's code
}

// cancel is Cancel with the error that the futures get, and its text.
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

// Resize lets e have another number of workers. If there are too many now, those that are idle end, and the others do when
// they have done their task. If there may be more, tasks that queue get one. Resize panics if workers is less than 1.
//
// After [Executor.Shutdown] it takes no more tasks all the same.
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

// most returns how many workers there may be.
func (e *Executor) most() int {
	e.q.Lock()
	defer e.q.Unlock()
	return e.limit
}

// Workers returns how many workers there are now. There are at most as many as [NewExecutor] or [Executor.Resize] was asked
// for, and those that were too many and have not ended.
func (e *Executor) Workers() int {
	e.lock("Workers")
	defer e.q.Unlock()
	return e.alive
}

// Queued returns how many tasks have not begun, are not canceled, and have to wait until a worker has done its task.
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

// Running returns how many tasks run now.
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
		g.Join() // its work is done: this is a moment
	}
	return true
}

// newTask returns the future of a task of e that has not begun.
func newTask[T any](e *Executor, task func(context.Context) (T, error)) *Future[T] {
	f := &Future[T]{task: task}
	f.made, f.executor = true, e
	f.state.Store(int32(Pending))
	return f
}

// submit takes a task, or returns why it does not: as soon as it may queue, unless lim ends before. If it has a future, that
// is f.
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

// handIn tells a trace of the task whose future is f, if it has one. The mutex must be held.
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
	err  error // why it never will; written before the Grant
}

// apply is submit where there is no room. The mutex is held, and released when apply returns.
func (e *Executor) apply(task runner, f *future, lim *waitq.Limit) error {
	if lim.Instant() {
		e.q.EmitFor(trace.KindTryFail, 0, 0, 1, "TrySubmit")
		e.q.Unlock()
		return ErrShutdown // nobody looks
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

// vacant reports whether one task more may come: whether a worker would take it, or it may queue. The mutex must be held.
func (e *Executor) vacant() bool {
	busy := e.busy
	more := func() bool { return e.tasks.count-e.dead < max(0, e.limit-busy)+e.room }
	if more() {
		return true
	}
	for _, w := range e.workers { // one whose task is settled is as good as idle
		if w.task != nil && w.task.now().settled() {
			busy--
		}
	}
	return more()
}

// admit takes the tasks of those who wait, as far as there is room. Call must follow. The mutex must be held.
func (e *Executor) admit(wakes *waitq.WakeList) {
	for w := e.waiting.Front(); w != nil && e.vacant(); w = e.waiting.Front() {
		e.tasks.add(item[runner]{value: w.Data.(*applicant).task})
		e.q.GrantIn(&e.waiting, w, wakes)
	}
}

// breather is after how many tasks that have piled up the one who submits them lets the workers have a turn. A queue
// that stays short stays in the processor's cache; where tasks are small, that is most of what they cost.
const breather = 256

// check panics if op is called with an executor that NewExecutor has not made.
func (e *Executor) check(op string) {
	if e == nil || !e.made {
		misuseZero(op, "NewExecutor")
	}
}

// lock begins the operation verb: it tells those who watch, and takes the mutex.
func (e *Executor) lock(verb string) {
	if e == nil || !e.made {
		e.check("Executor." + verb)
	}
	e.q.Point(verb)
	e.q.Lock()
	e.define()
}

// define makes e known to a running trace. The mutex must be held.
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
