package hook

import (
	"context"
	"sync/atomic"
	"time"
)

// Whole is set by package explore if its explorer also controls channels, goroutines and files, so that it need not be
// notified of waits for the outside.
var Whole bool

// Locals is set when a goroutine first has a value in a Local. Until then no goroutine has any to release.
var Locals atomic.Bool

// Timeout is set by package explore: it is WithTimeout in the time of a run.
var Timeout func(parent context.Context, d time.Duration) (context.Context, context.CancelFunc)

// Cancel is set by package explore: it is WithCancelCause, with the end as an operation of the run.
var Cancel func(parent context.Context) (context.Context, context.CancelCauseFunc)

// An Expectation is what a program may expect from outside.
type Expectation uint8

// The expectations.
const (
	ExpectNothing Expectation = iota // nothing was asked for
	ExpectBlocked                    // something will come, but apparently the program has to do something first
	ExpectLate                       // something will come, but it may take long
	ExpectSoon                       // something will come soon by itself
	ExpectSurely                     // the same, and it is certain
)

// An Outsider is a [Task] of a program that has a part outside the explorer's control, such as other processes. The
// task itself calls all methods.
type Outsider interface {
	Task
	// Run returns a value that identifies the run.
	Run() any
	// Outside declares that from now on the program waits for what, which the explorer does not control.
	Outside(what string)
	// Away declares that the task is about to wait for something outside that does not take long, while no other task
	// runs. The task calls back afterwards.
	Away() (back func())
	// AtEnd registers f to be called when the run is over and all of its tasks have ended. f is not called by a task.
	AtEnd(f func())
	// Serve is like Go, for a task that does not belong to the program: the run may end without it.
	Serve(name string, run func())
	// Await waits until come reports that something has come from outside. Other tasks may run meanwhile. If expect says
	// that it will come soon, Await may return after some time although nothing has come. Both are called by the goroutine
	// that does the scheduler's work, and must not synchronize the tasks in the eyes of the race detector: they may read
	// atomic variables, and channels.
	Await(obj Object, verb string, come func() bool, expect func() Expectation)
}

// Outer returns the calling goroutine's task if an explorer schedules it that knows only the primitives, and nil
// otherwise.
func Outer() Outsider {
	if Whole {
		return nil
	}
	t, _ := Explored().(Outsider)
	return t
}

// WithTimeout is context.WithTimeout, in the time of the run if there is one.
func WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if Outer() != nil {
		return Timeout(parent, d)
	}
	return context.WithTimeout(parent, d)
}

// WithCancelCause is context.WithCancelCause; if there is a run, the end of the context is an operation of the run. No
// lock may be held when it is ended.
func WithCancelCause(parent context.Context) (context.Context, context.CancelCauseFunc) {
	if Outer() != nil {
		return Cancel(parent)
	}
	return context.WithCancelCause(parent)
}

var outside atomic.Uint64

// GoOutside starts a goroutine that does not belong to a program, and touches none of its primitives.
func GoOutside(f func()) {
	outside.Add(1)
	go f()
}

// StartedOutside returns the number of goroutines that GoOutside has started.
func StartedOutside() uint64 { return outside.Load() }
