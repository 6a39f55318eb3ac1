package explore

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An endable is the end of a context, as something on which tasks operate.
type endable struct {
	mark   atomic.Uint32
	parent *endable // nil: none
	ended  bool     // by an operation, or by the time of the run
}

// Mark implements [hook.Object].
func (c *endable) Mark() *atomic.Uint32 { return &c.mark }

func (c *endable) objectName() string { return "context" }

// ends notes that the context is about to end.
//
//go:norace
func (c *endable) ends() { c.ended = true }

// endableKey is the key of a context's endable among its values.
type endableKey struct{}

func endableOf(ctx context.Context) *endable {
	c, _ := ctx.Value(endableKey{}).(*endable)
	return c
}

// A ctxEnd is what the explorer knows of the context that limits a wait or an operation: no method of that context is
// called but by the task that uses it, since it may be the program's own.
type ctxEnd struct {
	done <-chan struct{} // nil: it never ends, or there is none
	end  *endable        // nil: it is none of the explorer's
}

// endOf returns the end of ctx, which may be nil.
//
//go:norace
func endOf(ctx context.Context) ctxEnd {
	if ctx == nil {
		return ctxEnd{}
	}
	done := ctx.Done()
	if done == nil {
		return ctxEnd{}
	}
	return ctxEnd{done, endableOf(ctx)}
}

// over reports whether the context has ended.
//
//go:norace
func (c ctxEnd) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// unordered reports whether the context, which has ended, was ended by what is no operation.
//
//go:norace
func (c ctxEnd) unordered() bool {
	for end := c.end; end != nil; end = end.parent {
		if end.ended {
			return false
		}
	}
	return true
}

// A steered is a context that the explorer ends. A context that is made from it by package context ends with it.
type steered struct {
	context.Context
	end *endable
}

// Err tells an end by time from others.
//
//go:norace
func (s *steered) Err() error {
	err := s.Context.Err()
	if err != nil && context.Cause(s.Context) == context.DeadlineExceeded { //nolint:errorlint // the very same is meant
		return context.DeadlineExceeded
	}
	return err
}

func (s *steered) Value(key any) any {
	if key == (endableKey{}) {
		return s.end
	}
	return s.Context.Value(key)
}

// steer returns a context that ends when end is called, or with parent.
func steer(parent context.Context) (*steered, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	return &steered{ctx, &endable{parent: endableOf(parent)}}, cancel
}

// WithCancel is context.WithCancel, where cancel is an operation.
//
//go:norace
func (e *E) WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := e.WithCancelCause(parent)
	return ctx, func() { cancel(nil) }
}

// WithCancelCause is context.WithCancelCause, where cancel is an operation.
//
//go:norace
func (e *E) WithCancelCause(parent context.Context) (context.Context, context.CancelCauseFunc) {
	e.task("WithCancelCause")
	ctx, cancel := steer(parent)
	return ctx, func(cause error) {
		e.task("cancel").Point(ctx.end, "cancel", hook.Write)
		ctx.end.ends()
		cancel(cause)
	}
}

// WithTimeout is context.WithTimeout in the time of the run, which stands still as long as anything can be done; with
// the option [AnyTime] the context may end at any moment. Contexts of package context that have a deadline cannot be
// steered, and fail a program that waits for them.
//
//go:norace
func (e *E) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	t := e.task("WithTimeout")
	ctx, cancel := steer(parent)
	if d <= 0 {
		ctx.end.ends()
		cancel(context.DeadlineExceeded)
		return ctx, func() {}
	}
	t.begets(func() {
		if !current().Park(ctx.end, "deadline", nil, d, true) {
			ctx.end.ends()
			cancel(context.DeadlineExceeded)
		}
	}, daemon)
	t.ask(reqSpawn, nil, "timer")
	timer := t.child
	return ctx, func() {
		e.task("cancel").Point(ctx.end, "cancel", hook.Write)
		ctx.end.ends()
		cancel(nil)
		timer.Ready()
	}
}

// Interrupt returns a context that is canceled at a moment of the explorer's choice, or never.
//
//go:norace
func (e *E) Interrupt() context.Context {
	t := e.task("Interrupt")
	ctx, cancel := steer(context.Background())
	t.begets(func() {
		current().Point(ctx.end, "interrupt", hook.Write)
		ctx.end.ends()
		cancel(nil)
	}, daemon)
	t.ask(reqSpawn, nil, "interrupt")
	return ctx
}

// Sleep lets d go by in the time of the run.
//
//go:norace
func (e *E) Sleep(d time.Duration) {
	t := e.task("Sleep")
	if d <= 0 {
		t.Point(nil, "Sleep", hook.Write)
		return
	}
	t.Park(nil, "Sleep", nil, d, true)
}

// Now returns how much time has gone by in the run.
//
//go:norace
func (e *E) Now() time.Duration { return e.task("Now").x.now }

// MaxChoices is how many numbers there may be at most of which [E.Choose] returns one.
const MaxChoices = 10_000

// Choose returns a number from 0 to n-1; the explorer tries them all. It panics if n is less than 1 or more than
// [MaxChoices]: of more numbers the program chooses among those that make a difference.
//
//go:norace
func (e *E) Choose(n int) int {
	if n < 1 || n > MaxChoices {
		panic(fmt.Sprintf("explore: Choose(%d): there must be 1 to %d to choose from", n, MaxChoices))
	}
	t := e.task("Choose")
	t.only().alts = n - 1
	t.ask(reqPoint, nil, "Choose")
	return int(t.alt)
}

// numberCtx gives numbers to all whose end ends the context.
func (x *execution) numberCtx(ctx ctxEnd, t *task) {
	for c := ctx.end; c != nil; c = c.parent {
		x.number(t, c)
	}
}

// touchCtx notes that the step looks at the context.
func (x *execution) touchCtx(ctx ctxEnd, t *task) {
	for c := ctx.end; c != nil; c = c.parent {
		x.touch(x.number(t, c), hook.Read)
	}
}

// checkCtx fails the run if ctx, which may be nil, ends by the clock on the wall.
//
//go:norace
func (t *task) checkCtx(ctx context.Context) {
	if ctx == nil {
		return
	}
	if _, ok := ctx.Deadline(); ok {
		t.fail(&Failure{Kind: BadProgram, Task: t.name, Message: "a wait with a context of package context that has a deadline; use E.WithTimeout"})
	}
}
