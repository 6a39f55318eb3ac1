package explore

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A controlledContext is a context that the explorer ends. A context that is made from it by package context ends with it.
type controlledContext struct {
	context.Context
	end *engine.ContextObject
}

// Err distinguishes the end by a timeout from others.
//
//go:norace
func (s *controlledContext) Err() error {
	err := s.Context.Err()
	if err != nil && context.Cause(s.Context) == context.DeadlineExceeded { //nolint:errorlint // identity is meant
		return context.DeadlineExceeded
	}
	return err
}

func (s *controlledContext) Value(key any) any {
	if key == (engine.ContextObjectKey{}) {
		return s.end
	}
	return s.Context.Value(key)
}

// steer returns a context that ends when end is called or parent ends.
func newControlledContext(parent context.Context) (*controlledContext, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	return &controlledContext{ctx, &engine.ContextObject{Parent: engine.ContextObjectOf(parent)}}, cancel
}

// WithCancel is like context.WithCancel, but calling cancel is an operation.
//
//go:norace
func (e *E) WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := e.WithCancelCause(parent)
	return ctx, func() { cancel(nil) }
}

// WithCancelCause is like context.WithCancelCause, but calling cancel is an operation.
//
//go:norace
func (e *E) WithCancelCause(parent context.Context) (context.Context, context.CancelCauseFunc) {
	e.task("WithCancelCause")
	return withCancelCause(e.task, parent)
}

// withCancelCause implements WithCancelCause for the E whose method task is given.
//
//nolint:revive // the context comes second, as it does where the first is the E
//go:norace
func withCancelCause(task func(op string) *engine.Task, parent context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := newControlledContext(parent)
	return ctx, func(cause error) {
		task("cancel").Point(ctx.end, "cancel", hook.AccessWrite)
		ctx.end.MarkEnded()
		cancel(cause)
	}
}

// WithTimeout is like context.WithTimeout in the virtual time of the run, which stands still while any task can run;
// with the option [AnyTime] the context may end at any moment. The explorer cannot control contexts of package context
// that have a deadline: a program that waits for one fails.
//
//go:norace
func (e *E) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return withTimeout(e.task, parent, d)
}

func init() {
	hook.Timeout = func(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		return withTimeout(currentTask, parent, d)
	}
	hook.Cancel = func(parent context.Context) (context.Context, context.CancelCauseFunc) {
		return withCancelCause(currentTask, parent)
	}
}

// currentTask returns the calling task, for functions that are not methods of an E.
//
//go:norace
func currentTask(string) *engine.Task { return engine.Current() }

// withTimeout implements WithTimeout for the E whose method task is given.
//
//nolint:revive // the context comes second, as it does where the first is the E
//go:norace
func withTimeout(task func(op string) *engine.Task, parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	t := task("WithTimeout")
	ctx, cancel := newControlledContext(parent)
	if d <= 0 {
		ctx.end.MarkEnded()
		cancel(context.DeadlineExceeded)
		return ctx, func() {}
	}
	t.DescribeChild(func() {
		if !engine.Current().Park(ctx.end, "deadline", nil, d, true) {
			ctx.end.MarkEnded()
			cancel(context.DeadlineExceeded)
		}
	}, engine.TaskDaemon)
	t.Ask(engine.RequestSpawn, nil, "timer")
	timer := t.Child
	return ctx, func() {
		task("cancel").Point(ctx.end, "cancel", hook.AccessWrite)
		ctx.end.MarkEnded()
		cancel(nil)
		timer.Ready()
	}
}

// Interrupt returns a context that is canceled at a moment that the explorer chooses, or never.
//
//go:norace
func (e *E) Interrupt() context.Context {
	t := e.task("Interrupt")
	ctx, cancel := newControlledContext(context.Background())
	t.DescribeChild(func() {
		engine.Current().Point(ctx.end, "interrupt", hook.AccessWrite)
		ctx.end.MarkEnded()
		cancel(nil)
	}, engine.TaskDaemon)
	t.Ask(engine.RequestSpawn, nil, "interrupt")
	return ctx
}

// Sleep waits for d in the virtual time of the run.
//
//go:norace
func (e *E) Sleep(d time.Duration) {
	t := e.task("Sleep")
	if d <= 0 {
		t.Point(nil, "Sleep", hook.AccessWrite)
		return
	}
	t.Park(nil, "Sleep", nil, d, true)
}

// Now returns the virtual time since the start of the run.
//
//go:norace
func (e *E) Now() time.Duration { return e.task("Now").Exec.Now }

// MaxChoices is the largest n that [E.Choose] accepts.
const MaxChoices = 10_000

// Choose returns a number from 0 to n-1; the explorer tries all of them. It panics if n is less than 1 or greater than
// [MaxChoices]. A program with a larger range should choose among the values that make a difference.
//
//go:norace
func (e *E) Choose(n int) int {
	if n < 1 || n > MaxChoices {
		panic(fmt.Sprintf("explore: Choose(%d): must be 1 … %d", n, MaxChoices))
	}
	t := e.task("Choose")
	t.NewCondition().Alts = n - 1
	t.Ask(engine.RequestPoint, nil, "Choose")
	return int(t.Alt)
}
