package main

import (
	"context"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
)

var (
	processSquare = process.Register("square", func(_ context.Context, n int) (int, error) { return n * n, nil })
	processSpin   = process.Register("spin", func(_ context.Context, n int) (int, error) { return spin(n), nil })
)

// spin does work that needs nothing but a processor.
func spin(n int) int {
	x := 1
	for i := range n {
		x = x*31 + i
	}
	return x
}

func processRows() []row {
	two := []int{2}
	return []row{
		{part: "process", what: "a task in a burst, 2 workers", procs: two, goals: []goal{atMost(60_000, "ns")}, who: []contender{
			{name: "process", fresh: func() run { return processBurst }},
			{name: "sync2.Executor", fresh: func() run { return executorSubmit }},
		}},
		{part: "process", what: "a task from Submit to Result", procs: two, goals: []goal{atMost(90_000, "ns")}, who: []contender{
			{name: "process", fresh: func() run { return processRoundTrip }},
		}},
		{
			part: "process", what: "work for a processor, with 2 workers beside 1", unit: "of the time", procs: two, counts: 3,
			goals: []goal{atMost(1/1.9, "of the time")}, who: []contender{{name: "process", take: processSpeedUp}},
		},
		{part: "process", what: "a lock pair of a worker", procs: two, who: []contender{
			{name: "process", fresh: func() run { return processLock }},
		}},
	}
}

// processes calls f with an executor that is ready.
func processes(workers int, f func(e *process.Executor) (int, time.Duration)) (int, time.Duration) {
	e := process.NewExecutor(workers)
	defer e.Shutdown()
	for range 10 * workers {
		_, _ = process.Submit(e, processSquare, 1).Result()
	}
	return f(e)
}

func processBurst(n int) (int, time.Duration) {
	return processes(2, func(e *process.Executor) (int, time.Duration) {
		return timed(n, func() {
			fs := make([]*sync2.Future[int], n)
			for i := range fs {
				fs[i] = process.Submit(e, processSquare, i)
			}
			for _, f := range fs {
				_, _ = f.Result()
			}
		})
	})
}

func processRoundTrip(n int) (int, time.Duration) {
	return processes(2, func(e *process.Executor) (int, time.Duration) {
		return timed(n, func() {
			for i := range n {
				_, _ = process.Submit(e, processSquare, i).Result()
			}
		})
	})
}

// processSpeedUp measures what share of the time it takes two workers that one takes.
func processSpeedUp(int) sample {
	took := func(workers int) time.Duration {
		_, d := processes(workers, func(e *process.Executor) (int, time.Duration) {
			return timed(16, func() {
				var fs []*sync2.Future[int]
				for range 16 {
					fs = append(fs, process.Submit(e, processSpin, 20_000_000))
				}
				for _, f := range fs {
					_, _ = f.Result()
				}
			})
		})
		return d
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	one := took(1)
	return sample{Value: float64(took(2)) / float64(one)}
}

var (
	processMutex = process.NewMutex(process.Named("bench"))
	processPairs = process.Register("pairs", func(_ context.Context, n int) (int, error) {
		for range n {
			if err := processMutex.Lock(); err != nil {
				return 0, err
			}
			processMutex.Unlock()
		}
		return n, nil
	})
)

func processLock(n int) (int, time.Duration) {
	return processes(1, func(e *process.Executor) (int, time.Duration) {
		return timed(n, func() { _, _ = process.Submit(e, processPairs, n).Result() })
	})
}
