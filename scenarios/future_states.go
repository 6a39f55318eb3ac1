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
	Name:     "future-states",
	Title:    "From pending to succeeded, failed or canceled",
	Category: CategoryPools,
	Programs: []int{65, 88, 94},
	Expect:   ExpectClean,
	Lesson: "Submit returns a Future at once, long before there is a result. It is pending until a worker takes its " +
		"task, running until the task returns, and then it has succeeded or failed forever. A Future that is still " +
		"pending can be canceled: its task never runs.",
	Look: "The pool has one worker. The bread is in the oven: running. The cake and the pie wait for it: pending. " +
		"The pie is canceled; then the bread succeeds, and the cake fails.",
	Run: runFutureStates,
})

var errBurnt = errors.New("burnt")

func runFutureStates(ctx context.Context, p Params) error {
	oven := sync2.NewExecutor(1, sync2.WithName("oven"))
	trace.Name(oven, "ovens")
	var baking, ready sync2.Event
	trace.Name(&baking, "baking")
	trace.Name(&ready, "ready")

	var errs []error
	expect := func(what string, f *sync2.Future[string], want sync2.State) {
		trace.Log("%s: %v", what, f.State())
		if f.State() != want && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("the %s is %v, should be %v", what, f.State(), want))
		}
	}

	bread := sync2.Submit(oven, func(context.Context) (string, error) {
		baking.Set()
		return "a loaf", ready.WaitContext(ctx)
	})
	cake := sync2.Submit(oven, func(context.Context) (string, error) {
		p.Pause(ctx, 800*time.Millisecond)
		return "", errBurnt
	})
	pie := sync2.Submit(oven, func(context.Context) (string, error) { return "a pie", nil })
	trace.Name(bread, "bread")
	trace.Name(cake, "cake")
	trace.Name(pie, "pie")

	// There is one worker, and it is busy with the bread. A future prints as its name and its state.
	_ = baking.WaitContext(ctx)
	trace.Log("%v", bread)
	expect("bread", bread, sync2.Running)
	expect("cake", cake, sync2.Pending)
	p.Pause(ctx, time.Second)

	// Nobody has started on the pie, so it can be canceled. It is too late for the bread.
	if !pie.Cancel() {
		errs = append(errs, errors.New("the pie could not be canceled"))
	}
	expect("pie", pie, sync2.Canceled)
	p.Pause(ctx, time.Second)

	// Result waits until the future is settled, for better or for worse.
	ready.Set()
	loaf, err := bread.Result()
	expect("bread", bread, sync2.Succeeded)
	_, burnt := cake.Result()
	expect("cake", cake, sync2.Failed)
	_, gone := pie.Result()
	oven.Shutdown()
	trace.Log("%v", bread)

	if loaf != "a loaf" || err != nil {
		errs = append(errs, fmt.Errorf("the bread is %q", loaf), err)
	}
	if !errors.Is(burnt, errBurnt) || !errors.Is(gone, sync2.ErrCanceled) {
		errs = append(errs, errors.New("the cake or the pie failed for another reason"), burnt, gone)
	}
	return errors.Join(errs...)
}
