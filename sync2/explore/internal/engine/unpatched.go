//go:build !turnstile_goroot

package engine

import (
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Patched reports whether the program was built with a runtime that calls the explorer for channels, locks,
// goroutines and timers, see package bridge.
const Patched = false

// plain has the additional fields of a task that may be a goroutine of an unchanged program: none.
type plain struct{}

// driver has the additional fields of an execution that is driven by a goroutine that takes part: none.
type driver struct{} //nolint:unused // it is part of an Execution, and has fields in other builds

// plainCondition has the additional fields of a condition in an unchanged program: none.
type plainCondition struct{} //nolint:unused // it is part of a Condition, and has fields in other builds

// Attach lets the calling goroutine do the explorer's work until Detach.
func (x *Execution) Attach() {}

// Detach undoes Attach.
func (x *Execution) Detach() {}

func (*Execution) alone(bool) {}

// Outside input: none.

func news() bool                        { return false }
func (x *Execution) hear() bool         { return false }
func (x *Execution) awaitOutside() bool { return x.awaitAny() }
func (x *Execution) lose()              {}

// WaitsOutside reports whether a task waits for outside input: never.
func (x *Execution) WaitsOutside() bool { return false }

// rememberOrigin records where t is started by parent.
func (t *Task) rememberOrigin(parent *Task) {
	if t.origin = ""; t.Exec.Verbose && parent != nil {
		t.origin = parent.Where()
	}
}

func (*Task) startPlace() string { return "" }

// stack returns where t is, if that is recorded.
func (t *Task) stack() []uintptr { return t.PCs }

// current reports whether the calling goroutine is th's.
//
//go:norace
func (th *Thread) current() bool { return th.G == goid.Get() }

// Request is like Ask, for a goroutine that already does the explorer's work, which makes no difference here.
//
//go:norace
func (t *Task) Request(req Request, obj hook.Object, verb string) { t.Ask(req, obj, verb) }

// Sink does nothing: there are no bubbles.
func (*Task) Sink() {}

func (*plain) begin()          {}
func (*plain) vain() bool      { return false }
func (*plain) unawaited() bool { return false }
func (*Task) enterProgram()    {}
func leaveProgram()            {}
func top()                     {}
func (*Task) fork()            {}
func (*Task) forked(*Task)     {}

// leavesSome records that goroutines of the program may be left over from an earlier run, which has no effect here.
func leavesSome() {}
