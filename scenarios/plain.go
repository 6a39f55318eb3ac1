package scenarios

import (
	"runtime"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A plain is an ordinary variable that traces show by name: who reads it, and who writes what. It guards nothing, so
// goroutines that share one need a lock as for any other variable.
type plain[T any] struct {
	v   T
	obj trace.Object
}

// newPlain returns a variable with the value v.
//
//go:noinline // so that tell sees where its caller is
func newPlain[T any](name string, v T) *plain[T] {
	p := &plain[T]{v: v}
	trace.Name(&p.obj, name)
	p.obj.Define(trace.ClassVar, 0, nil)
	p.tell(trace.KindWrite)
	return p
}

//go:noinline // likewise
func (p *plain[T]) read() T {
	p.tell(trace.KindRead)
	return p.v
}

//go:noinline // likewise
func (p *plain[T]) write(v T) {
	p.v = v
	p.tell(trace.KindWrite)
}

// tell sends an event whose position is that of the caller's caller, which uses the variable.
func (p *plain[T]) tell(kind trace.Kind) {
	if trace.Running() {
		var pcs [1]uintptr
		n := runtime.Callers(3, pcs[:])
		p.obj.EmitAt(trace.Event{Kind: kind, G: sync2.Current().ID(), Text: trace.ValueText(p.v)}, pcs[:n])
	}
}
