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
	Name:     "map-error",
	Title:    "One bad item in the middle of a Map",
	Category: CategoryPools,
	Programs: []int{91},
	Expect:   ExpectClean,
	Lesson: "When the task for one input fails, Map yields the error in place of the result, and goes on with the " +
		"next. The reader decides whether one failure spoils everything: a reader that returns at the first error stops " +
		"the rest, and one that continues gets every result but one.",
	Look: "Map divides by 2, 1, 0, -1 and so on. The one in the middle fails, and main gets the error in its turn; " +
		"before and after it come results.",
	Params: []Param{
		{Name: "items", Help: "number of items", Default: 5, Min: 1, Max: 1000},
		{Name: "bad", Help: "which item fails; none does if there are fewer", Default: 3, Min: 1, Max: 1000},
		{Name: "workers", Help: "number of workers", Default: 2, Min: 1, Max: 1000},
	},
	Run: runMapError,
})

func runMapError(ctx context.Context, p Params) error {
	n, bad := p.Int("items"), p.Int("bad")
	workers := p.Int("workers")
	errNothing := errors.New("nobody can divide by zero")

	pool := sync2.NewExecutor(workers, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")
	divisors := func(yield func(int) bool) {
		for i := 1; i <= n && yield(bad-i); i++ {
		}
	}
	divide := func(_ context.Context, by int) (int, error) {
		p.Pause(ctx, 3500*time.Millisecond*time.Duration(min(n, workers))/time.Duration(n))
		if by == 0 {
			return 0, errNothing
		}
		return 5040 / by, nil
	}

	at, failed := 0, 0
	var errs []error
	for result, err := range sync2.Map(pool, divisors, divide) {
		at++
		switch by := bad - at; {
		case err != nil:
			failed++
			trace.Log("item %d: %v", at, err)
			if at != bad || !errors.Is(err, errNothing) {
				errs = append(errs, fmt.Errorf("item %d failed: %w", at, err))
			}
		case by == 0 || result != 5040/by:
			errs = append(errs, fmt.Errorf("item %d: 5040 / %d is not %d", at, by, result))
		default:
			trace.Log("item %d: 5040 / %d = %d", at, by, result)
		}
	}
	if at != n || failed > 1 || (failed == 1) != (bad <= n) {
		errs = append(errs, fmt.Errorf("%d of %d items came, and %d failed", at, n, failed))
	}
	return errors.Join(errs...)
}
