package main

import (
	"context"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	concpool "github.com/sourcegraph/conc/pool"

	"github.com/turnstile-go/turnstile/sync2"
)

// executorWorkers is how many workers each pool has.
const executorWorkers = 8

func executorRows() []row {
	return []row{
		{part: "executor", what: "a task without result, 8 workers", who: []contender{
			{name: "sync2", fresh: func() run { return executorExecute }},
			{name: "pond", max: 0.6, fresh: func() run { return pondGo }},
			{name: "ants", max: 0.6, fresh: func() run { return antsSubmit }},
			{name: "conc", max: 0.6, fresh: func() run { return concGo }},
			{name: "chan pool", fresh: func() run { return chanPool }},
		}},
		{part: "executor", what: "a task with its Future, 8 workers", goals: []goal{allocsAtMost(2)}, who: []contender{
			{name: "sync2", fresh: func() run { return executorSubmit }},
			{name: "pond", max: 0.6, fresh: func() run { return pondSubmit }},
			{name: "conc", max: 0.6, fresh: func() run { return concResults }},
			{name: "chan pool + chan", fresh: func() run { return chanFutures }},
		}},
		{part: "executor", what: "a task with its Future and a context, 8 workers", goals: []goal{allocsAtMost(5)}, who: []contender{
			{name: "sync2.SubmitContext", fresh: func() run { return executorSubmitContext }},
			{name: "sync2.Submit", max: 1.3, fresh: func() run { return executorSubmit }},
		}},
	}
}

// timed measures f, which does n tasks.
func timed(n int, f func()) (int, time.Duration) {
	start := time.Now()
	f()
	return n, time.Since(start)
}

func executorExecute(n int) (int, time.Duration) {
	e := sync2.NewExecutor(executorWorkers)
	defer e.Shutdown()
	var wg sync.WaitGroup
	return timed(n, func() {
		wg.Add(n)
		for range n {
			_ = e.Execute(func(context.Context) { wg.Done() })
		}
		wg.Wait()
	})
}

func executorSubmit(n int) (int, time.Duration) {
	e := sync2.NewExecutor(executorWorkers)
	defer e.Shutdown()
	return timed(n, func() {
		batches(n, func(fs []*sync2.Future[int]) {
			for i := range fs {
				fs[i] = sync2.Submit(e, func(context.Context) (int, error) { return i, nil })
			}
			for _, f := range fs {
				_, _ = f.Result()
			}
		})
	})
}

func executorSubmitContext(n int) (int, time.Duration) {
	e := sync2.NewExecutor(executorWorkers)
	defer e.Shutdown()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	return timed(n, func() {
		batches(n, func(fs []*sync2.Future[int]) {
			for i := range fs {
				fs[i] = sync2.SubmitContext(ctx, e, func(context.Context) (int, error) { return i, nil })
			}
			for _, f := range fs {
				_, _ = f.Result()
			}
		})
	})
}

// batches calls f with slices of some hundred places, n in all: that is how many results are waited for at a time.
func batches[T any](n int, f func([]T)) {
	const size = 512
	buf := make([]T, size)
	for ; n > 0; n -= size {
		f(buf[:min(n, size)])
	}
}

func pondGo(n int) (int, time.Duration) {
	p := pond.NewPool(executorWorkers)
	defer p.StopAndWait()
	var wg sync.WaitGroup
	return timed(n, func() {
		wg.Add(n)
		for range n {
			_ = p.Go(wg.Done)
		}
		wg.Wait()
	})
}

func pondSubmit(n int) (int, time.Duration) {
	p := pond.NewResultPool[int](executorWorkers)
	defer p.StopAndWait()
	return timed(n, func() {
		batches(n, func(fs []pond.ResultTask[int]) {
			for i := range fs {
				fs[i] = p.Submit(func() int { return i })
			}
			for _, f := range fs {
				_, _ = f.Wait()
			}
		})
	})
}

func antsSubmit(n int) (int, time.Duration) {
	p, err := ants.NewPool(executorWorkers)
	if err != nil {
		panic(err)
	}
	defer p.Release()
	var wg sync.WaitGroup
	return timed(n, func() {
		wg.Add(n)
		for range n {
			_ = p.Submit(wg.Done)
		}
		wg.Wait()
	})
}

func concGo(n int) (int, time.Duration) {
	p := concpool.New().WithMaxGoroutines(executorWorkers)
	return timed(n, func() {
		for range n {
			p.Go(func() {})
		}
		p.Wait()
	})
}

func concResults(n int) (int, time.Duration) {
	return timed(n, func() {
		batches(n, func(fs []int) {
			p := concpool.NewWithResults[int]().WithMaxGoroutines(executorWorkers)
			for i := range fs {
				p.Go(func() int { return i })
			}
			copy(fs, p.Wait())
		})
	})
}

// chanWorkers starts workers that run what comes through the channel, until it is closed.
func chanWorkers() (tasks chan func(), stop func()) {
	tasks = make(chan func(), 64)
	var wg sync.WaitGroup
	for range executorWorkers {
		wg.Go(func() {
			for task := range tasks {
				task()
			}
		})
	}
	return tasks, func() { close(tasks); wg.Wait() }
}

func chanPool(n int) (int, time.Duration) {
	tasks, stop := chanWorkers()
	defer stop()
	var wg sync.WaitGroup
	return timed(n, func() {
		wg.Add(n)
		for range n {
			tasks <- wg.Done
		}
		wg.Wait()
	})
}

func chanFutures(n int) (int, time.Duration) {
	tasks, stop := chanWorkers()
	defer stop()
	return timed(n, func() {
		batches(n, func(fs []chan int) {
			for i := range fs {
				c := make(chan int, 1)
				fs[i] = c
				tasks <- func() { c <- i }
			}
			for _, c := range fs {
				<-c
			}
		})
	})
}
