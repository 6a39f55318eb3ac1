package scenarios

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "cpu-bound",
	Title:    "Fibonacci alone and on all cores",
	Category: Pools,
	Expect:   Clean,
	Real:     true,
	Lesson: "Tasks that compute do not get faster with more workers than there are cores: there is nothing to " +
		"overlap, only cores to share. With one worker for each core the work is done up to that many times as " +
		"fast; less if the cores are busy with something else, and never more.",
	Look: "The results are the same both times. Compare the speed-up in the log with the number of cores beside it, " +
		"and not with the number of tasks.",
	Params: []Param{
		{Name: "n", Help: "which Fibonacci number each task computes, the slow way", Default: 27, Min: 1, Max: 30},
		{Name: "tasks", Help: "how many compute it", Default: 16, Min: 1, Max: 100},
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
	n, tasks, cores := p.Int("n"), p.Int("tasks"), runtime.GOMAXPROCS(0)

	// Each task computes its number several times over, so that at a pace for people it takes long enough to measure.
	times := 1 + int(8*p.Pace())
	compute := func(i int) (v int, err error) {
		for range times {
			if ctx.Err() != nil { // nothing interrupts a computation that does not look
				return 0, context.Cause(ctx)
			}
			v = fib(max(0, n-i%4))
		}
		return v, nil
	}

	// Alone.
	trace.Log("%d tasks, one after another", tasks)
	p.Pause(ctx, 1150*time.Millisecond)
	begin := time.Now()
	var alone []int
	for i := range tasks {
		v, err := compute(i)
		if err != nil {
			return err
		}
		alone = append(alone, v)
	}
	serial := time.Since(begin)
	trace.Log("alone: %v", serial.Round(time.Microsecond))
	p.Pause(ctx, 1150*time.Millisecond)

	// With a worker for each core. Map gives the results in the order of the inputs.
	begin = time.Now()
	pool := sync2.NewExecutor(cores, sync2.WithName("core"))
	defer pool.Shutdown()
	trace.Name(pool, "cores")
	var together []int
	inputs := func(yield func(int) bool) {
		for i := 0; i < tasks && yield(i); i++ {
		}
	}
	for v, err := range sync2.Map(pool, inputs, func(_ context.Context, i int) (int, error) { return compute(i) }) {
		if err != nil {
			return err
		}
		together = append(together, v)
	}
	took := max(time.Since(begin), 1)
	trace.Log("together: %v, a speed-up of %.2f on %d cores", took.Round(time.Microsecond), float64(serial)/float64(took), cores)
	p.Pause(ctx, 1150*time.Millisecond)

	switch {
	case !slices.Equal(alone, together):
		return fmt.Errorf("computed together: %v, alone: %v", together, alone)
	}
	return nil
}
