package explore

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Kind is the kind of a [Failure].
type Kind uint8

// Kinds of failures.
const (
	KindNone        Kind = 0
	KindDeadlock    Kind = Kind(engine.FaultDeadlock)    // all tasks are blocked, among them the main task
	KindLeak        Kind = Kind(engine.FaultLeak)        // the main task has ended, and others are blocked forever
	KindCheckFailed Kind = Kind(engine.FaultCheckFailed) // E.Check or E.Fail failed, or the test was marked as failed
	KindPanicked    Kind = Kind(engine.FaultPanicked)    // a task panicked
	KindRace        Kind = Kind(engine.FaultRace)        // two unordered accesses to a Var, at least one a Store
	KindLivelock    Kind = Kind(engine.FaultLivelock)    // the program has not ended after many steps of a fair schedule
	KindBadProgram  Kind = Kind(engine.FaultBadProgram)  // the program uses something the explorer cannot control
	KindBadToken    Kind = KindBadProgram + 1            // the token to replay is invalid or belongs to another program; nothing was run

	kinds = KindBadToken + 1 // their number
)

var kindNames = [kinds]string{
	KindNone: "no failure", KindDeadlock: "deadlock", KindLeak: "leak", KindCheckFailed: "check failed", KindPanicked: "panic", KindRace: "data race",
	KindLivelock: "livelock", KindBadProgram: "bad program", KindBadToken: "bad token",
}

// String returns the name of the kind, such as "data race".
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// A Failure describes a failure of a program and the shortest known schedule that leads to it.
//
//nolint:errname // that it is also an error is not the point of it
type Failure struct {
	Kind    Kind
	Message string   // one line
	Task    string   // the name of the task that failed, "" if none did
	Blocked []string // of a deadlock or leak: each blocked task, its operation, where, and which task holds it up, if known
	Cycle   []string // the wait-for cycles, described; their tasks are not repeated in Blocked
	Stack   string   // of a panic

	Token      string        // replays the failure
	Steps      []Step        // the failing schedule
	Deviations int           // the number of times the schedule departs from the default choice
	Events     []trace.Event // a recording of it; nil if a trace was already running

	before        int    // the number of steps before the first of Steps
	place, places string // see engine.Fault
}

// A Step is one operation of a schedule.
type Step struct {
	Task   string
	Op     string // such as "Lock"
	Object string // such as "mutex-1", "" if there is none
	Where  string // such as "bank_test.go:12", "" if not known
	Note   string // such as "waits", "" if there is nothing to say
}

// Error returns a one-line description of the failure.
func (f *Failure) Error() string {
	line, rest, _ := strings.Cut(f.Message, "\n")
	if strings.TrimSpace(rest) != "" {
		line += " …"
	}
	return f.Kind.String() + ": " + line
}

// failureOf returns the description of a fault before its schedule is examined.
func failureOf(f *engine.Fault) *Failure {
	return &Failure{Kind: Kind(f.Kind), Message: f.Message, Task: f.Task, Stack: f.Stack, place: f.Place, places: f.Places}
}

// id returns what equal failures have in common.
func (f *Failure) id() engine.Identity {
	return (&engine.Fault{Kind: engine.FaultKind(f.Kind), Task: f.Task, Place: f.place, Places: f.places}).ID()
}
