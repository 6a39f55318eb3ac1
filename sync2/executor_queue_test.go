package sync2_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// blocked is a task that runs until its context ends or gate is closed.
func blocked(gate <-chan struct{}) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-gate:
			return 1, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// wantCanceled expects f to be canceled, with ErrCanceled and the cause.
func wantCanceled(t *testing.T, f *sync2.Future[int], cause error) {
	t.Helper()
	if f.State() != sync2.Canceled {
		t.Errorf("the future is %v, want it canceled", f.State())
		return
	}
	_, err := f.Result()
	if !errors.Is(err, sync2.ErrCanceled) || !errors.Is(err, cause) {
		t.Errorf("error = %v, want one that is %v and %v", err, sync2.ErrCanceled, cause)
	}
}

func wantCounts(t *testing.T, e *sync2.Executor, workers, queued, running int) {
	t.Helper()
	if w, q, r := e.Workers(), e.Queued(), e.Running(); w != workers || q != queued || r != running {
		t.Errorf("%d workers, %d queued, %d running; want %d, %d, %d", w, q, r, workers, queued, running)
	}
}

type key struct{ name string }

func TestWithContextGivesValuesAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{"a"}, 1), time.Hour)
		defer cancel()
		e := sync2.NewExecutor(1, sync2.WithContext(ctx))
		defer e.Shutdown()
		want, _ := ctx.Deadline()
		task := func(ctx context.Context) (int, error) {
			got, ok := ctx.Deadline()
			if !ok || !got.Equal(want) {
				t.Errorf("deadline = %v, %v", got, ok)
			}
			below, cancel := context.WithCancel(ctx)
			defer cancel()
			if ctx.Value(key{"a"}) != 1 || below.Value(key{"a"}) != 1 || ctx.Value(key{"b"}) != nil {
				t.Error("the values are not those of the executor's context")
			}
			return 1, nil
		}
		if _, err := sync2.Submit(e, task).Result(); err != nil {
			t.Error(err)
		}
		var done sync2.Event
		_ = e.Execute(func(ctx context.Context) { _, _ = task(ctx); done.Set() })
		done.Wait()
	})
}

// The end of the executor's context acts like Cancel with its cause.
func TestWithContextCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		e := sync2.NewExecutor(1, sync2.WithContext(ctx), sync2.WithQueue(1))
		runs := sync2.Submit(e, blocked(nil))
		queues := sync2.Submit(e, value(1))
		waits := sync2.Go("waits", func() {
			wantCanceled(t, sync2.Submit(e, value(2)), errTest)
		})
		synctest.Wait()
		cancel(errTest)
		synctest.Wait()
		wantCanceled(t, queues, errTest)
		_, err := runs.Result()
		wantErr(t, err, errTest)
		wantErr(t, err, sync2.ErrCanceled)
		waits.Join()
		_, err = sync2.Submit(e, value(3)).Result()
		wantErr(t, err, sync2.ErrShutdown)
		e.Shutdown()
	})
}

func TestWithContextThatHasEnded(t *testing.T) {
	e := sync2.NewExecutor(1, sync2.WithContext(ended(errTest)))
	_, err := sync2.Submit(e, value(1)).Result()
	wantErr(t, err, sync2.ErrShutdown)
	e.Shutdown()
}

// An executor that was shut down leaves nothing behind at its context.
func TestWithContextAfterShutdown(t *testing.T) {
	for _, tasks := range []int{0, 1} {
		ctx := &countingContext{Context: t.Context(), done: make(chan struct{})}
		e := sync2.NewExecutor(1, sync2.WithContext(ctx))
		for range tasks {
			sync2.Submit(e, value(1))
			sync2.SubmitContext(ctx, e, value(1))
		}
		e.Shutdown() // goleak finds the goroutine that package context starts for such a context
		e.Shutdown()
	}
}

// A countingContext is a context of a type that package context does not know.
type countingContext struct {
	context.Context
	done chan struct{}
}

func (c *countingContext) Done() <-chan struct{} { return c.done }

// Submit waits while the queue is full, and waiting calls are served in order.
func TestWithQueue(t *testing.T) {
	for _, room := range []int{0, 1, 2} {
		inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
			var gates []chan struct{}
			for range 2 + room {
				gate := make(chan struct{})
				gates = append(gates, gate)
				sync2.Submit(e, blocked(gate)) // does not wait
			}
			synctest.Wait()
			wantCounts(t, e, 2, room, 2)
			if f, ok := sync2.TrySubmit(e, value(1)); ok || f != nil {
				t.Error("TrySubmit found room")
			}
			var order served
			for i := range 3 {
				sync2.Go("submits", func() {
					f := sync2.Submit(e, blocked(nil))
					order.add(i)
					_, _ = f.Result()
				})
				synctest.Wait()
			}
			for i, gate := range gates[:2] {
				if n := len(order.all()); n != i {
					t.Errorf("after the end of %d tasks, %d more were taken", i, n)
				}
				close(gate)
				synctest.Wait()
			}
			if got := order.all(); !slices.IsSorted(got) || len(got) != 2 {
				t.Errorf("served %v", got)
			}
			e.Cancel(errTest)
		}, sync2.WithQueue(room))
	}
}

// Canceling a queued task lets a waiting Submit proceed at once.
func TestWithQueueAndCancel(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		gate := make(chan struct{})
		sync2.Submit(e, blocked(gate))
		queues := sync2.Submit(e, value(1))
		var next atomic.Pointer[sync2.Future[int]]
		sync2.Go("submits", func() { next.Store(sync2.Submit(e, value(2))) })
		synctest.Wait()
		if next.Load() != nil {
			t.Error("Submit did not wait")
		}
		if !queues.Cancel() {
			t.Error("not canceled")
		}
		synctest.Wait()
		if next.Load() == nil {
			t.Fatal("Submit waits, and nothing queues")
		}
		wantCounts(t, e, 1, 1, 1)
		next.Load().Cancel()
		wantCounts(t, e, 1, 0, 1)
		for range 1000 { // canceled tasks do not accumulate
			f, ok := sync2.TrySubmit(e, value(3))
			if !ok || !f.Cancel() {
				t.Fatal("no room")
			}
		}
		close(gate)
	}, sync2.WithQueue(1))
}

// Shutdown releases a waiting Submit with ErrShutdown; Cancel does with its cause.
func TestWithQueueAndTheEnd(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
			gate := make(chan struct{})
			sync2.Submit(e, blocked(gate))
			sync2.Go("submits", func() {
				f := sync2.Submit(e, value(2))
				if cancel {
					wantCanceled(t, f, errTest)
					return
				}
				_, err := f.Result()
				wantErr(t, err, sync2.ErrShutdown)
			})
			sync2.Go("executes", func() {
				err := e.Execute(func(context.Context) { t.Error("it runs") })
				if want := map[bool]error{false: sync2.ErrShutdown, true: errTest}[cancel]; !errors.Is(err, want) {
					t.Errorf("error = %v, want %v", err, want)
				}
			})
			synctest.Wait()
			if cancel {
				e.Cancel(errTest)
			} else {
				e.ShutdownTimeout(0)
			}
			synctest.Wait()
			if f, ok := sync2.TrySubmit(e, value(1)); ok || f != nil {
				t.Error("TrySubmit after the end")
			}
			close(gate)
		}, sync2.WithQueue(0))
	}
}

// Without a queue, the next task is accepted as soon as the last has ended.
func TestWithQueueOneAfterTheOther(t *testing.T) {
	e := sync2.NewExecutor(1, sync2.WithQueue(0))
	defer e.Shutdown()
	for i := range 1000 {
		f, ok := sync2.TrySubmit(e, value(i))
		if !ok {
			t.Fatalf("%d: no room, though nothing runs", i)
		}
		if v, err := f.Result(); v != i || err != nil {
			t.Fatal(v, err)
		}
	}
}

func TestSubmitContext(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{"a"}, 1))
		defer cancel(nil)
		late, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		want, _ := late.Deadline()
		v, err := sync2.SubmitContext(late, e, func(ctx context.Context) (int, error) {
			if got, ok := ctx.Deadline(); !ok || !got.Equal(want) || ctx.Err() != nil {
				t.Error(got, ok, ctx.Err())
			}
			return ctx.Value(key{"a"}).(int), nil
		}).Result()
		if v != 1 || err != nil {
			t.Error(v, err)
		}
		runs := sync2.SubmitContext(ctx, e, blocked(nil))
		queues := sync2.SubmitContext(ctx, e, value(1))
		other := sync2.Submit(e, value(2))
		synctest.Wait()
		cancel(errTest)
		synctest.Wait()
		wantCanceled(t, queues, errTest)
		if _, err := runs.Result(); err != errTest { //nolint:errorlint // the very same
			t.Errorf("the context of the task ended with %v", err)
		}
		if v, err := other.Result(); v != 2 || err != nil {
			t.Error(v, err)
		}
		wantCanceled(t, sync2.SubmitContext(ctx, e, value(1)), errTest)
		e.Shutdown()
		wantCanceled(t, sync2.SubmitContext(ctx, e, value(1)), errTest) // before ErrShutdown
		_, err = sync2.SubmitContext(t.Context(), e, value(1)).Result()
		wantErr(t, err, sync2.ErrShutdown)
	})
}

// The contexts of several tasks end on their own, and the values are each task's.
func TestSubmitContextOfMany(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		gate := make(chan struct{})
		sync2.Submit(e, blocked(gate))
		var fs []*sync2.Future[int]
		var cancels []context.CancelCauseFunc
		for i := range 6 {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancels = append(cancels, cancel)
			for j := range 2 {
				fs = append(fs, sync2.SubmitContext(context.WithValue(ctx, key{"a"}, 2*i+j), e, func(ctx context.Context) (int, error) {
					return ctx.Value(key{"a"}).(int), nil
				}))
			}
		}
		for _, i := range []int{0, 3, 5} {
			cancels[i](errTest)
		}
		synctest.Wait()
		wantCounts(t, e, 1, 6, 1)
		close(gate)
		for i, f := range fs {
			if slices.Contains([]int{0, 3, 5}, i/2) {
				wantCanceled(t, f, errTest)
			} else if v, err := f.Result(); v != i || err != nil {
				t.Error(i, v, err)
			}
		}
		for _, cancel := range cancels {
			cancel(nil)
		}
	})
}

// A bulkyContext cannot be compared.
type bulkyContext struct {
	context.Context
	keys []any
}

func (c bulkyContext) Value(key any) any {
	if len(c.keys) > 0 && c.keys[0] == key {
		return c.keys[1]
	}
	return c.Context.Value(key)
}

// Tasks whose contexts are not comparable, and end together, each have their own values.
func TestSubmitContextThatCannotBeCompared(t *testing.T) {
	e := sync2.NewExecutor(1)
	defer e.Shutdown()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a, b := bulkyContext{ctx, []any{key{"a"}, 1}}, bulkyContext{ctx, []any{key{"a"}, 2}}
	for i, ctx := range []context.Context{a, b, b, a} {
		f := sync2.SubmitContext(ctx, e, func(ctx context.Context) (int, error) { return ctx.Value(key{"a"}).(int), nil })
		if v, err := f.Result(); v != []int{1, 2, 2, 1}[i] || err != nil {
			t.Error(i, v, err)
		}
	}
}

// If the context ends while SubmitContext waits, the Future is canceled at once; calls behind it are served.
func TestSubmitContextGivesUp(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		gate := make(chan struct{})
		sync2.Submit(e, blocked(gate))
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
		defer cancel()
		sync2.Go("gives up", func() {
			f := sync2.SubmitContext(ctx, e, value(1))
			wantCanceled(t, f, errTest)
			wantCanceled(t, f, context.DeadlineExceeded)
		})
		synctest.Wait()
		behind := sync2.Go("behind", func() {
			if v, err := sync2.SubmitContext(t.Context(), e, value(2)).Result(); v != 2 || err != nil {
				t.Error(v, err)
			}
		})
		pass(time.Minute)
		close(gate)
		behind.Join()
	}, sync2.WithQueue(0))
}

// If there are two contexts, the earlier deadline and the values of both apply.
func TestSubmitContextWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of, cancel := context.WithTimeout(context.WithValue(context.WithValue(t.Context(), key{"a"}, "of"), key{"b"}, "of"), time.Hour)
		defer cancel()
		e := sync2.NewExecutor(2, sync2.WithContext(of))
		for _, d := range []time.Duration{time.Minute, 2 * time.Hour} {
			mine, cancel := context.WithTimeout(context.WithValue(t.Context(), key{"a"}, "mine"), d)
			defer cancel()
			sync2.SubmitContext(mine, e, func(ctx context.Context) (int, error) {
				due, _ := ctx.Deadline()
				if left := time.Until(due); left != min(d, time.Hour) || ctx.Value(key{"a"}) != "mine" || ctx.Value(key{"b"}) != "of" {
					t.Error(left, ctx.Value(key{"a"}), ctx.Value(key{"b"}))
				}
				<-ctx.Done()
				if d := time.Since(due); d != 0 {
					t.Errorf("the context ends %v after its deadline", d)
				}
				wantErr(t, context.Cause(ctx), context.DeadlineExceeded)
				return 0, nil
			})
		}
		pass(3 * time.Hour)
		e.Shutdown()
	})
}

func TestResize(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		wantMisuse(t, "Executor.Resize", func() { e.Resize(0) })
		gate := make(chan struct{})
		for range 5 {
			sync2.Submit(e, blocked(gate))
		}
		synctest.Wait()
		wantCounts(t, e, 1, 4, 1)
		e.Resize(3)
		synctest.Wait()
		wantCounts(t, e, 3, 2, 3)
		e.Resize(2) // what runs goes on
		synctest.Wait()
		wantCounts(t, e, 3, 2, 3)
		close(gate)
		synctest.Wait()
		wantCounts(t, e, 2, 0, 0)
		e.Resize(1) // idle workers that are too many end
		synctest.Wait()
		wantCounts(t, e, 1, 0, 0)
		if v, err := sync2.Submit(e, value(1)).Result(); v != 1 || err != nil {
			t.Error(v, err)
		}
		e.Shutdown()
		e.Resize(5)
		_, err := sync2.Submit(e, value(1)).Result()
		wantErr(t, err, sync2.ErrShutdown)
	})
}

// Adding workers lets waiting calls of Submit proceed.
func TestResizeLetsIn(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		for range 5 {
			sync2.Go("submits", func() { sync2.Submit(e, blocked(nil)) })
		}
		synctest.Wait()
		wantCounts(t, e, 1, 1, 1)
		e.Resize(3)
		synctest.Wait()
		wantCounts(t, e, 3, 1, 3)
		e.Cancel(errTest)
	}, sync2.WithQueue(1))
}

// Workers start and end while tasks do.
func TestResizeHammer(t *testing.T) {
	e := sync2.NewExecutor(1, sync2.WithQueue(3))
	var sum atomic.Int64
	var all []*sync2.Goroutine
	for range 4 {
		all = append(all, sync2.Go("submits", func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for i := range 2000 {
				f := sync2.SubmitContext(ctx, e, func(context.Context) (int, error) { sum.Add(1); return 0, nil })
				if i%8 == 0 && f.Cancel() {
					sum.Add(1)
				}
			}
		}))
	}
	resizes := sync2.Go("resizes", func() {
		for i := range 1000 {
			e.Resize(1 + i%4)
		}
	})
	for _, g := range all {
		g.Join()
	}
	resizes.Join()
	e.Shutdown()
	if n := sum.Load(); n > 8000 || n == 0 {
		t.Errorf("%d tasks ran or were canceled, of 8000", n)
	}
}

func TestExecutorQueueMisuse(t *testing.T) {
	wantMisuse(t, "WithQueue", func() { sync2.WithQueue(-1) })
	wantMisuse(t, "WithContext", func() { sync2.WithContext(nil) }) //nolint:staticcheck // on purpose
	e := sync2.NewExecutor(1)
	defer e.Shutdown()
	wantMisuse(t, "SubmitContext", func() { sync2.SubmitContext(nil, e, value(1)) }) //nolint:staticcheck // on purpose
	wantMisuse(t, "SubmitContext", func() { sync2.SubmitContext[int](ended(errTest), e, nil) })
	wantMisuse(t, "TrySubmit", func() { sync2.TrySubmit[int](e, nil) })
	for _, e := range []*sync2.Executor{nil, new(sync2.Executor)} {
		wantMisuse(t, "SubmitContext", func() { sync2.SubmitContext(ended(errTest), e, value(1)) })
		wantMisuse(t, "TrySubmit", func() { sync2.TrySubmit(e, value(1)) })
	}
}

// The Validator accepts the trace of an executor with a queue.
func TestExecutorQueueIsValid(t *testing.T) {
	e := sync2.NewExecutor(2, sync2.WithQueue(1))
	ctx, cancel := context.WithCancel(t.Context())
	var rounds atomic.Int64
	validated(t, func(me, round int) {
		defer func() {
			if rounds.Add(1) == 6*300 {
				e.Shutdown()
			}
		}()
		if me == 0 {
			e.Resize(1 + round%3)
			return
		}
		f := sync2.SubmitContext(ctx, e, value(round))
		sync2.TrySubmit(e, value(round))
		if round%4 == 0 {
			f.Cancel()
		}
		_, _ = f.Result()
		if me == 1 && round == 250 {
			cancel()
		}
	})
}
