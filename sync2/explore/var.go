package explore

import (
	"fmt"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Var is a plain variable of a program under exploration. To load and to store it are operations that the explorer
// puts into every order, and two of them, one a store, that nothing orders are a data race: that fails the program,
// in whatever order they came, and without the race detector.
//
// A Var is made by [NewVar], and is of use only in the run that made it.
type Var[T any] struct {
	core variable
	v    T
}

// variable is what does not depend on the type.
type variable struct {
	x      *execution
	name   string
	mark   atomic.Uint32
	obj    trace.Object
	writer *task // the last, nil: none
	wrote  uint32
	reads  []moment // since the last write
}

// A moment is an access by a task, at a time of its own.
type moment struct {
	task *task
	at   uint32
}

// NewVar returns a variable that has the value v. Its name is for reports.
func NewVar[T any](e *E, name string, v T) *Var[T] {
	t := e.task("NewVar")
	if !t.x.vars {
		t.x.startClocks()
	}
	return &Var[T]{core: variable{x: t.x, name: name}, v: v}
}

// Load returns the value.
func (v *Var[T]) Load() T {
	t := v.core.access("Load")
	v.core.emit(t, trace.KindRead, v.v)
	return v.v
}

// Store changes the value.
func (v *Var[T]) Store(n T) {
	t := v.core.access("Store")
	v.v = n
	v.core.emit(t, trace.KindWrite, n)
}

// Update loads the value and stores what f makes of it. These are two operations: another task may come in between.
func (v *Var[T]) Update(f func(T) T) { v.Store(f(v.Load())) }

// String returns the variable's name.
func (v *Var[T]) String() string { return v.core.name }

// Mark implements [hook.Object].
func (v *variable) Mark() *atomic.Uint32 { return &v.mark }

// Object returns the variable's identity in traces.
func (v *variable) Object() *trace.Object { return &v.obj }

// plain says that accesses order nothing.
func (v *variable) plain() {}

func (v *variable) access(verb string) *task {
	t := taskOf(v.x, "Var."+verb)
	t.Point(v, verb)
	if verb == "Load" {
		v.check(t, "load", false)
		v.reads = append(v.reads, moment{t, t.clock.at(t.id)})
		return t
	}
	v.check(t, "store", true)
	v.writer, v.wrote = t, t.clock.at(t.id)
	v.reads = v.reads[:0]
	return t
}

// check fails the program if an earlier access is not ordered before this one.
func (v *variable) check(t *task, what string, writes bool) {
	if v.writer != nil && v.writer != t && t.clock.at(v.writer.id) < v.wrote {
		v.race(t, what, v.writer, "store")
	}
	if !writes {
		return
	}
	for _, r := range v.reads {
		if r.task != t && t.clock.at(r.task.id) < r.at {
			v.race(t, what, r.task, "load")
		}
	}
}

func (v *variable) race(t *task, what string, by *task, earlier string) {
	t.fail(&Failure{Kind: Race, Task: t.name, Message: fmt.Sprintf(
		"data race on %s: the %s by %s and the %s by %s before it are not ordered", v.name, what, t.name, earlier, by.name)})
}

func (v *variable) emit(t *task, kind trace.Kind, value any) {
	if !hook.On(hook.Trace) {
		return
	}
	if v.obj.ID() == 0 {
		trace.Name(&v.obj, v.name)
		v.obj.Define(trace.ClassVar, 0, nil)
	}
	v.obj.Emit(trace.Event{Kind: kind, Text: fmt.Sprint(value)})
}

// startClocks begins to look for races.
func (x *execution) startClocks() {
	x.vars = true
	for _, t := range x.live {
		x.tick(t)
	}
}
