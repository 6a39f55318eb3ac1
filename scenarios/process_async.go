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
	Name:     "process-async",
	Title:    "The result of a process, with a timeout",
	Category: CategoryProcesses,
	Programs: []int{62},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Submit returns a Future at once, and the process works meanwhile. A caller that asks for the " +
		"result can time out: that does not affect the task, which goes on, and the caller can ask again. " +
		"Ending the task is another matter: canceling the Future cancels the function's context, in the other " +
		"process.",
	Look: "The first result comes in time. The second does not: main gives up, asks again, and gets it. The third is " +
		"canceled, and the process reports how long it worked until it noticed.",
	Run: runProcessAsync,
})

// lazy rests, and returns an error if its context ended meanwhile.
var lazy = process.Register("lazy", func(ctx context.Context, in job) (int, error) {
	rest(ctx, in.Rest)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return 2 * in.N, nil
})

func runProcessAsync(ctx context.Context, p Params) error {
	pool := process.NewExecutor(1, process.WithName("worker"), process.WithContext(ctx))
	defer pool.Shutdown()

	// 25 doubled, with plenty of time.
	quick := process.Submit(pool, lazy, job{N: 25, Rest: p.Scale(500 * time.Millisecond)})
	v, err := quick.ResultTimeout(time.Minute)
	if err != nil || v != 50 {
		return because(ctx, errors.Join(fmt.Errorf("25 doubled is %d", v), err))
	}
	trace.Log("25 doubled is %d", v)

	// 30 doubled takes longer than main is willing to wait, at first.
	slow := process.Submit(pool, lazy, job{N: 30, Rest: max(100*time.Millisecond, p.Scale(1500*time.Millisecond))})
	_, err = slow.ResultTimeout(p.Scale(500 * time.Millisecond))
	trace.Log("within the time: %v", err)
	if !errors.Is(err, context.DeadlineExceeded) {
		return because(ctx, errors.Join(errors.New("main should have given up; it has not"), err))
	}
	if v, err = slow.ResultContext(ctx); err != nil || v != 60 {
		return because(ctx, errors.Join(fmt.Errorf("30 doubled is %d", v), err))
	}
	trace.Log("30 doubled is %d", v)

	// This would take an hour, so it is canceled.
	endless := process.Submit(pool, lazy, job{N: 35, Rest: time.Hour})
	p.Pause(ctx, time.Second)
	begin := time.Now()
	endless.Cancel()
	_, err = endless.ResultContext(ctx)
	trace.Log("canceled: %v, %v later", err, time.Since(begin).Round(time.Microsecond))
	if err == nil {
		return errors.New("the task was canceled and has a result")
	}
	return nil
}
