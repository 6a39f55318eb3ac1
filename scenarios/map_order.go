package scenarios

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "map-order",
	Title:    "Results in the order of the inputs",
	Category: CategoryPools,
	Programs: []int{64, 84, 92},
	Expect:   ExpectClean,
	Lesson: "Map runs a task for each input in a pool, and yields the results in the order of the inputs, whatever " +
		"the order in which the tasks finish. An early result waits for those before it; so the reader may wait for the " +
		"slowest first, and then get several at once.",
	Look: "A pool of two has inputs that take 5, 4, 3, 2 and 1 units. The second finishes first, but main waits for " +
		"the first. Compare what the tasks log with what main logs.",
	Params: []Param{
		{Name: "inputs", Help: "number of inputs; the first takes the longest", Default: 5, Min: 1, Max: 1000},
		{Name: "workers", Help: "number of workers", Default: 2, Min: 1, Max: 1000},
	},
	Run: runMapOrder,
})

func runMapOrder(ctx context.Context, p Params) error {
	n, workers := p.Int("inputs"), p.Int("workers")
	total := n * (n + 1) / 2
	unit := min(10*time.Second*time.Duration(min(workers, n))/time.Duration(2*total), 5*time.Second/time.Duration(n))

	var inputs []int
	for v := n; v > 0; v-- {
		inputs = append(inputs, v)
	}
	var lock sync2.Mutex // guards done
	trace.Name(&lock, "list-lock")
	var done []int
	task := func(_ context.Context, v int) (string, error) {
		p.Pause(ctx, time.Duration(v)*unit)
		lock.Lock()
		defer lock.Unlock()
		done = append(done, v)
		trace.Log("%d is done", v)
		return fmt.Sprint("result of ", v), nil
	}

	// Map is lazy: it submits a task only shortly before the reader needs it. So nothing happens until main ranges over it.
	pool := sync2.NewExecutor(workers, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")
	var results []string
	for result, err := range sync2.Map(pool, slices.Values(inputs), task) {
		if err != nil {
			return err
		}
		results = append(results, result)
		trace.Log("has the %s", result)
	}

	for i, v := range inputs {
		if i >= len(results) || results[i] != fmt.Sprint("result of ", v) {
			return fmt.Errorf("the results are %q, want one for each of %v", results, inputs)
		}
	}
	lock.Lock()
	defer lock.Unlock()
	trace.Log("done in the order %v, read in the order %v", done, inputs)
	if slices.Sort(done); len(slices.Compact(done)) != n {
		return fmt.Errorf("done: %v, want each of 1 to %d once", done, n)
	}
	return nil
}
