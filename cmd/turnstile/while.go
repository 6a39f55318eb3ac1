package main

import (
	"context"
	"runtime/debug"
)

// whileIn returns what f returns, or the cause of ctx as soon as that ends: f is left alone then, since nothing can call
// off what it waits for, such as a pipe into which nobody writes. It panics if f does.
func whileIn[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done, panics := make(chan result, 1), make(chan *panicError, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				panics <- &panicError{r, debug.Stack()}
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
