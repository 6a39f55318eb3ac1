package explore

import (
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Atomic is the counterpart of the types of package sync/atomic for programs under exploration.
type Atomic[T comparable] struct {
	core core
	v    T
}

// NewAtomic returns an atomic variable that has the value v. Its name is for reports.
func NewAtomic[T comparable](e *E, name string, v T) *Atomic[T] {
	return &Atomic[T]{core: newCoreOf(e, "NewAtomic", name, trace.ClassAtomic, 0), v: v}
}

// Load returns the value.
//
//go:norace
func (a *Atomic[T]) Load() T {
	a.core.look("Load")
	a.tell(trace.KindRead)
	return a.v
}

// Store changes the value.
//
//go:norace
func (a *Atomic[T]) Store(v T) {
	a.core.do("Store")
	a.v = v
	a.tell(trace.KindWrite)
}

// Swap changes the value and returns what it was.
//
//go:norace
func (a *Atomic[T]) Swap(v T) (old T) {
	a.core.do("Swap")
	old, a.v = a.v, v
	a.tell(trace.KindWrite)
	return old
}

// CompareAndSwap changes the value if it is old, and reports whether it did.
//
//go:norace
func (a *Atomic[T]) CompareAndSwap(old, v T) bool {
	a.core.do("CompareAndSwap")
	if a.v != old {
		a.tell(trace.KindRead)
		return false
	}
	a.v = v
	a.tell(trace.KindWrite)
	return true
}

// tell tells a trace, if there is one, the value that the calling task has read or written.
//
//go:norace
func (a *Atomic[T]) tell(kind trace.Kind) {
	if hook.On(hook.Trace) {
		a.core.emit(trace.Event{Kind: kind, Text: trace.ValueText(a.v)})
	}
}

// An AtomicInt is an [Atomic] number.
type AtomicInt struct{ Atomic[int64] }

// NewAtomicInt returns an atomic number. Its name is for reports.
func NewAtomicInt(e *E, name string, v int64) *AtomicInt {
	return &AtomicInt{Atomic[int64]{core: newCoreOf(e, "NewAtomicInt", name, trace.ClassAtomic, 0), v: v}}
}

// Add adds delta and returns the sum.
//
//go:norace
func (a *AtomicInt) Add(delta int64) int64 {
	a.core.do("Add")
	a.v += delta
	a.tell(trace.KindWrite)
	return a.v
}
