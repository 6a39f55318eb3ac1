package explore

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An Atomic is the mock of the types of package sync/atomic for programs under exploration.
type Atomic[T comparable] struct {
	core core
	v    T
}

// NewAtomic returns an atomic variable with the value v. The name is used in reports.
func NewAtomic[T comparable](e *E, name string, v T) *Atomic[T] {
	return &Atomic[T]{core: newCoreOf(e, "NewAtomic", name, trace.ClassAtomic, 0), v: v}
}

// Load returns the value.
//
//go:norace
func (a *Atomic[T]) Load() T {
	a.core.e.task("Load").Point(&a.core, "Load", hook.AccessRead)
	a.did(trace.KindRead)
	return a.v
}

// Store sets the value.
//
//go:norace
func (a *Atomic[T]) Store(v T) {
	a.core.e.task("Store").Point(&a.core, "Store", hook.AccessWrite)
	a.v = v
	a.did(trace.KindWrite)
}

// Swap sets the value to v and returns the previous value.
//
//go:norace
func (a *Atomic[T]) Swap(v T) (old T) {
	a.core.e.task("Swap").Point(&a.core, "Swap", hook.AccessWrite)
	old, a.v = a.v, v
	a.did(trace.KindWrite)
	return old
}

// CompareAndSwap sets the value to v if it is old, and reports whether it did.
//
//go:norace
func (a *Atomic[T]) CompareAndSwap(old, v T) bool {
	a.core.e.task("CompareAndSwap").Point(&a.core, "CompareAndSwap", hook.AccessWrite)
	if a.v != old {
		a.did(trace.KindRead)
		return false
	}
	a.v = v
	a.did(trace.KindWrite)
	return true
}

// did orders the calling task's operation after those before it, and reports the value read or written to a running
// trace. The operations do not begin with [core.begin], to save a function call after each switch.
//
//go:norace
func (a *Atomic[T]) did(kind trace.Kind) {
	engine.RaceMeet(unsafe.Pointer(&a.core)) //nolint:gosec // it is not followed
	if hook.On(hook.Trace) {
		a.tell(kind)
	}
}

//go:norace
func (a *Atomic[T]) tell(kind trace.Kind) {
	a.core.emit(trace.Event{Kind: kind, Text: trace.ValueText(a.v)})
}

// An AtomicInt is an [Atomic] integer.
type AtomicInt struct{ Atomic[int64] }

// NewAtomicInt returns an atomic integer with the value v. The name is used in reports.
func NewAtomicInt(e *E, name string, v int64) *AtomicInt {
	return &AtomicInt{Atomic[int64]{core: newCoreOf(e, "NewAtomicInt", name, trace.ClassAtomic, 0), v: v}}
}

// Add adds delta and returns the new value.
//
//go:norace
func (a *AtomicInt) Add(delta int64) int64 {
	a.core.e.task("Add").Point(&a.core, "Add", hook.AccessWrite)
	a.v += delta
	a.did(trace.KindWrite)
	return a.v
}
