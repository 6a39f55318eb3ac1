// Package hook is the seam between the primitives and those who watch them.
//
// A primitive asks one question, [Watched], before its fast path; the answer is one atomic load. Everything else
// here is reached only when the answer is yes: by the trace (package trace) or by the explorer (package explore). The
// build tag "turnstile_nohook" takes it all out, which is for measuring what it costs.
package hook

import (
	"context"
	"time"
)

// These are set once, by package sync2's init, for the packages below it.
var (
	// ObjectOf returns the *trace.Object of a primitive, or nil if v is none.
	ObjectOf func(v any) any
	// Goroutine returns what is known of a goroutine that sync2.Go started and that has not ended.
	Goroutine func(id int64) (name string, parent int64, ok bool)
)

// A Task is a goroutine that an explorer schedules. All of its methods but Ready are called by the task itself.
type Task interface {
	// Point is called before each operation on a primitive, with no lock held. Other tasks may run before it returns.
	Point(obj any, verb string)
	// Park makes the task wait until Ready is called (true), or until the explorer decides that ctx, if any, has ended
	// or that d, if timed, is over (false). It returns at once if Ready was called before.
	Park(ctx context.Context, d time.Duration, timed bool) bool
	// Go starts run as a new task, which runs up to its first Point before Go returns.
	Go(name string, run func())
	// Ready lets a parked task go on. It is called by another task, which goes on itself.
	Ready()
}

// Current is set by package explore: it returns the calling goroutine's task, or nil if it is none.
var Current func() Task

// Explored returns the calling goroutine's task, or nil if no explorer schedules it.
func Explored() Task {
	if !On(Explore) {
		return nil
	}
	return Current()
}
