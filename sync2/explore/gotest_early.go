//go:build turnstile_goroot

package explore

import (
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// byRuntime holds parts of the texts of panics that the program did not raise itself.
var byRuntime = []string{"runtime error", "closed channel", "nil channel", "sync:", "WaitGroup", "concurrent map"}

// afterwards is the time after its end during which a test is responsible for its goroutines.
const afterwards = time.Second

// isLate reports whether the test ended so long ago that the process would have exited.
//
//go:norace
func isLate() bool { return current != nil && current.ex.x.Now-current.ex.x.MainEnd > afterwards }

// excused reports whether a failure of the last run, in which timers fired early or the program read a clock that ran
// too fast, proves nothing. A check that fails because of a timer that would have fired long after only shows that
// the timer was too short for a slow machine: many tests have such a check. The same holds for a panic of the test's
// own code, unless it comes from a timer that might have fired that early on a busy machine. Whatever happens after a
// timer fires is attributed to it.
func (g *goTest) excused(f *engine.Fault) bool {
	x := &g.ex.x
	task, before := f.Task, g.failed.run == x.Runs // a check has failed before: anything later may be its consequence
	switch f.Kind {
	case engine.FaultPanicked:
		if isLate() {
			return true
		}
		if !before && !(x.Leapt && (g.ofTest(task) || strings.Contains(f.Place, "_test.go:"))) && slices.ContainsFunc(byRuntime, func(s string) bool { return strings.Contains(f.Message, s) }) {
			return false
		}
	case engine.FaultDeadlock, engine.FaultLivelock:
		if !before {
			return false
		}
		task = g.failed.task
	case engine.FaultCheckFailed:
	default:
		return false
	}
	late := func(t *engine.Task, step int) bool {
		from, is := t.Late()
		return is && step >= from
	}
	if len(x.Early) == 0 && !slices.ContainsFunc(x.Tasks, func(t *engine.Task) bool { return late(t, len(x.Steps)) }) {
		return false
	}
	if task == "" {
		return true // the failing task is unknown
	}
	tasks, objects, steps := make([]bool, x.TaskCount), make(map[int32]bool), make([]bool, len(x.Steps))
	early := x.Early
	for i := range x.Steps {
		s := &x.Steps[i]
		after := tasks[s.Task] || late(x.Tasks[s.Task], i)
		if len(early) > 0 && early[0] == int32(i) {
			early, after = early[1:], true
		}
		for _, p := range x.PredsOf(i) {
			after = after || p >= 0 && steps[p]
		}
		accesses := x.AccessesOf(i)
		for _, a := range accesses {
			after = after || objects[a.Obj]
		}
		if !after {
			continue
		}
		tasks[s.Task], steps[i] = true, true
		for _, a := range accesses {
			if a.Mode != hook.AccessRead {
				objects[a.Obj] = true
			}
		}
	}
	for _, t := range x.Tasks {
		if t.Name == task {
			return tasks[t.ID] || late(t, len(x.Steps)) || slices.ContainsFunc(t.Follows(), func(p int32) bool { return p >= 0 && steps[p] })
		}
	}
	return true
}

// pardons reports whether a failure of the last run is excused, and adds a note if the user should know.
func (g *goTest) pardons(f *engine.Fault) bool {
	if !g.excused(f) {
		return false
	}
	if !g.early && !isLate() {
		g.caveat("a schedule failed because time passed while goroutines ran for long, or waited for something outside the program; it is not reported")
	}
	return true
}

// ofTest reports whether the task of the given name runs the test or a subtest.
func (g *goTest) ofTest(name string) bool {
	for _, t := range g.ex.x.Tasks {
		if t.Name == name {
			return t.OfTest
		}
	}
	return false
}
