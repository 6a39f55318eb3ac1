package scenarios

import "github.com/turnstile-go/turnstile/sync2/trace"

// A plain is an ordinary variable that traces show by name: who reads it, and who writes what. It guards nothing, so
// goroutines that share one need a lock as for any other variable.
type plain[T any] struct {
	v   T
	obj trace.Object
}

// newPlain returns a variable with the value v.
func newPlain[T any](name string, v T) *plain[T] {
	p := &plain[T]{v: v}
	trace.Name(&p.obj, name)
	p.obj.Define(trace.ClassVar, 0, nil)
	p.tell(trace.KindWrite)
	return p
}

func (p *plain[T]) read() T {
	p.tell(trace.KindRead)
	return p.v
}

func (p *plain[T]) write(v T) {
	p.v = v
	p.tell(trace.KindWrite)
}

func (p *plain[T]) tell(kind trace.Kind) {
	if trace.Running() {
		p.obj.Emit(trace.Event{Kind: kind, Text: trace.ValueText(p.v)})
	}
}
