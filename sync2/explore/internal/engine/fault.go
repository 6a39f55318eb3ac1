package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A FaultKind is the kind of a Fault.
type FaultKind uint8

// The kinds of fault.
const (
	FaultDeadlock    FaultKind = iota + 1 // no task can run, and the main task is waiting
	FaultLeak                             // the main task has ended, and others wait forever
	FaultCheckFailed                      // the program itself has failed the run
	FaultPanicked                         // a task panicked
	FaultRace                             // two unordered accesses to a variable
	FaultLivelock                         // the program has not ended after many steps of a fair schedule
	FaultBadProgram                       // it uses something the explorer cannot control
)

// A Fault describes why a run failed.
type Fault struct {
	Kind    FaultKind
	Message string
	Task    string  // the name of the task that failed, "" if none did
	Stack   string  // of a panic or of a task that hangs
	Place   string  // of the operation, check or panic that failed; of a race, the variable
	Waits   string  // of a deadlock or leak: the waiting tasks and their operations, roughly
	Places  string  // likewise, where they wait, one a line, if that matters: see Execution.Placed
	Vague   bool    // where some of them wait is not known, but may be with Execution.Origins
	In      *Bubble // the bubble of those that wait; nil: anywhere
	Amid    []*Task // the tasks that wait forever though others can go on; nil: no task can go on
	step    int     // number of operations before it
}

// Step returns the number of operations before f.
func (f *Fault) Step() int { return f.step }

// PlaceList returns the positions of those that wait, or that of the failure.
func (f *Fault) PlaceList() []string {
	switch {
	case f.Places != "":
		return strings.Split(f.Places, "\n")
	case f.Place != "" && f.Kind != FaultRace:
		return []string{f.Place}
	}
	return nil
}

// addWaits records that tasks, possibly thousands, wait forever, and returns their names.
func (f *Fault) addWaits(x *Execution, tasks []*Task) (names []string) {
	var text strings.Builder
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
	}
	f.Waits = text.String()
	if !x.Placed || x.Unplaced != nil && x.Unplaced(f) {
		return names
	}
	places := make(map[string]bool)
	for _, t := range tasks {
		if at := t.Where(); at != "" {
			places[at] = true
		} else {
			f.Vague = true
		}
	}
	f.Places = strings.Join(slices.Sorted(maps.Keys(places)), "\n")
	return names
}

// An Identity is what two occurrences of the same fault have in common. Their texts may differ, since they contain
// addresses, goroutine ids and stacks.
type Identity struct {
	kind  FaultKind
	task  string
	place string
}

// ID returns the identity of the fault. That of a deadlock, a leak and a livelock is the kind alone, since which tasks
// wait at the end depends on the schedule, unless positions matter; that of a race is the variable.
func (f *Fault) ID() Identity {
	switch f.Kind { //nolint:exhaustive // of other kinds, all three count
	case FaultDeadlock, FaultLeak, FaultLivelock:
		return Identity{kind: f.Kind, place: f.Places}
	case FaultRace:
		return Identity{kind: f.Kind, place: f.Place}
	}
	return Identity{f.Kind, f.Task, f.Place}
}

// Again reports whether g, of a run under the same schedule, is the same as f.
func (f *Fault) Again(g *Fault) bool { return g != nil && f.ID() == g.ID() && f.step == g.step }

// panics records that t has panicked with v. It calls methods of v, which may do anything, so it sets the task's fault
// first.
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

// MaxText is the number of bytes that are kept of a text from the program.
const MaxText = 10_000

// panicText returns the value of a panic as the runtime prints it: the text of an error or a Stringer, a value of a
// basic kind, and the type of any other. It does not read what a value refers to.
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

// Shortened returns s, or its beginning if it is too long to show.
func Shortened(s string) string {
	if len(s) <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxText], "") + " …"
}
