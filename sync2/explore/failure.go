package explore

import (
	"fmt"
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

	kinds // how many there are
)

var kindNames = [kinds]string{
	NoFailure: "no failure", Deadlock: "deadlock", Leak: "leak", CheckFailed: "check failed", Panicked: "panic", Race: "data race",
	Livelock: "livelock", BadProgram: "bad program",
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
func (f *Failure) Error() string { return f.Kind.String() + ": " + f.Message }

// key is what two failures have in common that are taken for the same.
func (f *Failure) key() string {
	switch f.Kind {
	case CheckFailed, Panicked, BadProgram:
		return f.Kind.String() + f.Message
	default:
		return f.Kind.String()
	}
}

func panicFailure(v any, stack []byte) *Failure {
	msg := fmt.Sprint(v)
	if err, ok := v.(error); ok {
		msg = err.Error()
	}
	return &Failure{Kind: Panicked, Message: msg, Stack: string(stack)}
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
	return fmt.Sprintf("the program has not ended after %d steps, though everybody got a turn", len(x.steps))
}
