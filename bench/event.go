package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func eventRows() []row {
	rows := []row{
		{part: "event", what: "IsSet", goals: []goal{atMost(1, "ns")}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(isSet()) }},
			{name: "atomic load", fresh: func() run { return alone(loads()) }},
		}},
		{part: "event", what: "Wait when set", goals: []goal{atMost(1, "ns")}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(waitSet()) }},
			{name: "<-closed", fresh: func() run { return alone(receiveClosed()) }},
		}},
		{part: "event", what: "WaitContext when set", goals: []goal{atMost(10, "ns")}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(waitContextSet) }},
			{name: "select closed, ctx", fresh: func() run { return alone(selectClosed) }},
		}},
	}
	for _, n := range []int{100, 10_000, 1_000_000} {
		r := row{part: "event", what: fmt.Sprintf("Set until the last of %d is awake", n), who: []contender{
			{name: "sync2", fresh: func() run {
				return wakes(n, func() (func(), func()) { e := new(sync2.Event); return e.Wait, e.Set })
			}},
			{name: "close(chan)", max: 1.05, fresh: func() run {
				return wakes(n, func() (func(), func()) {
					c := make(chan struct{})
					return func() { <-c }, func() { close(c) }
				})
			}},
		}}
		if n == 1_000_000 {
			r.procs, r.counts = []int{2}, 6
		}
		rows = append(rows, r)
	}
	return rows
}

//go:noinline
func isSet() func(n int) {
	e := new(sync2.Event)
	e.Set()
	return func(n int) {
		for range n {
			if !e.IsSet() {
				panic("not set")
			}
		}
	}
}

//go:noinline
func loads() func(n int) {
	b := new(atomic.Bool)
	b.Store(true)
	return func(n int) {
		for range n {
			if !b.Load() {
				panic("not set")
			}
		}
	}
}

//go:noinline
func waitSet() func(n int) {
	e := new(sync2.Event)
	e.Set()
	return func(n int) {
		for range n {
			e.Wait()
		}
	}
}

//go:noinline
func receiveClosed() func(n int) {
	c := make(chan struct{})
	close(c)
	return func(n int) {
		for range n {
			<-c
		}
	}
}

//go:noinline
func waitContextSet(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	e := new(sync2.Event)
	e.Set()
	for range n {
		_ = e.WaitContext(ctx)
	}
}

//go:noinline
func selectClosed(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := make(chan struct{})
	close(c)
	for range n {
		select {
		case <-c:
		case <-ctx.Done():
		}
	}
}

// wakes is a run of which each operation is one of n goroutines that wake. It times from the release of all until the
// last is awake.
func wakes(waiters int, fresh func() (wait, release func())) run {
	return func(n int) (int, time.Duration) {
		var total time.Duration
		rounds := n/waiters + 1
		for range rounds {
			wait, release := fresh()
			total += wakeAll(waiters, wait, release)
		}
		return rounds * waiters, total
	}
}

func wakeAll(waiters int, wait, release func()) time.Duration {
	var asleep atomic.Int64
	asleep.Store(int64(waiters))
	var last time.Time
	var done sync.WaitGroup
	for range waiters {
		done.Go(func() {
			wait()
			if asleep.Add(-1) == 0 {
				last = time.Now()
			}
		})
	}
	awaitParked(waiters)
	start := time.Now()
	release()
	done.Wait()
	return last.Sub(start)
}

// awaitParked waits until at least n goroutines wait for something.
func awaitParked(n int) {
	waiting := []metrics.Sample{{Name: "/sched/goroutines/waiting:goroutines"}}
	for metrics.Read(waiting); waiting[0].Value.Uint64() < uint64(n); metrics.Read(waiting) {
		runtime.Gosched()
	}
}
