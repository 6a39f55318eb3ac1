package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "local",
	Title:    "One variable, a value for each goroutine",
	Category: CategoryPrimitives,
	Programs: []int{53},
	Expect:   ExpectClean,
	Lesson: "A Local is one variable with a separate value for each goroutine. At first a goroutine has no value, " +
		"whatever others have set, and only it sees what it sets. No lock is needed, because nothing is shared.",
	Look: "The table gets a row for each goroutine that sets a value. All of them set theirs before any reads it " +
		"again, and still each finds its own.",
	Params: []Param{
		{Name: "workers", Help: "number of goroutines that set a value, besides main", Default: 2, Min: 1, Max: 1000},
	},
	Run: runLocal,
})

func runLocal(ctx context.Context, p Params) error {
	n := p.Int("workers")
	var number sync2.Local[int]
	trace.Name(&number, "number")
	allSet := sync2.NewBarrier(n)
	trace.Name(allSet, "all-have-set")

	// Main sets its own value first. None of the workers will ever see it.
	number.Set(1000)
	defer number.Delete()
	trace.Log("main has 1000")

	errs := make([]error, n)
	workers := start(n, "worker", func(i int) {
		p.Pause(ctx, spread(1500*time.Millisecond, i, n))
		if v, ok := number.Get(); ok {
			errs[i] = fmt.Errorf("worker-%d began with a value, %d", i+1, v)
		}
		number.Set(i + 1)
		trace.Log("had no value, and set %d", i+1)

		// Only when all have written can we see that none has overwritten another's value.
		if _, err := allSet.WaitContext(ctx); err != nil {
			return
		}
		p.Pause(ctx, spread(900*time.Millisecond, i, n))
		v, ok := number.Get()
		trace.Log("still has %d", v)
		if !ok || v != i+1 {
			errs[i] = errors.Join(errs[i], fmt.Errorf("worker-%d set %d and found %d", i+1, i+1, v))
		}
	})
	workers.Join()

	if v, ok := number.Get(); !ok || v != 1000 {
		return fmt.Errorf("main set 1000 and found %d", v)
	}
	return errors.Join(errs...)
}
