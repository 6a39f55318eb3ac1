package main

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/moby/locker"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/turnstile-go/turnstile/sync2"
)

// Groups, flights and locks for keys.

func togetherRows() []row {
	rows := []row{
		{part: "group", what: "Go and Wait, 100 goroutines each", who: []contender{
			{name: "sync2", fresh: func() run { return syncGroup() }},
			{name: "errgroup", max: 1.0, fresh: func() run { return errGroup(0) }},
			{name: "conc", fresh: func() run { return concGroup }},
		}},
		{part: "group", what: "Go and Wait, 100 goroutines each, 8 at once", who: []contender{
			{name: "sync2", fresh: func() run { return syncGroup(sync2.WithLimit(8)) }},
			{name: "errgroup", max: 1.0, fresh: func() run { return errGroup(8) }},
			{name: "conc pool", fresh: func() run { return concPool(8) }},
			{name: "pond group", fresh: func() run { return pondGroup(8) }},
		}},
		{part: "flight", what: "one at a time", who: []contender{
			{name: "sync2", fresh: func() run { return alone(flights()) }},
			{name: "singleflight.DoChan", max: 1.0, fresh: func() run { return alone(chanFlights()) }},
			{name: "singleflight.Do", max: 1.0, fresh: func() run { return alone(stdFlights()) }},
		}},
		{part: "flight", what: "one key, 16 goroutines per P", who: []contender{
			{name: "sync2", fresh: func() run { return perP(16, flights()) }},
			{name: "singleflight.DoChan", max: 1.0, fresh: func() run { return perP(16, chanFlights()) }},
			{name: "singleflight.Do", max: 1.0, fresh: func() run { return perP(16, stdFlights()) }},
		}},
		{part: "keyed mutex", what: "pair, one key", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return alone(keyPairs(1)) }},
			{name: "moby/locker", max: 0.7, fresh: func() run { return alone(lockerPairs(1)) }},
		}},
	}
	for _, keys := range []int{1000, 1_000_000} {
		rows = append(rows, row{part: "keyed mutex", what: "pair, a goroutine per P, " + strconv.Itoa(keys) + " keys", goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return perP(1, keyPairs(keys)) }},
			{name: "moby/locker", max: 0.7, fresh: func() run { return perP(1, lockerPairs(keys)) }},
		}})
	}
	return append(rows, row{part: "keyed mutex", what: "pair, one key, 16 goroutines per P", who: []contender{
		{name: "sync2", fresh: func() run { return perP(16, keyPairs(1)) }},
		{name: "moby/locker", max: 0.7, fresh: func() run { return perP(16, lockerPairs(1)) }},
	}})
}

// groupSize is how many goroutines there are in a group.
const groupSize = 100

func syncGroup(opts ...sync2.GroupOption) run {
	return func(n int) (int, time.Duration) {
		return timed(n, func() {
			for range n / groupSize {
				g := sync2.NewGroup(context.Background(), opts...)
				for range groupSize {
					g.Go("member", func(context.Context) error { return nil })
				}
				_ = g.Wait()
			}
		})
	}
}

func errGroup(limit int) run {
	return func(n int) (int, time.Duration) {
		return timed(n, func() {
			for range n / groupSize {
				g, _ := errgroup.WithContext(context.Background())
				if limit > 0 {
					g.SetLimit(limit)
				}
				for range groupSize {
					g.Go(func() error { return nil })
				}
				_ = g.Wait()
			}
		})
	}
}

func concGroup(n int) (int, time.Duration) {
	return timed(n, func() {
		for range n / groupSize {
			var g conc.WaitGroup
			for range groupSize {
				g.Go(func() {})
			}
			g.Wait()
		}
	})
}

func concPool(limit int) run {
	return func(n int) (int, time.Duration) {
		return timed(n, func() {
			for range n / groupSize {
				p := pool.New().WithErrors().WithMaxGoroutines(limit)
				for range groupSize {
					p.Go(func() error { return nil })
				}
				_ = p.Wait()
			}
		})
	}
}

// pondGroup is of groups of one pool, whose workers all of them share.
func pondGroup(limit int) run {
	return func(n int) (int, time.Duration) {
		p := pond.NewPool(limit)
		defer p.StopAndWait()
		return timed(n, func() {
			for range n / groupSize {
				g := p.NewGroup()
				for range groupSize {
					g.SubmitErr(func() error { return nil })
				}
				_ = g.Wait()
			}
		})
	}
}

// fetch is what is asked for.
func fetch() int { return 7 }

func flights() func(n int) {
	f, ctx := new(sync2.Flight[string, int]), context.Background()
	return func(n int) {
		for range n {
			_, _, _ = f.Do(ctx, "key", func(context.Context) (int, error) { return fetch(), nil })
		}
	}
}

func stdFlights() func(n int) {
	f := new(singleflight.Group)
	return func(n int) {
		for range n {
			_, _, _ = f.Do("key", func() (any, error) { return fetch(), nil })
		}
	}
}

// chanFlights are those whose function has a goroutine of its own, and whose callers could give up.
func chanFlights() func(n int) {
	f, ctx := new(singleflight.Group), context.Background()
	return func(n int) {
		for range n {
			select {
			case <-f.DoChan("key", func() (any, error) { return fetch(), nil }):
			case <-ctx.Done():
			}
		}
	}
}

// keyNames are made before anything is measured.
var keyNames = sync.OnceValue(func() []string {
	names := make([]string, 1_000_000)
	for i := range names {
		names[i] = "key-" + strconv.Itoa(i)
	}
	return names
})

// eachKey returns a function that returns one key after the other, in an order that jumps about.
func eachKey(keys int) func(n int, do func(key string)) {
	names := keyNames()
	var turns atomic.Uint64
	return func(n int, do func(key string)) {
		at := turns.Add(0x9E3779B97F4A7C15)
		for range n {
			at += 0x9E3779B97F4A7C15
			do(names[at>>32%uint64(keys)])
		}
	}
}

func keyPairs(keys int) func(n int) {
	m, each := new(sync2.KeyedMutex[string]), eachKey(keys)
	return func(n int) {
		each(n, func(key string) {
			m.Lock(key)
			m.Unlock(key)
		})
	}
}

func lockerPairs(keys int) func(n int) {
	m, each := locker.New(), eachKey(keys)
	return func(n int) {
		each(n, func(key string) {
			m.Lock(key)
			_ = m.Unlock(key)
		})
	}
}
