package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
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
	seats   []*seat         // all
	done    sync2.Event     // set when the workers have ended after the last task
	endName string          // what that is called
	stop    func() bool     // takes the watch off the context
	run     any             // of the program that an explorer runs, in which e was made; nil: it runs none
	killed  atomic.Int32    // how many workers in a row were killed before they were ready
	ending  atomic.Bool     // there will be no more tasks
	filling sync.WaitGroup  // those who start a worker

	mu      sync.Mutex      // guards what follows
	broken  error           // nil, or a BrokenError
	free    []*seat         // that have no goroutine
	sitting map[int64]*seat // by the goroutine's id
	old     []*child        // that were replaced and may not have ended yet
	over    bool            // no more workers are started
}

// A seat is a place for one worker, and the goroutine that talks to it.
type seat struct {
	e     *Executor
	name  string
	child *child // guarded by the executor's mutex
}

// A Death is what happens to an [Executor] when one of its workers dies. See [OnDeath].
type Death uint8

// The values of Death.
const (
	Break   Death = iota // the executor is broken
	Respawn              // the running task fails with an ExitError, and a new worker replaces the one that died
)

type options struct {
	name           string
	death          Death
	maxTasks       int
	stdout, stderr io.Writer
	writing        sync.Mutex // held while what the workers write is passed on
	format         format
	ctx            context.Context
	init           func(c *child, head []byte) error
	initName       string
	initErr        error
}

// An Option configures an [Executor]: see [NewExecutor].
type Option func(*options)

// WithName names the workers prefix-1, prefix-2 and so on. The default prefix is "worker".
func WithName(prefix string) Option { return func(o *options) { o.name = prefix } }

// WithInitializer makes each worker call fn with in once, before its first task, to prepare what all tasks in that
// process use, such as package variables and connections. If fn fails, panics or ends the process, the executor is
// broken.
func WithInitializer[In, Out any](fn Func[In, Out], in In) Option {
	fn.check("WithInitializer")
	return func(o *options) {
		o.initName, o.initErr = fn.f.name, fn.f.in.err
		o.init = func(c *child, head []byte) error {
			return sendValue(c.conn, &c.enc, &fn.f.in, kindSetup, 0, 0, head, &in)
		}
	}
}

// WithContext gives the contexts of all tasks the deadline of ctx. When ctx ends, the executor is canceled with the
// cause of ctx, as by [Executor.Cancel]. WithContext panics if ctx is nil.
func WithContext(ctx context.Context) Option {
	if ctx == nil {
		misuse("WithContext", "the context is nil")
	}
	return func(o *options) { o.ctx = ctx }
}

// OnDeath sets what happens to the executor when one of its workers dies: [Break], the default, or [Respawn]. A task
// that has started is not run again.
func OnDeath(d Death) Option {
	if d > Respawn {
		misuse("OnDeath", "%d is neither Break nor Respawn", d)
	}
	return func(o *options) { o.death = d }
}

// MaxTasks makes the executor replace each worker after it has run n tasks, so that leaks of tasks do not accumulate.
// MaxTasks panics if n is less than 1.
func MaxTasks(n int) Option {
	if n < 1 {
		misuse("MaxTasks", "%d; must be at least 1", n)
	}
	return func(o *options) { o.maxTasks = n }
}

// WithStderr redirects the standard error of the workers to w instead of the standard error of this process. Calls of
// w.Write do not overlap, and a worker waits while its output is written. A nil w discards the output.
func WithStderr(w io.Writer) Option { return func(o *options) { o.stderr = o.shared(w) } }

// WithStdout redirects the standard output of the workers to w, as [WithStderr] does for standard error.
func WithStdout(w io.Writer) Option { return func(o *options) { o.stdout = o.shared(w) } }

// shared returns a writer for the output of several workers.
func (o *options) shared(w io.Writer) io.Writer {
	switch w.(type) {
	case nil, *os.File:
		return w
	}
	return &lockedWriter{&o.writing, w}
}

// A lockedWriter writes with a mutex held.
type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

// WithGob encodes arguments and results by encoding/gob. This is the default.
func WithGob() Option { return func(o *options) { o.format = formatGob } }

// WithJSON encodes arguments and results by encoding/json, which honors its struct tags and methods. Numbers, strings
// and slices of numbers are still passed directly.
func WithJSON() Option { return func(o *options) { o.format = formatJSON } }

// NewExecutor starts the given number of worker processes. It does not wait until they are ready; if one cannot be
// started, the executor is broken. NewExecutor panics if workers is less than 1, or if [Main] was not called.
func NewExecutor(workers int, opts ...Option) *Executor {
	if workers < 1 {
		misuse("NewExecutor", "%d workers; must be at least 1", workers)
	}
	usable("NewExecutor")
	e := &Executor{options: options{name: "worker", stdout: os.Stdout, stderr: os.Stderr}, run: explored(), sitting: make(map[int64]*seat)}
	for _, opt := range opts {
		opt(&e.options)
	}
	e.endName = "end of " + e.options.name + "-1"
	if workers > 1 {
		e.endName += fmt.Sprintf("…%d", workers)
	}
	trace.Name(&e.done, e.endName)
	e.inner = sync2.NewExecutor(workers, sync2.WithName(e.options.name), sync2.WithInitializer(e.sit))
	if err := e.options.initErr; err != nil {
		e.broken = &sync2.BrokenError{Cause: err}
	}
	for i := range workers {
		s := &seat{e: e, name: fmt.Sprintf("%s-%d", e.options.name, i+1)}
		e.seats = append(e.seats, s)
		e.fill(s, nil)
	}
	e.free = slices.Clone(e.seats)
	if ctx := e.options.ctx; ctx != nil {
		stop := whenDone(ctx, func() { e.Cancel(context.Cause(ctx)) })
		e.mu.Lock()
		defer e.mu.Unlock()
		e.stop = stop
	}
	return e
}

// sit gives the calling goroutine a seat.
func (e *Executor) sit() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.free[0]
	e.free = e.free[1:]
	e.sitting[goid.Get()] = s
	return nil
}

// mySeat returns the seat of the calling goroutine, nil if it has none.
func (e *Executor) mySeat() *seat {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sitting[goid.Get()]
}

// rise takes the seat from the calling goroutine, which ends because a method of the caller's value or error wants it to,
// and replaces the worker, since nobody knows how far they have got with each other.
func (e *Executor) rise(s *seat, c *child) {
	e.mu.Lock()
	delete(e.sitting, goid.Get())
	e.free = append(e.free, s)
	e.mu.Unlock()
	c.bye()
	e.fill(s, c)
}

// mayFill reports whether another worker may be started, and if so makes the end wait for that.
func (e *Executor) mayFill() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return false
	}
	e.filling.Add(1)
	return true
}

// fill starts a worker for the seat s, in place of old if that is not nil.
func (e *Executor) fill(s *seat, old *child) {
	starting()
	if e.failure() != nil || !e.mayFill() {
		return
	}
	defer e.filling.Done()
	c, err := start(&launch{
		name: s.name, stdout: e.options.stdout, stderr: e.options.stderr,
		setup: setup{Name: s.name, Format: e.options.format, Init: e.options.initName},
		greet: e.options.init, ended: func(c *child) { e.childEnded(s, c) },
	})
	if err != nil {
		e.breakUp(err)
		return
	}
	e.mu.Lock()
	e.old = slices.DeleteFunc(e.old, func(c *child) bool { return closed(c.flushed) })
	surplus := s.child != old
	switch {
	case surplus:
		e.old = append(e.old, c)
	case old != nil:
		e.old = append(e.old, old)
		fallthrough
	default:
		s.child = c
	}
	broken := e.broken != nil
	e.mu.Unlock()
	if surplus {
		c.bye()
	} else if broken {
		c.kill(nil)
	}
}

// childEnded is called when a worker has ended.
func (e *Executor) childEnded(s *seat, c *child) {
	c.mu.Lock()
	told := c.told
	c.mu.Unlock()
	if closed(c.ready) {
		e.killed.Store(0)
	}
	switch death := c.death(); {
	case told:
	case e.options.death == Respawn && (closed(c.ready) || e.stillborn(death)):
		e.fill(s, c)
	default:
		e.breakUp(death)
	}
}

// maxStillborn is how many workers in a row may be killed before they are ready.
const maxStillborn = 100

// stillborn reports whether it is worth trying again to start a worker, after one died before it was ready: if somebody
// killed it. One that ended itself would do so again.
func (e *Executor) stillborn(death error) bool {
	exit, ok := errors.AsType[*ExitError](death)
	return ok && exit.Signal() != 0 && e.killed.Add(1) < maxStillborn
}

// breakUp breaks e: it takes no more tasks, and those that it has fail.
func (e *Executor) breakUp(cause error) {
	e.mu.Lock()
	if e.broken == nil {
		e.broken = &sync2.BrokenError{Cause: cause}
	}
	all := e.children()
	e.mu.Unlock()
	for _, c := range all {
		c.kill(nil)
	}
}

// children returns the workers. The mutex must be held.
func (e *Executor) children() []*child {
	var all []*child
	for _, s := range e.seats {
		if s.child != nil {
			all = append(all, s.child)
		}
	}
	return all
}

// failure returns why e is broken, nil if it is not.
func (e *Executor) failure() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

// Submit submits a task to e that calls fn with in in a worker, and returns its Future. The Future is settled with the
// result of fn, with the error that fn returned, as a [RemoteError], or with a [sync2.PanicError] that has the worker's
// stack. Submit does not wait; tasks are queued in order while no worker is free.
//
// The context of the task ends when its Future is canceled, or when [Executor.Cancel] is called.
//
// If e no longer accepts tasks, the returned Future has already failed, with [sync2.ErrShutdown] or a
// [sync2.BrokenError]. If in or the result cannot be encoded, it fails with an [EncodingError]. Submit panics if e is
// nil or fn was not made by [Register].
func Submit[In, Out any](e *Executor, fn Func[In, Out], in In) *sync2.Future[Out] {
	if err := e.check("Submit", fn.f); err != nil {
		return failed[Out](err)
	}
	return sync2.Submit(e.inner, func(ctx context.Context) (Out, error) { return do[In, Out](ctx, e, fn.f, in) })
}

// TrySubmit is like [Submit], but returns nil and false if e no longer accepts tasks.
func TrySubmit[In, Out any](e *Executor, fn Func[In, Out], in In) (*sync2.Future[Out], bool) {
	if e.check("TrySubmit", fn.f) != nil || e.ending.Load() {
		return nil, false
	}
	return Submit(e, fn, in), true
}

// check panics if f cannot be used with e, and returns an error if e takes no more tasks.
func (e *Executor) check(op string, f *function) error {
	switch {
	case e == nil || e.inner == nil:
		misuse(op, "the executor was not made by NewExecutor")
	case f == nil:
		misuse(op, "the function was not made by Register")
	}
	sameRun(op, e.run)
	return e.failure()
}

func failed[T any](err error) *sync2.Future[T] {
	p := sync2.NewPromise[T]()
	p.Fail(err)
	return p.Future()
}

// Map returns an iterator that runs fn in e for each value of in and yields the results in the order of the inputs. An
// input whose task fails yields its error, and the iteration continues.
//
// Map is lazy: it takes inputs and submits their tasks as the results are read, and stays ahead of the reader by at
// most the number of workers of e, or the number given to [sync2.WithBuffer]. When the reader stops early, tasks that
// have not started are canceled.
func Map[In, Out any](e *Executor, in iter.Seq[In], fn Func[In, Out], opts ...sync2.MapOption) iter.Seq2[Out, error] {
	_ = e.check("Map", fn.f)
	return sync2.Map(e.inner, in, func(ctx context.Context, in In) (Out, error) { return do[In, Out](ctx, e, fn.f, in) }, opts...)
}

// do runs a task in the worker of the calling goroutine's seat.
func do[In, Out any](ctx context.Context, e *Executor, f *function, in In) (out Out, err error) {
	if f.in.err != nil {
		return out, f.in.err
	}
	s := e.mySeat()
	c, err := s.ready()
	if err != nil {
		return out, err
	}
	returned := false
	defer func() {
		if !returned {
			e.rise(s, c)
		}
	}()
	out, err = exchange[In, Out](ctx, e, c, f, in)
	returned = true
	if int(c.task) == e.options.maxTasks {
		c.bye()
		e.fill(s, c)
	}
	return out, err
}

// exchange gives a task to a worker, and waits for its reply.
func exchange[In, Out any](ctx context.Context, e *Executor, c *child, f *function, in In) (out Out, err error) {
	c.task++
	id := c.task
	head := taskHead{traced: c.session(), deadline: e.deadline(ctx), name: f.name}
	cancel := func() {
		_ = c.conn.send(kindCancel, 0, id, nil, encodeError(context.Background(), context.Cause(ctx)))
		c.stir()
	}
	if c.run == nil {
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
	}
	c.asked()
	if err := sendValue(c.conn, &c.enc, &f.in, kindTask, c.dec.renew(), id, head.encode(), &in); err != nil {
		if _, ok := errors.AsType[*EncodingError](err); ok {
			c.owed.Add(-1)
			return out, err
		}
		await(c, "wait for the end of", func() bool { return closed(c.gone) })
		<-c.gone
		return out, e.died(c)
	}
	if c.run != nil {
		c.awaitReply(ctx, cancel)
	}
	var m *message
	select {
	case m = <-c.reply:
	case <-c.gone:
		select {
		case m = <-c.reply:
		default:
			return out, e.died(c)
		}
	}
	if m.flags&flagRenew != 0 {
		c.enc.gob = nil
	}
	if m.flags&flagError != 0 {
		err = decodeError(m, c.name, c.pid, context.Cause(ctx))
	} else {
		out, err = receiveValue[Out](&c.dec, &f.out, m)
	}
	return out, err
}

// deadline returns when ctx or the executor's context will end, 0 if that is not known.
func (e *Executor) deadline(ctx context.Context) int64 {
	t, ok := ctx.Deadline()
	if e.options.ctx != nil {
		if t2, ok2 := e.options.ctx.Deadline(); ok2 && (!ok || t2.Before(t)) {
			t, ok = t2, true
		}
	}
	if !ok {
		return 0
	}
	return t.UnixNano()
}

// ready waits until the seat has a worker that is ready.
func (s *seat) ready() (*child, error) {
	for {
		s.e.mu.Lock()
		c, err := s.child, s.e.broken
		s.e.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-c.gone:
			continue // there is another, or e is broken
		default:
		}
		await(c, "wait for the start of", func() bool { return closed(c.ready) || closed(c.gone) })
		select {
		case <-c.gone:
		case <-c.ready:
			return c, nil
		}
	}
}

// died returns what the task that c ran fails with.
func (e *Executor) died(c *child) error {
	if err := e.failure(); err != nil {
		return err
	}
	return c.death()
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
	if e.mySeat() != nil {
		return nil
	}
	return e.done.WaitContext(ctx)
}

// ShutdownTimeout is like [Executor.Shutdown], but stops waiting after d, and then returns false. If d is zero or
// negative, it does not wait, and reports whether all tasks and workers have ended.
func (e *Executor) ShutdownTimeout(d time.Duration) bool {
	e.end()
	if e.mySeat() != nil {
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
		e.over = true // no worker is started from now on
		e.mu.Unlock()
		e.filling.Wait()
		e.mu.Lock()
		all := append(e.children(), e.old...)
		e.mu.Unlock()
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
	e.breakUp(cause)
	e.end()
}

// String returns text such as "executor worker: 2 processes, 3 tasks queued".
func (e *Executor) String() string {
	if e == nil || e.inner == nil {
		return "executor"
	}
	state := fmt.Sprintf("%d processes, %d tasks queued", len(e.Pids()), e.Queued())
	if err := e.failure(); err != nil {
		state = err.Error()
	} else if e.done.IsSet() {
		state = "shut down"
	}
	return "executor " + e.options.name + ": " + state
}

// Pids returns the process ids of the workers, in the order of their names.
func (e *Executor) Pids() []int {
	e.mu.Lock()
	defer e.mu.Unlock()
	var pids []int
	for _, c := range e.children() {
		if !c.isGone() {
			pids = append(pids, c.pid)
		}
	}
	return pids
}

// Queued returns the number of tasks that have not started and are not canceled.
func (e *Executor) Queued() int { return e.inner.Queued() }
