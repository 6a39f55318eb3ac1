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
	Name:     "future-error",
	Title:    "An error surfaces where the result is asked for",
	Category: CategoryPools,
	Programs: []int{69},
	Expect:   ExpectClean,
	Lesson: "A task fails in a worker, where nothing can handle the error. The Future keeps the error until somebody " +
		"asks for the result, and returns it to everybody who asks. Even a panic ends only its task: it becomes a " +
		"PanicError with the value and the stack, and the worker takes the next task.",
	Look: "One worker runs three tasks: the first returns an error, the second panics, the third succeeds. Main asks " +
		"for the results later, and twice for the first, which fails the same way again.",
	Run: runFutureError,
})

func runFutureError(ctx context.Context, p Params) error {
	pool := sync2.NewExecutor(1, sync2.WithName("worker"))
	defer pool.Shutdown()
	trace.Name(pool, "pool")
	submit := func(name string, task func() (int, error)) *sync2.Future[int] {
		f := sync2.Submit(pool, func(context.Context) (int, error) {
			p.Pause(ctx, 700*time.Millisecond)
			return task()
		})
		trace.Name(f, name)
		return f
	}

	errEmpty := errors.New("the well is empty")
	fails := submit("fails", func() (int, error) { return 0, fmt.Errorf("task: %w", errEmpty) })
	panics := submit("panics", func() (int, error) { panic("the well is poisoned") })
	works := submit("works", func() (int, error) { return 3, nil })
	p.Pause(ctx, 2500*time.Millisecond)

	// By now each of them has been settled, or soon will be, and no error has been seen yet.
	var errs []error
	for range 2 {
		_, err := fails.Result()
		trace.Log("the first: %v", err)
		if !errors.Is(err, errEmpty) { // the chain of errors is intact
			errs = append(errs, fmt.Errorf("the first should have failed with: %w; it has", errEmpty), err)
		}
		p.Pause(ctx, 400*time.Millisecond)
	}
	_, err := panics.Result()
	var panicked *sync2.PanicError
	if !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
		errs = append(errs, errors.New("the second should have failed with a panic and its stack; it has"), err)
	} else {
		trace.Log("the second panicked: %v", panicked.Value)
	}
	v, err := works.Result()
	trace.Log("the third: %d", v)
	if v != 3 || err != nil {
		errs = append(errs, fmt.Errorf("the third has the result %d", v), err)
	}

	return errors.Join(errs...)
}
