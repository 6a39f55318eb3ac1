package scenarios

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "cpu-bound",
	Title:    "Fibonacci alone, behind one lock, and on all cores",
	Category: CategoryPools,
	Programs: []int{5, 83, 103},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Tasks that compute have nothing to overlap; they only share cores. Python's threads share one lock, the " +
		"GIL, that a thread must hold to run: with it two threads take as long as one after the other, and the " +
		"second act shows it with a mutex. Without such a lock each core computes: at best, the work is done as many " +
		"times as fast as there are cores, and less if something else needs them.",
	Look: "The results are the same in all acts. Read the gauge in the log, the number of cores that this program " +
		"kept busy. Alone and behind the lock it is one; in the last act, with a worker for each core, up to all of " +
		"them.",
	Params: []Param{
		{Name: "n", Help: "which Fibonacci number each task computes, the slow way", Default: 27, Min: 1, Max: 30},
		{Name: "tasks", Help: "number of tasks that compute it", Default: 16, Min: 1, Max: 100},
		{Name: "cores", Help: "number of workers in the last act; 0: the number of cores", Default: 0, Min: 0, Max: 64},
	},
	Run: runCPUBound,
})

// fib is slow on purpose: it is work, and nothing else.
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func runCPUBound(ctx context.Context, p Params) error {
	n, tasks, cores := p.Int("n"), p.Int("tasks"), p.Int("cores")
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}

	// Each task computes its number several times over, so that at a pace for people it takes long enough to measure.
	times := 1 + int(6*p.Pace())
	compute := func(i int) (v int, err error) {
		for range times {
			if ctx.Err() != nil { // nothing interrupts a computation that does not look
				return 0, context.Cause(ctx)
			}
			v = fib(max(0, n-i%4))
		}
		return v, nil
	}

	// An act computes all numbers with the given number of workers, and reads the gauge.
	var want []int
	act := func(what string, workers int, task func(i int) (int, error)) error {
		p.Pause(ctx, 700*time.Millisecond) // three of them can be followed, however fast the machine is
		trace.Log("%d tasks, %s", tasks, what)
		pool := sync2.NewExecutor(workers, sync2.WithName("core"))
		defer pool.Shutdown()
		trace.Name(pool, what)
		before, begin := processorTime(), time.Now()
		var got []int
		inputs := func(yield func(int) bool) {
			for i := 0; i < tasks && yield(i); i++ {
			}
		}
		for v, err := range sync2.Map(pool, inputs, func(_ context.Context, i int) (int, error) { return task(i) }) {
			if err != nil {
				return err
			}
			got = append(got, v)
		}
		took := max(time.Since(begin), 1)
		if used := processorTime() - before; used > 0 {
			trace.Log("%s: %v, %.1f of %d cores busy", what, took.Round(time.Microsecond),
				float64(used)/float64(took), runtime.NumCPU())
		} else {
			trace.Log("%s: %v", what, took.Round(time.Microsecond))
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s: computed %v, and alone %v", what, got, want)
		}
		return nil
	}

	// Two workers behind one lock: while one computes the other waits, whatever there are of cores.
	var gil sync2.Mutex
	trace.Name(&gil, "gil")
	locked := func(i int) (int, error) {
		if err := gil.LockContext(ctx); err != nil {
			return 0, err
		}
		defer gil.Unlock()
		return compute(i)
	}
	return errors.Join(
		act("alone", 1, compute),
		act("two behind one lock", 2, locked),
		act(fmt.Sprintf("%d together", cores), cores, compute),
	)
}
