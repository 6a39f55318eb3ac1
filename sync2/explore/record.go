package explore

import (
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A note is what is remembered of a step while a run is recorded.
type note struct {
	task     *task
	taskName string
	op       string
	ref      hook.Object
	cases    []Case // of a select
	where    string
	released []string // the tasks that it let go on
	parks    bool     // it ended with the task waiting
	sleeps   bool     // what it waits for after the operation is a Sleep, which is none
}

// recorded is the execution whose tasks a trace asks for, nil if none is recorded.
var recorded atomic.Pointer[execution]

func init() {
	known := hook.Goroutine
	hook.Goroutine = func(id int64) (name string, parent int64, ok bool) {
		if known != nil {
			if name, parent, ok = known(id); ok {
				return name, parent, ok
			}
		}
		if x := recorded.Load(); x != nil {
			return x.nameOf(id)
		}
		return "", 0, false
	}
	hook.Current = func() hook.Task {
		if t := current(); t != nil {
			return t
		}
		return nil
	}
	hook.Stranger = stranger
}

// nameOf returns what a task is called that runs in the goroutine with the given id.
//
//go:norace
func (x *execution) nameOf(id int64) (name string, parent int64, ok bool) {
	for i := len(x.tasks) - 1; i >= 0; i-- { //nolint:modernize // no closure, which the race detector would see
		if t := x.tasks[i]; t.thread.g == id {
			if t.parent != nil {
				parent = t.parent.thread.g
			}
			return t.name, parent, true
		}
	}
	return "", 0, false
}

// note remembers the step that t begins.
func (x *execution) note(t *task, alt int32) {
	n := note{task: t, taskName: t.name, op: x.verbs.name(t.op.verb), ref: x.objects[t.op.obj].ref, where: x.site(t.pcs)}
	if alt == search.GiveUp {
		n.op += " gives up"
	} else if t.cond != nil {
		n.cases = t.cond.cases
	}
	x.notes = append(x.notes, n)
}

// record runs the program once more, with a trace, and returns its failure with all that is known of it.
func (ex *explorer) record(ds []search.Deviation) *Failure {
	x := &ex.x
	x.verbose, x.notes = true, x.notes[:0]
	defer func() { x.verbose, x.blamers = false, nil }()
	recorded.Store(x)
	defer recorded.Store(nil)
	rec := trace.NewRecorder(1 << 16)
	traced := trace.Start(rec) == nil
	var ids []trace.ID
	stop := sync.OnceFunc(func() {
		ids = idsOf(x.notes)
		if traced {
			trace.Stop()
		}
	})
	x.failed = stop // before the tasks are got rid of, which is no part of the program
	f := ex.replay(ds)
	x.failed = nil
	stop() // where the run came to its end, and it was the test that failed
	if f == nil {
		f = &Failure{Kind: CheckFailed, Message: testFailed}
	}
	if traced {
		f.Events = rec.Events()
	}
	names := namesIn(f.Events)
	f.Steps = ex.table(ids, names)
	if f.Kind == Deadlock || f.Kind == Leak {
		for i := range x.stopped {
			s := &x.stopped[i]
			s.object = ex.objectName(s.ref, names[s.id])
		}
		x.explain(f)
	}
	return f
}

// idsOf returns what the objects of notes are in the trace that runs.
func idsOf(notes []note) []trace.ID {
	ids := make([]trace.ID, len(notes))
	for i, n := range notes {
		ids[i] = idOf(n.ref)
	}
	return ids
}

// idOf returns what o is in the trace that runs, 0 if it is not in it.
func idOf(o hook.Object) trace.ID {
	if o, ok := o.(interface{ Object() *trace.Object }); ok {
		return o.Object().ID()
	}
	return 0
}

// namesIn returns what the objects of a recording are called.
func namesIn(events []trace.Event) map[trace.ID]string {
	names := make(map[trace.ID]string)
	for i := range events {
		if ev := &events[i]; ev.Kind == trace.KindDefineObj || ev.Kind == trace.KindRename {
			names[ev.Obj] = ev.Text
		}
	}
	return names
}

// table makes the readable form of the order of the last run.
func (ex *explorer) table(ids []trace.ID, names map[trace.ID]string) []Step {
	steps := make([]Step, len(ex.x.notes))
	for i, n := range ex.x.notes {
		s := Step{Task: n.taskName, Op: n.op, Where: n.where, Object: ex.objectName(n.ref, "")}
		if i < len(ids) && names[ids[i]] != "" { // a data race is found as its step begins
			s.Object = names[ids[i]]
		}
		switch {
		case n.sleeps:
			s.Note = "then sleeps"
		case n.parks:
			s.Note = "waits"
		case len(n.released) > 0:
			s.Note = "releases " + joinNames(n.released)
		}
		steps[i] = s
	}
	return steps
}
