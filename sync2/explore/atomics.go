package explore

// An Atomic is the counterpart of the types of package sync/atomic for programs under exploration.
type Atomic[T comparable] struct {
	core core
	v    T
}

// NewAtomic returns an atomic variable that has the value v. Its name is for reports.
func NewAtomic[T comparable](e *E, name string, v T) *Atomic[T] {
	return &Atomic[T]{core: newCore(e, "NewAtomic", name), v: v}
}

// Load returns the value.
//
//go:norace
func (a *Atomic[T]) Load() T {
	a.core.look("Load")
	return a.v
}

// Store changes the value.
//
//go:norace
func (a *Atomic[T]) Store(v T) {
	a.core.do("Store")
	a.v = v
}

// Swap changes the value and returns what it was.
//
//go:norace
func (a *Atomic[T]) Swap(v T) (old T) {
	a.core.do("Swap")
	old, a.v = a.v, v
	return old
}

// CompareAndSwap changes the value if it is old, and reports whether it did.
//
//go:norace
func (a *Atomic[T]) CompareAndSwap(old, v T) bool {
	a.core.do("CompareAndSwap")
	if a.v != old {
		return false
	}
	a.v = v
	return true
}

// An AtomicInt is an [Atomic] number.
type AtomicInt struct{ Atomic[int64] }

// NewAtomicInt returns an atomic number. Its name is for reports.
func NewAtomicInt(e *E, name string, v int64) *AtomicInt {
	return &AtomicInt{Atomic[int64]{core: newCore(e, "NewAtomicInt", name), v: v}}
}

// Add adds delta and returns the sum.
//
//go:norace
func (a *AtomicInt) Add(delta int64) int64 {
	a.core.do("Add")
	a.v += delta
	return a.v
}
