package explore

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// A rechecking strategy recomputes the transitions before each choice: those reused from the previous step, because
// nothing had changed, must be the same.
type rechecking struct {
	search.Strategy
	t    *testing.T
	x    *engine.Execution
	kept int // the number of times they were reused
}

func (r *rechecking) Choose(v *search.View) int {
	x := r.x
	transitions, def := slices.Clone(x.Transitions), x.Default
	if x.Unchanged {
		r.kept++
	}
	x.FindTransitions()
	if !slices.Equal(transitions, x.Transitions) || def != x.Default {
		r.t.Errorf("after %d steps the transitions were %v and the default %d, and are %v and %d", len(x.Steps), transitions, def, x.Transitions, x.Default)
	}
	return r.Strategy.Choose(v)
}

func TestTransitionsAreUpToDate(t *testing.T) {
	programs := append(slices.Clone(oraclePrograms), []oracleProgram{
		{name: "children in mid-run", run: func(e *E, _ func(string, ...any)) {
			var a atomicInt
			a.store(1)
			e.Go("b", func() {
				a.store(2)
				e.Go("c", func() { a.store(3); a.store(4) })
				a.store(5)
			})
			a.store(6)
			e.Join()
		}},
		{name: "joins", run: func(e *E, _ func(string, ...any)) {
			var a atomicInt
			e.Go("b", func() { a.store(1) })
			e.Go("c", func() { a.store(2); e.Join() })
			e.Go("d", func() { a.store(3) })
			a.store(4)
			e.Join()
			a.store(5)
		}},
		{name: "time", run: func(e *E, _ func(string, ...any)) {
			var ev sync2.Event
			tasks(e, func() { e.Sleep(2); ev.Set() }, func() { ev.WaitTimeout(1); e.Yield(); ev.Wait() }, func() { e.Sleep(3 * time.Second); e.Yield() })
		}},
		{name: "contexts", run: func(e *E, _ func(string, ...any)) {
			ctx, cancel := e.WithTimeout(e.Interrupt(), time.Second)
			sem := sync2.NewSemaphore(0)
			tasks(e, func() { _ = sem.AcquireContext(ctx); e.Yield() }, func() { e.Yield(); cancel(); e.Yield() }, func() { e.Yield(); e.Yield() })
		}},
		{name: "cancel", run: func(e *E, _ func(string, ...any)) {
			ctx, cancel := e.WithCancel(context.Background())
			sem := sync2.NewSemaphore(0)
			tasks(e, func() { _ = sem.AcquireContext(ctx) }, func() { e.Yield(); cancel(); e.Yield(); e.Yield() }, func() { e.Yield(); e.Yield() })
		}},
		{name: "a choice", run: func(e *E, _ func(string, ...any)) {
			var a atomicInt
			tasks(e, func() { a.store(e.Choose(3)) }, func() { a.store(1); a.store(2) })
		}},
	}...)
	kept := 0
	for _, p := range programs {
		s := &rechecking{Strategy: search.NewRandom(1), t: t}
		alone(s, func(x *engine.Execution) {
			s.x = x
			x.MaxSteps, x.Anytime = 1000, p.anytime
			for range 300 {
				s.Begin()
				x.Run(func() { p.run(newE(x, new(common)), func(string, ...any) {}) })
				x.Threads.Retire()
				for i, step := range x.Steps {
					if step.Deviation < 0 || int(step.Deviation) >= len(x.Tasks)+3 { // a task may have three alternatives
						t.Errorf("step %d deviates by %d", i, step.Deviation)
					}
				}
			}
		})
		if t.Failed() {
			t.Fatal(p.name)
		}
		kept += s.kept
	}
	if kept == 0 {
		t.Error("they were never taken over")
	}
}
