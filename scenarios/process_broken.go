package scenarios

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-broken",
	Title:    "A worker is killed, and the pool breaks or recovers",
	Category: CategoryProcesses,
	Programs: []int{72},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A process can be killed at any moment, even by the system when memory runs out. Then nobody knows how " +
		"far its task got. So the pool reports it: by default the pool is broken, and every unfinished task fails with " +
		"ErrBroken and the reason; nothing waits forever. With Respawn only the task that was running fails, and a new " +
		"process takes over. Only its author knows whether that task may be run again.",
	Look: "In the first act main kills the worker in the middle of its task: that future fails, and so do the next " +
		"one and a new one. In the second the next one succeeds, in a process with another pid.",
	Run: runProcessBroken,
})

var pidOf = process.Register("pid-of", func(ctx context.Context, in job) (int, error) {
	rest(ctx, in.Rest)
	return os.Getpid(), context.Cause(ctx)
})

func runProcessBroken(ctx context.Context, p Params) error {
	var errs []error
	check := func(what string, ok bool, err error) {
		if !ok {
			errs = append(errs, errors.New(what), err)
		}
	}
	act := func(d process.Death) (pid int, first, second, third *sync2.Future[int], end func()) {
		pool := process.NewExecutor(1, process.WithName("worker"), process.OnDeath(d), process.WithContext(ctx))
		pid, err := process.Submit(pool, pidOf, job{}).ResultContext(ctx)
		check("the first task succeeds", err == nil, err)
		first = process.Submit(pool, pidOf, job{Rest: time.Hour})
		second = process.Submit(pool, pidOf, job{})
		await(ctx, p, func() bool { return first.State() != sync2.Pending })
		p.Pause(ctx, 900*time.Millisecond)

		trace.Log("kills pid %d", pid)
		if victim, err := os.FindProcess(pid); err == nil {
			_ = victim.Kill()
		}
		_, err = first.ResultContext(ctx)
		trace.Log("the task that ran: %v", err)
		third = process.Submit(pool, pidOf, job{})
		return pid, first, second, third, pool.Shutdown
	}
	var exit *process.ExitError

	_, first, second, third, end := act(process.Break)
	_, err := first.ResultContext(ctx)
	check("the task of the dead worker fails with ErrBroken and how it died", errors.Is(err, sync2.ErrBroken) && errors.As(err, &exit), err)
	for _, f := range []*sync2.Future[int]{second, third} {
		_, err = f.ResultContext(ctx)
		trace.Log("one after it: %v", err)
		check("the pool is broken", errors.Is(err, sync2.ErrBroken), err)
	}
	end()
	p.Pause(ctx, 600*time.Millisecond)

	pid, first, second, third, end := act(process.Respawn)
	_, err = first.ResultContext(ctx)
	check("the task of the dead worker fails with how it died", !errors.Is(err, sync2.ErrBroken) && errors.As(err, &exit), err)
	for _, f := range []*sync2.Future[int]{second, third} {
		other, err := f.ResultContext(ctx)
		trace.Log("one after it: pid %d, %v", other, err)
		check("another process does the rest", err == nil && other != pid, err)
	}
	end()
	return errors.Join(errs...)
}
