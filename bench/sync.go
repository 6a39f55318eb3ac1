package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A rwLock is a lock for readers and writers.
type rwLock interface {
	sync.Locker
	RLock()
	RUnlock()
}

func oursRW() rwLock   { return new(sync2.RWMutex) }
func theirsRW() rwLock { return new(sync.RWMutex) }

func rwMutexRows() []row {
	free := []goal{noBytes(), allocsAtMost(0)}
	rows := []row{
		{part: "rwmutex", what: "RLock pair, uncontended", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(rLockPairs()) }},
			{name: "sync.RWMutex", max: 1.15, fresh: func() run { return alone(stdRLockPairs()) }},
		}},
		{part: "rwmutex", what: "Lock pair, uncontended", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(rwLockPairs()) }},
			{name: "sync.RWMutex", fresh: func() run { return alone(stdRWLockPairs()) }},
		}},
		{part: "rwmutex", what: "RLock pair, 16 goroutines per P", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return perP(16, rLockPairs()) }},
			{name: "sync.RWMutex", max: 1.2, fresh: func() run { return perP(16, stdRLockPairs()) }},
		}},
	}
	for _, reads := range []int{10, 1} {
		rows = append(rows, row{part: "rwmutex", what: fmt.Sprintf("%d:1, one goroutine", reads), goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(readsAndWrites(oursRW(), reads)) }},
			{name: "sync.RWMutex", fresh: func() run { return alone(readsAndWrites(theirsRW(), reads)) }},
		}}, row{part: "rwmutex", what: fmt.Sprintf("%d:1, 16 goroutines per P", reads), who: []contender{
			{name: "sync2", fresh: func() run { return perP(16, readsAndWrites(oursRW(), reads)) }},
			{name: "sync.RWMutex", fresh: func() run { return perP(16, readsAndWrites(theirsRW(), reads)) }},
		}})
	}
	return append(rows, row{part: "rwmutex", what: "a writer's wait at 10:1, 32 goroutines, p99", procs: []int{2}, who: []contender{
		{name: "sync2", take: func(int) sample { return writersWait(oursRW()) }},
		{name: "sync.RWMutex", max: 0.5, take: func(int) sample { return writersWait(theirsRW()) }},
	}})
}

//go:noinline
func rLockPairs() func(n int) {
	m := new(sync2.RWMutex)
	return func(n int) {
		for range n {
			m.RLock()
			m.RUnlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}

//go:noinline
func stdRLockPairs() func(n int) {
	m := new(sync.RWMutex)
	return func(n int) {
		for range n {
			m.RLock()
			m.RUnlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}

//go:noinline
func rwLockPairs() func(n int) {
	m := new(sync2.RWMutex)
	return func(n int) {
		for range n {
			m.Lock()
			m.Unlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}

//go:noinline
func stdRWLockPairs() func(n int) {
	m := new(sync.RWMutex)
	return func(n int) {
		for range n {
			m.Lock()
			m.Unlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}

// readsAndWrites returns a loop in which one of reads + 1 operations writes.
func readsAndWrites(m rwLock, reads int) func(n int) {
	shared := 0
	return func(n int) {
		for i := range n {
			if i%(reads+1) == 0 {
				m.Lock()
				shared++
				m.Unlock()
			} else {
				m.RLock()
				_ = shared
				m.RUnlock()
			}
		}
	}
}

// writersWait is how long Lock takes, but for the slowest hundredth, while 32 goroutines read ten times for each time that
// they write, and stay inside for about a microsecond.
func writersWait(m rwLock) sample {
	const goroutines, rounds = 32, 100
	waits := make([][]time.Duration, goroutines)
	inAll(goroutines, func(i int) {
		for range rounds {
			for range 10 {
				m.RLock()
				stay(1000)
				m.RUnlock()
			}
			start := time.Now()
			m.Lock()
			waits[i] = append(waits[i], time.Since(start))
			stay(1000)
			m.Unlock()
		}
	})
	all := slices.Concat(waits...)
	slices.Sort(all)
	return sample{Value: float64(all[len(all)*99/100])}
}

// stay takes about n turns of a loop.
//
//go:noinline
func stay(n int) {
	for range n {
		turn()
	}
}

//go:noinline
func turn() {}

// A group counts what is under way.
type group interface {
	Add(n int)
	Done()
	Wait()
	Go(fn func())
}

func waitGroupRows() []row {
	return []row{
		{part: "waitgroup", what: "Add, Done, Wait", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(countUpAndDown()) }},
			{name: "sync.WaitGroup", max: 1.1, fresh: func() run { return alone(stdCountUpAndDown()) }},
		}},
		{part: "waitgroup", what: "Add, Done, a goroutine per P", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return perP(1, addDone(new(sync2.WaitGroup))) }},
			{name: "sync.WaitGroup", max: 1.1, fresh: func() run { return perP(1, addDone(new(sync.WaitGroup))) }},
		}},
		{part: "waitgroup", what: "a goroutine that is waited for", who: []contender{
			{name: "sync2, go", fresh: func() run { return alone(goAndWait(new(sync2.WaitGroup))) }},
			{name: "sync.WaitGroup, go", max: 1.1, fresh: func() run { return alone(goAndWait(new(sync.WaitGroup))) }},
		}},
		{part: "waitgroup", what: "Go, 100 at a time", who: []contender{
			{name: "sync2", fresh: func() run { return alone(goMany(new(sync2.WaitGroup))) }},
			{name: "sync.WaitGroup", max: 1.1, fresh: func() run { return alone(goMany(new(sync.WaitGroup))) }},
		}},
	}
}

//go:noinline
func countUpAndDown() func(n int) {
	g := new(sync2.WaitGroup)
	return func(n int) {
		for range n {
			g.Add(1)
			g.Done()
			g.Wait()
		}
	}
}

//go:noinline
func stdCountUpAndDown() func(n int) {
	g := new(sync.WaitGroup)
	return func(n int) {
		for range n {
			g.Add(1)
			g.Done()
			g.Wait()
		}
	}
}

func addDone(g group) func(n int) {
	return func(n int) {
		for range n {
			g.Add(1)
			g.Done()
		}
	}
}

func goAndWait(g group) func(n int) {
	return func(n int) {
		for range n {
			g.Add(1)
			go g.Done()
			g.Wait()
		}
	}
}

func goMany(g group) func(n int) {
	return func(n int) {
		for i := range n {
			g.Go(func() {})
			if i%100 == 99 {
				g.Wait()
			}
		}
		g.Wait()
	}
}

func onceRows() []row {
	return []row{
		{part: "once", what: "Do when done", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(onceDo()) }},
			{name: "sync.Once", max: 1.1, fresh: func() run { return alone(stdOnceDo()) }},
		}},
	}
}

//go:noinline
func onceDo() func(n int) {
	o, f := new(sync2.Once), func() {}
	o.Do(f)
	return func(n int) {
		for range n {
			o.Do(f)
		}
	}
}

//go:noinline
func stdOnceDo() func(n int) {
	o, f := new(sync.Once), func() {}
	o.Do(f)
	return func(n int) {
		for range n {
			o.Do(f)
		}
	}
}
