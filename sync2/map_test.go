package sync2_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// counted yields 1, 2, 3 … n, and keeps in taken the number of values taken.
func counted(n int, taken *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n; i++ {
			*taken = i
			if !yield(i) {
				return
			}
		}
	}
}

func double(_ context.Context, v int) (int, error) { return 2 * v, nil }

func TestMapMisuse(t *testing.T) {
	e := sync2.NewExecutor(1)
	in := slices.Values([]int{1})
	wantMisuse(t, "Map", func() { sync2.Map(nil, in, double) })
	wantMisuse(t, "Map", func() { sync2.Map(e, nil, double) })
	wantMisuse(t, "Map", func() { sync2.Map[int, int](e, in, nil) })
	wantMisuse(t, "WithBuffer", func() { sync2.WithBuffer(-1) })
	e.Shutdown()
}

// Map takes as many inputs ahead of its reader as its buffer holds, and no more.
func TestMapBuffer(t *testing.T) {
	for _, c := range []struct {
		opts  []sync2.MapOption
		ahead int
	}{
		{nil, 3},
		{[]sync2.MapOption{sync2.WithBuffer(0)}, 0},
		{[]sync2.MapOption{sync2.WithBuffer(1)}, 1},
		{[]sync2.MapOption{sync2.WithBuffer(100)}, 100},
	} {
		inBubble(t, 3, func(t *testing.T, e *sync2.Executor) {
			const inputs = 10
			taken, read := 0, 0
			for v, err := range sync2.Map(e, counted(inputs, &taken), double, c.opts...) {
				read++
				if v != 2*read || err != nil {
					t.Errorf("result %d: %v, %v", read, v, err)
				}
				if want := min(read+c.ahead, inputs); taken != want {
					t.Errorf("buffer %d: %d inputs taken at result %d, want %d", c.ahead, taken, read, want)
				}
			}
			if read != inputs {
				t.Errorf("%d results", read)
			}
		})
	}
}

// With a buffer of 0 one task runs at a time; with the default all workers are busy.
func TestMapRunsAhead(t *testing.T) {
	slow := func(ctx context.Context, v int) (int, error) { return after(time.Second, v)(ctx) }
	for want, opts := range map[time.Duration][]sync2.MapOption{6 * time.Second: {sync2.WithBuffer(0)}, 2 * time.Second: nil} {
		inBubble(t, 3, func(t *testing.T, e *sync2.Executor) {
			start, taken := time.Now(), 0
			for range sync2.Map(e, counted(6, &taken), slow, opts...) {
			}
			if d := time.Since(start); d != want {
				t.Errorf("six inputs took %v, want %v", d, want)
			}
		})
	}
}

// However the reader stops, tasks that have not started are canceled, and the contexts of running tasks end.
func TestMapReaderStops(t *testing.T) {
	for how, stop := range map[string]func(){
		"break":  nil,
		"panic":  func() { panic(errTest) },
		"Goexit": runtime.Goexit,
	} {
		inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
			var started, told atomic.Int32
			task := func(ctx context.Context, v int) (int, error) {
				if started.Add(1); v == 1 {
					return 1, nil
				}
				<-ctx.Done()
				told.Add(1)
				return 0, context.Cause(ctx)
			}
			taken := 0
			sync2.Go("reader", func() {
				defer func() { _ = recover() }()
				for range sync2.Map(e, counted(100, &taken), task, sync2.WithBuffer(20)) {
					synctest.Wait()
					if stop == nil {
						break
					}
					stop()
				}
			}).Join()
			synctest.Wait()
			if started.Load() != 3 || told.Load() != 2 || taken != 21 || e.Queued() != 0 {
				t.Errorf("%s: %d started, %d called back, %d taken, %d queued", how, started.Load(), told.Load(), taken, e.Queued())
			}
		})
	}
}

// If the sequence of inputs panics, so does the reader; the tasks are canceled.
func TestMapInputPanics(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		in := func(yield func(int) bool) {
			yield(1)
			yield(2)
			panic(errTest)
		}
		f := func(ctx context.Context, v int) (int, error) {
			return after(time.Hour, v)(ctx)
		}
		start := time.Now()
		func() {
			defer func() {
				if r := recover(); r != errTest { //nolint:errorlint // the very same is meant
					t.Errorf("recovered %v", r)
				}
			}()
			for range sync2.Map(e, in, f, sync2.WithBuffer(5)) {
				t.Error("a result")
			}
		}()
		e.Shutdown()
		if d := time.Since(start); d != 0 {
			t.Errorf("the tasks went on for %v", d)
		}
	})
}

// Each input yields its own error, and the iteration goes on.
func TestMapErrors(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		task := func(_ context.Context, v int) (int, error) {
			switch v {
			case 2:
				return 0, errTest
			case 3:
				panic("three")
			case 4:
				runtime.Goexit()
			}
			return v, nil
		}
		taken, i := 0, 0
		for v, err := range sync2.Map(e, counted(6, &taken), task) {
			i++
			var p *sync2.PanicError
			ok := err == nil && v == i
			switch i {
			case 2:
				ok = errors.Is(err, errTest)
			case 3:
				ok = errors.As(err, &p)
			case 4:
				ok = err != nil
			}
			if !ok {
				t.Errorf("result %d: %v, %v", i, v, err)
			}
		}
		if i != 6 {
			t.Errorf("%d results", i)
		}
	})
}

// An executor that takes no more tasks gives each input its error.
func TestMapAfterShutdown(t *testing.T) {
	e := sync2.NewExecutor(1)
	results := sync2.Map(e, slices.Values([]int{1, 2}), double)
	for range 2 { // each range is an iteration of its own
		n := 0
		for v, err := range results {
			if n++; v != 2*n || err != nil {
				t.Errorf("%v, %v", v, err)
			}
		}
	}
	e.Shutdown()
	n := 0
	for _, err := range results {
		n++
		wantErr(t, err, sync2.ErrShutdown)
	}
	if n != 2 {
		t.Errorf("%d results", n)
	}
}

// Canceling the executor ends a Map in progress: the remaining inputs yield the cancellation.
func TestMapExecutorCanceled(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		taken := 0
		var errs []error
		for _, err := range sync2.Map(e, counted(4, &taken), double, sync2.WithBuffer(1)) {
			errs = append(errs, err)
			if len(errs) == 1 {
				synctest.Wait()
				e.Cancel(errTest)
			}
		}
		if len(errs) != 4 || errs[0] != nil || !errors.Is(errs[3], sync2.ErrShutdown) {
			t.Errorf("%v", errs)
		}
	})
}
