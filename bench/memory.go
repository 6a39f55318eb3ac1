package main

import (
	"context"
	"fmt"
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

func memoryRows() []row {
	const n = 100_000
	var rows []row
	for _, w := range waitings()[:6] {
		peer, limit := "chan", 128.0
		if len(rows) >= 3 {
			peer, limit = "chan or ctx", 256
		}
		rows = append(rows, row{
			part: "memory", what: fmt.Sprintf("each of %d that wait, %s", n, w.name), unit: "B", procs: []int{2}, counts: 3,
			goals: []goal{atMost(limit, "B")},
			who:   []contender{inJob("sync2", memoryJob(w.name, n)), inJob(peer, memoryJob(peer, n))},
		})
	}
	return rows
}

// inJob is a contender each sample of which is taken by a process of its own.
func inJob(name, job string) contender {
	return contender{name: name, take: func(p int) sample { return inProcess(own(), job, p) }}
}

func memoryJob(name string, n int) string { return fmt.Sprintf("memory/%s/%d", name, n) }

// memoryOf returns what a waiting goroutine takes over one that is merely parked.
func memoryOf(w waiting, n int) sample {
	base := inUse()
	for range n {
		go func() { select {} }()
	}
	awaitParked(n)
	parked := inUse()
	wait, _ := w.fresh(n)
	for range n {
		go wait()
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
