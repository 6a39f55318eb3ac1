package explore

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// record runs the program once more, by again, with a trace, and returns its failure with all that is known of it.
func (ex *explorer) record(again func() *engine.Fault) *Failure {
	x := &ex.x
	x.Verbose, x.Notes = true, x.Notes[:0]
	defer func() { x.Verbose = false }()
	engine.Recorded.Store(x)
	defer engine.Recorded.Store(nil)
	rec := trace.NewRecorder(1 << 16)
	traced := !steps.Each && trace.Start(rec) == nil // with steps.Each, a run with a trace would be another
	var ids []trace.ID
	stop := sync.OnceFunc(func() {
		ids = idsOf(x.Notes)
		if traced {
			trace.Stop()
		}
	})
	x.Failed = func(f *engine.Fault) { // before the tasks are got rid of, which is no part of the program
		if f.Kind == engine.Deadlock || f.Kind == engine.Leak {
			ex.strand()
		}
		stop()
	}
	found := again()
	x.Failed = nil
	stop() // where the run came to its end, and it was the test that failed
	if found == nil {
		found = &engine.Fault{Kind: engine.CheckFailed, Message: testFailed}
	}
	f := failureOf(found)
	if traced {
		f.Events = rec.Events()
	}
	names := namesIn(f.Events)
	f.Steps = ex.table(ids, names)
	if f.Kind == Deadlock || f.Kind == Leak {
		for i := range ex.stranded {
			s := &ex.stranded[i]
			s.object = ex.objectName(s.Ref, names[s.id])
		}
		ex.explain(f)
	}
	return f
}

// idsOf returns what the objects of notes are in the trace that runs.
func idsOf(notes []engine.Note) []trace.ID {
	ids := make([]trace.ID, len(notes))
	for i, n := range notes {
		ids[i] = idOf(n.Ref)
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
	steps := make([]Step, 0, len(ex.x.Notes))
	for i, n := range ex.x.Notes {
		if n.Own || ex.judge != nil && n.Where == "" {
			continue
		}
		s := Step{Task: n.TaskName, Op: n.Op, Where: n.Where, Object: ex.objectName(n.Ref, "")}
		if i < len(ids) && names[ids[i]] != "" { // a data race is found as its step begins
			s.Object = names[ids[i]]
		}
		switch {
		case n.Sleeps:
			s.Note = "then sleeps"
		case n.Parks:
			s.Note = "waits"
		case len(n.Released) > 0:
			s.Note = "releases " + joinNames(n.Released)
		}
		steps = append(steps, s)
	}
	return steps
}
