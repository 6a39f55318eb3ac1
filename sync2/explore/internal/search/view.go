package search

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A View is a run as a strategy sees it: what has happened, and what can happen next. Strategies only read it; the
// engine updates it.
//
// A run is a sequence of steps. A step is an operation of one task, and everything that follows from it until every
// task that can run is about to perform its next operation: the task itself goes on, and so do those that it started
// or released. Only then is there a choice.
type View struct {
	Transitions []Transition // the possible transitions, by task
	Default     int          // the index of the one that continues the last task, or else the first
	Last        int32        // the task of the last step, -1: none
	TaskCount   int          // number of tasks in the run so far

	Steps    []Step
	Accesses []Access   // of all steps, see step
	Preds    []int32    // likewise
	Disabled []Disabled // transitions that became impossible
	Pending  []Pending  // at the end of the run

	Pruned bool // the run was abandoned because the strategy has covered an equivalent one
	Cut    bool // the run was abandoned because it was too long

	Operations []*Operation // by task: its next operation
	VerbName   func(Verb) string
	TaskName   func(int32) string
	Parent     func(int32) int32 // the task that has started another, -1 if none has
}

// An Operation is what a task does to an object, or none.
type Operation struct {
	Obj  int32
	Verb Verb
}

// A Transition is a task that can proceed, and how: with its operation, with an alternative of it, or by giving up its wait.
type Transition struct{ Task, Alt int32 }

// GiveUp is the alternative of a waiting task to give up: its limit ends.
const GiveUp = -1

// A Verb is the name of an operation, as a number that is valid within the exploration: many steps are kept and
// compared. Its two lowest bits are its access.
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

// A Pending operation is the next operation of a task when the run ended.
type Pending struct {
	Task, Alt int32
	Cond      bool
	Accesses  []Access
	Preds     []int32
}

// A Step is one operation that was performed.
type Step struct {
	Task, Alt   int32
	Obj         int32
	Verb        Verb
	Deviation   int32 // the distance of its index among the transitions from that of the default, wrapping around
	FirstAccess int32 // the index of its first access in Accesses
	FirstPred   int32 // the index of the first of its predecessors in Preds, without the task's own steps
	After       int32 // all steps before this one happen before it
	Cond        bool  // its operation was not always possible
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
