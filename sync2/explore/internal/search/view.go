package search

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A View is a run as a strategy sees it: what has happened, and what can happen next. It only reads it. The engine keeps
// one, and writes into it what comes.
//
// What happens is a sequence of steps. A step is an operation of one task, and all that follows from it up to the
// moment when every task that can run stands before its next operation: the task itself goes on, and so do those that
// it started or released. Only then somebody has to choose.
type View struct {
	Transitions []Transition // what can be done, by tasks
	Default     int          // which of these goes on with the last task, or else with the first
	Last        int32        // the task whose step was the last, -1: none
	TaskCount   int          // how many tasks there have been in the run

	Steps    []Step
	Accesses []Access   // of all steps, see step
	Preds    []int32    // likewise
	Disabled []Disabled // what became impossible
	Pending  []Pending  // at the end of the run

	Pruned bool // the run was given up because the strategy has seen its like
	Cut    bool // the run was given up because it was too long

	Operations []*Operation // by task: that it is about to do
	VerbName   func(Verb) string
	TaskName   func(int32) string
}

// An Operation is what a task does to an object, or none.
type Operation struct {
	Obj  int32
	Verb Verb
}

// A Transition is a task that can go on, and how: with its operation, with an alternative of it, or by giving up its wait.
type Transition struct{ Task, Alt int32 }

// GiveUp is the alternative of a task that waits: its limit ends.
const GiveUp = -1

// A Verb is what an operation is called, as a number of the exploration: steps are compared, and many are kept. Its two
// lowest bits are its access.
type Verb int32

// Access returns what the operation does to its object.
func (v Verb) Access() hook.Access { return hook.Access(v & 3) }

// An Access is what a step did to an object.
type Access struct {
	Obj  int32
	Mode hook.Access
}

// A Disabled transition was possible before a step, and not after it.
type Disabled struct {
	Step int32
	Task int32
	Alt  int32
}

// A Pending operation is one that a task stood before when the run ended.
type Pending struct {
	Task, Alt int32
	Cond      bool
	Accesses  []Access
	Preds     []int32
}

// A Step is one operation that was done.
type Step struct {
	Task, Alt   int32
	Obj         int32
	Verb        Verb
	Deviation   int32 // how far its place among the transitions was from that of the default, counted up and round
	FirstAccess int32 // where its accesses begin in the execution's
	FirstPred   int32 // where the steps before it begin in the execution's; the task's own are not among them
	After       int32 // all steps before this one come before it
	Cond        bool  // it could not always be done
}

// AccessesOf returns what the i'th step touched.
func (v *View) AccessesOf(i int) []Access {
	end := len(v.Accesses)
	if i+1 < len(v.Steps) {
		end = int(v.Steps[i+1].FirstAccess)
	}
	return v.Accesses[v.Steps[i].FirstAccess:end]
}

// PredsOf returns the steps that released or started the task of the i'th.
func (v *View) PredsOf(i int) []int32 {
	end := len(v.Preds)
	if i+1 < len(v.Steps) {
		end = int(v.Steps[i+1].FirstPred)
	}
	return v.Preds[v.Steps[i].FirstPred:end]
}
