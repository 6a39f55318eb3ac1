package sync2

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var (
	// ErrCanceled is matched by the error of a [Future] that was canceled, and is the cause with which the context of
	// a running task ends when its Future is canceled.
	ErrCanceled = errors.New("sync2: canceled")
	// errGoexit is what a task that called runtime.Goexit fails with.
	errGoexit = errors.New("sync2: the task called runtime.Goexit")
)

// A PanicError is what a [Future] fails with when its task panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine when it panicked, as debug.Stack returns it
}

// Error returns the panic's value in words and, on further lines, the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("sync2: panic: %v\n\n%s", e.Value, e.Stack) }

// Unwrap returns the panic's value if that is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// died returns the error of a task that did not return; r is what recover returned.
func died(r any) error {
	if r == nil {
		return errGoexit
	}
	return &PanicError{Value: r, Stack: debug.Stack()}
}

// A canceledError is why a Future was canceled, where there is more to say than ErrCanceled.
type canceledError struct{ cause error }

func (e *canceledError) Error() string { return fmt.Sprintf("%v: %v", ErrCanceled, e.cause) }

// Unwrap returns ErrCanceled and the cause.
func (e *canceledError) Unwrap() []error { return []error{ErrCanceled, e.cause} }

// A future is the part of a Future that does not depend on its type.
//
// A task that nobody asks about begins and ends without the mutex: the worker moves the state on. Whoever wants to hear
// of the end puts up the flag heard, with the mutex held; then the worker takes the mutex too.
type future struct {
	state    steps.Int32            // a State, or 0 while a Cancel is about to settle it; and the flag heard
	fatal    bool                   // a panic of the task crashes the program; never changes
	q        waitq.Queue            // those who wait for the result; its mutex guards what follows
	executor *Executor              // nil: of a promise; never changes
	err      error                  // written before the state becomes final
	place    uint64                 // in the order in which futures were settled; written before the state becomes final
	audience *audience              // nil if there is none
	stopper  steps.Pointer[stopper] // of the task's context; nil until somebody uses or ends that
}

// An audience is who wants to hear of the end of a future, other than by waiting for it.
type audience struct {
	done     chan struct{}
	watchers *watcher
	onDone   []func()
}

// heard says that somebody wants to hear when the future is settled. It is put up under the mutex only.
const heard = 1 << 8

// settlements counts the futures that were settled.
var settlements atomic.Uint64

func (f *future) now() State {
	if s := State(f.state.Load() &^ heard); s != 0 {
		return s
	}
	return Pending
}

// move changes the state, if it is from, to another that is not final.
func (f *future) move(from, to State) bool {
	for {
		old := f.state.Load()
		if State(old&^heard) != from {
			return false
		}
		if f.state.CompareAndSwap(old, old&heard|int32(to)) {
			return true
		}
	}
}

// hear sees to it that whoever settles the future takes the mutex. It returns false if it is settled already. The mutex
// must be held.
func (f *future) hear() bool {
	for {
		old := f.state.Load()
		if State(old &^ heard).settled() {
			return false
		}
		if old&heard != 0 || f.state.CompareAndSwap(old, old|heard) {
			return true
		}
	}
}

// listeners returns the audience, to add to. The mutex must be held, and hear must have returned true.
func (f *future) listeners() *audience {
	if f.audience == nil {
		f.audience = new(audience)
	}
	return f.audience
}

// wait waits until f is settled.
func (f *future) wait(lim *waitq.Limit, verb string) (granted bool) {
	f.lock(verb)
	switch {
	case !f.hear():
		f.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Canceled() && !lim.Instant():
		w := waitq.NewWaiter(lim)
		if granted = f.q.Park(w, lim, "Result", false); granted {
			w.Free()
		}
		return granted
	}
	f.q.Unlock()
	return granted
}

// beginWatched is begin while somebody watches.
func (f *future) beginWatched() bool {
	f.q.Lock()
	defer f.q.Unlock()
	if !f.move(Pending, Running) {
		return false
	}
	f.define()
	f.q.Emit(trace.KindTaskStart, 0)
	return true
}

// finish settles a future whose task runs, if nobody has to hear of it: the fast path. The caller is the worker.
func (f *future) finish(to State, err error) bool {
	if hook.Watched() || f.state.Load() != int32(Running) {
		return false
	}
	f.err, f.place = err, settlements.Add(1)
	return f.state.CompareAndSwap(int32(Running), int32(to))
}

// become settles f, and tells everybody. The mutex is held, and released when become returns.
func (f *future) become(to State, err error, text string) {
	var wakes waitq.Wakes
	f.err, f.place = err, settlements.Add(1)
	f.state.Store(int32(to))
	f.q.EmitFor(trace.KindSettle, 0, 0, int64(to), text)
	for w := f.q.Front(); w != nil; w = f.q.Front() {
		f.q.Grant(w, &wakes)
	}
	var callbacks []func()
	if a := f.audience; a != nil {
		if a.done != nil {
			close(a.done)
		}
		for w := a.watchers; w != nil; w = w.next {
			w.group.note(w, &wakes)
		}
		callbacks, f.audience = a.onDone, nil
	}
	stop := f.stopper.Load()
	f.q.Unlock()
	wakes.Wake()
	if stop != nil {
		stop.cancel(context.Canceled)
	}
	callAll(callbacks)
}

// channel returns the channel of Done. The mutex must be held.
func (f *future) channel() <-chan struct{} {
	if !f.hear() {
		return closed
	}
	a := f.listeners()
	if a.done == nil {
		a.done = make(chan struct{})
	}
	return a.done
}

// callAll calls the callbacks one after the other. Neither a panic nor a Goexit of one keeps the rest from it.
func callAll(callbacks []func()) {
	if len(callbacks) == 0 {
		return
	}
	defer func() { callAll(callbacks) }() // after a Goexit there are some left
	for len(callbacks) > 0 {
		fn := callbacks[0]
		callbacks = callbacks[1:]
		callBack(fn)
	}
}

// callBack calls fn; if that panics, the panic ends here.
func callBack(fn func()) {
	defer func() { _ = recover() }()
	fn()
}

// lock begins the operation verb: it tells those who watch, and takes the mutex.
func (f *future) lock(verb string) {
	f.q.Point(verb)
	f.q.Lock()
	f.define()
}

func (f *future) define() {
	if !hook.Watched() {
		return
	}
	var parent *trace.Object
	if f.executor != nil {
		parent = f.executor.traced()
	}
	f.q.Define(trace.ClassFuture, 0, parent)
}

func (f *future) traced() *trace.Object { return f.q.Object() }
