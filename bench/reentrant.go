package main

import "github.com/turnstile-go/turnstile/sync2"

func reentrantRows() []row {
	free := []goal{noBytes(), allocsAtMost(0)}
	rows := []row{
		{part: "reentrant", what: "outer pair, uncontended", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(reentrantPairs(0)) }},
			{name: "sync.Mutex", max: 1.3, fresh: func() run { return alone(stdMutexPairs()) }},
			{name: "Mutex + goid", fresh: func() run { return alone(ownedPairs(0)) }},
		}},
		{part: "reentrant", what: "nested pair", goals: append([]goal{atMost(4, "ns")}, free...), who: []contender{
			{name: "sync2", fresh: func() run { return alone(reentrantPairs(1)) }},
			{name: "Mutex + goid", fresh: func() run { return alone(ownedPairs(1)) }},
		}},
	}
	for _, g := range []struct {
		what string
		perP int
	}{{"outer pair, a goroutine per P", 1}, {"outer pair, 16 goroutines per P", 16}} {
		rows = append(rows, row{part: "reentrant", what: g.what, goals: free[:1], who: []contender{
			{name: "sync2", fresh: func() run { return perP(g.perP, reentrantPairs(0)) }},
			{name: "sync.Mutex", max: 1.5, fresh: func() run { return perP(g.perP, stdMutexPairs()) }},
			{name: "Mutex + goid", fresh: func() run { return perP(g.perP, ownedPairs(0)) }},
		}})
	}
	return rows
}

// reentrantPairs locks and unlocks a lock that is already held the given number of times.
//
//go:noinline
func reentrantPairs(depth int) func(n int) {
	l := new(sync2.ReentrantLock)
	return func(n int) {
		for range depth {
			l.Lock()
			defer l.Unlock()
		}
		for range n {
			l.Lock()
			l.Unlock() //nolint:staticcheck // the pair is what is measured
		}
	}
}
