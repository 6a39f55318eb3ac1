package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-fib",
	Title:    "One number computed here, and one in another process",
	Category: CategoryProcesses,
	Programs: []int{6},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Two computations at the same time need two cores, and in Python two processes, because the threads of " +
		"one process share an interpreter lock. In Go a goroutine does just as well, at less cost. A process is the " +
		"answer if a computation must be isolated: its memory, its crashes, its limits. The log shows what it costs: the " +
		"time to start it and to send a number there and back.",
	Look: "First main computes one number after the other. Then a process computes one of them while main computes " +
		"the other; both run at the same time. The results are the same.",
	Params: []Param{
		{Name: "n", Help: "which Fibonacci number to compute, the slow way", Default: 27, Min: 1, Max: 30},
	},
	Run: runProcessFib,
})

// A sum says which Fibonacci number to compute, and the number of times.
type sum struct{ N, Times int }

func (s sum) compute(ctx context.Context) (v int, err error) {
	for range s.Times {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		v = fib(s.N)
	}
	return v, nil
}

var computer = process.Register("fib", func(ctx context.Context, in sum) (int, error) { return in.compute(ctx) })

func runProcessFib(ctx context.Context, p Params) error {
	pool := process.NewExecutor(1, process.WithName("other"), process.WithContext(ctx))
	defer pool.Shutdown()
	begin := time.Now()
	if _, err := process.Submit(pool, computer, sum{N: 1, Times: 1}).ResultContext(ctx); err != nil {
		return because(ctx, err)
	}
	trace.Log("pid %d is ready after %v", pool.Pids()[0], time.Since(begin).Round(time.Millisecond))

	work := sum{N: p.Int("n"), Times: 1 + int(120*p.Pace())}
	p.Pause(ctx, time.Second)
	begin = time.Now()
	one, err1 := work.compute(ctx)
	two, err2 := work.compute(ctx)
	trace.Log("one after the other: %v", time.Since(begin).Round(time.Microsecond))

	p.Pause(ctx, time.Second)
	begin = time.Now()
	there := process.Submit(pool, computer, work)
	here, err3 := work.compute(ctx)
	away, err4 := there.ResultContext(ctx)
	trace.Log("at the same time: %v", time.Since(begin).Round(time.Microsecond))

	err := errors.Join(err1, err2, err3, err4)
	if err == nil && (one != two || here != one || away != one) {
		err = fmt.Errorf("computed %d and %d, and then %d and %d", one, two, here, away)
	}
	return err
}
