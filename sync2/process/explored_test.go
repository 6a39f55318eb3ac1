package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// found explores a program with a bug, and returns the result. The failure must contain text.
func found(t *testing.T, kind explore.Kind, text string, program func(*explore.E), opts ...explore.Option) *explore.Result {
	t.Helper()
	r := explore.Explore(t.Name(), program, opts...)
	if r.Failure == nil || r.Failure.Kind != kind || !strings.Contains(r.Failure.Error(), text) {
		t.Fatalf("%v: %v", r, r.Failure)
	}
	if !strings.Contains(r.String(), "not repeatable, since it waits for what comes from outside: process") {
		t.Error(r)
	}
	return r
}

// holds explores a program that must hold in every schedule.
func holds(t *testing.T, runs int, program func(*explore.E), opts ...explore.Option) *explore.Result {
	t.Helper()
	if raceEnabled { // processes take long to start then
		runs = max(runs/10, 4)
	}
	r := explore.Explore(t.Name(), program, append(opts, explore.Random(runs/2), explore.DPOR(), explore.Runs(runs))...)
	if r.Failure != nil {
		t.Fatalf("%s%v", r.Failure.Report(), r)
	}
	if r.Exhausted || !strings.Contains(r.String(), "not repeatable, since it waits for what comes from outside: process") {
		t.Error(r)
	}
	if all := Processes(); len(all) != 0 {
		t.Error(all)
	}
	return r
}

// The explorer chooses the order in which the answers of two workers arrive, however fast the workers are.
func TestExploredFutures(t *testing.T) {
	program := func(assumed bool) func(*explore.E) {
		return func(e *explore.E) {
			x := NewExecutor(2)
			defer x.Shutdown()
			last := explore.NewAtomicInt(e, "last", 0)
			f, g := Submit(x, square, 3), Submit(x, square, 4)
			e.Go("ann", func() { n, _ := f.Result(); last.Store(int64(n)) })
			e.Go("ben", func() {
				n, _ := g.Result()
				if !assumed {
					_, _ = f.Result()
					for last.Load() != 9 {
						e.Yield()
					}
				}
				last.Store(int64(n))
			})
			e.Join()
			e.Check(last.Load() == 16, "the last is %d", last.Load())
		}
	}
	r := found(t, explore.KindCheckFailed, "the last is 9", program(true))
	again := explore.Explore(t.Name(), program(true), explore.Replay(r.Failure.Token))
	if again.Failure == nil || again.Failure.Message != r.Failure.Message {
		t.Errorf("the token leads to %v", again)
	}
	valid := trace.NewValidator()
	valid.AllowWaiting = true
	for _, ev := range r.Failure.Events {
		if err := valid.Event(ev); err != nil {
			t.Error("the recording: ", err)
		}
	}
	holds(t, 40, program(false))
}

// Operations of workers on the parent's objects are run by tasks, in every schedule.
func TestExploredMutex(t *testing.T) {
	program := func(locked bool) func(*explore.E) {
		return func(e *explore.E) {
			m, q := NewMutex(), NewQueue[string](0)
			x := NewExecutor(1)
			defer x.Shutdown()
			f := Submit(x, putLocked, load{Mutex: m, Queue: q})
			if locked {
				e.Check(m.Lock() == nil, "the lock reports a death")
			}
			_, _ = q.Put("first"), q.Put("second")
			if locked {
				m.Unlock()
			}
			_, err := f.Result()
			e.Check(err == nil, "%v", err)
			q.Close()
			var all []string
			for s := range q.All() {
				all = append(all, s)
			}
			e.Check(all[1] != "worker", "%v", all)
		}
	}
	found(t, explore.KindCheckFailed, "[first worker second]", program(false), explore.Runs(2000))
	holds(t, 60, program(true))
}

func TestExploredDeath(t *testing.T) {
	holds(t, 30, func(e *explore.E) {
		x := NewExecutor(1)
		defer x.Shutdown()
		f, g := Submit(x, suicide, struct{}{}), Submit(x, square, 2)
		for _, err := range []error{errorOf(f), errorOf(g), errorOf(Submit(x, square, 3))} {
			exit, ok := errors.AsType[*ExitError](err)
			e.Check(ok && errors.Is(err, sync2.ErrBroken) && exit.Name == "worker-1", "%v", err)
		}
	})
	holds(t, 30, func(e *explore.E) {
		x := NewExecutor(1, OnDeath(Respawn), MaxTasks(2))
		defer x.Shutdown()
		err := errorOf(Submit(x, suicide, struct{}{}))
		_, ok := errors.AsType[*ExitError](err)
		e.Check(ok && !errors.Is(err, sync2.ErrBroken), "%v", err)
		for i := range 3 {
			n, err := Submit(x, count, struct{}{}).Result()
			e.Check(n == i%2+1 && err == nil, "%d, %v", n, err)
		}
	})
	holds(t, 30, func(e *explore.E) { // one that holds a lock
		m := NewMutex()
		x := NewExecutor(1, OnDeath(Respawn))
		defer x.Shutdown()
		f := Submit(x, dieHolding, load{Mutex: m})
		err := errorOf(f)
		e.Check(err != nil, "it has not died")
		err = m.Lock()
		e.Check(errors.Is(err, ErrHolderDied), "the next holder gets %v", err)
		m.Unlock()
	})
}

func TestExploredCancel(t *testing.T) {
	holds(t, 30, func(e *explore.E) {
		x := NewExecutor(1)
		defer x.Shutdown()
		f := Submit(x, untilCanceled, struct{}{})
		e.Go("ann", func() { f.Cancel() })
		e.Check(errors.Is(errorOf(f), sync2.ErrCanceled), "it was not canceled")
		n, err := Submit(x, square, 5).Result()
		e.Check(n == 25 && err == nil, "the next task: %d, %v", n, err)
	})
	holds(t, 20, func(e *explore.E) {
		ctx, cancel := e.WithCancelCause(context.Background())
		x := NewExecutor(1, WithContext(ctx))
		f, g := Submit(x, untilCanceled, struct{}{}), Submit(x, square, 5)
		e.Go("ann", func() { cancel(errOdd) })
		for _, err := range []error{errorOf(f), errorOf(g)} {
			e.Check(errors.Is(err, sync2.ErrCanceled) && errors.Is(err, errOdd), "%v", err)
		}
		x.Shutdown()
	})
	holds(t, 20, func(e *explore.E) {
		x := NewExecutor(1)
		f := Submit(x, spin, struct{}{})
		x.Kill(errOdd)
		err := errorOf(f)
		e.Check(errors.Is(err, sync2.ErrBroken) && errors.Is(err, errOdd), "%v", err)
		e.Check(x.ShutdownContext(e.Context()) == nil, "the end")
	})
}

// The explorer chooses when the end of a process is noticed.
func TestExploredProcess(t *testing.T) {
	holds(t, 30, func(e *explore.E) {
		p, err := Start("", square, 3)
		e.Check(err == nil, "%v", err)
		e.Go("ann", func() {
			alive := p.Alive()
			e.Check(alive == (p.ExitCode() == unknownCode) || alive, "%v", p)
		})
		p.Join()
		e.Check(!p.Alive() && p.ExitCode() == 0 && p.Err() == nil, "%v", p)
		e.Join()
	})
	holds(t, 10, func(e *explore.E) {
		p, err := Start("napper", nap, time.Hour)
		e.Check(err == nil, "%v", err)
		e.Check(!p.JoinTimeout(time.Millisecond) && p.Alive() && len(Processes()) == 1, "%v", p)
		p.Kill()
		e.Check(p.JoinTimeout(time.Hour) && len(Processes()) == 0, "%v", p)
	})
	found(t, explore.KindCheckFailed, "it has ended", func(e *explore.E) {
		p, err := Start("", square, 3)
		e.Check(err == nil, "%v", err)
		e.Go("ann", func() { e.Check(p.Alive(), "it has ended") })
		p.Join()
	})
	holds(t, 5, func(*explore.E) { _, _ = Start("forgotten", nap, time.Hour) }) // its run ends it
}

func TestExploredObjects(t *testing.T) {
	holds(t, 30, func(e *explore.E) {
		x := NewExecutor(1)
		defer x.Shutdown()
		b, s := NewBarrier(2), NewSemaphore(0)
		f := Submit(x, waitFor, load{Barrier: b})
		i, err := b.Wait()
		j, err2 := f.Result()
		e.Check(err == nil && err2 == nil && fmt.Sprint(1-i) == j, "%d %s %v %v", i, j, err, err2)

		f = Submit(x, waitFor, load{Sem: s})
		e.Go("ann", s.Release)
		e.Check(errorOf(f) == nil, "the semaphore")
		e.Check(s.AcquireTimeout(time.Minute) != nil, "a permit too many")

		ev := NewEvent(Named("explored event"))
		e.Check(!ev.IsSet(), "that of an earlier run")
		f = Submit(x, waitFor, load{Event: ev})
		ev.Set()
		e.Check(errorOf(f) == nil, "the event")
	})
	holds(t, 30, func(e *explore.E) {
		x := NewExecutor(2)
		defer x.Shutdown()
		q := NewQueue[string](1)
		a, b := Submit(x, dry, load{Queue: q}), Submit(x, dry, load{Queue: q})
		for range 3 {
			e.Check(q.Put("plate") == nil, "put")
		}
		e.Check(q.Join() == nil, "join")
		q.Close()
		m, _ := a.Result()
		n, _ := b.Result()
		e.Check(m+n == 3, "%d and %d dishes", m, n)
	})
}

// No deadlock is reported while input may still come from outside; the report then contains the time for which the explorer waited.
func TestExploredStuck(t *testing.T) {
	found(t, explore.KindDeadlock, "main, worker-1 wait forever", func(e *explore.E) { // a worker that has done its task keeps the lock
		x := NewExecutor(1)
		defer x.Shutdown()
		m := NewMutex()
		e.Check(errorOf(Submit(x, lockOnly, load{Mutex: m})) == nil, "the worker has not locked")
		_ = m.Lock()
	}, explore.Runs(1))
	found(t, explore.KindLeak, "after main has ended", func(*explore.E) { Submit(NewExecutor(1), square, 1) })
	if testing.Short() {
		return
	}
	r := found(t, explore.KindDeadlock, "main, worker-1 wait forever; nothing came from outside in 10s", func(e *explore.E) {
		x := NewExecutor(1)
		defer x.Shutdown()
		m := NewMutex()
		_ = m.Lock()
		_ = errorOf(Submit(x, lockOnly, load{Mutex: m}))
	}, explore.Runs(1))
	if r.Failure.Token == "" {
		t.Error("no token")
	}
	found(t, explore.KindBadProgram, "main cannot go on, and nothing came from outside in 10s: process napper at explored_test.go:", func(*explore.E) {
		p, _ := Start("napper", nap, time.Hour)
		p.Join()
	}, explore.Runs(1))
}

func TestExploredMisuse(t *testing.T) {
	x := newExecutor(t, 1)
	r := explore.Explore("outside", func(*explore.E) { Submit(x, square, 1) })
	if r.Failure == nil || !strings.Contains(r.Failure.Error(), "it was made outside the program that is explored") {
		t.Error(r.Failure)
	}
	result(t, Submit(x, square, 1))
	var kept *Executor
	explore.Explore("kept", func(*explore.E) {
		kept = NewExecutor(1)
		kept.Shutdown()
	}, explore.Runs(1))
	if misusePanic(func() { Submit(kept, square, 1) }) == nil {
		t.Error("an executor of a run that is over can be used")
	}
	r = explore.Explore("go", func(*explore.E) {
		x := NewExecutor(1)
		defer x.Shutdown()
		done := make(chan struct{})
		go close(done)
		<-done
	}, explore.Runs(3))
	if r.Failure == nil || !strings.Contains(r.Failure.Error(), "outside the explorer") {
		t.Error("a goroutine of the program's is not noticed: ", r, r.Failure)
	}
}

// No run leaves anything behind.
func TestExploredLeavesNothing(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	holds(t, 200, func(e *explore.E) {
		x := NewExecutor(2)
		f, g := Submit(x, square, 3), Submit(x, square, 4)
		if e.Choose(2) == 0 {
			_, _ = f.Result()
		}
		e.Go("ann", x.Shutdown)
		n, err := g.Result()
		e.Check(n == 16 && err == nil, "%d, %v", n, err)
		e.Join()
	})
	eventually(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= goroutines })
	if n := childrenOf(os.Getpid()); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}
