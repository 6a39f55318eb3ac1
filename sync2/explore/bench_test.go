package explore

import (
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// fifteen has three tasks with five operations each, on a variable of its own.
func fifteen(e *E) {
	for range 3 {
		v := NewAtomicInt(e, "v", 0)
		e.Go("task", func() {
			for i := range 5 {
				v.Store(int64(i))
			}
		})
	}
	e.Join()
}

func benchmark(b *testing.B, program func(*E), opt func(n int) Option) {
	b.Helper()
	b.ReportAllocs()
	r := Explore(b.Name(), program, opt(b.N), Runs(b.N))
	if r.Failure != nil {
		b.Fatal(r.Failure.Report())
	}
	b.ReportMetric(float64(r.Steps)/float64(r.Runs), "steps/op")
	b.ReportMetric(float64(r.Runs)/b.Elapsed().Seconds(), "runs/s")
}

func BenchmarkRuns(b *testing.B) {
	b.Run("random", func(b *testing.B) { benchmark(b, fifteen, Random) })
	b.Run("PCT", func(b *testing.B) { benchmark(b, fifteen, func(n int) Option { return PCT(3, n) }) })
	b.Run("default schedule", func(b *testing.B) {
		benchmark(b, fifteen, func(n int) Option {
			return func(o *options) {
				o.stages = []stage{{"default", func(*options) search.Strategy { return search.ByDefault{} }, n}}
			}
		})
	})
	b.Run("mutex", func(b *testing.B) {
		benchmark(b, func(e *E) {
			var mu sync2.Mutex
			for range 3 {
				e.Go("task", func() {
					for range 2 {
						mu.Lock()
						mu.Unlock()
					}
				})
			}
			e.Join()
		}, Random)
	})
}

// BenchmarkFresh uses new threads for every run, to show the cost if they were not reused.
func BenchmarkFresh(b *testing.B) {
	b.ReportAllocs()
	s := search.NewRandom(1)
	alone(s, func(x *engine.Execution) {
		c := new(common)
		for b.Loop() {
			for range 4 {
				x.Threads.Put(engine.NewThread())
			}
			s.Begin()
			x.Run(func() { fifteen(newE(x, c)) })
			x.Threads.Stop()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}

func BenchmarkLong(b *testing.B) {
	for b.Loop() {
		r := Explore(b.Name(), func(e *E) {
			var v atomicInt
			for i := range 100 {
				e.Go(fmt.Sprint("task-", i), func() {
					for range 1000 {
						v.load()
					}
				})
			}
			e.Join()
		}, Random(1), Steps(1<<20))
		if r.Failure != nil || r.Steps < 100_000 {
			b.Fatal(r)
		}
	}
}
