package explore

import (
	"fmt"
	"strings"
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
	e      *E // of the run that it belongs to
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
//
//go:norace
func NewVar[T any](e *E, name string, v T) *Var[T] {
	t := e.task("NewVar")
	t.x.vars = true
	return &Var[T]{core: variable{e: e, name: name}, v: v}
}

// Load returns the value.
//
//go:norace
func (v *Var[T]) Load() T {
	v.core.point("Var.Load", hook.Read)
	if hook.On(hook.Trace) {
		v.core.emit(trace.KindRead, v.v)
	}
	return v.v
}

// Store changes the value.
//
//go:norace
func (v *Var[T]) Store(n T) {
	v.core.point("Var.Store", hook.Write)
	v.v = n
	if hook.On(hook.Trace) {
		v.core.emit(trace.KindWrite, n)
	}
}

// Update loads the value and stores what f makes of it. These are two operations: another task may come in between.
func (v *Var[T]) Update(f func(T) T) { v.Store(f(v.Load())) }

// String returns the variable's name.
func (v *Var[T]) String() string { return v.core.name }

// Mark implements [hook.Object].
func (v *variable) Mark() *atomic.Uint32 { return &v.mark }

func (v *variable) objectName() string { return v.name }

// Object returns the variable's identity in traces.
func (v *variable) Object() *trace.Object { return &v.obj }

// point waits until it may be accessed by op, such as Var.Load.
//
//go:norace
func (v *variable) point(op string, access hook.Access) {
	v.e.task(op).Point(v, op[len("Var."):], access)
}

// access notes an access by t, and returns a failure if an earlier one is not ordered before it.
func (v *variable) access(t *task, verb string, does hook.Access) *Failure {
	f := v.race(t, verb, does)
	if does == hook.Read {
		v.reads = append(v.reads, moment{t, t.clock.at(t.id)})
		return f
	}
	v.writer, v.wrote = t, t.clock.at(t.id)
	v.reads = v.reads[:0]
	return f
}

func (v *variable) race(t *task, verb string, does hook.Access) *Failure {
	if w := v.writer; w != nil && w != t && t.clock.at(w.id) < v.wrote {
		return raceFailure(v, t, verb, w, "store")
	}
	if does == hook.Read {
		return nil
	}
	for _, r := range v.reads {
		if r.task != t && t.clock.at(r.task.id) < r.at {
			return raceFailure(v, t, verb, r.task, "load")
		}
	}
	return nil
}

func raceFailure(v *variable, t *task, verb string, by *task, earlier string) *Failure {
	return &Failure{Kind: Race, Task: t.name, place: v.name, Message: fmt.Sprintf("%s: the %s by %s and the %s by %s before it are not ordered",
		v.name, strings.ToLower(verb), t.name, earlier, by.name)}
}

//go:norace
func (v *variable) emit(kind trace.Kind, value any) {
	if v.obj.ID() == 0 {
		trace.Name(&v.obj, v.name)
		v.obj.Define(trace.ClassVar, 0, nil)
	}
	v.obj.Emit(trace.Event{Kind: kind, Text: trace.ValueText(value)})
}
