package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// inBubble runs a test with an executor in a bubble, and shuts that down.
func inBubble(t *testing.T, workers int, test func(t *testing.T, e *sync2.Executor), opts ...sync2.ExecutorOption) {
	synctest.Test(t, func(t *testing.T) {
		e := sync2.NewExecutor(workers, opts...)
		test(t, e)
		e.Shutdown()
	})
}

func value(v int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return v, nil }
}

func after(d time.Duration, v int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return v, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

func TestFutureRulesMisuse(t *testing.T) {
	wantMisuse(t, "NewExecutor", func() { sync2.NewExecutor(0) })
	wantMisuse(t, "Promise.Fail", func() { sync2.NewPromise[int]().Fail(nil) })
	wantMisuse(t, "WithBuffer", func() { sync2.WithBuffer(-1) })
}

func TestFutureRulesStates(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		running := sync2.Submit(e, after(time.Second, 1))
		pending := sync2.Submit(e, value(2))
		failing := sync2.Submit(e, func(context.Context) (int, error) { return 0, errTest })
		dropped := sync2.Submit(e, value(3))
		synctest.Wait()
		if running.State() != sync2.Running || pending.State() != sync2.Pending {
			t.Errorf("%v, %v", running.State(), pending.State())
		}
		first, second := dropped.Cancel(), dropped.Cancel()
		if !first || !second || dropped.State() != sync2.Canceled {
			t.Error("a pending task could not be canceled")
		}
		<-dropped.Done() // at once
		_, err := dropped.ResultTimeout(0)
		wantErr(t, err, sync2.ErrCanceled)
		if _, err := running.ResultTimeout(time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if v, err := running.Result(); v != 1 || err != nil || running.State() != sync2.Succeeded {
			t.Errorf("%d, %v, %v", v, err, running.State())
		}
		_, err = failing.Result()
		wantErr(t, err, errTest)
		if failing.State() != sync2.Failed || failing.Cancel() {
			t.Error(failing.State())
		}
		// Unlike other primitives, a settled Future returns its result even if the context has ended.
		if v, err := pending.ResultContext(ended(errTest)); v != 2 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	})
}

func TestFutureRulesCancelRunning(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, after(time.Hour, 1))
		synctest.Wait()
		if f.Cancel() {
			t.Error("Cancel of a running task is true")
		}
		_, err := f.Result()
		wantErr(t, err, sync2.ErrCanceled)
	})
}

func TestFutureRulesPanicAndGoexit(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		_, err := sync2.Submit(e, func(context.Context) (int, error) { panic(errTest) }).Result()
		var p *sync2.PanicError
		if !errors.As(err, &p) || p.Value != any(errTest) || !strings.Contains(string(p.Stack), "TestFutureRulesPanicAndGoexit") {
			t.Errorf("%v", err)
		}
		f := sync2.Submit(e, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		if _, err := f.Result(); err == nil || f.State() != sync2.Failed {
			t.Errorf("after Goexit: %v, %v", err, f.State())
		}
		if v, err := sync2.Submit(e, value(7)).Result(); v != 7 || err != nil {
			t.Errorf("the next task: %d, %v", v, err)
		}
	})
}

func TestFutureRulesOnDone(t *testing.T) {
	p := sync2.NewPromise[int]()
	f := p.Future()
	var order []int
	f.OnDone(func(*sync2.Future[int]) { order = append(order, 1) })
	f.OnDone(func(*sync2.Future[int]) { panic("recovered and discarded") })
	f.OnDone(func(g *sync2.Future[int]) {
		if g != f || g.State() != sync2.Succeeded {
			t.Error("a callback before the result")
		}
		order = append(order, 2)
	})
	if !p.Succeed(1) || p.Succeed(2) || p.Fail(errTest) || f.Cancel() {
		t.Error("a promise was settled twice")
	}
	f.OnDone(func(*sync2.Future[int]) { order = append(order, 3) }) // at once
	f.OnDone(func(*sync2.Future[int]) { panic("recovered and discarded") })
	if !slices.Equal(order, []int{1, 2, 3}) {
		t.Errorf("callbacks ran in the order %v", order)
	}
	if v, err := f.Result(); v != 1 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}

// A callback's panic harms no worker.
func TestExecutorRulesCallbackPanics(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, after(time.Second, 1))
		f.OnDone(func(*sync2.Future[int]) { panic("callback") })
		if v, err := sync2.Submit(e, value(2)).Result(); v != 2 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	})
}

// Two quick Submits run at the same time if there is room.
func TestExecutorRulesTwoRunAtOnce(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		b := sync2.NewBarrier(2)
		meet := func(ctx context.Context) (int, error) { return b.WaitContext(ctx) }
		one, two := sync2.Submit(e, meet), sync2.Submit(e, meet)
		synctest.Wait()
		if one.State() != sync2.Succeeded || two.State() != sync2.Succeeded {
			t.Errorf("%v, %v", one.State(), two.State())
			b.Abort(nil)
		}
	})
}

func TestExecutorRulesShutdown(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		slow := sync2.Submit(e, after(time.Second, 1))
		wantErr(t, e.ShutdownContext(ended(errTest)), errTest) // giving up ends the waiting only
		_, err := sync2.Submit(e, value(2)).Result()
		wantErr(t, err, sync2.ErrShutdown)
		e.Shutdown()
		if slow.State() != sync2.Succeeded || len(sync2.Goroutines()) != 0 {
			t.Errorf("%v, and %d workers are left", slow.State(), len(sync2.Goroutines()))
		}
	})
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, func(context.Context) (int, error) { e.Shutdown(); return 1, nil }) // from a task
		if v, err := f.Result(); v != 1 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	})
}

func TestExecutorRulesCancel(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		running := sync2.Submit(e, after(time.Hour, 1))
		queued := sync2.Submit(e, value(2))
		synctest.Wait()
		e.Cancel(errTest)
		for _, f := range []*sync2.Future[int]{running, queued} {
			_, err := f.Result()
			wantErr(t, err, sync2.ErrCanceled)
			wantErr(t, err, errTest)
		}
		if queued.State() != sync2.Canceled {
			t.Error(queued.State())
		}
		_, err := sync2.Submit(e, value(3)).Result()
		wantErr(t, err, sync2.ErrShutdown)
	})
}

func TestExecutorRulesInitializer(t *testing.T) {
	var runs atomic.Int32
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		for range 10 {
			_, _ = sync2.Submit(e, value(1)).Result()
		}
		if n := runs.Load(); n < 1 || n > 2 {
			t.Errorf("the initializer ran %d times for at most 2 workers", n)
		}
	}, sync2.WithInitializer(func() error { runs.Add(1); return nil }))
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		pending := sync2.Submit(e, value(1))
		_, err := pending.Result()
		wantErr(t, err, sync2.ErrBroken)
		wantErr(t, err, errTest)
		_, err = sync2.Submit(e, value(2)).Result() // and what comes later
		wantErr(t, err, sync2.ErrBroken)
	}, sync2.WithInitializer(func() error { return errTest }))
}

// A task drops what it set in a Local; what the initializer set stays with the worker.
func TestExecutorRulesLocals(t *testing.T) {
	var mine, task sync2.Local[string]
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		for round := range 3 {
			_, err := sync2.Submit(e, func(context.Context) (int, error) {
				v, _ := mine.Get()
				_, ok := task.Get()
				mine.Set("overwritten")
				task.Set("left behind")
				if v != "worker" || ok {
					return 0, fmt.Errorf("round %d: %q, %v", round, v, ok)
				}
				return 0, nil
			}).Result()
			if err != nil {
				t.Error(err)
			}
		}
	}, sync2.WithInitializer(func() error { mine.Set("worker"); return nil }))
}

func TestExecutorRulesNames(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		name, _ := sync2.Submit(e, func(context.Context) (string, error) { return sync2.Current().Name(), nil }).Result()
		if !strings.HasPrefix(name, "crew-") {
			t.Errorf("a worker is called %q", name)
		}
	}, sync2.WithName("crew"))
}

func TestMapRules(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		taken := 0
		inputs := func(yield func(int) bool) {
			for i := 1; i <= 10; i++ {
				taken = i
				if !yield(i) {
					return
				}
			}
		}
		square := func(ctx context.Context, i int) (int, error) {
			if i == 3 {
				return 0, errTest
			}
			return after(time.Duration(11-i)*time.Second, i*i)(ctx)
		}
		results := sync2.Map(e, inputs, square)
		if taken != 0 {
			t.Error("Map began before its results were read")
		}
		i := 0
		for v, err := range results { // in the order of the inputs, though the last are the quickest
			i++
			if i == 3 {
				wantErr(t, err, errTest)
			} else if v != i*i || err != nil {
				t.Errorf("result %d is %d, %v", i, v, err)
			}
			if taken > i+2 {
				t.Errorf("%d inputs taken at result %d, with 2 workers", taken, i)
			}
		}
		if i != 10 {
			t.Errorf("%d results", i)
		}
	})
}

// A reader that stops early cancels what has not started; the buffer bounds what has.
func TestMapRulesStopEarly(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		var started atomic.Int32
		task := func(ctx context.Context, i int) (int, error) {
			started.Add(1)
			return after(time.Second, i)(ctx)
		}
		for v := range sync2.Map(e, slices.Values([]int{1, 2, 3, 4, 5, 6}), task, sync2.WithBuffer(3)) {
			if v == 1 {
				break
			}
		}
		e.Shutdown()
		if n := started.Load(); n > 2 {
			t.Errorf("%d tasks started", n)
		}
	})
}

func TestWaitRules(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, e *sync2.Executor) {
		ctx := t.Context()
		fs := []*sync2.Future[int]{
			sync2.Submit(e, after(3*time.Second, 1)),
			sync2.Submit(e, after(1*time.Second, 2)),
			sync2.Submit(e, func(context.Context) (int, error) { pass(2 * time.Second); return 0, errTest }),
		}
		canceled := sync2.NewPromise[int]().Future()
		canceled.Cancel()
		if done, pending, err := sync2.WaitAny[int](ctx); len(done)+len(pending) != 0 || err != nil {
			t.Error("WaitAny of nothing")
		}
		done, pending, err := sync2.WaitAny(ctx, fs...)
		if len(done) != 1 || done[0] != fs[1] || len(pending) != 2 || err != nil {
			t.Errorf("WaitAny: %d done, %d pending, %v", len(done), len(pending), err)
		}
		// A canceled one does not stop WaitFirstError, a failed one does; and it counts as done for all.
		done, pending, err = sync2.WaitFirstError(ctx, append(fs, canceled)...)
		if len(done) != 3 || len(pending) != 1 || pending[0] != fs[0] || err != nil {
			t.Errorf("WaitFirstError: %d done, %d pending, %v", len(done), len(pending), err)
		}
		short, cancel := context.WithTimeoutCause(ctx, time.Millisecond, errTest)
		defer cancel()
		done, pending, err = sync2.WaitAll(short, append(fs, canceled)...)
		if len(done) != 3 || len(pending) != 1 || !errors.Is(err, errTest) {
			t.Errorf("WaitAll: %d done, %d pending, %v", len(done), len(pending), err)
		}
		var order []*sync2.Future[int]
		for f, err := range sync2.AsCompleted(ctx, fs...) {
			if err != nil {
				t.Error(err)
			}
			order = append(order, f)
		}
		if !slices.Equal(order, []*sync2.Future[int]{fs[1], fs[2], fs[0]}) {
			t.Error("AsCompleted is not in the order of completion")
		}
		never := sync2.NewPromise[int]().Future()
		yielded := 0
		for f, err := range sync2.AsCompleted(ended(errTest), canceled, never) {
			if yielded++; yielded == 1 && (f != canceled || err != nil) || yielded == 2 && (f != nil || !errors.Is(err, errTest)) {
				t.Errorf("%d: %v, %v", yielded, f, err)
			}
		}
		if yielded != 2 {
			t.Errorf("%d yielded", yielded)
		}
	})
}

func TestExecutorRulesHammer(t *testing.T) {
	e := sync2.NewExecutor(4)
	var sum atomic.Int64
	var wg sync.WaitGroup
	for me := range 4 {
		wg.Go(func() {
			for i := range 500 {
				f := sync2.Submit(e, func(context.Context) (int, error) {
					if i%50 == 7 {
						panic("now and then")
					}
					return i, nil
				})
				switch (me + i) % 3 {
				case 0:
					f.Cancel()
				case 1:
					f.OnDone(func(f *sync2.Future[int]) { sum.Add(1) })
				}
				_, _ = f.Result()
			}
		})
	}
	wg.Wait()
	e.Shutdown()
	if e.Workers() != 0 || sum.Load() == 0 {
		t.Errorf("%d workers, %d callbacks", e.Workers(), sum.Load())
	}
}

// Waits that time out leave nothing behind.
func TestFutureRulesMemoryOfWaitsThatTimeOut(t *testing.T) {
	f := sync2.NewPromise[int]().Future()
	var m sync2.Mutex
	c := sync2.NewCond(&m)
	var gate sync2.Event
	e := occupied(&gate)
	defer e.Shutdown()
	defer gate.Set()
	for name, wait := range map[string]func(d time.Duration) bool{
		"Future": func(d time.Duration) bool { _, err := f.ResultTimeout(d); return err == nil },
		"Cond":   func(d time.Duration) bool { m.Lock(); defer m.Unlock(); return c.WaitTimeout(d) },
		"WaitAll": func(d time.Duration) bool {
			ctx, cancel := context.WithTimeout(context.Background(), d)
			defer cancel()
			_, _, err := sync2.WaitAll(ctx, f, f)
			return err == nil
		},
		"Executor": e.ShutdownTimeout,
	} {
		t.Run(name, func(t *testing.T) { checkGiveUps(t, wait) })
	}
}
