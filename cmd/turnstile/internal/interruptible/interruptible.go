// Package interruptible calls functions that a context cannot stop, such as a read from a pipe.
package interruptible

import (
	"context"
	"runtime/debug"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// Call calls f in a goroutine and returns its results. If ctx ends first, Call returns the cause of ctx and abandons the
// goroutine, because what f waits for cannot be canceled. Call panics with an [exit.PanicError] if f panics.
func Call[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done, panics := make(chan result, 1), make(chan *exit.PanicError, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				panics <- &exit.PanicError{Value: r, Stack: debug.Stack()}
			}
		}()
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case p := <-panics:
		panic(p)
	case <-ctx.Done():
		var zero T
		return zero, context.Cause(ctx)
	}
}
