package explore

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// A run of a hundred tasks and a hundred thousand steps fails at its end; it can be replayed, and takes little
// memory.
func TestLongRun(t *testing.T) {
	if engine.UnderRace {
		return // under the race detector it takes long and shows nothing more
	}
	program := func(e *E) {
		var v atomicInt
		for i := range 100 {
			e.Go(fmt.Sprint("task-", i), func() {
				for range 1000 {
					v.load()
				}
			})
		}
		e.Join()
		e.Fail("at the end")
	}
	per := bytesPerStep(t, program)
	t.Logf("%d B a step", per)
	if per > 200 {
		t.Errorf("a step takes %d B", per)
	}
	r := Explore(t.Name(), program, Random(1), Steps(1<<20))
	if r.Failure == nil || r.Failure.Message != "at the end" {
		t.Fatalf("%v: %v", r, r.Failure)
	}
	if again := Explore(t.Name(), program, Replay(r.Failure.Token), Steps(1<<20)); again.Diverged != "" || again.Failure == nil {
		t.Errorf("%v: %v", again, again.Failure)
	}
}

// A failure that needs a schedule with thousands of deviations has a token that can be copied: that of the strategy's run.
func TestLongSchedule(t *testing.T) {
	if engine.UnderRace {
		return // under the race detector it takes long, and the variables that its tasks share are a data race
	}
	const tasks, each, most = 4, 1_500, 1_500
	program := func(e *E) {
		var v atomicInt
		last, turns := 0, 0
		for i := range tasks {
			e.Go(fmt.Sprint("task-", i), func() {
				for range each {
					if v.load(); last != i {
						last = i
						turns++
					}
				}
			})
		}
		e.Join()
		e.Check(turns <= most, "too many turns")
	}
	for name, strategy := range map[string]Option{"random": Random(100), "PCT": PCT(1_900, 100)} {
		r := Explore(t.Name(), program, strategy, Steps(1<<20))
		if r.Failure == nil || r.Failure.Kind != KindCheckFailed {
			t.Errorf("%s: %v: %v", name, r, r.Failure)
			continue
		}
		if n := len(r.Failure.Token); n > 400 || r.Failure.Deviations < longestList {
			t.Errorf("%s: a token of %d bytes for %d deviations", name, n, r.Failure.Deviations)
		}
		if again := Explore(t.Name(), program, Replay(r.Failure.Token), Steps(1<<20)); again.Diverged != "" || again.Failure == nil || again.Failure.Kind != KindCheckFailed {
			t.Errorf("%s: replayed: %v: %v, diverged %q", name, again, again.Failure, again.Diverged)
		}
	}
}

// bytesPerStep runs the program once and returns the memory that the run takes per step.
func bytesPerStep(t *testing.T, program func(*E)) (bytes uint64) {
	s := search.NewRandom(1)
	s.Begin()
	alone(s, func(x *engine.Execution) {
		before := heap()
		x.Run(func() { program(newE(x, new(common))) })
		after := heap()
		if len(x.Steps) < 100_000 {
			t.Fatalf("%d steps", len(x.Steps))
		}
		bytes = (after - before) / uint64(len(x.Steps))
	})
	return bytes
}

// heap returns the memory in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
