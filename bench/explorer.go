package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

func explorerRows() []row {
	rows := []row{
		{what: "a run of 3 tasks × 5 operations", procs: []int{1}, goals: []goal{atMost(2000, "ns")}, who: []contender{
			{name: "explore", fresh: func() run { return pooledRuns }},
		}},
		{what: "the same, with new coroutines for each run", procs: []int{1}, goals: []goal{atMost(4000, "ns")}, who: []contender{
			{name: "explore", take: inBenchmark(exploreTest, "BenchmarkFresh", 20_000, 1)},
		}},
		{what: "an exploration of one such run", procs: []int{1}, who: []contender{
			{name: "explore", fresh: func() run { return singleRuns }},
		}},
		{what: "a run of 3 tasks × 5 operations, under the race detector", procs: []int{2}, counts: 6, goals: []goal{atMost(1e9/15_000, "ns")}, who: []contender{
			{name: "explore", take: func(p int) sample { return inProcess(raced(), "explorer/pooled", p) }},
		}},
		{what: "a step of runs of 100,000 steps, 100 tasks", procs: []int{1}, counts: 6, goals: []goal{bytesAtMost(200)}, who: []contender{
			{name: "explore", take: func(int) sample { return longRun() }},
		}},
	}
	first := len(rows)
	for _, p := range programs {
		rows = append(rows, row{what: "runs of DPOR for each trace, " + p.name, unit: "", counts: 1, procs: []int{1},
			goals: []goal{atMost(1.05, "runs")}, who: []contender{{name: "explore", take: func(int) sample { return reduced(p.run) }}}})
	}
	for i := range rows {
		rows[i].part = "explorer"
		if i >= first {
			rows[i].unit = "runs"
		}
	}
	return rows
}

// fifteen has three tasks, each with five operations on a variable of its own.
func fifteen(e *explore.E) {
	for range 3 {
		v := explore.NewAtomicInt(e, "v", 0)
		e.Go("task", func() {
			for i := range 5 {
				v.Store(int64(i))
			}
		})
	}
	e.Join()
}

func pooledRuns(n int) (int, time.Duration) {
	return timed(n, func() { mustHold(explore.Explore("fifteen", fifteen, explore.Random(n), explore.Runs(n))) })
}

// singleRuns is with all that an exploration makes before its first run, and does in that: it checks that the program
// does the same under the same schedule.
func singleRuns(n int) (int, time.Duration) {
	return timed(n, func() {
		for i := range n {
			mustHold(explore.Explore("fifteen", fifteen, explore.Random(1), explore.Runs(1), explore.Seed(uint64(i))))
		}
	})
}

// longRun is of a few runs with a hundred tasks of a thousand operations. The sample is of each of them.
func longRun() sample {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	r := explore.Explore("long", func(e *explore.E) {
		v := explore.NewAtomicInt(e, "v", 0)
		for i := range 100 {
			e.Go(fmt.Sprint("task-", i), func() {
				for range 1000 {
					v.Load()
				}
			})
		}
		e.Join()
	}, explore.Random(3), explore.Steps(1<<20), explore.Runs(3))
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	mustHold(r)
	steps := float64(r.Steps)
	return sample{
		Value: float64(took.Nanoseconds()) / steps,
		Bytes: float64(after.TotalAlloc-before.TotalAlloc) / steps, Allocs: float64(after.Mallocs-before.Mallocs) / steps,
	}
}

func mustHold(r *explore.Result) *explore.Result {
	if r.Failure != nil {
		fatal(fmt.Errorf("the explorer found a failure where there is none:\n%s", r.Failure.Report()))
	}
	return r
}

// reduced explores a program with DPOR until it is exhausted, and returns the number of runs for each distinct schedule.
func reduced(program func(*explore.E)) sample {
	r := mustHold(explore.Explore("reduced", program, explore.DPOR(), explore.Runs(1<<20)))
	if !r.Exhausted {
		fatal(fmt.Errorf("DPOR did not come to an end: %v", r))
	}
	return sample{Value: float64(r.Runs) / float64(r.Traces), Bytes: -1}
}

// programs are small enough to run all their schedules.
var programs = []struct {
	name string
	run  func(*explore.E)
}{
	{"3 tasks, one Mutex", func(e *explore.E) {
		var mu sync2.Mutex
		for range 3 {
			e.Go("task", func() { mu.Lock(); mu.Unlock() }) //nolint:staticcheck // the operations are what is explored
		}
		e.Join()
	}},
	{"1 writer, 2 readers", func(e *explore.E) {
		v := explore.NewAtomicInt(e, "v", 0)
		e.Go("writer", func() { v.Store(1); v.Store(2) })
		for range 2 {
			e.Go("reader", func() { v.Load(); v.Load() })
		}
		e.Join()
	}},
	{"2 producers, 1 consumer", func(e *explore.E) {
		c := explore.NewChan[int](e, "c", 1)
		for i := range 2 {
			e.Go("producer", func() { c.Send(i) })
		}
		e.Go("consumer", func() { c.Recv(); c.Recv() })
		e.Join()
	}},
	{"Semaphore of 1, 3 tasks", func(e *explore.E) {
		s := sync2.NewSemaphore(1)
		for range 3 {
			e.Go("task", func() { s.Acquire(); s.Release() })
		}
		e.Join()
	}},
}
