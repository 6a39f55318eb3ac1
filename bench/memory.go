package main

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2"
)

// A waiting is something that many goroutines can wait for.
type waiting struct {
	name string
	// fresh returns what one of n goroutines calls to wait, and what releases them all. In the barrier the one who
	// releases is one more party.
	fresh func(n int) (wait, release func())
}

func waitings() []waiting {
	return []waiting{
		{"event", func(int) (func(), func()) {
			e := new(sync2.Event)
			return e.Wait, e.Set
		}},
		{"barrier", func(n int) (func(), func()) {
			b := sync2.NewBarrier(n + 1)
			wait := func() { _, _ = b.Wait() }
			return wait, wait
		}},
		{"semaphore", func(n int) (func(), func()) {
			s := sync2.NewSemaphore(0)
			return s.Acquire, func() { s.ReleaseN(n) }
		}},
		{"event with ctx", func(int) (func(), func()) {
			e := new(sync2.Event)
			return func() { _ = e.WaitContext(unended) }, e.Set
		}},
		{"barrier with ctx", func(n int) (func(), func()) {
			b := sync2.NewBarrier(n + 1)
			wait := func() { _, _ = b.WaitContext(unended) }
			return wait, wait
		}},
		{"semaphore with ctx", func(n int) (func(), func()) {
			s := sync2.NewSemaphore(0)
			return func() { _ = s.AcquireContext(unended) }, func() { s.ReleaseN(n) }
		}},
		{"chan", func(int) (func(), func()) {
			c := make(chan struct{})
			return func() { <-c }, func() { close(c) }
		}},
		{"chan or ctx", func(int) (func(), func()) {
			c := make(chan struct{})
			return func() {
				select {
				case <-c:
				case <-unended.Done():
				}
			}, func() { close(c) }
		}},
	}
}

// alones are the waitings in which each goroutine has a context of its own. Each returns what returns the function that a
// goroutine calls to wait with ctx.
func alones() map[string]func() (next func(ctx context.Context) func()) {
	return map[string]func() func(context.Context) func(){
		"event": func() func(context.Context) func() {
			e := new(sync2.Event)
			return func(ctx context.Context) func() { return func() { _ = e.WaitContext(ctx) } }
		},
		"barrier": func() func(context.Context) func() {
			b := sync2.NewBarrier(math.MaxInt)
			return func(ctx context.Context) func() { return func() { _, _ = b.WaitContext(ctx) } }
		},
		"semaphore": func() func(context.Context) func() {
			s := sync2.NewSemaphore(0)
			return func(ctx context.Context) func() { return func() { _ = s.AcquireContext(ctx) } }
		},
	}
}

func memoryRows() []row {
	const n = 100_000
	var rows []row
	for _, w := range waitings()[:6] {
		peer, limit := "chan", 128.0
		if len(rows) >= 3 {
			peer, limit = "chan or ctx", 256
		}
		rows = append(rows, memoryRow(n, w.name, memoryJob(w.name, n), peer, limit))
	}
	for _, w := range []struct {
		name  string
		limit float64
	}{{"event", 256}, {"barrier", 256}, {"semaphore", 400}} {
		rows = append(rows, memoryRow(n, w.name+" with a ctx of its own", aloneJob(w.name, n), "chan or ctx", w.limit))
	}
	return rows
}

func memoryRow(n int, what, job, peer string, limit float64) row {
	return row{
		part: "memory", what: fmt.Sprintf("each of %d that wait, %s", n, what), unit: "B", procs: []int{2}, counts: 3,
		goals: []goal{atMost(limit, "B")},
		who:   []contender{inJob("sync2", job), inJob(peer, memoryJob(peer, n))},
	}
}

// inJob is a contender each sample of which is taken by a process of its own.
func inJob(name, job string) contender {
	return contender{name: name, take: func(p int) sample { return inProcess(own(), job, p) }}
}

func memoryJob(name string, n int) string { return fmt.Sprintf("memory/%s/%d", name, n) }

func aloneJob(name string, n int) string { return fmt.Sprintf("memory alone/%s/%d", name, n) }

// memoryOf returns what a waiting goroutine takes over one that is merely parked.
func memoryOf(w waiting, n int) sample {
	wait, _ := w.fresh(n)
	return memoryOfEach(n, func(int) func() { return wait })
}

// memoryAlone is memoryOf for goroutines each of which has a context of its own, without what that takes.
func memoryAlone(next func(ctx context.Context) func(), n int) sample {
	ctxs := make([]context.Context, n)
	for i := range ctxs {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ctx.Done() // makes the channel
		ctxs[i] = ctx
	}
	return memoryOfEach(n, func(i int) func() { return next(ctxs[i]) })
}

// memoryOfEach returns what each of n goroutines that call what wait returns takes over one that is merely parked.
func memoryOfEach(n int, wait func(i int) func()) sample {
	base := inUse()
	for range n {
		go func() { select {} }()
	}
	awaitParked(n)
	parked := inUse()
	for i := range n {
		go wait(i)()
	}
	awaitParked(2 * n)
	waiting := inUse()
	runtime.KeepAlive(wait)
	return sample{Value: (waiting - parked - (parked - base)) / float64(n), Bytes: -1}
}

// inUse returns the bytes in use by the heap and by stacks.
func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// unended could end, but does not.
var unended, _ = context.WithCancel(context.Background())
