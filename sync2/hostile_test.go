package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A contextVerb is a method or function that waits until it is granted something or a context ends. TestHostileContexts
// checks all of them: add new ones to contextVerbs.
type contextVerb struct {
	op   string     // as in a UsageError
	make func() rig // with nothing to wait for, if that can be
}

// A rig is a primitive with the operations of the tests. Only call and free may wait.
type rig struct {
	call  func(ctx context.Context) error // the verb
	touch func()                          // other methods of the primitive, which work at any time
	block func()                          // makes call wait; nil: it always does
	free  func()                          // grants the call that waits, and those that follow
	calls func() int                      // returns the number of calls that wait; nil if that cannot be known
	mend  func()                          // undoes what a call that gave up has done by design; nil: nothing
	keeps bool                            // what it has granted once it grants ever after, also if the context has ended
}

// contextVerbs returns all of them.
func contextVerbs() []contextVerb {
	return append(append(futureVerbs(), togetherVerbs()...), []contextVerb{
		{"Event.WaitContext", eventRig},
		{"WaitGroup.WaitContext", waitGroupRig},
		{"Once.DoContext", onceRig},
		{"Semaphore.AcquireContext", func() rig { return semaphoreRig((*sync2.Semaphore).AcquireContext) }},
		{"Semaphore.AcquireN", func() rig {
			return semaphoreRig(func(s *sync2.Semaphore, ctx context.Context) error { return s.AcquireN(ctx, 1) })
		}},
		{"Mutex.LockContext", mutexRig},
		{"ReentrantLock.LockContext", reentrantRig},
		{"RWMutex.LockContext", func() rig { return rwMutexRig((*sync2.RWMutex).LockContext, (*sync2.RWMutex).Unlock) }},
		{"RWMutex.RLockContext", func() rig { return rwMutexRig((*sync2.RWMutex).RLockContext, (*sync2.RWMutex).RUnlock) }},
		{"Barrier.WaitContext", barrierRig},
		{"Cond.WaitContext", func() rig {
			return condRig(func(c *sync2.Cond, ctx context.Context, _ func() bool) error { return c.WaitContext(ctx) })
		}},
		{"Cond.WaitForContext", func() rig { return condRig((*sync2.Cond).WaitForContext) }},
		{"Goroutine.JoinContext", goroutineRig},
	}...)
}

func eventRig() rig {
	var e sync2.Event
	e.Set()
	return rig{
		call:  e.WaitContext,
		touch: func() { e.IsSet(); e.Waiting(); e.Done(); e.WaitTimeout(0) },
		block: e.Clear,
		free:  e.Set,
		calls: e.Waiting,
	}
}

func waitGroupRig() rig {
	var g sync2.WaitGroup
	return rig{
		call:  g.WaitContext,
		touch: func() { g.Count(); g.Waiting(); g.WaitTimeout(0); g.Add(0) },
		block: func() { g.Add(1) },
		free:  func() { g.Add(-g.Count()) },
		calls: g.Waiting,
	}
}

func rwMutexRig(lock func(*sync2.RWMutex, context.Context) error, unlock func(*sync2.RWMutex)) rig {
	var m sync2.RWMutex
	return rig{
		call: func(ctx context.Context) error {
			err := lock(&m, ctx)
			if err == nil {
				unlock(&m)
			}
			return err
		},
		touch: func() {
			m.Locked()
			m.Readers()
			if m.Waiting() == 0 && m.TryRLock() {
				m.RUnlock()
			}
		},
		block: m.Lock,
		free:  m.Unlock,
		calls: m.Waiting,
	}
}

func onceRig() rig {
	var o sync2.Once
	var busy, fail sync2.Event
	return rig{
		call: func(ctx context.Context) error {
			err := o.DoContext(ctx, func(context.Context) error { return errTest })
			if err == errTest { //nolint:errorlint // what fn returns is returned as it is
				return nil
			}
			return err
		},
		touch: func() { o.Done() },
		block: func() {
			go func() {
				_ = o.DoContext(context.Background(), func(context.Context) error {
					busy.Set()
					fail.Wait()
					return errTest
				})
			}()
			busy.Wait()
		},
		free: fail.Set,
	}
}

func semaphoreRig(acquire func(*sync2.Semaphore, context.Context) error) rig {
	s := sync2.NewBoundedSemaphore(1)
	return rig{
		call: func(ctx context.Context) error {
			err := acquire(s, ctx)
			if err == nil {
				s.Release()
			}
			return err
		},
		touch: func() {
			if s.Available(); s.Waiting() == 0 && s.TryAcquire() {
				s.Release()
			}
		},
		block: s.Acquire,
		free:  s.Release,
		calls: s.Waiting,
	}
}

func mutexRig() rig {
	var m sync2.Mutex
	return rig{
		call: func(ctx context.Context) error {
			err := m.LockContext(ctx)
			if err == nil {
				m.Unlock()
			}
			return err
		},
		touch: func() {
			if m.Locked(); m.Waiting() == 0 && m.TryLock() {
				m.Unlock()
			}
		},
		block: m.Lock,
		free:  m.Unlock,
		calls: m.Waiting,
	}
}

// A holder is a goroutine that locks and unlocks a ReentrantLock for the test.
type holder struct{ do, done chan func() }

func (h *holder) run(fn func()) {
	if h.do == nil {
		h.do, h.done = make(chan func()), make(chan func())
		go func() {
			for fn := range h.do {
				fn()
				h.done <- nil
			}
		}()
	}
	h.do <- fn
	<-h.done
}

func reentrantRig() rig {
	var l sync2.ReentrantLock
	var h holder
	return rig{
		call: func(ctx context.Context) error {
			err := l.LockContext(ctx)
			if err == nil {
				l.Unlock()
			}
			return err
		},
		touch: func() {
			l.Owner()
			l.Held()
			if l.Locked(); l.Waiting() == 0 && l.TryLock() {
				l.Unlock()
			}
		},
		block: func() { h.run(l.Lock) },
		free:  func() { h.run(l.Unlock); close(h.do) },
		calls: l.Waiting,
	}
}

func barrierRig() rig {
	b := sync2.NewBarrier(2)
	return rig{
		call: func(ctx context.Context) error {
			_, err := b.WaitContext(ctx)
			return err
		},
		touch: func() { b.Waiting(); b.Broken(); b.Parties() },
		free: func() {
			if _, err := b.WaitTimeout(0); err != nil {
				panic(err)
			}
		},
		calls: b.Waiting,
		mend:  b.Reset,
	}
}

func condRig(wait func(c *sync2.Cond, ctx context.Context, pred func() bool) error) rig {
	var mu sync2.Mutex
	ready := false
	c := sync2.NewCond(&mu)
	return rig{
		call: func(ctx context.Context) error {
			mu.Lock()
			defer mu.Unlock() // with an error too it is locked, also if that is a panic
			return wait(c, ctx, func() bool { return ready })
		},
		touch: func() { c.Waiting(); mu.Locked() },
		free: func() {
			mu.Lock()
			ready = true
			mu.Unlock()
			c.Signal()
		},
		calls: c.Waiting,
	}
}

func goroutineRig() rig {
	var end sync2.Event
	g := sync2.Go("g", end.Wait)
	return rig{
		call:  g.JoinContext,
		touch: func() { g.Alive(); g.Done(); g.JoinTimeout(0) },
		free:  end.Set,
	}
}

// A hostile is a context whose methods do what a test says.
type hostile struct {
	context.Context
	done  func() <-chan struct{}
	err   func() error
	value func(key any) any
}

func (h *hostile) Done() <-chan struct{} {
	if h.done != nil {
		return h.done()
	}
	return h.Context.Done()
}

func (h *hostile) Err() error {
	if h.err != nil {
		return h.err()
	}
	return h.Context.Err()
}

func (h *hostile) Value(key any) any {
	if h.value != nil {
		return h.value(key)
	}
	return h.Context.Value(key)
}

// An end is how a call of hostile code came back: with an error, a panic, or not at all.
type end struct {
	err      error
	panicked any
	exited   bool
}

// returned reports whether the call returned without an error.
func (e end) returned() bool { return e == (end{}) }

// endOf calls call in a goroutine of its own and returns a function that waits for how it ends.
func endOf(call func() error) func() end {
	done := make(chan end, 1)
	go func() {
		e := end{exited: true}
		defer func() {
			if r := recover(); r != nil {
				e = end{panicked: r}
			}
			done <- e
		}()
		e = end{err: call()}
	}()
	return func() end { return <-done }
}

// errPanicked is what hostile code panics with.
var errPanicked = errors.New("on purpose")

// spoiled are the ways in which a method of a context does not return, and how the call must end for it.
var spoiled = map[string]struct {
	act   func()
	check func(e end) bool
}{
	"panics": {func() { panic(errPanicked) }, func(e end) bool { return e.panicked == any(errPanicked) }},
	"exits":  {runtime.Goexit, func(e end) bool { return e.exited }},
}

// each runs a subtest in a bubble for every verb.
func each(t *testing.T, f func(t *testing.T, op string, r rig)) {
	for _, v := range contextVerbs() {
		t.Run(v.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, v.op, v.make()) })
		})
	}
}

// checkUsable makes one call that waits and one that is granted.
func (r rig) checkUsable(t *testing.T) {
	t.Helper()
	if r.mend != nil {
		r.mend()
	}
	synctest.Wait()
	if r.calls != nil && r.calls() != 0 {
		t.Errorf("%d calls wait", r.calls())
	}
	r.touch()
	got := endOf(func() error { return r.call(context.Background()) })
	synctest.Wait()
	r.free()
	if e := got(); e != (end{}) {
		t.Errorf("it is no longer usable: %+v", e)
	}
}

// A nil context panics before anything else.
func TestHostileNilContext(t *testing.T) {
	each(t, func(t *testing.T, op string, r rig) {
		if r.block != nil {
			r.block()
		}
		e := endOf(func() error { return r.call(nil) })()
		if u, ok := e.panicked.(*sync2.UsageError); !ok || u.Op != op {
			t.Errorf("a nil context: %+v", e)
		}
		if e := endOf(func() error { return r.call((*hostile)(nil)) })(); e.panicked == nil {
			t.Errorf("a nil pointer as a context: %+v", e)
		}
		r.checkUsable(t)
	})
}

// A context whose methods do not return has changed nothing.
func TestHostileContexts(t *testing.T) {
	for method, ctx := range map[string]func(act func()) context.Context{
		"Err": func(act func()) context.Context {
			return &hostile{Context: context.Background(), err: func() error { act(); return nil }}
		},
		"Done": func(act func()) context.Context {
			return &hostile{Context: context.Background(), done: func() <-chan struct{} { act(); return nil }}
		},
		"Value": func(act func()) context.Context {
			return &hostile{Context: ended(errTest), value: func(any) any { act(); return nil }}
		},
	} {
		for how, s := range spoiled {
			t.Run(method+" "+how, func(t *testing.T) {
				each(t, func(t *testing.T, _ string, r rig) {
					for range 2 {
						if e := endOf(func() error { return r.call(ctx(s.act)) })(); !s.check(e) {
							t.Errorf("it ended with %+v", e)
						}
						if r.mend != nil {
							if err := r.call(context.Background()); !errors.Is(err, sync2.ErrAborted) {
								t.Errorf("the barrier: %v", err)
							}
							r.mend()
						}
						if r.block != nil {
							r.block() // and once more, when it has to wait
							r.block = nil
						} else {
							break
						}
					}
					r.checkUsable(t)
				})
			})
		}
	}
}

// A context that ends while the call waits, and whose methods then do not return, still makes the call give up.
func TestHostileContextsAtTheEnd(t *testing.T) {
	for how, s := range spoiled {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, _ string, r rig) {
				if r.block != nil {
					r.block()
				}
				base, cancel := context.WithCancel(context.Background())
				got := endOf(func() error {
					return r.call(&hostile{Context: base, err: func() error {
						if base.Err() != nil {
							s.act()
						}
						return nil
					}})
				})
				synctest.Wait()
				cancel()
				if e := got(); !s.check(e) {
					t.Errorf("it ended with %+v", e)
				}
				r.checkUsable(t)
			})
		})
	}
}

// A context that is done while its Err is nil counts as canceled: at once, and while the call waits.
func TestHostileContextsWithoutError(t *testing.T) {
	each(t, func(t *testing.T, _ string, r rig) {
		done := make(chan struct{})
		ctx := &hostile{Context: context.Background(), done: func() <-chan struct{} { return done }, err: func() error { return nil }}
		if r.block != nil {
			r.block()
		}
		got := endOf(func() error { return r.call(ctx) })
		synctest.Wait()
		close(done)
		for range 2 {
			if e := got(); !errors.Is(e.err, context.Canceled) || errors.Is(e.err, context.DeadlineExceeded) {
				t.Errorf("it ended with %+v", e)
			}
			if r.mend != nil {
				r.mend()
			}
			got = endOf(func() error { return r.call(ctx) })
		}
		got()
		r.checkUsable(t)
		if e := endOf(func() error { return r.call(ctx) })(); !errors.Is(e.err, context.Canceled) && !r.keeps {
			t.Errorf("with nothing to wait for it ended with %+v", e)
		}
	})
}

// The methods of a context may call those of the primitive, and may block.
func TestHostileContextsThatUseThePrimitive(t *testing.T) {
	for _, traced := range []bool{false, true} {
		t.Run(fmt.Sprintf("traced %v", traced), func(t *testing.T) {
			if traced {
				if err := trace.Start(trace.NewRecorder(1000)); err != nil {
					t.Fatal(err)
				}
				defer trace.Stop()
			}
			each(t, func(t *testing.T, _ string, r rig) {
				if r.block != nil {
					r.block()
				}
				base, cancel := context.WithCancelCause(context.Background())
				asked := 0
				use := func() {
					asked++
					pass(time.Second) // others run meanwhile
					r.touch()
				}
				ctx := &hostile{
					Context: base,
					done:    func() <-chan struct{} { use(); return base.Done() },
					err:     func() error { use(); return base.Err() },
					value:   func(key any) any { use(); return base.Value(key) },
				}
				got := endOf(func() error { return r.call(ctx) })
				pass(time.Minute)
				cancel(errTest)
				if e := got(); !errors.Is(e.err, errTest) || !errors.Is(e.err, context.Canceled) || asked < 4 {
					t.Errorf("it ended with %+v, and asked the context %d times", e, asked)
				}
				r.checkUsable(t)
			})
		})
	}
}

// An uncomparable is an error that must not be compared, and whose methods must not be called.
type uncomparable []string

func (uncomparable) Error() string   { panic(errPanicked) }
func (uncomparable) Is(error) bool   { panic(errPanicked) }
func (uncomparable) As(any) bool     { panic(errPanicked) }
func (uncomparable) Unwrap() []error { panic(errPanicked) }

// The cause of a context may be anything; none of its methods is called, traced or not.
func TestHostileCauses(t *testing.T) {
	for name, cause := range map[string]error{
		"uncomparable": uncomparable{"x"},
		"typed nil":    (*sync2.UsageError)(nil),
	} {
		for _, traced := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, traced %v", name, traced), func(t *testing.T) {
				if traced {
					if err := trace.Start(trace.NewRecorder(1000)); err != nil {
						t.Fatal(err)
					}
					defer trace.Stop()
				}
				each(t, func(t *testing.T, _ string, r rig) {
					if r.block != nil {
						r.block()
					}
					ctx, cancel := context.WithCancelCause(context.Background())
					got := endOf(func() error { return r.call(ctx) })
					synctest.Wait()
					cancel(cause)
					for range 2 {
						if e := got(); e.err == nil || e.panicked != nil {
							t.Errorf("it ended with %+v", e)
						}
						got = endOf(func() error { return r.call(ctx) })
					}
					got()
					r.checkUsable(t)
				})
			})
		}
	}
}

// Both what the context's Err returns and its cause are matched, and the text is the cause's.
func TestErrorsOfContexts(t *testing.T) {
	for name, test := range map[string]struct {
		ctx  func() (context.Context, context.CancelFunc)
		want []error
		text string
	}{
		"canceled": {func() (context.Context, context.CancelFunc) {
			return context.WithCancel(context.Background())
		}, []error{context.Canceled}, "context canceled"},
		"canceled for a cause": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(context.Background())
			return ctx, func() { cancel(errTest) }
		}, []error{context.Canceled, errTest}, errTest.Error()},
		"over": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			return ctx, func() { pass(time.Second); synctest.Wait(); cancel() }
		}, []error{context.DeadlineExceeded}, "context deadline exceeded"},
		"over for a cause": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errTest)
			return ctx, func() { pass(time.Second); synctest.Wait(); cancel() }
		}, []error{context.DeadlineExceeded, errTest}, errTest.Error()},
		"canceled because something else was over": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(context.Background())
			return ctx, func() { cancel(context.DeadlineExceeded) }
		}, []error{context.Canceled, context.DeadlineExceeded}, "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, _ string, r rig) {
				if r.block != nil {
					r.block()
				}
				ctx, cancel := test.ctx()
				got := endOf(func() error { return r.call(ctx) })
				synctest.Wait()
				cancel()
				for range 2 {
					e := got()
					for _, want := range test.want {
						wantErr(t, e.err, want)
					}
					text := test.text
					if errors.Is(e.err, sync2.ErrBroken) {
						text = "sync2: broken: " + text
					}
					if e.err == nil || e.err.Error() != text {
						t.Errorf("it ended with %v, want %s", e.err, text)
					}
					got = endOf(func() error { return r.call(ctx) })
				}
				got()
				r.checkUsable(t)
			})
		})
	}
}

// A funcError is an error whose text is the result of a function.
type funcError func() string

func (f funcError) Error() string { return f() }

// A barrier may be broken by any error, with or without a trace. The error is passed on; its Error is not called under a
// lock, and it is not compared.
func TestHostileErrorsOfBarriers(t *testing.T) {
	for name, hostileError := range map[string]func(b *sync2.Barrier) error{
		"uncomparable": func(*sync2.Barrier) error { return uncomparable{"x"} },
		"typed nil":    func(*sync2.Barrier) error { return (*sync2.UsageError)(nil) },
		"looks": func(b *sync2.Barrier) error {
			return funcError(func() string { return fmt.Sprint(b.Waiting(), b.Broken()) })
		},
		"aborts": func(b *sync2.Barrier) error { return funcError(func() string { b.Abort(nil); return "" }) },
	} {
		for _, by := range []string{"Abort", "action"} {
			for _, traced := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, traced %v", name, by, traced), func(t *testing.T) {
					if traced {
						if err := trace.Start(trace.NewRecorder(1000)); err != nil {
							t.Fatal(err)
						}
						defer trace.Stop()
					}
					synctest.Test(t, func(t *testing.T) {
						var fails error
						b := sync2.NewBarrier(2, sync2.WithAction(func() error { return fails }))
						wait := func() error { _, err := b.Wait(); return err }
						first := endOf(wait)
						synctest.Wait()
						second := first
						if by == "Abort" {
							b.Abort(hostileError(b))
						} else {
							fails = hostileError(b)
							second = endOf(wait)
						}
						for _, e := range []end{first(), endOf(wait)()} {
							if broken := (*sync2.BrokenError)(nil); !errors.As(e.err, &broken) || broken.Cause == nil {
								t.Errorf("it ended with %T, %v", e.err, e.panicked)
							}
						}
						if by != "Abort" {
							second()
						}
						fails = nil
						b.Reset()
						first, second = endOf(wait), endOf(wait)
						if one, two := first(), second(); one != (end{}) || two != (end{}) {
							t.Errorf("after Reset: %+v, %+v", one, two)
						}
					})
				})
			}
		}
	}
}

// An anyLocker is a Locker that calls functions.
type anyLocker struct{ lock, unlock func() }

func (l anyLocker) Lock()   { l.lock() }
func (l anyLocker) Unlock() { l.unlock() }

// The methods of a Cond's Locker may do anything too.
func TestHostileLockers(t *testing.T) {
	for how, s := range spoiled {
		t.Run("Unlock "+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				act := s.act
				c := sync2.NewCond(anyLocker{func() {}, func() { act() }})
				if e := endOf(func() error { c.Wait(); return nil })(); !s.check(e) || c.Waiting() != 0 {
					t.Errorf("it ended with %+v, and %d wait", e, c.Waiting())
				}
				act = func() { c.Signal() } // which notifies the goroutine that is about to wait
				if e := endOf(func() error { c.Wait(); return nil })(); e != (end{}) || c.Waiting() != 0 {
					t.Errorf("it ended with %+v, and %d wait", e, c.Waiting())
				}
			})
		})
		t.Run("Lock "+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				act := s.act
				c := sync2.NewCond(anyLocker{func() { act() }, func() {}})
				got := endOf(func() error { c.Wait(); return nil })
				synctest.Wait()
				c.Signal()
				if e := got(); !s.check(e) {
					t.Errorf("it ended with %+v", e)
				}
				act = func() { c.Waiting() }
				got = endOf(func() error { c.Wait(); return nil })
				synctest.Wait()
				c.Signal()
				if e := got(); e != (end{}) || c.Waiting() != 0 {
					t.Errorf("it ended with %+v, and %d wait", e, c.Waiting())
				}
			})
		})
		t.Run("pred "+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync2.Mutex
				c := sync2.NewCond(&mu)
				e := endOf(func() error {
					mu.Lock()
					defer mu.Unlock()
					c.WaitFor(func() bool { c.Signal(); s.act(); return true })
					return nil
				})()
				if !s.check(e) || mu.Locked() || c.Waiting() != 0 {
					t.Errorf("it ended with %+v, locked %v, and %d wait", e, mu.Locked(), c.Waiting())
				}
			})
		})
	}
}

// zeroVerbs are the methods of the zero values of types with constructors that must panic. Add new ones here.
func zeroVerbs() map[string]func() {
	ctx := context.Background()
	yes := func() bool { return true }
	return map[string]func(){
		"Semaphore.Acquire":        func() { new(sync2.Semaphore).Acquire() },
		"Semaphore.AcquireContext": func() { _ = new(sync2.Semaphore).AcquireContext(ctx) },
		"Semaphore.AcquireTimeout": func() { new(sync2.Semaphore).AcquireTimeout(0) },
		"Semaphore.TryAcquire":     func() { new(sync2.Semaphore).TryAcquire() },
		"Semaphore.AcquireN":       func() { _ = new(sync2.Semaphore).AcquireN(ctx, 0) },
		"Semaphore.TryAcquireN":    func() { new(sync2.Semaphore).TryAcquireN(0) },
		"Semaphore.Release":        func() { new(sync2.Semaphore).Release() },
		"Semaphore.ReleaseN":       func() { new(sync2.Semaphore).ReleaseN(0) },
		"Semaphore.Drain":          func() { new(sync2.Semaphore).Drain() },
		"Semaphore.Resize":         func() { new(sync2.Semaphore).Resize(1) },
		"Barrier.Wait":             func() { _, _ = new(sync2.Barrier).Wait() },
		"Barrier.WaitContext":      func() { _, _ = new(sync2.Barrier).WaitContext(ctx) },
		"Barrier.WaitTimeout":      func() { _, _ = new(sync2.Barrier).WaitTimeout(0) },
		"Barrier.Abort":            func() { new(sync2.Barrier).Abort(nil) },
		"Barrier.Reset":            func() { new(sync2.Barrier).Reset() },
		"Cond.Wait":                func() { new(sync2.Cond).Wait() },
		"Cond.WaitContext":         func() { _ = new(sync2.Cond).WaitContext(ctx) },
		"Cond.WaitTimeout":         func() { new(sync2.Cond).WaitTimeout(0) },
		"Cond.WaitFor":             func() { new(sync2.Cond).WaitFor(yes) },
		"Cond.WaitForContext":      func() { _ = new(sync2.Cond).WaitForContext(ctx, yes) },
		"Cond.WaitForTimeout":      func() { new(sync2.Cond).WaitForTimeout(0, yes) },
		"Cond.Signal":              func() { new(sync2.Cond).Signal() },
		"Cond.Broadcast":           func() { new(sync2.Cond).Broadcast() },
		"Cond.Notify":              func() { new(sync2.Cond).Notify(0) },
	}
}

func TestZeroValuesOfTypesWithConstructors(t *testing.T) {
	for _, traced := range []bool{false, true} {
		if traced {
			if err := trace.Start(trace.NewRecorder(1000)); err != nil {
				t.Fatal(err)
			}
			defer trace.Stop()
		}
		for op, verb := range zeroVerbs() {
			t.Run(fmt.Sprintf("%s, traced %v", op, traced), func(t *testing.T) { wantMisuse(t, op, verb) })
		}
		for name, look := range map[string]func() int{
			"Semaphore.Available": func() int { return new(sync2.Semaphore).Available() },
			"Semaphore.Waiting":   func() int { return new(sync2.Semaphore).Waiting() },
			"Barrier.Waiting":     func() int { return new(sync2.Barrier).Waiting() },
			"Barrier.Parties":     func() int { return new(sync2.Barrier).Parties() },
			"Cond.Waiting":        func() int { return new(sync2.Cond).Waiting() },
		} {
			if n := look(); n != 0 || new(sync2.Barrier).Broken() {
				t.Errorf("%s: %d", name, n)
			}
		}
	}
}
