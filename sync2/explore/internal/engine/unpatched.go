//go:build !turnstile_goroot

package engine

import (
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Patched says that the program was built with a runtime that tells the explorer of channels, locks, goroutines and
// timers, see package bridge.
const Patched = false

// plain is what a task has besides if it may be a goroutine of an unchanged program: nothing.
type plain struct{}

// driver is what an execution has besides that is driven by a goroutine that takes part: nothing.
type driver struct{} //nolint:unused // it is part of an Execution, and has fields in other builds

// plainCondition is what a condition may depend on in an unchanged program: nothing.
type plainCondition struct{} //nolint:unused // it is part of a Condition, and has fields in other builds

// Attach lets the calling goroutine do the explorer's work until Detach.
func (x *Execution) Attach() {}

// Detach ends what Attach began.
func (x *Execution) Detach() {}

func (*Execution) alone(bool) {}

// What comes from outside: nothing.

func news() bool                        { return false }
func (x *Execution) hear() bool         { return false }
func (x *Execution) awaitOutside() bool { return x.awaitAny() }
func (x *Execution) waitsOutside() bool { return false }
func (x *Execution) lose()              {}

// current reports whether the calling goroutine is th's.
//
//go:norace
func (th *Thread) current() bool { return th.G == goid.Get() }

// Request is Ask of a goroutine that does the explorer's work already, which makes no difference here.
//
//go:norace
func (t *Task) Request(req Request, obj hook.Object, verb string) { t.Ask(req, obj, verb) }

// Sink is nothing: there are no bubbles.
func (*Task) Sink() {}

func (*plain) begin()          {}
func (*plain) vain() bool      { return false }
func (*plain) unawaited() bool { return false }
func (*Task) enterProgram()    {}
func leaveProgram()            {}
func top()                     {}
func (*Task) fork()            {}
func (*Task) forked(*Task)     {}

// leavesSome notes that goroutines of the program may be left of a run that is over, for which nobody asks here.
func leavesSome() {}
