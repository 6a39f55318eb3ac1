package sync2

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var (
	// ErrCanceled is matched by the error of a [Future] that was canceled. It is also the cause of a running task's
	// context once its Future has been canceled.
	ErrCanceled = errors.New("sync2: canceled")
	// errGoexit is the error of a task that called runtime.Goexit.
	errGoexit = errors.New("sync2: the task called runtime.Goexit")
)

// A PanicError is the error of a [Future] whose task panicked. It is also the value with which [Flight.Do] and
// [Group.Wait] panic if a function that they wait for has panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine when it panicked, as debug.Stack returns it
}

// Error returns the panic's value as text, followed by the stack on separate lines. As in the message of a crashing
// program, errors, [fmt.Stringer] values, strings, booleans and numbers are printed, and other values only by their
// type.
func (e *PanicError) Error() string { return e.words() + "\n\n" + string(e.Stack) }

// words returns the text of the panic's value.
func (e *PanicError) words() string {
	if printable(e.Value) {
		return fmt.Sprintf("sync2: panic: %v", e.Value)
	}
	return fmt.Sprintf("sync2: panic: (%T)", e.Value)
}

// TraceText returns the text that traces show: [trace.ErrorText] of the panic's value if that is an error, and
// [trace.ValueText] of it otherwise. Neither calls the program's methods or reads memory that the program may change.
func (e *PanicError) TraceText() string {
	return "sync2: panic: " + e.valueText()
}

// valueText returns what traces show of the panic's value.
func (e *PanicError) valueText() string {
	if err, ok := e.Value.(error); ok {
		return trace.ErrorText(err)
	}
	return trace.ValueText(e.Value)
}

// printable reports whether a value can be printed without following references, which may never end.
func printable(v any) bool {
	switch v.(type) {
	case error, fmt.Stringer, nil:
		return true
	}
	k := reflect.TypeOf(v).Kind()
	return k <= reflect.Complex128 || k == reflect.String
}

// Unwrap returns the panic's value if it is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// died returns the error of a task that did not return. r is the result of recover.
func died(r any) error {
	if r == nil {
		return errGoexit
	}
	return &PanicError{Value: r, Stack: debug.Stack()}
}

// A canceledError is why a Future was canceled, where there is more to say than ErrCanceled.
type canceledError struct{ cause error }

func (e *canceledError) Error() string { return fmt.Sprintf("%v: %v", ErrCanceled, e.cause) }

// TraceText implements [trace.Texter].
func (e *canceledError) TraceText() string {
	return ErrCanceled.Error() + ": " + trace.ErrorText(e.cause)
}

// Unwrap returns ErrCanceled and the cause.
func (e *canceledError) Unwrap() []error { return []error{ErrCanceled, e.cause} }

// A future is the part of a Future that does not depend on its type.
//
// A task that no goroutine asks about begins and ends without the mutex: the worker advances the state. A goroutine that
// wants to be notified of the end sets the flag heard; then the worker takes the mutex too.
type future struct {
	state    steps.Int32            // a State and the flags
	made     bool                   // it is not the zero value; never changes
	fatal    bool                   // a panic of the task crashes the program; never changes
	q        waitq.Queue            // waits for the result; its mutex guards what follows
	executor *Executor              // nil for the future of a promise; never changes
	origin   *origin                // nil if there is none; never changes
	err      error                  // written before the state becomes final
	place    uint64                 // in the order in which futures were settled; written before the state becomes final
	audience *audience              // nil if there is none
	stopper  steps.Pointer[stopper] // of the task's context; nil until the context is used or ended
}

// An origin is what the task of a future takes over from its submitter.
type origin struct {
	ctx context.Context // of SubmitContext; nil if there is none
	tie *tie            // of ctx; nil if ctx never ends
}

// An audience is what must be notified when a future settles, other than the goroutines that wait for it.
type audience struct {
	done     chan struct{}
	watchers *watcher
	onDone   callbacks
}

// The flags beside the State. A future without any is settled by its worker without the mutex.
const (
	heard    = 1 << 8  // a goroutine must be notified when it is settled
	settling = 1 << 9  // a Cancel, which holds the mutex, is about to settle it: its task must not begin
	observed = 1 << 10 // a trace knows its state, so it must not change without the mutex

	flags = heard | settling | observed
)

// settlements counts the settled futures.
var settlements atomic.Uint64

func (f *future) now() State { return State(f.state.Load() &^ flags) }

// move changes the state from from to another that is not final, and reports whether it did.
func (f *future) move(from, to State) bool {
	for {
		old := f.state.Load()
		if State(old&^(heard|observed)) != from {
			return false
		}
		if f.state.CompareAndSwap(old, old&(heard|observed)|int32(to)) {
			return true
		}
	}
}

// hear makes the goroutine that settles the future take the mutex. It returns false if the future is already settled.
func (f *future) hear() bool {
	for {
		old := f.state.Load()
		if State(old &^ flags).settled() {
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
		f.q.List().Register(&f.q, f, "Result")
		if granted = f.q.Park(w, lim, "Result", false); granted {
			w.Free()
		}
		return granted
	}
	f.unlock()
	return granted
}

// begin begins a task, unless it was canceled.
func (f *future) begin() bool {
	for !hook.Enabled() {
		switch old := f.state.Load(); {
		case old&observed != 0:
			return f.beginWatched()
		case State(old&^heard) != Pending:
			return false
		case f.state.CompareAndSwap(old, old&heard|int32(Running)):
			return true
		}
	}
	return f.beginWatched()
}

// beginWatched is begin under an observer.
func (f *future) beginWatched() bool {
	f.q.Lock()
	defer f.unlock()
	f.define()
	if !f.move(Pending, Running) {
		return false
	}
	f.q.Emit(trace.KindTaskStart, 0)
	return true
}

// finish settles a future whose task is running, if no goroutine must be notified. It is the fast path of the worker.
func (f *future) finish(to State, err error) bool {
	if hook.Enabled() || f.state.Load() != int32(Running) {
		return false
	}
	f.err, f.place = err, settlements.Add(1)
	return f.state.CompareAndSwap(int32(Running), int32(to))
}

// become settles f, releases its waiters, and returns the callbacks, which it does not call. The mutex must be held; become
// returns without it.
func (f *future) become(to State, err error, text string) (then callbacks) {
	var wakes waitq.WakeList
	f.err, f.place = err, settlements.Add(1)
	f.state.Store(int32(to))
	f.q.EmitFor(trace.KindSettle, 0, 0, int64(to), text)
	for w := f.q.Front(); w != nil; w = f.q.Front() {
		f.q.Grant(w, &wakes)
	}
	if a := f.audience; a != nil {
		if a.done != nil {
			close(a.done)
		}
		for w := a.watchers; w != nil; w = w.next {
			w.group.note(w, &wakes)
		}
		then, f.audience = a.onDone, nil
	}
	stop := f.stopper.Load()
	f.unlock()
	wakes.Wake()
	if stop != nil {
		stop.cancel(context.Canceled)
	}
	return then
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

// callbacks are the callbacks of one or more futures.
type callbacks []callback

// call calls them in turn. It calls the rest even if one panics or calls runtime.Goexit.
func (c callbacks) call() {
	if len(c) == 0 {
		return
	}
	defer func() { c.call() }() // after a Goexit some are left
	for len(c) > 0 {
		first := c[0]
		c = c[1:]
		first.call()
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (f *future) lock(verb string) {
	f.q.Point(verb)
	f.q.Lock()
	f.define()
}

// unlock releases the mutex. A running trace forgets a settled future, and defines it again if it is used again.
func (f *future) unlock() {
	if hook.Enabled() && f.now().settled() {
		f.q.Object().Forget()
	}
	f.q.Unlock()
}

func (f *future) define() {
	if !hook.Enabled() {
		return
	}
	var parent *trace.Object
	if f.executor != nil {
		parent = f.executor.traced()
	}
	if f.q.Session() == 0 && f.hear() {
		f.state.Or(observed)
	}
	if f.q.Define(trace.ClassFuture, int64(f.now()), parent) {
		f.q.FoundWaiting(f.q.List(), "Result")
	}
}

func (f *future) traced() *trace.Object { return f.q.Object() }
