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
	Name:     "workers-sweep",
	Title:    "Five tasks with one, three and five workers",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Twin:     "process-sweep",
	Lesson: "More workers do not help in proportion. Five equal tasks take five units with one worker, and one unit " +
		"with five; but with three or four they take two, because in the second round some workers are idle. What counts " +
		"is the number of rounds, and there is no point in having more workers than tasks.",
	Look: "With three workers everybody is busy in the first round, but only two of them in the second. The log shows " +
		"each time next to the ideal: five units, two, one.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks", Default: 5, Min: 1, Max: 1000},
		{Name: "step", Help: "number of workers by which each pool is larger than the one before", Default: 2, Min: 1, Max: 1000},
	},
	Run: runWorkersSweep,
})

func runWorkersSweep(ctx context.Context, p Params) error {
	n, step := p.Int("tasks"), p.Int("step")
	unit := 3 * time.Second / time.Duration(n)

	var errs []error
	for _, workers := range []int{1, 1 + step, 1 + 2*step} {
		// The Futures have the tasks' results, in the order in which the tasks were submitted.
		begin := time.Now()
		pool := sync2.NewExecutor(workers, sync2.WithName(fmt.Sprintf("of-%d", workers)))
		trace.Name(pool, fmt.Sprintf("pool-of-%d", workers))
		var futures []*sync2.Future[int]
		for i := range n {
			futures = append(futures, sync2.Submit(pool, func(context.Context) (int, error) {
				p.Pause(ctx, unit)
				return i * i, nil
			}))
		}
		for i, f := range futures {
			if v, err := f.Result(); err != nil || v != i*i {
				errs = append(errs, fmt.Errorf("task %d with %d workers has the result %d", i+1, workers, v), err)
			}
		}
		took := time.Since(begin)
		errs = append(errs, p.compare(fmt.Sprintf("%d tasks, %d workers", n, workers), took, makespan(equal(n, unit), workers)))

		// The workers wait for more. Shutdown tells them that there will be none.
		pool.Shutdown()
	}
	return errors.Join(errs...)
}
