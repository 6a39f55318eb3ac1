package main

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A sample is one measurement: what an operation costs.
type sample struct {
	Value  float64 // in the unit of its row
	Bytes  float64 // allocated
	Allocs float64
}

// A contender does what its row says in its own way.
type contender struct {
	name  string
	max   float64 // the target for ours as a multiple of this one; 0: none
	fresh func() run
	take  func(p int) sample // instead of fresh, for what is not a loop; p is GOMAXPROCS
}

// A run does at least n operations and returns how many it did, and the time they took.
type run func(n int) (done int, d time.Duration)

// alone is a run in the calling goroutine.
func alone(loop func(n int)) run {
	return func(n int) (int, time.Duration) {
		start := time.Now()
		loop(n)
		return n, time.Since(start)
	}
}

// perP is a run in a number of goroutines for each of GOMAXPROCS. They take the operations in small lots, so that all are
// at work till the end.
func perP(goroutines int, loop func(n int)) run {
	const lot = 256
	return func(n int) (int, time.Duration) {
		lots := int64(n/lot + 1)
		var next atomic.Int64
		d := inAll(goroutines*runtime.GOMAXPROCS(0), func(int) {
			for next.Add(1) <= lots {
				loop(lot)
			}
		})
		return int(lots) * lot, d
	}
}

// inAll calls f in the given number of goroutines, which start together, and returns how long they took. They are numbered from 0.
func inAll(goroutines int, f func(i int)) time.Duration {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(goroutines)
	for i := range goroutines {
		done.Go(func() {
			ready.Done()
			<-start
			f(i)
		})
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	return time.Since(began)
}

// A meter takes samples of one contender at one GOMAXPROCS.
type meter struct {
	c     contender
	p     int
	slice time.Duration
	n     int // operations that take about a slice; 0: not known yet
}

// take takes one sample, on a fresh instance.
func (m *meter) take() sample {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(m.p))
	if m.c.take != nil {
		return m.c.take(m.p)
	}
	if m.n == 0 {
		m.calibrate()
	}
	run := m.c.fresh()
	if m.n > 1 {
		run(1) // whatever is done once
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done, d := run(m.n)
	runtime.ReadMemStats(&after)
	ops := float64(done)
	return sample{
		Value:  float64(d.Nanoseconds()) / ops,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / ops,
		Allocs: float64(after.Mallocs-before.Mallocs) / ops,
	}
}

// calibrate finds out how many operations take a slice, all that belongs to them included. Others who use the machine
// can make an operation seem slow, but not fast: what takes long is tried three times, unless it is long beyond doubt.
func (m *meter) calibrate() {
	run := m.c.fresh()
	for n := 1; ; {
		fastest, done := time.Duration(math.MaxInt64), 0
		for try := 0; try < 3 && fastest >= m.slice/4 && (try == 0 || fastest < 16*m.slice); try++ {
			start := time.Now()
			done, _ = run(n)
			fastest = min(fastest, time.Since(start))
		}
		if fastest >= m.slice/4 || done >= 1e9 {
			m.n = max(1, int(float64(done)*float64(m.slice)/float64(max(fastest, 1))))
			return
		}
		n = 4 * max(n, done)
	}
}
