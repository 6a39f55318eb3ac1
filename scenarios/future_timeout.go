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
	Name:     "future-timeout",
	Title:    "Giving up the wait does not stop the task",
	Category: CategoryPools,
	Programs: []int{94},
	Expect:   ExpectClean,
	Lesson: "ResultTimeout gives up after a while and returns an error. That ends only the wait: the task continues, " +
		"and a later call gets its result. If the result is no longer wanted, call Cancel; for that to help, the task " +
		"has to watch its context.",
	Look: "Main asks several times and gives up each time, while the task goes on regardless; finally it waits as " +
		"long as it takes. A second task is told to stop, and does.",
	Params: []Param{
		{Name: "attempts", Help: "number of times that main asks in vain", Default: 3, Min: 1, Max: 1000},
	},
	Run: runFutureTimeout,
})

func runFutureTimeout(ctx context.Context, p Params) error {
	attempts := p.Int("attempts")
	pool := sync2.NewExecutor(1, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")
	var answered sync2.Event
	trace.Name(&answered, "answered")
	question := sync2.Submit(pool, func(context.Context) (int, error) { return 42, answered.WaitContext(ctx) })
	trace.Name(question, "question")

	var errs []error
	for i := range attempts {
		_, err := question.ResultTimeout(p.Scale(1800 * time.Millisecond / time.Duration(attempts+1)))
		trace.Log("attempt %d: %v; the task is %v", i+1, err, question.State())
		if !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("attempt %d should have timed out", i+1), err)
		}
	}

	// The task never noticed. Now it gets its answer, and main too.
	answered.Set()
	if v, err := question.Result(); v != 42 || err != nil {
		errs = append(errs, fmt.Errorf("the result is %d", v), err)
	}

	// This one would never end by itself, but it watches its context.
	var begun sync2.Event
	trace.Name(&begun, "begun")
	endless := sync2.Submit(pool, func(c context.Context) (int, error) {
		begun.Set()
		var never sync2.Event
		trace.Name(&never, "never")
		return 0, never.WaitContext(c)
	})
	trace.Name(endless, "endless")
	begun.Wait()
	p.Pause(ctx, 900*time.Millisecond)
	if endless.Cancel() {
		errs = append(errs, errors.New("a task that ran is reported as one that never began"))
	}
	_, err := endless.Result()
	trace.Log("told to stop: %v", err)
	p.Pause(ctx, 400*time.Millisecond)

	if !errors.Is(err, sync2.ErrCanceled) {
		errs = append(errs, errors.New("the task should have been told to stop; it ended with"), err)
	}
	return errors.Join(errs...)
}
