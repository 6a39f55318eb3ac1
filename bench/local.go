package main

import (
	"github.com/petermattis/goid"
	"github.com/puzpuzpuz/xsync/v4"
	"github.com/timandy/routine"

	"github.com/turnstile-go/turnstile/sync2"
)

func localRows() []row {
	free := []goal{noBytes(), allocsAtMost(0)}
	return []row{
		{part: "local", what: "Get", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(localGets) }},
			{name: "timandy/routine", max: 0.6, fresh: func() run { return alone(routineGets) }},
			{name: "xsync.Map + goid", fresh: func() run { return alone(mapGets()) }},
		}},
		{part: "local", what: "Set where there is a value", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { return alone(localSets) }},
			{name: "timandy/routine", max: 0.6, fresh: func() run { return alone(routineSets) }},
			{name: "xsync.Map + goid", fresh: func() run { return alone(mapSets()) }},
		}},
		{part: "local", what: "Get, 100 goroutines per P", goals: free, who: []contender{
			{name: "sync2", fresh: func() run { l := new(sync2.Local[int]); return perP(100, localGetsOf(l)) }},
			{name: "timandy/routine", max: 0.6, fresh: func() run { return perP(100, routineGets) }},
			{name: "xsync.Map + goid", fresh: func() run { return perP(100, mapGets()) }},
		}},
	}
}

//go:noinline
func localGets(n int) { localGetsOf(new(sync2.Local[int]))(n) }

//go:noinline
func localGetsOf(l *sync2.Local[int]) func(n int) {
	return func(n int) {
		l.Set(1)
		for range n {
			if v, _ := l.Get(); v != 1 {
				panic("not what was set")
			}
		}
	}
}

//go:noinline
func localSets(n int) {
	var l sync2.Local[int]
	for i := range n {
		l.Set(i)
	}
}

// threadLocal is one for all: package routine gives each ThreadLocal a number forever.
var threadLocal = routine.NewThreadLocal[int]()

//go:noinline
func routineGets(n int) {
	threadLocal.Set(1)
	for range n {
		if threadLocal.Get() != 1 {
			panic("not what was set")
		}
	}
}

//go:noinline
func routineSets(n int) {
	for i := range n {
		threadLocal.Set(i)
	}
}

//go:noinline
func mapGets() func(n int) {
	m := xsync.NewMap[int64, int]()
	return func(n int) {
		m.Store(goid.Get(), 1)
		for range n {
			if v, _ := m.Load(goid.Get()); v != 1 {
				panic("not what was set")
			}
		}
	}
}

//go:noinline
func mapSets() func(n int) {
	m := xsync.NewMap[int64, int]()
	return func(n int) {
		for i := range n {
			m.Store(goid.Get(), i)
		}
	}
}
