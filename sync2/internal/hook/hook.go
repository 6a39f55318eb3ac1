package hook

import (
	"context"
	"sync/atomic"
	"time"
)

// These are set once, by package sync2's init, for the packages below it.
var (
	// ObjectOf returns the *trace.Object of a primitive, or nil if v is not a primitive.
	ObjectOf func(v any) any
	// Declare defines a primitive in the running trace, if it is not defined there yet.
	Declare func(v any)
	// Goroutine returns what is known about a goroutine that sync2.Go started and that has not ended.
	Goroutine func(id int64) (name string, parent int64, ok bool)
)

// Clock is set by package explore while it starts a trace, which then uses this clock. It returns the time since the
// trace began. If it is nil, the trace uses the time of day.
var Clock atomic.Pointer[func() time.Duration]

// An Object is an object on which tasks operate. The explorer identifies it by its Mark, not by its address, so that
// it is the same in every run of a program.
type Object interface {
	// Mark returns where the explorer keeps the object's number. It is 0 until the explorer has seen the object.
	Mark() *atomic.Uint32
}

// An Access is the way an operation accesses its object. It determines whether operations on one object commute.
type Access uint8

// The kinds of access.
const (
	AccessRead    Access = iota // it commutes with other reads
	AccessWrite                 // it does not commute
	AccessRelease               // it does not commute, and is not possible while a conditional operation on the same object is
)

// A Task is a goroutine that an explorer schedules. All of its methods except Ready are called by the task itself.
type Task interface {
	// Point is called before each operation on a primitive, with no lock held. Other tasks may run before it returns.
	Point(obj Object, verb string, access Access)
	// When is like Point, for an operation that is possible only when ready returns true. Its access is AccessWrite.
	When(obj Object, verb string, ready func() bool)
	// Uses declares that the next operation reads ctx. It is called before Point.
	Uses(ctx context.Context)
	// Park makes the task wait at obj until Ready is called (true), or until the explorer decides that ctx, if any, has
	// ended or that d, if timed, is over (false). It returns at once if Ready was called before.
	Park(obj Object, verb string, ctx context.Context, d time.Duration, timed bool) bool
	// Go starts run as a new task, which runs up to its first Point before Go returns.
	Go(name string, run func())
	// Ready releases a parked task. It is called by another task, which itself continues.
	Ready()
}

// Current is set by package explore: it returns the calling goroutine's task, or nil if the goroutine is not a task.
var Current func() Task

// Uncontrolled is set by package explore: a goroutine that is not a task calls it before each operation on a primitive.
var Uncontrolled func(obj Object, verb string)

// Explored returns the calling goroutine's task, or nil if no explorer schedules it.
func Explored() Task {
	if !On(Explore) {
		return nil
	}
	return Current()
}

// Point tells an explorer, if there is one, that the calling goroutine is about to do verb at obj. No lock may be held.
func Point(obj Object, verb string, access Access) {
	if !On(Explore) {
		return
	}
	if t := Current(); t != nil {
		t.Point(obj, verb, access)
	} else {
		Uncontrolled(obj, verb)
	}
}

// Uses tells an explorer, if there is one, that the next operation of the calling goroutine reads ctx.
func Uses(ctx context.Context) {
	if t := Explored(); t != nil {
		t.Uses(ctx)
	}
}
