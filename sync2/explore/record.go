package explore

import (
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// record runs the program once more, by again, with a trace, and returns its failure with all details. With a drive,
// whose stop may end the recording before the run has ended, it returns a failure without a kind if there is none.
func (ex *explorer) record(again func() *engine.Fault, d *drive) *Failure {
	x := &ex.x
	x.Verbose, x.Notes = true, x.Notes[:0]
	defer func() { x.Verbose = false }()
	engine.Recorded.Store(x)
	defer engine.Recorded.Store(nil)
	rec := trace.NewRecorder(1 << 16)
	x.Settle, x.Places, x.Inner = nil, nil, make(map[engine.Use]bool)
	told := &counting{to: rec}
	traced := !steps.Instrumented && !ex.untraced && ex.startTrace(told) // with steps.Instrumented, a traced run would differ
	var ids []trace.ID
	stop := sync.OnceFunc(func() {
		if x.Settle != nil {
			x.Settle()
		}
		ids = idsOf(x.Notes)
		if d != nil {
			d.fromIDs = make([]trace.ID, len(d.from))
			for i, ref := range d.from {
				d.fromIDs[i] = idOf(ref)
			}
		}
		if traced {
			trace.Stop()
		}
	})
	failed := false
	tell := func(f *engine.Fault) {
		if traced && !failed {
			failed = true
			ex.tellFailure(f)
		}
	}
	x.Failed = func(f *engine.Fault) { // before the tasks are unwound, which is not part of the program
		if f.Kind == engine.FaultDeadlock || f.Kind == engine.FaultLeak {
			ex.findBlocked(f)
		}
		if x.Settle != nil {
			x.Settle()
		}
		tell(f)
		stop()
	}
	if d != nil {
		d.stop, d.told = stop, told.len
	}
	found := again()
	x.Failed = nil
	switch {
	case found == nil && d != nil:
		found = &engine.Fault{}
	case found == nil:
		found = &engine.Fault{Kind: engine.FaultCheckFailed, Message: testFailed}
		fallthrough
	default:
		tell(found)
	}
	stop() // at the end of the run, if the test failed
	f := failureOf(found)
	if traced {
		f.Events = rec.Events()
		embed(f.Events, x.Places)
		if engine.Patched {
			nameObjects(f.Events, x.Inner)
		}
	}
	names := namesIn(f.Events)
	f.Steps, f.before = ex.table(ids, names), x.NoteFrom
	if f.Kind == KindDeadlock || f.Kind == KindLeak {
		for i := range ex.blocked {
			s := &ex.blocked[i]
			s.object = ex.objectName(s.Ref, names[s.id])
		}
		ex.explain(f)
	}
	return f
}

// A counting counts the events that it passes to another sink.
type counting struct {
	to trace.Sink
	mu sync.Mutex
	n  int // guarded by mu
}

// Event implements [trace.Sink].
func (c *counting) Event(ev trace.Event) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	c.to.Event(ev)
}

func (c *counting) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// stepTime is the time that passes with each event of a recording, so that events have distinct times.
const stepTime = time.Microsecond

// startTrace starts the trace of a run. Its clock is that of the run, so that every recording is the same, except
// that a little time passes with each event.
func (ex *explorer) startTrace(to trace.Sink) bool {
	ex.x.Now = 0 // it is still that of the run before
	clock := (&recordClock{x: &ex.x}).now
	hook.Clock.Store(&clock)
	defer hook.Clock.Store(nil)
	return trace.Start(to) == nil
}

// A recordClock is the clock of a recording.
type recordClock struct {
	x *engine.Execution
	n time.Duration // the time that has passed with events
}

// now is called by tasks, and by the goroutine that schedules them.
//
//go:norace
func (c *recordClock) now() time.Duration {
	c.n += stepTime
	return c.x.Now + c.n
}

// tellFailure sends the failure of the run to the trace.
func (ex *explorer) tellFailure(f *engine.Fault) {
	who := trace.UnknownG
	for _, t := range ex.x.Live {
		if t.Name == f.Task && f.Kind != engine.FaultDeadlock && f.Kind != engine.FaultLeak {
			who = t.Thread.G
		}
	}
	message, _, _ := strings.Cut(f.Message, "\n")
	(*trace.Object)(nil).EmitAt(trace.Event{Kind: trace.KindFail, G: who, Text: Kind(f.Kind).String() + ": " + message}, nil)
}

// idsOf returns the IDs of the objects of notes in the running trace.
func idsOf(notes []engine.Note) []trace.ID {
	ids := make([]trace.ID, len(notes))
	for i, n := range notes {
		ids[i] = idOf(n.Ref)
	}
	return ids
}

// idOf returns the ID of o in the running trace, 0 if it is not in it.
func idOf(o hook.Object) trace.ID {
	if o, ok := o.(interface{ Object() *trace.Object }); ok {
		return o.Object().ID()
	}
	return 0
}

// namesIn returns the names of the objects of a recording.
func namesIn(events []trace.Event) map[trace.ID]string {
	names := make(map[trace.ID]string)
	for i := range events {
		if ev := &events[i]; ev.Kind == trace.KindDefineObj || ev.Kind == trace.KindRename {
			names[ev.Obj] = ev.Text
		}
	}
	return names
}

// table returns the readable form of the last run's schedule.
func (ex *explorer) table(ids []trace.ID, names map[trace.ID]string) []Step {
	steps := make([]Step, 0, len(ex.x.Notes))
	via := "" // the operation that the last step is part of
	for i, n := range ex.x.Notes {
		if n.Own || ex.judge != nil && n.Where == "" {
			continue
		}
		s := Step{Task: n.TaskName, Op: n.Op, Where: n.Where, Object: ex.objectName(n.Ref, "")}
		if i < len(ids) && names[ids[i]] != "" { // a data race is found as its step begins
			s.Object = names[ids[i]]
		}
		part := ""
		if ex.judge != nil {
			switch {
			case n.Task.Kind == engine.TaskDaemon:
				part, s.Op, s.Object = "timer", "fires", ""
			case n.Via != "":
				part, s.Op, s.Object = n.Via, n.Via, ""
			}
		}
		switch {
		case n.Sleeps:
			s.Note = "then sleeps"
		case n.Parks && n.Task.Kind != engine.TaskDaemon: // as a ticker does until it fires again
			s.Note = "waits"
		case len(n.Released) > 0:
			s.Note = "releases " + engine.Some(n.Released)
		}
		if last := len(steps) - 1; part != "" && part == via && steps[last].Task == s.Task && steps[last].Where == s.Where && !n.Fires {
			if s.Note != "" && steps[last].Note != "" {
				s.Note = steps[last].Note + ", " + s.Note
			}
			if s.Note != "" {
				steps[last].Note = s.Note
			}
			continue // a single step to the reader
		}
		via = part
		steps = append(steps, s)
	}
	return steps
}
