package main

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2"
)

func mutexRows() []row {
	rows := []row{
		{part: "mutex", what: "pair, uncontended", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(mutexPairs()) }},
			{name: "sync.Mutex", max: 1.15, fresh: func() run { return alone(stdMutexPairs()) }},
		}},
	}
	for _, g := range []struct {
		what string
		perP int
	}{{"pair, a goroutine per P", 1}, {"pair, 16 goroutines per P", 16}} {
		rows = append(rows, row{part: "mutex", what: g.what, goals: []goal{noBytes()}, who: []contender{
			{name: "sync2", fresh: func() run { return perP(g.perP, mutexPairs()) }},
			{name: "sync.Mutex", max: 1.5, fresh: func() run { return perP(g.perP, stdMutexPairs()) }},
		}})
	}
	return rows
}

//go:noinline
func mutexPairs() func(n int) {
	m := new(sync2.Mutex)
	return func(n int) {
		for range n {
			m.Lock()
			m.Unlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}

//go:noinline
func stdMutexPairs() func(n int) {
	m := new(sync.Mutex)
	return func(n int) {
		for range n {
			m.Lock()
			m.Unlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}
