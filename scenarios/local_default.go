package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "local-default",
	Title:    "Everybody starts from the same value",
	Category: CategoryPrimitives,
	Programs: []int{54},
	Expect:   ExpectClean,
	Lesson: "A Local with a function New has a value for every goroutine from the start: its first Get calls New, and " +
		"keeps the returned value for that goroutine alone. So nobody has to ask whether there is a value yet, and the " +
		"others never see what a goroutine does to its own.",
	Look: "The table gets a row when a goroutine first reads its value, always 100. From then on each row goes down " +
		"in steps of its own.",
	Params: []Param{
		{Name: "workers", Help: "number of goroutines that spend", Default: 3, Min: 1, Max: 1000},
		{Name: "rounds", Help: "number of times that each of them spends", Default: 3, Min: 1, Max: 100},
	},
	Run: runLocalDefault,
})

func runLocalDefault(ctx context.Context, p Params) error {
	n, rounds := p.Int("workers"), p.Int("rounds")

	// New runs in the goroutine that calls Get, once in each, and several may run it at the same time.
	const coins = 100
	var made atomic.Int64
	purse := sync2.Local[int]{New: func() int {
		made.Add(1)
		return coins
	}}
	trace.Name(&purse, "purse")
	paid := sync2.NewBarrier(n)
	trace.Name(paid, "all-have-paid")

	errs := make([]error, n)
	workers := start(n, "worker", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, n))
		for round := range rounds {
			// The value is what this goroutine left, even if others have spent meanwhile.
			have, ok := purse.Get()
			if want := coins - round*(i+1); !ok || have != want {
				errs[i] = errors.Join(errs[i], fmt.Errorf("worker-%d has %d after %d rounds, want %d", i+1, have, round, want))
			}
			purse.Set(have - (i + 1))
			trace.Log("had %d, has %d", have, have-(i+1))

			// Let all of them spend before any of them reads again.
			if _, err := paid.WaitContext(ctx); err != nil {
				return
			}
			p.Pause(ctx, spread(2400*time.Millisecond, i, n)/time.Duration(rounds))
		}
	})
	workers.Join()

	if made.Load() != int64(n) {
		return fmt.Errorf("%d purses were made for %d workers", made.Load(), n)
	}
	return errors.Join(errs...)
}
