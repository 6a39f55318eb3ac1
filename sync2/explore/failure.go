package explore

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Kind says in which way a program failed.
type Kind uint8

// The kinds of failure.
const (
	NoFailure   Kind = 0
	Deadlock    Kind = Kind(engine.Deadlock)    // nobody can go on, and the main task is among those that wait
	Leak        Kind = Kind(engine.Leak)        // the main task has ended, and others wait for ever
	CheckFailed Kind = Kind(engine.CheckFailed) // E.Check, E.Fail, or the test was failed
	Panicked    Kind = Kind(engine.Panicked)    // a task panicked
	Race        Kind = Kind(engine.Race)        // two accesses to a Var that nothing orders
	Livelock    Kind = Kind(engine.Livelock)    // the program has not ended after a number of steps under a fair scheduler
	BadProgram  Kind = Kind(engine.BadProgram)  // it does what cannot be explored
	BadToken    Kind = BadProgram + 1           // that which was to be replayed cannot be read, or is of another program; nothing was run

	kinds = BadToken + 1 // how many there are
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

	place, places string // see engine.Fault
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

// failureOf returns what there is to say of a fault before its order is looked at.
func failureOf(f *engine.Fault) *Failure {
	return &Failure{Kind: Kind(f.Kind), Message: f.Message, Task: f.Task, Stack: f.Stack, place: f.Place, places: f.Places}
}

// id returns what f has in common with those that are the same.
func (f *Failure) id() engine.Identity {
	return (&engine.Fault{Kind: engine.FaultKind(f.Kind), Task: f.Task, Place: f.place, Places: f.places}).ID()
}
