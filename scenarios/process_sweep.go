package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-sweep",
	Title:    "Five tasks for one, three and five processes, as they are completed",
	Category: CategoryProcesses,
	Programs: []int{110, 111},
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "workers-sweep",
	Lesson: "The futures of a process pool are the same as those of a goroutine pool, so everything that " +
		"waits for futures works with them: AsCompleted yields each one as soon as it is settled. More workers " +
		"shorten the whole until there is one for each task; the extra cost of a process pool is starting the " +
		"processes.",
	Look: "With one process the results come in the order in which the tasks were submitted, with five in the order " +
		"in which they are done. The log shows each time next to its ideal.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks, each slower than the one after it", Default: 5, Min: 1, Max: 100},
	},
	Run: runProcessSweep,
})

func runProcessSweep(ctx context.Context, p Params) error {
	n := p.Int("tasks")
	takes := make([]time.Duration, n)
	for i := range takes {
		takes[i] = spread(2*time.Second*5/time.Duration(4*n), n-1-i, n) // the slowest first
	}
	act := func(workers int) error {
		pool := process.NewExecutor(workers, process.WithName("worker"), process.WithContext(ctx))
		defer pool.Shutdown()
		var ready []*sync2.Future[product] // all workers are ready before the clock starts
		for range workers {
			ready = append(ready, process.Submit(pool, squarer, job{Rest: p.Scale(50 * time.Millisecond)}))
		}
		if _, _, err := sync2.WaitAll(ctx, ready...); err != nil {
			return err
		}

		begin := time.Now()
		var futures []*sync2.Future[product]
		for i := range n {
			futures = append(futures, process.Submit(pool, squarer, job{N: i + 1, Rest: p.Scale(takes[i])}))
		}
		done := make(map[int]bool)
		for f, err := range sync2.AsCompleted(ctx, futures...) {
			if err != nil {
				return err
			}
			v, err := f.Result() // does not wait
			if err != nil {
				return because(ctx, err)
			}
			trace.Log("%d, by pid %d", v.Square, v.Pid)
			done[v.Square] = true
		}
		took := time.Since(begin)
		for i := range n {
			if !done[(i+1)*(i+1)] {
				return fmt.Errorf("the square of %d is missing", i+1)
			}
		}
		return p.compare(fmt.Sprintf("%d tasks, %d processes", n, workers), took, makespan(takes, workers))
	}
	return errors.Join(act(1), act(min(3, n)), act(min(5, n)))
}
