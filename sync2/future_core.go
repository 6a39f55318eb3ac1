package sync2

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var (
	// ErrCancelled is matched by the error of a [Future] that was cancelled, and is the cause with which the context of
	// a running task ends when its Future is cancelled.
	ErrCancelled = errors.New("sync2: cancelled")
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

// A cancelledError is why a Future was cancelled, where there is more to say than ErrCancelled.
type cancelledError struct{ cause error }

func (e *cancelledError) Error() string { return fmt.Sprintf("%v: %v", ErrCancelled, e.cause) }

// Unwrap returns ErrCancelled and the cause.
func (e *cancelledError) Unwrap() []error { return []error{ErrCancelled, e.cause} }

// A future is the part of a Future that does not depend on its type.
type future struct {
	state    atomic.Int32 // a State; written under q's mutex
	fatal    bool         // a panic of the task crashes the program; never changes
	q        waitq.Queue  // those who wait for the result; its mutex guards what follows
	executor *Executor    // nil: of a promise; never changes
	err      error        // written before the state becomes final
	place    uint64       // in the order in which futures were settled; written before the state becomes final
	done     chan struct{}
	watchers *watcher
	onDone   *callback
	stopper  atomic.Pointer[stopper] // of the task's context; nil until somebody uses or ends that
}

// settlements counts the futures that were settled.
var settlements atomic.Uint64

func (f *future) now() State { return State(f.state.Load()) }

// wait waits until f is settled.
func (f *future) wait(lim *waitq.Limit, verb string) error {
	f.lock(verb)
	if f.now().settled() {
		f.q.Emit(trace.KindPass, 0)
		f.q.Unlock()
		return nil
	}
	err := lim.Err()
	if err == nil {
		w := waitq.NewWaiter(lim)
		if err = f.q.Park(w, lim, "Result", false); err == nil {
			w.Free()
			return nil
		}
	}
	f.q.Unlock()
	return err
}

// become settles f, and tells everybody. The mutex is held, and released when become returns.
func (f *future) become(to State, err error, text string) {
	var wakes waitq.Wakes
	f.err, f.place = err, settlements.Add(1)
	f.state.Store(int32(to))
	f.q.EmitFor(trace.KindSettle, 0, 0, int64(to), text)
	if f.done != nil {
		close(f.done)
	}
	for w := f.q.Front(); w != nil; w = f.q.Front() {
		f.q.Grant(w, &wakes)
	}
	for w := f.watchers; w != nil; w = w.next {
		w.group.note(w, &wakes)
	}
	callbacks := f.onDone
	f.watchers, f.onDone = nil, nil
	stop := f.stopper.Load()
	f.q.Unlock()
	wakes.Wake()
	if stop != nil {
		stop.cancel(context.Canceled)
	}
	callbacks.callAll()
}

// channel returns the channel of Done. The mutex must be held.
func (f *future) channel() <-chan struct{} {
	switch {
	case f.done != nil:
	case f.now().settled():
		return closed
	default:
		f.done = make(chan struct{})
	}
	return f.done
}

// A callback is a function given to OnDone, and those given after it.
type callback struct {
	fn   func()
	next *callback
}

// add adds fn at the end of the list that c begins, and returns the beginning.
func (c *callback) add(fn func()) *callback {
	last := &c
	for *last != nil {
		last = &(*last).next
	}
	*last = &callback{fn: fn}
	return c
}

// callAll calls the functions one after the other. Neither a panic nor a Goexit of one keeps the rest from it.
func (c *callback) callAll() {
	if c == nil {
		return
	}
	defer func() { c.callAll() }() // after a Goexit there are some left
	for c != nil {
		fn := c.fn
		c = c.next
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
