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
	Name:     "cancel-reversed",
	Title:    "Cancel from the last to the first",
	Category: CategoryPools,
	Programs: []int{68, 87},
	Expect:   ExpectClean,
	Lesson: "Cancel withdraws a task that no worker has started; a running task is only told through its context " +
		"that nobody wants its result. To cancel a series of tasks, start with the last: canceling the first frees " +
		"a worker, which would start the next task just before that is canceled, too.",
	Look: "Main goes through the tasks from last to first. Waiting tasks vanish from the queue and never run. " +
		"Running ones see that their context has ended, stop early, and count as failed.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks", Default: 6, Min: 1, Max: 1000},
		{Name: "workers", Help: "number of workers", Default: 2, Min: 1, Max: 1000},
	},
	Run: runCancelReversed,
})

func runCancelReversed(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	pool := sync2.NewExecutor(p.Int("workers"), sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")

	began := make([]bool, n) // of each task its own; to be read when it is settled
	var futures []*sync2.Future[int]
	for i := range n {
		f := sync2.Submit(pool, func(c context.Context) (int, error) {
			began[i] = true
			trace.Log("begins with task %d", i+1)
			p.Pause(c, 30*time.Second) // or less: c ends when the task is canceled
			if c.Err() != nil {
				trace.Log("task %d is not wanted anymore", i+1)
				return 0, context.Cause(c)
			}
			return i + 1, nil
		})
		trace.Name(f, fmt.Sprintf("task-%d", i+1))
		futures = append(futures, f)
	}
	p.Pause(ctx, 1200*time.Millisecond)

	// From behind, with time to see each of them.
	never := make([]bool, n)
	for i := n - 1; i >= 0; i-- {
		never[i] = futures[i].Cancel()
		trace.Log("task %d is canceled before it began: %t", i+1, never[i])
		p.Pause(ctx, 2300*time.Millisecond/time.Duration(n))
	}

	// A canceled Future is settled, so none of these calls waits.
	var errs []error
	for i, f := range futures {
		v, err := f.Result()
		switch {
		case never[i] == began[i]:
			errs = append(errs, fmt.Errorf("task %d: canceled before it began: %t, and began: %t", i+1, never[i], began[i]))
		case never[i] && f.State() != sync2.Canceled, err != nil && !errors.Is(err, sync2.ErrCanceled), err == nil && v != i+1:
			errs = append(errs, fmt.Errorf("task %d is %v, with the result %d", i+1, f.State(), v), err)
		}
	}
	return errors.Join(errs...)
}
