package sync2_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2"
)

// Submitting faster than the workers work blocks, so tasks do not pile up.
func ExampleWithQueue() {
	pool := sync2.NewExecutor(1, sync2.WithQueue(1))
	defer pool.Shutdown()
	open := make(chan struct{})
	task := func(context.Context) (int, error) { <-open; return 1, nil }
	sync2.Submit(pool, task) // runs
	sync2.Submit(pool, task) // queues
	_, ok := sync2.TrySubmit(pool, task)
	fmt.Println("room for a third:", ok)
	close(open)
	f := sync2.Submit(pool, task) // waits until the first has ended
	fmt.Println(f.Result())
	// Output:
	// room for a third: false
	// 1 <nil>
}

func ExampleTrySubmit() {
	pool := sync2.NewExecutor(1, sync2.WithQueue(0))
	defer pool.Shutdown()
	if f, ok := sync2.TrySubmit(pool, func(context.Context) (int, error) { return 6 * 7, nil }); ok {
		fmt.Println(f.Result())
	}
	// Output:
	// 42 <nil>
}

// The end of the context cancels all tasks of the executor.
func ExampleWithContext() {
	ctx, cancel := context.WithCancelCause(context.Background())
	pool := sync2.NewExecutor(1, sync2.WithContext(ctx))
	f := sync2.Submit(pool, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	cancel(errors.New("the shop closes"))
	_, err := f.Result()
	fmt.Println(err)
	pool.Shutdown()
	// Output:
	// sync2: canceled: the shop closes
}

// The tasks of a request see the values of its context, and end with it.
func ExampleSubmitContext() {
	type user struct{}
	pool := sync2.NewExecutor(2)
	defer pool.Shutdown()
	request, done := context.WithCancel(context.WithValue(context.Background(), user{}, "ann"))
	f := sync2.SubmitContext(request, pool, func(ctx context.Context) (string, error) {
		return fmt.Sprint("hello ", ctx.Value(user{})), nil
	})
	fmt.Println(f.Result())
	done()
	_, err := sync2.SubmitContext(request, pool, func(context.Context) (string, error) { return "never", nil }).Result()
	fmt.Println(err)
	// Output:
	// hello ann <nil>
	// sync2: canceled: context canceled
}

func ExampleExecutor_Resize() {
	pool := sync2.NewExecutor(1)
	open := make(chan struct{})
	for range 3 {
		sync2.Submit(pool, func(context.Context) (int, error) { <-open; return 0, nil })
	}
	fmt.Println("queued:", pool.Queued())
	pool.Resize(3)
	fmt.Println("queued:", pool.Queued())
	close(open)
	pool.Shutdown()
	// Output:
	// queued: 2
	// queued: 0
}
