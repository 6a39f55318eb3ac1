package engine

import (
	"cmp"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Note is the record of a step while a run is recorded.
type Note struct {
	Task     *Task
	TaskName string
	Op       string
	Ref      hook.Object
	Of       any // what the condition of the operation read
	Where    string
	Via      string   // the standard library function that the operation is part of, see within
	Fires    bool     // a timer fires
	Released []string // the tasks that it let go on
	Own      bool     // it is package testing's, not the program's
	Parks    bool     // it ended with the task waiting
	Sleeps   bool     // after the operation it waits in a Sleep, which is not an operation
}

// A Use is the use of an object at a position, as in a trace.
type Use struct {
	Obj trace.ID
	PC  uint64
}

// Recorded is the execution whose tasks a trace asks for, nil if none is recorded.
var Recorded atomic.Pointer[Execution]

func init() {
	known := hook.Goroutine
	hook.Goroutine = func(id int64) (name string, parent int64, ok bool) {
		if known != nil {
			if name, parent, ok = known(id); ok {
				return name, parent, ok
			}
		}
		if x := Recorded.Load(); x != nil {
			return x.nameOf(id)
		}
		return "", 0, false
	}
	hook.Current = func() hook.Task {
		if t := Current(); t != nil {
			return t
		}
		return nil
	}
	hook.Uncontrolled = uncontrolled
	hook.Whole = Patched
}

// nameOf returns the name of the task that runs in the goroutine with the given id.
//
//go:norace
func (x *Execution) nameOf(id int64) (name string, parent int64, ok bool) {
	for i := len(x.Tasks) - 1; i >= 0; i-- { //nolint:modernize // no closure, which the race detector would see
		if t := x.Tasks[i]; t.Thread.G == id {
			if t.parent != nil {
				parent = t.parent.Thread.G
			}
			return t.Name, parent, true
		}
	}
	return "", 0, false
}

// Dead reports whether the run is over except for ending its remaining tasks.
func (x *Execution) Dead() bool { return x.dead }

// noting reports whether the last step is recorded.
func (x *Execution) noting() bool { return x.Verbose && len(x.Steps) > x.NoteFrom }

// noteOf returns the record of a step that has begun, nil if it is not recorded.
func (x *Execution) noteOf(step int32) *Note {
	if i := int(step) - x.NoteFrom; x.Verbose && i >= 0 {
		return &x.Notes[i]
	}
	return nil
}

// note records the step that t begins.
func (x *Execution) note(t *Task, alt int32) {
	var c knownCall
	if t.PCs != nil {
		c = x.callOf(t.PCs)
	} else { // it asked before steps were recorded
		c = x.findCall(t.stack())
	}
	n := Note{
		Task: t, TaskName: t.Name, Op: x.Verbs.Name(t.Op.Verb), Ref: x.Objects[t.Op.Obj].Ref,
		Where: cmp.Or(c.where, t.origin, t.startPlace()), Via: c.via, Own: c.own,
	}
	if alt == search.GiveUp {
		n.Fires = t.Kind == TaskDaemon
		n.Op += " gives up"
	} else if t.Cond != nil {
		n.Of = t.Cond.Of
	}
	x.Notes = append(x.Notes, n)
}
