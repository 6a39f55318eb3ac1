package sync2

import (
	"context"
	"runtime/debug"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What the contexts do that an Executor and its tasks are given.

// whenEnded calls fn in a goroutine of its own when ctx ends, unless stop is called before. It calls methods of ctx, and so does
// stop, so no lock may be held. The waiting goroutine is known to an explorer.
func whenEnded(ctx context.Context, fn func()) (stop func()) {
	if hook.Explored() == nil {
		s := context.AfterFunc(ctx, fn)
		return func() { s() }
	}
	if ctx.Done() == nil {
		return func() {}
	}
	over := new(Event)
	launch("context", func() {
		if over.WaitContext(ctx) != nil {
			fn()
		}
	})
	return over.Set
}

// canceledBy calls then with the error of what the end of ctx has canceled, and its text. It calls methods of ctx in a goroutine
// that has nothing to do with ctx, so then is called whatever they do, and a panic is reported to OnPanic only. No lock may be
// held.
func canceledBy(ctx context.Context, then func(err error, text string)) {
	err, text := ErrCanceled, ErrCanceled.Error()
	defer func() {
		if r := recover(); r != nil {
			p := &PanicError{Value: r, Stack: debug.Stack()}
			defer lost(p) // however then ends
		}
		then(err, text)
	}()
	lim := waitq.Over(ctx)
	why := &canceledError{lim.Cause()}
	err, text = why, trace.ErrorText(why)
}

// follow cancels e when its context ends.
func (e *Executor) follow() {
	end := func() { canceledBy(e.ctx, e.cancel) }
	if waitq.Ended(e.ctx) {
		end()
		return
	}
	stop := whenEnded(e.ctx, end)
	e.q.Lock()
	e.unfollow = stop
	e.unwatch()
	loose := e.takeLoose()
	e.q.Unlock()
	callAll(loose)
}

// unwatch stops watching contexts once e has ended. The mutex must be held.
func (e *Executor) unwatch() {
	if !e.closed || e.alive > 0 || e.tasks.count > 0 {
		return
	}
	if e.unfollow != nil {
		e.loose = append(e.loose, e.unfollow)
		e.unfollow = nil
	}
	if e.tie != nil && e.tie.queued == 0 {
		e.loose = append(e.loose, e.tie.stop)
		e.tie = nil
	}
}

// takeLoose returns the functions that stop watching contexts, which must be called with no lock held. The mutex must be held.
func (e *Executor) takeLoose() []func() {
	if e.loose == nil {
		return nil
	}
	loose := e.loose
	e.loose = nil
	return loose
}

// callAll calls all of the functions.
func callAll(fns []func()) {
	for _, fn := range fns {
		fn()
	}
}

// A tie is a context with which tasks were submitted, and what makes its end cancel those that have not begun. Tasks that
// are submitted one after the other with the same context share one.
type tie struct {
	origin origin // of the tasks that were submitted with this context
	done   <-chan struct{}
	over   steps.Bool // ctx has ended
	queued int        // number of tasks that have not begun; guarded by the executor's mutex
	stop   func()
}

// tieTo returns the origin of one more task with ctx, whose Done channel is done. Its tie is nil if ctx never ends.
func (e *Executor) tieTo(ctx context.Context, done <-chan struct{}) *origin {
	if done == nil {
		return &origin{ctx: ctx}
	}
	e.q.Lock()
	if t := e.tie; t != nil && t.done == done && !t.over.Load() {
		t.queued++
		e.q.Unlock()
		if sameContext(ctx, t.origin.ctx) {
			return &t.origin
		}
		return &origin{ctx, t}
	}
	e.q.Unlock()
	t := &tie{done: done, queued: 1}
	t.origin = origin{ctx, t}
	t.stop = whenEnded(ctx, func() { e.expire(t) })
	e.q.Lock()
	if e.tie != nil && e.tie.queued == 0 {
		e.loose = append(e.loose, e.tie.stop)
	}
	e.tie = t
	loose := e.takeLoose()
	e.q.Unlock()
	callAll(loose)
	return &t.origin
}

// sameContext reports whether a and b are identical, not only equal. It calls no code of the caller, and does not panic if they
// cannot be compared.
func sameContext(a, b context.Context) bool {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&a)) == *(*[2]unsafe.Pointer)(unsafe.Pointer(&b)) //nolint:gosec // an interface value is two words, which are only read and compared
}

// untie notes that task has begun or never will, and reports whether its context has ended. The mutex must be held, and the caller
// later calls what takeLoose returns.
func (e *Executor) untie(task runner) (ended bool) {
	t := task.tied()
	if t == nil {
		return false
	}
	if t.queued--; t.queued == 0 && t != e.tie { // the last context is likely to be used again
		e.loose = append(e.loose, t.stop)
	}
	return t.ended()
}

// refused notes that task, whose context may be tied, was not accepted.
func (e *Executor) refused(task runner) {
	e.q.Lock()
	e.untie(task)
	e.unwatch()
	loose := e.takeLoose()
	e.q.Unlock()
	callAll(loose)
}

// ended reports whether the context of t has ended.
func (t *tie) ended() bool {
	if t.over.Load() {
		return true
	}
	steps.CheckContext(t.origin.ctx)
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// expire cancels the tasks of t that have not begun. The context of t has ended.
func (e *Executor) expire(t *tie) {
	t.over.Store(true)
	canceledBy(t.origin.ctx, func(err error, text string) {
		var all []runner
		e.q.Point("expire")
		e.q.Lock()
		for i := range e.tasks.count {
			if task := e.tasks.at(i).value; task.tied() == t {
				all = append(all, task)
			}
		}
		e.q.Unlock()
		var then callbacks
		for _, task := range all {
			then = append(then, task.drop(err, text)...)
		}
		then.call()
	})
}

// lapse cancels task, which is not queued anymore, because its context has ended.
func lapse(task runner) {
	canceledBy(task.tied().origin.ctx, func(err error, text string) { task.drop(err, text).call() })
}

// A taskBase is what the context of a task is derived from: it has the values and the deadline of both contexts, and ends
// with that of the task. The end of the executor's is a Cancel.
type taskBase struct {
	task context.Context // of SubmitContext
	of   context.Context // of WithContext; nil if there is none
}

func newBase(task, of context.Context) context.Context {
	if task == nil {
		task = context.Background()
	}
	if of == nil {
		return task
	}
	return &taskBase{task, of}
}

// Deadline implements context.Context.
func (b *taskBase) Deadline() (deadline time.Time, ok bool) {
	mine, ok := b.task.Deadline()
	if theirs, too := b.of.Deadline(); too && (!ok || theirs.Before(mine)) {
		return theirs, true
	}
	return mine, ok
}

// Done implements context.Context.
func (b *taskBase) Done() <-chan struct{} { return b.task.Done() }

// Err implements context.Context.
func (b *taskBase) Err() error { return b.task.Err() }

// Value implements context.Context.
func (b *taskBase) Value(key any) any {
	if v := b.task.Value(key); v != nil {
		return v
	}
	return b.of.Value(key)
}
