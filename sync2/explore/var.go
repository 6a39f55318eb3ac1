package explore

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Var is a plain variable of a program under exploration. Load and Store are operations that the explorer schedules.
// Two of them, at least one a Store, that are not ordered by synchronization are a data race, which fails the program
// even without the race detector and whatever the schedule.
//
// A Var is made by [NewVar], and is valid only in the run that made it.
type Var[T any] struct {
	core variable
	v    T
}

// variable is the part of a Var that does not depend on its type.
type variable struct {
	e      *E // of its run
	name   string
	mark   atomic.Uint32
	obj    trace.Object
	writer *engine.Task // the last one; nil if none
	wrote  uint32
	reads  []moment // since the last write
}

// A moment is an access by a task, at a point in that task's time.
type moment struct {
	task *engine.Task
	at   uint32
}

// NewVar returns a variable with the value v. The name is used in reports.
//
//go:norace
func NewVar[T any](e *E, name string, v T) *Var[T] {
	t := e.task("NewVar")
	t.Exec.HasVars = true
	return &Var[T]{core: variable{e: e, name: name}, v: v}
}

// Load returns the value.
//
//go:norace
func (v *Var[T]) Load() T {
	v.core.point("Var.Load", hook.AccessRead)
	if hook.On(hook.Trace) {
		v.core.emit(trace.KindRead, v.v)
	}
	return v.v
}

// Store sets the value.
//
//go:norace
func (v *Var[T]) Store(n T) {
	v.core.point("Var.Store", hook.AccessWrite)
	v.v = n
	if hook.On(hook.Trace) {
		v.core.emit(trace.KindWrite, n)
	}
}

// Update loads the value and stores the result of f. These are two operations: another task may run in between.
func (v *Var[T]) Update(f func(T) T) { v.Store(f(v.Load())) }

// String returns the variable's name.
func (v *Var[T]) String() string { return v.core.name }

// Mark implements [hook.Object].
func (v *variable) Mark() *atomic.Uint32 { return &v.mark }

// ObjectName returns the name of the object, unless a trace has a better one.
func (v *variable) ObjectName() string { return v.name }

// Object returns the variable's identity in traces.
func (v *variable) Object() *trace.Object { return &v.obj }

// point waits for the turn of op, such as Var.Load.
//
//go:norace
func (v *variable) point(op string, access hook.Access) {
	v.e.task(op).Point(v, op[len("Var."):], access)
}

// Access records an access by t, and returns a fault if an earlier access is not ordered before it.
func (v *variable) Access(t *engine.Task, verb string, does hook.Access) *engine.Fault {
	f := v.race(t, verb, does)
	if does == hook.AccessRead {
		v.reads = append(v.reads, moment{t, t.Clock.At(t.ID)})
		return f
	}
	v.writer, v.wrote = t, t.Clock.At(t.ID)
	v.reads = v.reads[:0]
	return f
}

func (v *variable) race(t *engine.Task, verb string, does hook.Access) *engine.Fault {
	if w := v.writer; w != nil && w != t && t.Clock.At(w.ID) < v.wrote {
		return raceFailure(v, t, verb, w, "store")
	}
	if does == hook.AccessRead {
		return nil
	}
	for _, r := range v.reads {
		if r.task != t && t.Clock.At(r.task.ID) < r.at {
			return raceFailure(v, t, verb, r.task, "load")
		}
	}
	return nil
}

func raceFailure(v *variable, t *engine.Task, verb string, by *engine.Task, earlier string) *engine.Fault {
	return &engine.Fault{Kind: engine.FaultRace, Task: t.Name, Place: v.name, Message: fmt.Sprintf("%s: the %s by %s and the %s by %s before it are not ordered",
		v.name, strings.ToLower(verb), t.Name, earlier, by.Name)}
}

//go:norace
func (v *variable) emit(kind trace.Kind, value any) {
	if v.obj.ID() == 0 {
		trace.Name(&v.obj, v.name)
		v.obj.Define(trace.ClassVar, 0, nil)
	}
	v.obj.Emit(trace.Event{Kind: kind, Text: trace.ValueText(value)})
}
