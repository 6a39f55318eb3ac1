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
	Name:     "as-completed",
	Title:    "Whatever is done first comes first",
	Category: CategoryPools,
	Programs: []int{66},
	Expect:   ExpectClean,
	Lesson: "Waiting for several Futures in the order in which they were submitted may block on a slow one while " +
		"others have long been done. AsCompleted yields each Future as soon as it is settled, so the work that " +
		"follows can start at once.",
	Look: "The tasks are submitted with the slowest first, and main gets them with the quickest first: AsCompleted " +
		"lists them in the order in which they are settled. Main could not have had any of them earlier.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks, each quicker than the one before", Default: 5, Min: 1, Max: 1000},
	},
	Run: runAsCompleted,
})

func runAsCompleted(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	pool := sync2.NewExecutor(n, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")

	var futures []*sync2.Future[int]
	for i := range n {
		f := sync2.Submit(pool, func(context.Context) (int, error) {
			p.Pause(ctx, spread(3500*time.Millisecond, n-i-1, n))
			return i + 1, nil
		})
		trace.Name(f, fmt.Sprintf("task-%d", i+1))
		futures = append(futures, f)
	}

	// The loop runs once for each future, and waits only while none of those that are left is settled. When ctx ends
	// that is the last thing it yields.
	seen := make([]int, n)
	for f, err := range sync2.AsCompleted(ctx, futures...) {
		if err != nil {
			return err
		}
		i, err := f.Result() // does not wait
		if f.State() != sync2.Succeeded {
			return errors.Join(fmt.Errorf("was given a future that is %v", f.State()), err)
		}
		seen[i-1]++
		trace.Log("task %d is done", i)
	}
	return eachOnce("given", seen)
}
