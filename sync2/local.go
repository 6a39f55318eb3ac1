package sync2

import (
	"weak"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Local is a variable of which every goroutine has its own, like Python's threading.local and Java's ThreadLocal.
//
// The zero value for a Local is one without values. A Local must not be copied after first use.
//
// A value never shows in another goroutine, also not in one that is started by the first or that takes its place in
// the runtime. The values of a goroutine that [Go] started are dropped when it ends, and what a task of an [Executor]
// sets is dropped after the task. A goroutine started by the go statement should call [ReleaseLocals] when it is done
// with its values; if it does not, what it leaves behind is kept until another goroutine needs the place, so that the
// memory is bounded by the peak number of goroutines alive at once. When the Local itself becomes unreachable, so do
// all its values.
//
// With Inherit a goroutine begins with a value that is made of the one of the goroutine that starts it: so what concerns one
// request, such as its id or who asked for it, is there in all goroutines that work on it.
//
// Since no value is ever shared there is nothing to synchronize, and a Local establishes no order between goroutines. What
// Inherit does is done by the goroutine that starts another, and so “synchronizes before” what that does.
type Local[T any] struct {
	// New, if not nil, makes the value of a goroutine that has none when it first calls Get. It must not be changed
	// after first use.
	New func() T

	// Inherit, if not nil, makes the first value of a goroutine out of the one, parent, of the goroutine that starts it by
	// [Go], [WaitGroup.Go], [Group.Go] and its other forms; and that of a task out of the one of the goroutine that hands it
	// in, by [Submit] and its other forms, [Map] or [Executor.Execute]. A task has the value until it ends; the workers of an
	// [Executor] inherit nothing, nor does the goroutine of a [Flight].
	//
	// It is called by the goroutine that starts the other, before anything is counted, queued or started, so a panic in it
	// is that of the call. It is not called where that goroutine has no value: New is not called on its behalf. Several
	// Locals are asked in the order in which the goroutine first had values of them. It must not be changed after first use.
	//
	// To hand on the value itself, return parent; what it refers to is then shared by both goroutines.
	Inherit func(parent T) T

	values slots[T]
	q      waitq.Queue // for those who watch
}

// Get returns the calling goroutine's value. If there is none it makes one with New; without New it returns the zero
// value and false.
func (l *Local[T]) Get() (T, bool) {
	if c := l.values.find(); c != nil {
		return c.value, true
	}
	return l.first()
}

// first is Get where there is no value yet.
func (l *Local[T]) first() (v T, ok bool) {
	if l.New == nil {
		return v, false
	}
	v = l.New()
	l.Set(v)
	return v, true
}

// Set gives the calling goroutine the value v.
func (l *Local[T]) Set(v T) {
	if hook.Watched() {
		l.emit(trace.KindSetValue, "Set", v)
	}
	if c := l.values.find(); c != nil {
		c.value = v
		return
	}
	l.add(v)
}

// add is Set where there is no value yet.
func (l *Local[T]) add(v T) {
	l.values.put(v)
	if l.Inherit != nil {
		bequeathed.Store(true)
	}
	own(weakLocal[T]{weak.Make(l)})
}

// Delete takes the calling goroutine's value away. The next Get is as the first.
func (l *Local[T]) Delete() {
	if l.values.find() == nil {
		return
	}
	l.values.drop()
	if hook.Watched() {
		var none T
		l.emit(trace.KindDropValue, "Delete", none)
	}
}

func (l *Local[T]) emit(kind trace.Kind, verb string, v T) {
	text := ""
	if kind == trace.KindSetValue {
		text = trace.ValueText(v) // before the mutex: a Texter may call anything
	}
	l.q.Point(verb)
	l.q.Lock()
	defer l.q.Unlock()
	l.q.Define(trace.ClassLocal, 0, nil)
	l.q.EmitFor(kind, 0, 0, 0, text)
}

func (l *Local[T]) traced() *trace.Object { return l.q.Object() }
