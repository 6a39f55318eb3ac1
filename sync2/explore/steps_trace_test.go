//go:build turnstile_steps

package explore

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// tried runs the program in very many schedules of its steps, some of them random, or as how says. It does not try all.
func tried(t *testing.T, program func(e *E), how ...Option) {
	t.Helper()
	r := Explore(t.Name(), program, append([]Option{Random(2000), AnyTime()}, how...)...)
	if r.Failure != nil {
		t.Fatal(r.Failure.Report())
	}
}

// A trace that begins while others wait, come and go has a consistent beginning.
func TestStepsTraceBeginsAmid(t *testing.T) {
	for name, scripts := range map[string][]script{
		"Semaphore": {
			func(b *bench, _ int) { b.sem.Acquire(); b.sem.Release() },
			func(b *bench, _ int) {
				if b.sem.AcquireContext(b.ctx) == nil {
					b.sem.Release()
				}
			},
			func(b *bench, _ int) {
				if b.sem.AcquireContext(b.ctx) == nil {
					b.sem.Release()
				}
			},
			func(b *bench, _ int) {
				if b.sem.AcquireTimeout(soon) {
					b.sem.Release()
				}
			},
		},
		"Event": {
			func(b *bench, _ int) { b.ev.Wait() },
			func(b *bench, _ int) { _ = b.ev.WaitContext(b.ctx) },
			func(b *bench, _ int) { b.ev.WaitTimeout(soon) },
			func(b *bench, _ int) { b.ev.Done() },
			func(b *bench, _ int) { b.ev.Set() },
		},
		"Barrier": {
			func(b *bench, _ int) { _, _ = b.bar.Wait() },
			func(b *bench, _ int) { _, _ = b.bar.WaitContext(b.ctx) },
			func(b *bench, _ int) { _, _ = b.bar.WaitTimeout(soon) },
			func(b *bench, _ int) { b.bar.Abort(nil) },
		},
		"Mutex": {
			func(b *bench, _ int) { b.mu.Lock(); b.mu.Unlock(); b.mu.Lock(); b.mu.Unlock() },
			func(b *bench, _ int) { b.mu.Lock(); b.mu.Unlock() },
			func(b *bench, _ int) {
				if b.mu.LockTimeout(soon) {
					b.mu.Unlock()
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tried(t, func(e *E) {
				b := &bench{e: e, ctx: e.Interrupt(), sem: sync2.NewSemaphore(1), bar: sync2.NewBarrier(2)}
				v := new(validated)
				defer trace.Stop()
				for i, s := range scripts {
					e.Go(string(rune('a'+i)), func() { s(b, i) })
				}
				e.Go("trace", func() {
					for range e.Choose(8) {
						e.Yield()
					}
					if err := trace.Start(v); err != nil {
						e.Fail("%v", err)
					}
				})
				e.Join()
				e.Check(v.err == nil, "%v", v.err)
			})
		})
	}
}

// Several waiters are released at once, whether each has its own place in the queue or they share one.
func TestStepsOfReleasingMany(t *testing.T) {
	for _, begin := range []bool{false, true} {
		tried(t, func(e *E) {
			sem := sync2.NewSemaphore(0)
			ctx, other := e.Context(), e.Interrupt()
			if begin {
				defer trace.Stop()
				_ = trace.Start(new(validated))
			}
			var got [7]int
			for i, acquire := range []func() bool{
				func() bool { sem.Acquire(); return true },
				func() bool { sem.Acquire(); return true },
				func() bool { return sem.AcquireContext(ctx) == nil },
				func() bool { return sem.AcquireContext(other) == nil },
				func() bool { return sem.AcquireContext(context.Background()) == nil },
				func() bool { return sem.AcquireTimeout(soon) },
				func() bool { return sem.AcquireTimeout(soon) },
			} {
				e.Go(string(rune('a'+i)), func() {
					if acquire() {
						got[i] = 1
					}
				})
			}
			e.Go("release", func() { sem.ReleaseN(7) })
			e.Join()
			left := 7
			for _, n := range got {
				left -= n
			}
			e.Check(sem.Available() == left, "%d permits, taken %v", sem.Available(), got)
		})
	}
}

// The queue of actions, whose generations commit their waiters.
func TestStepsOfBarrierActions(t *testing.T) {
	tried(t, func(e *E) {
		b := sync2.NewBarrier(2, sync2.WithAction(func() error { e.Yield(); return nil }))
		for _, name := range []string{"a", "b", "c", "d"} {
			e.Go(name, func() { _, _ = b.WaitTimeout(soon) })
		}
		e.Join()
	})
}

// An unruly Locker does not return from Unlock or, after some time, from Lock.
type unruly struct {
	sync2.Mutex
	during func()
}

func (u *unruly) Unlock() { u.Mutex.Unlock(); u.during() }

// A goroutine that has a place in the queue of a Cond, and is notified before it waits or never gets to wait.
func TestStepsOfCondWhoseUnlockFails(t *testing.T) {
	tried(t, func(e *E) {
		u := &unruly{during: func() {}}
		c := sync2.NewCond(u)
		e.Go("a", func() {
			defer func() { _ = recover() }()
			u.Lock()
			u.during = func() { u.during = func() {}; panic("on purpose") }
			c.Wait()
		})
		e.Go("b", func() { c.Signal() })
		e.Go("c", func() { u.Lock(); c.WaitTimeout(soon); u.Unlock() })
		e.Join()
	})
}

// Goroutines notified between taking their place in the queue of a Cond and waiting; without a trace, with one, and
// with one that begins in between.
func TestStepsOfCondNotifiedOnTheWay(t *testing.T) {
	for _, begin := range []string{"never", "first", "amid"} {
		t.Run("trace begins "+begin, func(t *testing.T) {
			tried(t, func(e *E) {
				u := &unruly{during: e.Yield}
				c := sync2.NewCond(u)
				v := new(validated)
				start := func() {
					if err := trace.Start(v); err != nil {
						e.Fail("%v", err)
					}
				}
				defer trace.Stop()
				if begin == "first" {
					start()
				}
				ready := false
				for _, name := range []string{"a", "b", "c"} {
					e.Go(name, func() {
						u.Lock()
						c.WaitFor(func() bool { return ready })
						u.Unlock()
					})
				}
				e.Go("d", func() {
					u.Lock()
					ready = true
					u.Unlock()
					c.Broadcast()
				})
				if begin == "amid" {
					e.Go("e", func() { e.Yield(); start() })
				}
				e.Join()
				e.Check(v.err == nil, "%v", v.err)
			})
		})
	}
}

// The error of a wait whose context ended with a cause, or whose context misbehaves.
func TestStepsOfCauses(t *testing.T) {
	var never sync2.Event
	tried(t, func(e *E) {
		ctx, cancel := e.WithCancelCause(context.Background())
		e.Go("a", func() {
			err := never.WaitContext(ctx)
			e.Check(errors.Is(err, errOnPurpose) && errors.Is(err, context.Canceled) && err.Error() == errOnPurpose.Error(), "%v", err)
		})
		e.Go("b", func() {
			_, err := sync2.NewBarrier(2).WaitContext(ctx)
			e.Check(errors.Is(err, errOnPurpose), "%v", err)
		})
		e.Go("c", func() { cancel(errOnPurpose) })
		e.Go("d", func() {
			err := never.WaitContext(silent{context.Background()})
			e.Check(errors.Is(err, context.Canceled), "%v", err)
		})
		e.Go("e", func() {
			defer func() { e.Check(recover() != nil, "a nil context is taken") }()
			_ = sync2.NewSemaphore(1).AcquireContext(nil) //nolint:staticcheck // on purpose
		})
		e.Join()
	})
}

// The trace of a wait whose context has ended with a cause; a context with a deadline may already be due.
func TestStepsOfCausesTraced(t *testing.T) {
	tried(t, func(e *E) {
		v := new(validated)
		defer trace.Stop()
		if err := trace.Start(v); err != nil {
			e.Fail("%v", err)
		}
		ctx, cancel := e.WithCancelCause(context.Background())
		b, sem := sync2.NewBarrier(2), sync2.NewSemaphore(1)
		e.Go("a", func() {
			_, err := b.WaitContext(ctx)
			e.Check(errors.Is(err, errOnPurpose), "%v", err)
		})
		e.Go("b", func() { cancel(errOnPurpose) })
		e.Go("c", func() {
			e.Check(sem.AcquireContext(due{context.Background()}) == nil, "a permit is not to be had")
		})
		e.Join()
		e.Check(v.err == nil, "%v", v.err)
	})
}

// A goroutine that begins to wait after the Set that releases others, and before these are woken, is woken too early
// and goes back to sleep.
func TestStepsOfLateComers(t *testing.T) {
	tried(t, func(e *E) {
		var ev, cleared sync2.Event
		second := NewVar(e, "second", 0)
		e.Go("early", ev.Wait)
		e.Go("first", ev.Set)
		e.Go("late", func() {
			was := ev.IsSet()
			ev.Clear()
			cleared.Set()
			if was {
				ev.Wait()
				e.Check(second.Load() == 1, "released by a Set that came before")
			}
		})
		e.Go("second", func() {
			cleared.Wait()
			second.Store(1)
			ev.Set()
		})
		e.Join()
		e.Check(ev.Waiting() == 0, "%d wait", ev.Waiting())
	}, PCT(4, 5000))
}

// A due context has a deadline.
type due struct{ context.Context }

func (due) Deadline() (time.Time, bool) { return time.Unix(1, 0), true }

// A silent context has ended, and does not say so.
type silent struct{ context.Context }

func (silent) Done() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// The parking outside the explorer: the half of package waitq that no explorer can reach. This is no proof, but in
// this build too the same code decides.
func TestStepsOutside(t *testing.T) {
	var ev sync2.Event
	sem := sync2.NewSemaphore(0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	waits := []func(){
		ev.Wait,
		func() { _ = ev.WaitContext(ctx) },
		func() { ev.WaitTimeout(time.Hour) },
		sem.Acquire,
		sem.Acquire,
		func() { _ = sem.AcquireContext(ctx) },
		func() { _ = sem.AcquireContext(ctx) },
		func() { sem.AcquireTimeout(time.Hour) },
		func() { sem.AcquireTimeout(time.Millisecond) },
	}
	for _, w := range waits {
		go func() { w(); done <- struct{}{} }()
	}
	for ev.Waiting() < 3 || sem.Waiting() < 5 {
		runtime.Gosched()
	}
	ev.Set()
	sem.ReleaseN(3)
	cancel()
	sem.ReleaseN(3)
	for range waits {
		<-done
	}
}
