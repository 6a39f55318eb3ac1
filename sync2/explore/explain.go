package explore

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/waitgraph"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An explanation explains why tasks wait forever.
type explanation struct {
	x     *engine.Execution
	state *timeline.State               // at the end; nil if unknown
	waits map[*engine.Task]*blockedTask // all tasks that have not ended
}

// explain describes which task waits for what, and for whom, as far as known. The names of the objects must be known.
func (ex *explorer) explain(f *Failure) {
	why := &explanation{x: &ex.x, state: stateAfter(f.Events), waits: make(map[*engine.Task]*blockedTask)}
	who := make([]*engine.Task, len(ex.blocked))
	for i := range ex.blocked {
		s := &ex.blocked[i]
		who[i], why.waits[s.Task] = s.Task, s
	}
	needs := make(map[*engine.Task]waitgraph.Need[*engine.Task])
	for t, s := range why.waits {
		if s.blame.by == nil && why.state != nil {
			s.blame = why.recorded(s)
		}
		needs[t] = waitgraph.Need[*engine.Task]{Of: slices.DeleteFunc(slices.Clone(s.blame.by), why.hasEnded), All: s.blame.how == relationEnds || s.blame.how == relationReads}
	}
	f.Blocked = make([]string, len(ex.blocked))
	inCycle := make(map[*engine.Task]bool)
	for _, c := range waitgraph.Find(who, needs) {
		f.Cycle = append(f.Cycle, why.sentence(c))
		for _, t := range c {
			inCycle[t] = true
		}
	}
	for i := range ex.blocked {
		s := &ex.blocked[i]
		if f.Blocked[i] = s.waits(); !inCycle[s.Task] {
			f.Blocked[i] += why.because(s)
		}
	}
}

// stateAfter returns the state after events, nil if it is unknown.
func stateAfter(events []trace.Event) *timeline.State {
	if len(events) == 0 {
		return nil
	}
	st := new(timeline.State)
	for i := range events {
		if st.Apply(events[i]) != nil {
			return nil
		}
	}
	return st
}

// recorded returns the goroutines that could end the wait of s, according to the recording.
func (why *explanation) recorded(s *blockedTask) blame {
	helpers := why.state.Blockers(s.Task.Thread.G)
	if len(helpers) == 0 {
		return blame{}
	}
	b := blame{recorded: true}
	for _, g := range helpers {
		i := slices.IndexFunc(why.x.Tasks, func(t *engine.Task) bool { return t.Thread.G == g })
		if i < 0 {
			return blame{}
		}
		b.by = append(b.by, why.x.Tasks[i])
	}
	b.how = relationWorks
	switch o := why.state.Object(s.id); {
	case o == nil || o.Class == trace.ClassGoroutine:
		b.how = relationEnds
	case o.Class == trace.ClassMutex || o.Class == trace.ClassReentrantLock || o.Class == trace.ClassSemaphore:
		b.how = relationHolds
	case o.Class == trace.ClassRWMutex:
		b.how = atRWMutex(s, o)
	case o.Class == trace.ClassOnce || o.Class == trace.ClassFuture && o.Progress == timeline.ProgressRunning:
		b.how = relationRuns
	}
	return b
}

// atRWMutex returns the relation to the RWMutex o of the goroutines that keep s waiting there.
func atRWMutex(s *blockedTask, o *timeline.Object) relation {
	switch {
	case o.Depth > 0:
		return relationHolds
	case strings.HasPrefix(s.Op, "R"):
		return relationPrecedes
	}
	return relationReads
}

func (why *explanation) hasEnded(t *engine.Task) bool { return why.waits[t] == nil }

// waits describes the wait of the task.
func (n *blockedTask) waits() string {
	words := n.TaskName + " waits in " + n.Op
	if n.object != "" {
		words += " " + n.object
	}
	if n.Where != "" {
		words += " at " + n.Where
	}
	return words
}

// sentence describes a cycle: "ann holds a and waits for b; ben holds b and waits for a".
func (why *explanation) sentence(c []*engine.Task) string {
	parts := make([]string, len(c))
	before := why.waits[c[len(c)-1]]
	for i, t := range c {
		parts[i] = t.Name
		if owes := why.owes(t, before); owes != "" {
			parts[i] += " " + owes + " and"
		}
		before = why.waits[t]
		parts[i] += " " + why.waitsFor(before, c[(i+1)%len(c)])
	}
	return strings.Join(parts, "; ")
}

// owes describes how t relates to what s waits for.
func (why *explanation) owes(t *engine.Task, s *blockedTask) string {
	if s.blame.recorded {
		return why.state.Words().Blocks(t.Thread.G, s.id)
	}
	return ""
}

// waitsFor describes what s waits for, which depends on next.
func (why *explanation) waitsFor(s *blockedTask, next *engine.Task) string {
	if s.blame.recorded {
		return why.state.Words().WaitsFor(s.Task.Thread.G)
	}
	return "waits for the end of " + next.Name
}
