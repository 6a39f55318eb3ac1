package main

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/turnstile-go/turnstile/sync2"
)

func semaphoreRows() []row {
	return []row{
		{part: "semaphore", what: "pair, uncontended", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(semaphorePairs(1)) }},
			{name: "x/sync", max: 0.45, fresh: func() run { return alone(weightedPairs(1)) }},
			{name: "CAS pair", max: 1.2, fresh: func() run { return alone(casPairs()) }},
			{name: "chan", fresh: func() run { return alone(chanPairs(1)) }},
		}},
		{part: "semaphore", what: "pair with a cancellable ctx", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(semaphoreContextPairs) }},
			{name: "x/sync", max: 0.6, fresh: func() run { return alone(weightedContextPairs) }},
		}},
		contendedSemaphore("size 1, a goroutine per P", 1, 1, 1.0, 0),
		contendedSemaphore("size 10, 16 goroutines per P", 10, 16, 0.9, 0.15),
		contendedSemaphore("size 1, 16 goroutines per P", 1, 16, 1.2, 0),
	}
}

func contendedSemaphore(what string, size, goroutines int, maxChan, maxWeighted float64) row {
	return row{part: "semaphore", what: what, goals: []goal{noBytes()}, who: []contender{
		{name: "sync2", fresh: func() run { return perP(goroutines, semaphorePairs(size)) }},
		{name: "x/sync", max: maxWeighted, fresh: func() run { return perP(goroutines, weightedPairs(int64(size))) }},
		{name: "chan", max: maxChan, fresh: func() run { return perP(goroutines, chanPairs(size)) }},
	}}
}

//go:noinline
func semaphorePairs(size int) func(n int) {
	s := sync2.NewSemaphore(size)
	return func(n int) {
		for range n {
			s.Acquire()
			s.Release()
		}
	}
}

//go:noinline
func weightedPairs(size int64) func(n int) {
	s, ctx := semaphore.NewWeighted(size), context.Background()
	return func(n int) {
		for range n {
			_ = s.Acquire(ctx, 1)
			s.Release(1)
		}
	}
}

//go:noinline
func semaphoreContextPairs(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := sync2.NewSemaphore(1)
	for range n {
		_ = s.AcquireContext(ctx)
		s.Release()
	}
}

//go:noinline
func weightedContextPairs(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := semaphore.NewWeighted(1)
	for range n {
		_ = s.Acquire(ctx, 1)
		s.Release(1)
	}
}
