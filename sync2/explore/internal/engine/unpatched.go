//go:build !turnstile_goroot

package engine

// Patched says that the program was built with a runtime that tells the explorer of channels, locks, goroutines and
// timers, see package bridge.
const Patched = false

// plain is what a task has besides if it may be a goroutine of an unchanged program: nothing.
type plain struct{}

// driver is what an execution has besides that is driven by a goroutine that takes part: nothing.
type driver struct{}

// plainCondition is what a condition may depend on in an unchanged program: nothing.
type plainCondition struct{}

// Attach lets the calling goroutine do the explorer's work until Detach.
func (x *Execution) Attach() {}

// Detach ends what Attach began.
func (x *Execution) Detach() {}

func (*plain) begin()       {}
func (*Task) enterProgram() {}
func (*Task) leaveProgram() {}
func (*Task) fork()         {}
func (*Task) forked(*Task)  {}
