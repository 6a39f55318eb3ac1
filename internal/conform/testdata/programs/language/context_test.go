package language

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"programs/want"
)

var errWhy = errors.New("why")

func TestContextCancelWakes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() {
		<-ctx.Done()
		got <- ctx.Err()
	}()
	cancel()
	cancel()
	want.Outcome(t, want.Text(<-got), "context canceled")
}

func TestContextErrRaces(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		cancel()
		close(done)
	}()
	got := ""
	select {
	case <-ctx.Done():
		got = "canceled"
	default:
		got = "not yet"
	}
	<-done
	want.Outcome(t, want.Text(got, ctx.Err()), "canceled context canceled", "not yet context canceled")
}

func TestContextCause(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan struct{})
	go func() {
		cancel(errWhy)
		close(done)
	}()
	<-ctx.Done()
	<-done
	cancel(errors.New("late"))
	want.Outcome(t, want.Text(ctx.Err(), context.Cause(ctx)), "context canceled why")
}

func TestContextCauseFirst(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	both(func() { cancel(errWhy) }, func() { cancel(nil) })
	want.Outcome(t, want.Text(context.Cause(ctx)), "why", "context canceled")
}

func TestContextTimeout(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	want.Outcome(t, want.Text(ctx.Err(), context.Cause(ctx), errors.Is(ctx.Err(), context.DeadlineExceeded)),
		"context deadline exceeded context deadline exceeded true")
}

func TestContextTimeoutCause(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errWhy)
	defer cancel()
	<-ctx.Done()
	want.Outcome(t, want.Text(ctx.Err(), context.Cause(ctx)), "context deadline exceeded why")
}

func TestContextDeadlinePassed(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	want.Outcome(t, want.Text(ctx.Err()), "context deadline exceeded")
}

func TestContextDeadlineOfParent(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	child, cancel2 := context.WithTimeout(ctx, time.Hour)
	defer cancel2()
	a, _ := ctx.Deadline()
	b, ok := child.Deadline()
	<-child.Done()
	want.Outcome(t, want.Text(a.Equal(b), ok, child.Err()), "true true context deadline exceeded")
}

func TestContextTree(t *testing.T) {
	type key struct{}
	root, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "v"))
	a, cancelA := context.WithCancel(root)
	b, cancelB := context.WithTimeout(a, time.Hour)
	defer cancelA()
	defer cancelB()
	var wg sync.WaitGroup
	for _, c := range []context.Context{a, b} {
		wg.Go(func() { <-c.Done() })
	}
	cancel(errWhy)
	wg.Wait()
	want.Outcome(t, want.Text(b.Err(), context.Cause(b), b.Value(key{})), "context canceled why v")
}

func TestContextSiblingStays(t *testing.T) {
	a, cancelA := context.WithCancel(t.Context())
	b, cancelB := context.WithCancel(t.Context())
	defer cancelB()
	cancelA()
	want.Outcome(t, want.Text(a.Err(), b.Err()), "context canceled <nil>")
}

func TestContextWithoutCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	free := context.WithoutCancel(ctx)
	cancel()
	want.Outcome(t, want.Text(ctx.Err(), free.Err(), free.Done() == nil), "context canceled <nil> true")
}

func TestContextAfterFunc(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	context.AfterFunc(ctx, func() { ran <- ctx.Err() })
	cancel()
	want.Outcome(t, want.Text(<-ran), "context canceled")
}

func TestContextAfterFuncStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ran := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { close(ran) })
	done := make(chan struct{})
	go func() {
		cancel()
		close(done)
	}()
	stopped := stop()
	<-done
	if !stopped {
		<-ran
	}
	want.Outcome(t, want.Text(stopped, stop()), "true false", "false false")
}

// A custom context is none that package context knows, so a goroutine waits for it.
type custom struct {
	context.Context
	done chan struct{}
}

func (c custom) Done() <-chan struct{} { return c.done }

func (c custom) Err() error {
	select {
	case <-c.done:
		return errWhy
	default:
		return nil
	}
}

func TestContextCustomParent(t *testing.T) {
	parent := custom{context.Background(), make(chan struct{})}
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	close(parent.done)
	<-ctx.Done()
	want.Outcome(t, want.Text(ctx.Err()), "why")
}

func TestContextBackground(t *testing.T) {
	want.Outcome(t, want.Text(context.Background().Done() == nil, context.TODO().Err()), "true <nil>")
}

func TestContextWorkers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	work := make(chan int)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-work:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	work <- 1
	cancel()
	wg.Wait()
	want.Outcome(t, "ended", "ended")
}
