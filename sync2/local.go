package sync2

import (
	"weak"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Local is a goroutine-local variable: each goroutine has its own value. It is the equivalent of Python's
// threading.local and Java's ThreadLocal.
//
// The zero value for a Local has no values. A Local must not be copied after first use.
//
// A value is never visible to another goroutine, not even one that the goroutine starts or one that reuses its slot in
// the runtime. The values of a goroutine started by [Go] are dropped when it ends, and values that a task of an
// [Executor] sets are dropped when the task ends. A goroutine started by the go statement should call [ReleaseLocals]
// when it is done with its values; otherwise they are kept until another goroutine needs the slot, so memory is bounded
// by the peak number of live goroutines. When the Local itself becomes unreachable, so do all its values.
//
// With Inherit, a goroutine starts with a value derived from that of the goroutine that starts it, so that the data of
// a request, such as its id or its user, is available in all goroutines that work on it.
//
// Since no value is shared, a Local establishes no “synchronizes before” relation between goroutines. Inherit is called
// in the goroutine that starts another, so the call “synchronizes before” the start of that goroutine's function.
type Local[T any] struct {
	// New, if not nil, is called by the first Get of a goroutine that has no value, and returns its value. It must not
	// be changed after first use.
	New func() T

	// Inherit, if not nil, returns the initial value of a new goroutine, or of a task, given the parent's value. The
	// parent is the goroutine that calls [Go], [WaitGroup.Go], [Group.Go] or one of its variants to start a goroutine,
	// or [Submit] or one of its variants, [Map] or [Executor.Execute] to submit a task. A task keeps the value until it
	// ends. The workers of an [Executor] and the goroutine of a [Flight] inherit nothing.
	//
	// Inherit is called in the parent, before anything is counted, queued or started, so a panic in it propagates to
	// the parent's caller. It is not called if the parent has no value, and New is not called to make one. The Inherit
	// functions of several Locals are called in the order in which the parent first had values of them. Inherit must
	// not be changed after first use.
	//
	// To inherit the value itself, return parent; both goroutines then share the memory it refers to.
	Inherit func(parent T) T

	values slots[T]
	q      waitq.Queue // for observers
}

// Get returns the calling goroutine's value. If there is none, Get makes one with New; if New is nil, it returns the
// zero value and false.
func (l *Local[T]) Get() (T, bool) {
	if c := l.values.find(); c != nil {
		return c.value, true
	}
	return l.first()
}

// first is Get if there is no value yet.
func (l *Local[T]) first() (v T, ok bool) {
	if l.New == nil {
		return v, false
	}
	v = l.New()
	l.Set(v)
	return v, true
}

// Set sets the calling goroutine's value to v.
func (l *Local[T]) Set(v T) {
	if hook.Enabled() {
		l.emit(trace.KindSetValue, "Set", v)
	}
	if c := l.values.find(); c != nil {
		c.value = v
		return
	}
	l.add(v)
}

// add is Set if there is no value yet.
func (l *Local[T]) add(v T) {
	l.values.put(v)
	if l.Inherit != nil {
		bequeathed.Store(true)
	}
	own(weakLocal[T]{weak.Make(l)})
}

// Delete removes the calling goroutine's value. The next Get behaves like the first.
func (l *Local[T]) Delete() {
	if l.values.find() == nil {
		return
	}
	l.values.drop()
	if hook.Enabled() {
		var none T
		l.emit(trace.KindDropValue, "Delete", none)
	}
}

func (l *Local[T]) emit(kind trace.Kind, verb string, v T) {
	text := ""
	if kind == trace.KindSetValue {
		text = trace.ValueText(v) // before the mutex is taken, because a Texter may call anything
	}
	l.q.Point(verb)
	l.q.Lock()
	defer l.q.Unlock()
	l.q.Define(trace.ClassLocal, 0, nil)
	l.q.EmitFor(kind, 0, 0, 0, text)
}

func (l *Local[T]) traced() *trace.Object { return l.q.Object() }
