package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-pool",
	Title:    "A pool of processes, and which of them did what",
	Category: CategoryProcesses,
	Programs: []int{4, 61, 71, 89},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A process executor looks like one of goroutines: Map yields the results in the order of the inputs. The " +
		"workers are reused for task after task, so there are as many pids as workers, not as many as tasks. With one " +
		"worker for each core they all compute at the same time; for tasks that wait, there can be more workers.",
	Look: "Each result comes with the pid of the process that computed it, and the same few pids appear again and " +
		"again. The first act has a worker for each core, the second more: the time of each is shown next to its ideal.",
	Params: []Param{
		{Name: "tasks", Help: "number of tasks", Default: 8, Min: 1, Max: 1000},
		{Name: "workers", Help: "number of processes in the second act", Default: 4, Min: 1, Max: 20},
	},
	Run: runProcessPool,
})

// A job is a number to square after a pause.
type job struct {
	N    int
	Rest time.Duration
}

// A product is the square, and the pid of the process that computed it.
type product struct{ Square, Pid int }

var squarer = process.Register("squarer", func(ctx context.Context, in job) (product, error) {
	rest(ctx, in.Rest)
	return product{in.N * in.N, os.Getpid()}, nil
})

func runProcessPool(ctx context.Context, p Params) error {
	tasks := p.Int("tasks")
	unit := 3 * time.Second / time.Duration(tasks)
	act := func(workers int) error {
		pool := process.NewExecutor(workers, process.WithName("worker"), process.WithContext(ctx))
		defer pool.Shutdown()
		pids := pool.Pids()
		trace.Log("%d workers: %v", workers, pids)
		_, _ = process.Submit(pool, squarer, job{}).ResultContext(ctx) // so that one is ready before the clock runs

		begin := time.Now()
		jobs := func(yield func(job) bool) {
			for i := 0; i < tasks && yield(job{N: i, Rest: p.Scale(unit)}); i++ {
			}
		}
		i, used := 0, make(map[int]int)
		for got, err := range process.Map(pool, jobs, squarer) {
			if err != nil {
				return because(ctx, err)
			}
			if got.Square != i*i || !slices.Contains(pids, got.Pid) {
				return fmt.Errorf("%d squared is %d, says process %d", i, got.Square, got.Pid)
			}
			trace.Log("%d squared is %d, by pid %d", i, got.Square, got.Pid)
			used[got.Pid]++
			i++
		}
		took := time.Since(begin)
		if len(used) > workers || i != tasks {
			return fmt.Errorf("%d results by %d processes, want %d by at most %d", i, len(used), tasks, workers)
		}
		return p.compare(fmt.Sprintf("%d tasks, %d processes", tasks, workers), took, makespan(equal(tasks, unit), workers))
	}
	return errors.Join(act(runtime.GOMAXPROCS(0)), act(p.Int("workers")))
}
