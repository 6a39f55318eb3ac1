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
	Title:    "The result of a process, within a time",
	Category: CategoryProcesses,
	Programs: []int{62},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Submit returns a Future at once and the process works meanwhile. Whoever asks for the result can give " +
		"up after a time: that changes nothing for the task, which goes on, and one can ask again. To end it is " +
		"another thing: canceling the Future ends the context that the function has been given, in the other " +
		"process.",
	Look: "The first result comes in time. The second does not, main gives up, asks again, and has it. The third is " +
		"canceled, and the process says how long it worked until it heard of it.",
	Run: runProcessAsync,
})

// lazy rests, and returns why it ended.
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

	// 25 doubled, within plenty of time.
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

	// An hour is too long for everybody.
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
