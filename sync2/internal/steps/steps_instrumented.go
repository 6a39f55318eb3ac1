//go:build turnstile_steps

// Package steps has the atomic variables of the primitives, each operation on which is a step of the explorer.
package steps

import (
	"context"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Instrumented reports whether the build tag is set.
const Instrumented = true

// A mark is the Mark of a variable.
type mark struct{ n atomic.Uint32 }

// Mark implements [hook.Object].
func (m *mark) Mark() *atomic.Uint32 { return &m.n }

func (m *mark) write(verb string) { m.point(verb, hook.AccessWrite) }

func (m *mark) read(verb string) { m.point(verb, hook.AccessRead) }

func (m *mark) point(verb string, access hook.Access) {
	if t := hook.Explored(); t != nil {
		t.Point(m, verb, access)
	}
}

// CheckContext is called before each read of ctx.
func CheckContext(ctx context.Context) {
	if t := hook.Explored(); t != nil {
		t.Uses(ctx)
		t.Point(nil, "Err", hook.AccessRead)
	}
}

// A Bool is an atomic.Bool.
type Bool struct {
	mark
	v atomic.Bool
}

// Load loads.
func (b *Bool) Load() bool { b.read("Load"); return b.v.Load() }

// Store stores.
func (b *Bool) Store(v bool) { b.write("Store"); b.v.Store(v) }

// An Int32 is an atomic.Int32.
type Int32 struct {
	mark
	v atomic.Int32
}

// Load loads.
func (i *Int32) Load() int32 { i.read("Load"); return i.v.Load() }

// Store stores.
func (i *Int32) Store(v int32) { i.write("Store"); i.v.Store(v) }

// Or sets the bits of mask.
func (i *Int32) Or(mask int32) int32 { i.write("Or"); return i.v.Or(mask) }

// CompareAndSwap swaps.
func (i *Int32) CompareAndSwap(old, v int32) bool {
	i.write("CompareAndSwap")
	return i.v.CompareAndSwap(old, v)
}

// An Int64 is an atomic.Int64.
type Int64 struct {
	mark
	v atomic.Int64
}

// Load loads.
func (i *Int64) Load() int64 { i.read("Load"); return i.v.Load() }

// Store stores.
func (i *Int64) Store(v int64) { i.write("Store"); i.v.Store(v) }

// A Uint32 is an atomic.Uint32.
type Uint32 struct {
	mark
	v atomic.Uint32
}

// Load loads.
func (u *Uint32) Load() uint32 { u.read("Load"); return u.v.Load() }

// Store stores.
func (u *Uint32) Store(v uint32) { u.write("Store"); u.v.Store(v) }

// A Uint64 is an atomic.Uint64.
type Uint64 struct {
	mark
	v atomic.Uint64
}

// Load loads.
func (u *Uint64) Load() uint64 { u.read("Load"); return u.v.Load() }

// Store stores.
func (u *Uint64) Store(v uint64) { u.write("Store"); u.v.Store(v) }

// Add adds.
func (u *Uint64) Add(d uint64) uint64 { u.write("Add"); return u.v.Add(d) }

// Or sets the bits of mask.
func (u *Uint64) Or(mask uint64) uint64 { u.write("Or"); return u.v.Or(mask) }

// And keeps the bits of mask.
func (u *Uint64) And(mask uint64) uint64 { u.write("And"); return u.v.And(mask) }

// CompareAndSwap swaps.
func (u *Uint64) CompareAndSwap(old, v uint64) bool {
	u.write("CompareAndSwap")
	return u.v.CompareAndSwap(old, v)
}

// A Pointer is an atomic.Pointer.
type Pointer[T any] struct {
	mark
	v atomic.Pointer[T]
}

// Load loads.
func (p *Pointer[T]) Load() *T { p.read("Load"); return p.v.Load() }

// Store stores.
func (p *Pointer[T]) Store(v *T) { p.write("Store"); p.v.Store(v) }

// CompareAndSwap swaps.
func (p *Pointer[T]) CompareAndSwap(old, v *T) bool {
	p.write("CompareAndSwap")
	return p.v.CompareAndSwap(old, v)
}
