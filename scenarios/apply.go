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
	Name:     "apply",
	Title:    "A pool that gains nothing",
	Category: CategoryPools,
	Programs: []int{93, 95},
	Expect:   ExpectClean,
	Lesson: "Submitting a task to a pool and waiting for its result at once gains nothing: the second task is not " +
		"submitted before the first is done, and all workers but one are idle. A pool saves time only if several " +
		"tasks are in progress: submit all of them first, and ask for the results afterwards.",
	Look: "In the first act main waits for each future before it submits the next, and at most one worker is busy. " +
		"In the second all are submitted at once. The log compares the two times with the ideal.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks, and of workers", Default: 2, Min: 1, Max: 1000},
	},
	Run: runApply,
})

func runApply(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	unit := 3 * time.Second / time.Duration(n)
	pool := sync2.NewExecutor(n, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")
	submit := func(act string, i int) *sync2.Future[int] {
		f := sync2.Submit(pool, func(context.Context) (int, error) {
			p.Pause(ctx, unit)
			return i * i, nil
		})
		trace.Name(f, fmt.Sprintf("%s-%d", act, i+1))
		return f
	}
	var errs []error
	check := func(i int, f *sync2.Future[int]) {
		if v, err := f.Result(); err != nil || v != i*i {
			errs = append(errs, fmt.Errorf("task %d has the result %d", i+1, v), err)
		}
	}

	// Submit, wait, submit, wait: what Python calls apply.
	begin := time.Now()
	for i := range n {
		check(i, submit("alone", i))
	}
	errs = append(errs, p.compare("each waited for at once", time.Since(begin), time.Duration(n)*unit))

	// Submit all, and then wait: apply_async.
	begin = time.Now()
	var futures []*sync2.Future[int]
	for i := range n {
		futures = append(futures, submit("together", i))
	}
	for i, f := range futures {
		check(i, f)
	}
	errs = append(errs, p.compare("all submitted first", time.Since(begin), unit))
	return errors.Join(errs...)
}
