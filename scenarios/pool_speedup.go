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
	Name:     "pool-speedup",
	Title:    "Twenty tasks: one after another, by ten workers, by twenty",
	Category: CategoryPools,
	Programs: []int{1, 2, 70},
	Expect:   ExpectClean,
	Lesson: "Tasks that wait, for a disk or a network, can wait at the same time. Twenty of them take twenty units " +
		"one after another, two with ten workers and one with twenty. A pool turns that into a number you choose: an " +
		"Executor starts its workers as they are needed, and each takes the next task when it is free.",
	Look: "First main does it all alone. Then ten workers take two tasks each, and then twenty take one each. The log " +
		"shows how long each of the three took, next to the ideal.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks", Default: 20, Min: 1, Max: 1000},
		{Name: "workers", Help: "size of the smaller pool; the larger has one for each task", Default: 10, Min: 1, Max: 1000},
	},
	Run: runPoolSpeedup,
})

func runPoolSpeedup(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	unit := min(2*time.Second, 5*time.Second/time.Duration(n)) // one after another, they take five seconds
	done := make([]int, n)                                     // the number of times each task was done

	// One after the other.
	begin := time.Now()
	for i := range n {
		p.Pause(ctx, unit)
		done[i]++
	}
	errs := []error{p.compare("one after another", time.Since(begin), makespan(equal(n, unit), 1))}

	// With a pool: all tasks are submitted at once, and main waits for their futures.
	for _, workers := range []int{p.Int("workers"), n} {
		begin := time.Now()
		pool := sync2.NewExecutor(workers, sync2.WithName("worker"))
		trace.Name(pool, fmt.Sprintf("pool-of-%d", workers))
		for i := range n {
			sync2.Submit(pool, func(context.Context) (int, error) {
				p.Pause(ctx, unit)
				done[i]++
				return i + 1, nil
			})
		}
		pool.Shutdown() // waits for the tasks it has taken, and for its workers to end
		errs = append(errs, p.compare(fmt.Sprintf("by %d workers", workers), time.Since(begin), makespan(equal(n, unit), workers)))
	}

	for i, times := range done {
		if times != 3 {
			errs = append(errs, fmt.Errorf("task %d was done %d times in the three acts", i+1, times))
		}
	}
	return errors.Join(errs...)
}
