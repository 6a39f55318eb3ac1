package sync2_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/turnstile-go/turnstile/sync2"
)

func fails(context.Context) (int, error) { return 0, errTest }

// Tasks begin in the order in which they were submitted.
func TestExecutorOrder(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		var order served
		var fs []*sync2.Future[int]
		for i := range 600 { // more than the breather of Submit
			fs = append(fs, sync2.Submit(e, func(context.Context) (int, error) { order.add(i); return i, nil }))
		}
		for i, f := range fs {
			if v, err := f.Result(); v != i || err != nil {
				t.Fatalf("%d: %v, %v", i, v, err)
			}
		}
		if !slices.IsSorted(order.all()) {
			t.Error("tasks began out of order")
		}
	})
}

// The executor starts one worker per task, up to the limit, and uses idle workers before it starts new ones.
func TestExecutorGrowsOnDemand(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, e *sync2.Executor) {
		if e.Workers() != 0 {
			t.Error("workers before the first task")
		}
		for range 5 {
			_, _ = sync2.Submit(e, value(1)).Result()
			synctest.Wait()
		}
		if e.Workers() != 1 {
			t.Errorf("%d workers for one task at a time", e.Workers())
		}
		for want := 1; want <= 5; want++ {
			sync2.Submit(e, after(time.Second, 1))
			synctest.Wait()
			if n := e.Workers(); n != min(want, 3) {
				t.Errorf("%d workers for %d tasks", n, want)
			}
		}
		if e.Queued() != 2 {
			t.Errorf("%d queued, want 2", e.Queued())
		}
	})
}

// All workers work at the same time, whichever way they were called.
func TestExecutorUsesAllWorkers(t *testing.T) {
	const workers = 5
	inBubble(t, workers, func(t *testing.T, e *sync2.Executor) {
		for range 3 { // at first none is there, then all are idle
			b := sync2.NewBarrier(workers)
			var fs []*sync2.Future[int]
			for range workers {
				fs = append(fs, sync2.Submit(e, func(ctx context.Context) (int, error) { return b.WaitTimeout(time.Second) }))
			}
			if _, _, err := sync2.WaitFirstError(t.Context(), fs...); err != nil || b.Broken() {
				t.Error("not all workers came")
			}
			synctest.Wait()
		}
	})
}

func TestExecutorNamesWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for want, opts := range map[string][]sync2.ExecutorOption{"worker-": nil, "crew-": {sync2.WithName("crew")}} {
			e := sync2.NewExecutor(2, opts...)
			var fs []*sync2.Future[string]
			for range 2 {
				fs = append(fs, sync2.Submit(e, func(context.Context) (string, error) {
					pass(time.Second)
					return sync2.Current().Name(), nil
				}))
			}
			a, _ := fs[0].Result()
			b, _ := fs[1].Result()
			if a > b {
				a, b = b, a
			}
			if a != want+"1" || b != want+"2" || len(sync2.Goroutines()) != 2 {
				t.Errorf("workers %q and %q, %d goroutines", a, b, len(sync2.Goroutines()))
			}
			e.Shutdown()
		}
	})
}

// A worker that a task ends by Goexit is replaced, even if there is only one and others wait.
func TestExecutorReplacesWorkers(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, e *sync2.Executor) {
		var fs []*sync2.Future[int]
		for i := range 10 {
			fs = append(fs, sync2.Submit(e, func(context.Context) (int, error) {
				if i%2 == 0 {
					runtime.Goexit()
				}
				return i, nil
			}))
		}
		for i, f := range fs {
			if v, err := f.Result(); (err == nil) != (i%2 == 1) || i%2 == 1 && v != i {
				t.Errorf("task %d: %v, %v", i, v, err)
			}
		}
		if e.Workers() > 2 {
			t.Errorf("%d workers", e.Workers())
		}
	})
}

// A callback that calls Goexit ends its worker only.
func TestExecutorGoexitInCallback(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, after(time.Second, 1))
		f.OnDone(func(*sync2.Future[int]) { runtime.Goexit() })
		if v, err := sync2.Submit(e, value(2)).Result(); v != 2 || err != nil {
			t.Errorf("the next task: %v, %v", v, err)
		}
	})
}

// Values that a callback sets on a worker are dropped, like values that a task sets.
func TestExecutorDropsLocalsOfCallbacks(t *testing.T) {
	var l sync2.Local[int]
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, after(time.Second, 1))
		f.OnDone(func(*sync2.Future[int]) { l.Set(1) })
		if ok, _ := sync2.Submit(e, func(context.Context) (bool, error) { _, ok := l.Get(); return ok, nil }).Result(); ok {
			t.Error("the next task has the value")
		}
	})
}

func TestExecutorInitializerFails(t *testing.T) {
	for how, fail := range map[string]func() error{
		"error":  func() error { return errTest },
		"panic":  func() error { panic(errTest) },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			var workers atomic.Int32
			e := sync2.NewExecutor(2, sync2.WithInitializer(func() error {
				if workers.Add(1) == 1 {
					return nil
				}
				pass(time.Second)
				return fail()
			}))
			running := sync2.Submit(e, after(3*time.Second, 1))
			synctest.Wait()
			begun := sync2.Submit(e, after(3*time.Second, 2)) // for whom the second worker is started
			queued := sync2.Submit(e, value(3))
			for _, f := range []*sync2.Future[int]{begun, queued} {
				_, err := f.Result()
				wantErr(t, err, sync2.ErrBroken)
				if how != "goexit" {
					wantErr(t, err, errTest)
				}
				if f.State() != sync2.Failed {
					t.Errorf("%s: %v", how, f.State())
				}
			}
			var broken *sync2.BrokenError
			_, err := sync2.Submit(e, value(4)).Result()
			if !errors.As(err, &broken) || !errors.As(e.Execute(func(context.Context) {}), &broken) {
				t.Errorf("%s: what comes later: %v", how, err)
			}
			if v, err := running.Result(); v != 1 || err != nil {
				t.Errorf("%s: what ran: %v, %v", how, v, err)
			}
			e.Shutdown()
			_, err = sync2.Submit(e, value(5)).Result()
			wantErr(t, err, sync2.ErrBroken) // still, rather than ErrShutdown
		})
	}
}

// Slow initializers run at the same time.
func TestExecutorInitializersOverlap(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, e *sync2.Executor) {
		start := time.Now()
		var fs []*sync2.Future[int]
		for i := range 3 {
			fs = append(fs, sync2.Submit(e, after(time.Second, i)))
		}
		_, _, _ = sync2.WaitAll(t.Context(), fs...)
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("three tasks in three workers took %v", d)
		}
	}, sync2.WithInitializer(func() error { pass(time.Second); return nil }))
}

// While an initializer runs, no second worker is started for the task that its worker will run.
func TestExecutorStartsNoWorkerTooMany(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, e *sync2.Executor) {
		sync2.Submit(e, value(1))
		sync2.Submit(e, value(2))
		synctest.Wait()
		if e.Workers() != 2 {
			t.Errorf("%d workers for 2 tasks", e.Workers())
		}
	}, sync2.WithInitializer(func() error { pass(time.Second); return nil }))
}

func TestExecutorShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sync2.NewExecutor(3).Shutdown() // nothing was started

		e := sync2.NewExecutor(2)
		var fs []*sync2.Future[int]
		for i := range 5 {
			fs = append(fs, sync2.Submit(e, after(time.Second, i)))
		}
		if e.ShutdownTimeout(0) || e.ShutdownTimeout(time.Second) {
			t.Error("ShutdownTimeout returned before the end")
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
		defer cancel()
		wantErr(t, e.ShutdownContext(ctx), errTest)
		var down sync.WaitGroup
		for range 3 {
			down.Go(e.Shutdown)
		}
		down.Wait()
		for i, f := range fs {
			if v, err := f.ResultTimeout(0); v != i || err != nil {
				t.Errorf("accepted task %d: %v, %v", i, v, err)
			}
		}
		if e.Workers() != 0 || len(sync2.Goroutines()) != 0 {
			t.Errorf("%d workers, %d goroutines", e.Workers(), len(sync2.Goroutines()))
		}
		e.Shutdown()
		if !e.ShutdownTimeout(0) || e.ShutdownContext(t.Context()) != nil {
			t.Error("a second Shutdown failed")
		}
		wantErr(t, e.ShutdownContext(ended(errTest)), errTest)
	})
}

// Shutdown from one of the executor's own tasks or callbacks closes it and returns; from a task of another executor it waits.
func TestExecutorShutdownFromWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, other := sync2.NewExecutor(1), sync2.NewExecutor(1)
		f := sync2.Submit(e, after(time.Second, 1))
		f.OnDone(func(*sync2.Future[int]) {
			e.Shutdown()
			wantErr(t, e.ShutdownContext(ended(errTest)), errTest)
			if !e.ShutdownTimeout(time.Hour) {
				t.Error("ShutdownTimeout from within failed")
			}
		})
		queued := sync2.Submit(e, after(time.Second, 2)) // accepted: it still runs
		start := time.Now()
		waits := sync2.Submit(other, func(context.Context) (time.Duration, error) {
			e.Shutdown()
			return time.Since(start), nil
		})
		if d, _ := waits.Result(); d != 2*time.Second {
			t.Errorf("Shutdown of another executor returned after %v", d)
		}
		if v, err := queued.ResultTimeout(0); v != 2 || err != nil {
			t.Errorf("%v, %v", v, err)
		}
		_, err := sync2.Submit(e, value(3)).Result()
		wantErr(t, err, sync2.ErrShutdown)
		other.Shutdown()
	})
}

// After Shutdown no worker is left, however the workers end, and whether or not they have ended before.
func TestExecutorShutdownLeavesNoGoroutine(t *testing.T) {
	for i := range 2000 {
		e := sync2.NewExecutor(4, sync2.WithName("left"))
		for range 4 {
			sync2.Submit(e, func(context.Context) (int, error) {
				if i%3 == 0 {
					runtime.Goexit()
				}
				return 0, nil
			})
		}
		if i%2 == 0 {
			e.Cancel(nil)
			runtime.Gosched()
		}
		e.Shutdown()
		for _, g := range sync2.Goroutines() {
			if strings.HasPrefix(g.Name(), "left-") {
				t.Fatalf("round %d: %s runs after Shutdown", i, g.Name())
			}
		}
	}
}

func TestExecutorCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, reason := range []error{nil, errTest} {
			e := sync2.NewExecutor(1)
			running := sync2.Submit(e, func(ctx context.Context) (int, error) { <-ctx.Done(); return 1, context.Cause(ctx) })
			queued := sync2.Submit(e, value(2))
			canceled := sync2.Submit(e, value(3))
			canceled.Cancel()
			synctest.Wait()
			e.Cancel(reason)
			if queued.State() != sync2.Canceled {
				t.Error("Cancel returned before the queued task was canceled")
			}
			for _, f := range []*sync2.Future[int]{running, queued} {
				_, err := f.Result()
				wantErr(t, err, sync2.ErrCanceled)
				if reason == nil && err != sync2.ErrCanceled || reason != nil && !errors.Is(err, reason) { //nolint:errorlint // and nothing else
					t.Errorf("Cancel(%v) gives %v", reason, err)
				}
			}
			if _, err := canceled.Result(); err != sync2.ErrCanceled { //nolint:errorlint // and nothing else
				t.Errorf("what was canceled before has now %v", err)
			}
			e.Cancel(errors.New("later"))
			e.Shutdown()
		}
	})
}

func TestExecutorExecute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sync2.NewExecutor(1)
		var ran served
		execute := func(i int) {
			if err := e.Execute(func(ctx context.Context) { ran.add(i); <-ctx.Done() }); err != nil {
				t.Error(err)
			}
		}
		if err := e.Execute(func(ctx context.Context) { ran.add(0); runtime.Goexit() }); err != nil {
			t.Error(err)
		}
		execute(1)
		execute(2) // never runs
		f := sync2.Submit(e, value(1))
		synctest.Wait()
		if !slices.Equal(ran.all(), []int{0, 1}) || f.State() != sync2.Pending || e.Queued() != 2 {
			t.Errorf("ran %v, %v, %d queued", ran.all(), f.State(), e.Queued())
		}
		e.Cancel(errTest)
		e.Shutdown()
		if len(ran.all()) != 2 || f.State() != sync2.Canceled {
			t.Errorf("ran %v, %v", ran.all(), f.State())
		}
		wantErr(t, e.Execute(func(context.Context) {}), sync2.ErrShutdown)
	})
}

// Tasks that are canceled while they queue leave nothing behind, though no worker looks at them.
func TestExecutorForgetsCanceledTasks(t *testing.T) {
	e := sync2.NewExecutor(1)
	var gate sync2.Event
	sync2.Submit(e, func(context.Context) (int, error) { gate.Wait(); return 0, nil })
	var refs []weak.Pointer[[1 << 10]byte]
	for range 1000 {
		p := new([1 << 10]byte)
		refs = append(refs, weak.Make(p))
		sync2.Submit(e, func(context.Context) (byte, error) { return p[0], nil }).Cancel()
	}
	last := sync2.Submit(e, value(7))
	until(func() bool {
		runtime.GC()
		alive := 0
		for _, r := range refs {
			if r.Value() != nil {
				alive++
			}
		}
		return alive == 0
	})
	if e.Queued() != 1 {
		t.Errorf("%d queued, want 1", e.Queued())
	}
	gate.Set()
	if v, err := last.Result(); v != 7 || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	e.Shutdown()
}

// The errors of Submit, in the order in which they are checked.
func TestExecutorTaskFails(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		f := sync2.Submit(e, fails)
		if v, err := f.Result(); v != 0 || !errors.Is(err, errTest) || f.State() != sync2.Failed {
			t.Errorf("%v, %v, %v", v, err, f.State())
		}
		var p *sync2.PanicError
		_, err := sync2.Submit(e, func(context.Context) (int, error) { panic(nil) }).Result() //nolint:govet // what becomes of it is the question
		if !errors.As(err, &p) {
			t.Errorf("panic(nil): %v", err)
		}
		_, err = sync2.Submit(e, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }).Result()
		if err == nil || errors.As(err, &p) || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Goexit: %v", err)
		}
	})
}

// All operations run at once, for the race detector.
func TestExecutorHammer(t *testing.T) {
	for range 20 {
		e := sync2.NewExecutor(3, sync2.WithInitializer(func() error { return nil }))
		var settled, called atomic.Int32
		var wg sync.WaitGroup
		const each = 200
		for me := range 4 {
			wg.Go(func() {
				for i := range each {
					f := sync2.Submit(e, func(ctx context.Context) (int, error) {
						switch i % 20 {
						case 3:
							panic("now and then")
						case 7:
							runtime.Goexit()
						case 11:
							return 0, ctx.Err()
						}
						return i, nil
					})
					f.OnDone(func(*sync2.Future[int]) { called.Add(1) })
					switch (me + i) % 5 {
					case 0:
						f.Cancel()
					case 1:
						<-f.Done()
					case 2:
						_, _ = f.ResultTimeout(time.Duration(i%5) * time.Microsecond)
					}
					f.OnDone(func(*sync2.Future[int]) { settled.Add(1) })
					if me == 3 && i == each-20 {
						e.Cancel(errTest)
					}
				}
			})
		}
		wg.Wait()
		e.Shutdown()
		if settled.Load() != 4*each || called.Load() != 4*each {
			t.Fatalf("of %d tasks, %d and %d were heard of", 4*each, settled.Load(), called.Load())
		}
	}
}
