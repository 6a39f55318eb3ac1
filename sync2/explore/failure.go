package explore

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Kind says in which way a program failed.
type Kind uint8

// The kinds of failure.
const (
	NoFailure   Kind = iota
	Deadlock         // nobody can go on, and the main task is among those that wait
	Leak             // the main task has ended, and others wait for ever
	CheckFailed      // E.Check, E.Fail, or the test was failed
	Panicked         // a task panicked
	Race             // two accesses to a Var that nothing orders
	Livelock         // the program does not end, though everybody gets a turn
	BadProgram       // it does what cannot be explored
	BadToken         // that which was to be replayed cannot be read, or is of another program; nothing was run

	kinds // how many there are
)

var kindNames = [kinds]string{
	NoFailure: "no failure", Deadlock: "deadlock", Leak: "leak", CheckFailed: "check failed", Panicked: "panic", Race: "data race",
	Livelock: "livelock", BadProgram: "bad program", BadToken: "bad token",
}

// String returns the kind in words, such as "data race".
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// A Failure is what the explorer found, and the shortest order it knows that leads there.
//
//nolint:errname // that it is also an error is not the point of it
type Failure struct {
	Kind    Kind
	Message string   // in a line
	Task    string   // the name of the task that failed, "" if it was not one
	Blocked []string // of a deadlock or leak: who waits, in which operation, where, and for whom if that is known
	Cycle   []string // the wait-for cycles, described; what is said here is not repeated there
	Stack   string   // of the panic, if it was one

	Token      string        // replays it
	Steps      []Step        // the order
	Deviations int           // how often the order goes on with another task than it would have to
	Events     []trace.Event // a recording of it; nil if a trace was running already

	place string // of the operation, check or panic that failed; of a race, the variable
	step  int    // how many operations there were before it
}

// A Step is one operation of the order that leads to a failure.
type Step struct {
	Task   string
	Op     string // such as "Lock"
	Object string // such as "mutex-1", "" if there is none
	Where  string // such as "bank_test.go:12", "" if not known
	Note   string // such as "waits", "" if there is nothing to say
}

// Error returns what failed, in a line.
func (f *Failure) Error() string {
	line, rest, _ := strings.Cut(f.Message, "\n")
	if strings.TrimSpace(rest) != "" {
		line += " …"
	}
	return f.Kind.String() + ": " + line
}

// An identity is what two failures have in common that are the same. Their texts may differ: there are addresses in
// them, numbers of goroutines, stacks.
type identity struct {
	kind  Kind
	task  string
	place string
}

// id returns the identity of a failure. That of a deadlock, a leak and a livelock is the kind alone, since it depends on
// the order who waits in the end; that of a race is the variable.
func (f *Failure) id() identity {
	switch f.Kind { //nolint:exhaustive // of the others all three count
	case Deadlock, Leak, Livelock:
		return identity{kind: f.Kind}
	case Race:
		return identity{kind: f.Kind, place: f.place}
	}
	return identity{f.Kind, f.Task, f.place}
}

// again reports whether g, of a run in the same order, is the same as f.
func (f *Failure) again(g *Failure) bool { return g != nil && f.id() == g.id() && f.step == g.step }

// panicked returns the failure of a task that has panicked with v. It calls methods of v, which may do anything: the
// failure is the task's before that.
func (t *task) panicked(v any, stack []byte) {
	f := &Failure{Kind: Panicked, Task: t.name, Message: fmt.Sprintf("%T", v), Stack: string(stack), place: t.x.site(callers())}
	t.failure = f
	f.Message = panicText(v)
}

// maxText is how many bytes of a text of the program's are kept.
const maxText = 10_000

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
		return shortened(v.Error())
	case fmt.Stringer:
		method = "String"
		return shortened(v.String())
	}
	switch reflect.TypeOf(v).Kind() { //nolint:exhaustive // the others refer to something
	case reflect.Array, reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.Struct, reflect.UnsafePointer:
		return fmt.Sprintf("%T", v)
	}
	return shortened(fmt.Sprint(v))
}

// shortened returns s, or its beginning if it is too long to be shown.
func shortened(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + " …"
}

func stuckFailure(x *execution, kind Kind) *Failure {
	f := &Failure{Kind: kind}
	var names []string
	x.stopped = x.stopped[:0]
	for _, t := range x.live {
		if t.kind == daemon {
			continue
		}
		names = append(names, t.name)
		s := stranded{note: note{task: t, taskName: t.name, op: x.verbs.name(t.op.verb), ref: x.objects[t.op.obj].ref}}
		if x.verbose {
			s.where, s.id, s.blame = x.site(t.pcs), idOf(s.ref), blameOf(t, s.ref)
		}
		x.stopped = append(x.stopped, s)
		f.Blocked = append(f.Blocked, s.waits())
	}
	f.Message = strings.Join(names, ", ") + " wait for ever"
	if len(names) == 1 {
		f.Message = names[0] + " waits for ever"
	}
	if kind == Leak {
		f.Message += " after main has ended"
	}
	return f
}

func livelockMessage(x *execution) string {
	return fmt.Sprintf("the program has not ended after %d steps, though everybody got a turn", len(x.Steps))
}
