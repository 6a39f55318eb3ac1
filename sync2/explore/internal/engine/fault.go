package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A FaultKind says in which way a run failed.
type FaultKind uint8

// The kinds of fault.
const (
	FaultDeadlock    FaultKind = iota + 1 // no task can go on, and the main task is among those that wait
	FaultLeak                             // the main task has ended, and others wait forever
	FaultCheckFailed                      // the program itself has failed the run
	FaultPanicked                         // a task panicked
	FaultRace                             // two accesses to a variable that nothing orders
	FaultLivelock                         // the program has not ended after a number of steps, though every task gets a turn
	FaultBadProgram                       // it does what cannot be explored
)

// A Fault is what is wrong with a run.
type Fault struct {
	Kind    FaultKind
	Message string
	Task    string  // the name of the task that failed, "" if it was not one
	Stack   string  // of a panic or of a task that hangs
	Place   string  // of the operation, check or panic that failed; of a race, the variable
	Waits   string  // of a deadlock or leak: who waits in what, roughly
	Places  string  // likewise, where, if that counts: see Execution.Placed; one a line
	In      *Bubble // where those are who wait; nil: anywhere
	step    int     // how many operations there were before it
}

// PlaceList returns the places of those that wait, or that of what failed.
func (f *Fault) PlaceList() []string {
	switch {
	case f.Places != "":
		return strings.Split(f.Places, "\n")
	case f.Place != "" && f.Kind != FaultRace:
		return []string{f.Place}
	}
	return nil
}

// addWaits notes that tasks, of which there may be thousands, wait forever, and returns their names.
func (f *Fault) addWaits(x *Execution, tasks []*Task) (names []string) {
	var text strings.Builder
	places := make(map[string]bool)
	names = make([]string, 0, len(tasks))
	for _, t := range tasks {
		names = append(names, t.Name)
		name, _, _ := strings.Cut(t.Name, "#")
		text.WriteString(name)
		text.WriteByte(' ')
		text.WriteString(x.Verbs.Name(t.Op.Verb))
		if o, ok := x.Objects[t.Op.Obj].Ref.(interface{ ObjectName() string }); ok {
			class, _, _ := strings.Cut(o.ObjectName(), "-")
			text.WriteByte(' ')
			text.WriteString(class)
		}
		text.WriteByte(';')
		if x.Placed && x.Verbose {
			if at := t.Where(); at != "" {
				places[at] = true
			}
		}
	}
	f.Waits = text.String()
	f.Places = strings.Join(slices.Sorted(maps.Keys(places)), "\n")
	return names
}

// An Identity is what two faults have in common that are the same. Their texts may differ: there are addresses in
// them, numbers of goroutines, stacks.
type Identity struct {
	kind  FaultKind
	task  string
	place string
}

// ID returns the identity of a fault. That of a deadlock, a leak and a livelock is the kind alone, since it depends on
// the order who waits in the end, unless the places are to count; that of a race is the variable.
func (f *Fault) ID() Identity {
	switch f.Kind { //nolint:exhaustive // of the others all three count
	case FaultDeadlock, FaultLeak, FaultLivelock:
		return Identity{kind: f.Kind, place: f.Places}
	case FaultRace:
		return Identity{kind: f.Kind, place: f.Place}
	}
	return Identity{f.Kind, f.Task, f.Place}
}

// Again reports whether g, of a run in the same order, is the same as f.
func (f *Fault) Again(g *Fault) bool { return g != nil && f.ID() == g.ID() && f.step == g.step }

// panics notes that t has panicked with v. It calls methods of v, which may do anything: the fault is the task's before
// that.
//
//go:norace
func (t *Task) panics(v any, stack []byte) {
	f := &Fault{Kind: FaultPanicked, Task: t.Name, Message: fmt.Sprintf("%T", v), Stack: string(stack), Place: t.Exec.Site(callers(0))}
	t.fault = f
	f.Message = panicText(v)
	if t.stuck != nil && strings.HasPrefix(f.Message, "deadlock: ") { // it is the panic of a bubble
		t.fault = t.stuck
	}
}

// MaxText is how many bytes of a text of the program's are kept.
const MaxText = 10_000

// panicText returns the value of a panic as the runtime prints it: an error or a Stringer in its own words, a value of a
// basic kind, and of others the type. What a value refers to is not looked at.
func panicText(v any) (text string) {
	method := "Error"
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("%T (%s panicked)", v, method)
		}
	}()
	switch v := v.(type) {
	case error:
		return Shortened(v.Error())
	case fmt.Stringer:
		method = "String"
		return Shortened(v.String())
	}
	switch reflect.TypeOf(v).Kind() { //nolint:exhaustive // the others refer to something
	case reflect.Array, reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.Struct, reflect.UnsafePointer:
		return fmt.Sprintf("%T", v)
	}
	return Shortened(fmt.Sprint(v))
}

// Shortened returns s, or its beginning if it is too long to be shown.
func Shortened(s string) string {
	if len(s) <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxText], "") + " …"
}
