package sync2_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// futureVerbs returns the verbs of queues, futures and executors that wait until a context ends.
func futureVerbs() []contextVerb {
	verbs := []contextVerb{
		{"Future.ResultContext", resultRig},
		{"Executor.ShutdownContext", shutdownRig},
		{"WaitAll", func() rig { return waitRig(sync2.WaitAll[int]) }},
		{"WaitAny", func() rig { return waitRig(sync2.WaitAny[int]) }},
		{"WaitFirstError", func() rig { return waitRig(sync2.WaitFirstError[int]) }},
		{"AsCompleted", func() rig {
			return waitRig(func(ctx context.Context, fs ...*sync2.Future[int]) (_, _ []*sync2.Future[int], err error) {
				for _, err = range sync2.AsCompleted(ctx, fs...) {
				}
				return nil, nil, err
			})
		}},
	}
	for _, queue := range []func() *sync2.Queue[int]{
		func() *sync2.Queue[int] { return sync2.NewQueue[int](1) },
		func() *sync2.Queue[int] { return sync2.NewPriorityQueue(1, func(a, b int) int { return a - b }) },
	} {
		verbs = append(verbs,
			contextVerb{"Queue.PutContext", func() rig { return putRig(queue()) }},
			contextVerb{"Queue.GetContext", func() rig { return getRig(queue()) }},
			contextVerb{"Queue.JoinContext", func() rig { return joinRig(queue()) }})
	}
	return verbs
}

func lookAt(q *sync2.Queue[int]) { q.Len(); q.Cap(); q.Unfinished(); q.Waiting(); q.JoinTimeout(0) }

func putRig(q *sync2.Queue[int]) rig {
	return rig{
		call: func(ctx context.Context) error {
			err := q.PutContext(ctx, 1)
			if err == nil {
				_, err = q.Get()
			}
			return err
		},
		touch: func() { lookAt(q); q.TryPut(0) },
		block: func() { q.TryPut(0) },
		free:  func() { _, _ = q.Get() },
		calls: func() int { p, _ := q.Waiting(); return p },
	}
}

func getRig(q *sync2.Queue[int]) rig {
	_ = q.Put(1)
	return rig{
		call: func(ctx context.Context) error {
			_, err := q.GetContext(ctx)
			if err == nil {
				err = q.Put(1)
			}
			return err
		},
		touch: func() {
			lookAt(q)
			if v, ok := q.TryGet(); ok {
				_ = q.Put(v)
			}
		},
		block: func() { q.TryGet() },
		free:  func() { _ = q.Put(1) },
		calls: func() int { _, g := q.Waiting(); return g },
	}
}

func joinRig(q *sync2.Queue[int]) rig {
	return rig{
		call:  q.JoinContext,
		touch: func() { lookAt(q); q.TryPut(1) },
		block: func() { q.TryPut(1) },
		free: func() {
			if n := q.Discard(); n == 0 {
				panic("nothing was unfinished")
			}
		},
	}
}

func resultRig() rig {
	p := sync2.NewPromise[int]()
	return rig{
		call: func(ctx context.Context) error {
			_, err := p.Future().ResultContext(ctx)
			return err
		},
		touch: func() { p.Future().State(); p.Future().Done(); _, _ = p.Future().ResultTimeout(0) },
		free:  func() { p.Succeed(1) },
		calls: p.Future().Waiting,
		keeps: true,
	}
}

func waitRig(wait func(context.Context, ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error)) rig {
	p := sync2.NewPromise[int]()
	return rig{
		call: func(ctx context.Context) error {
			_, _, err := wait(ctx, p.Future())
			return err
		},
		touch: func() { p.Future().State(); p.Future().Done(); p.Future().OnDone(func(*sync2.Future[int]) {}) },
		free:  func() { p.Succeed(1) },
	}
}

func shutdownRig() rig {
	var end sync2.Event
	e := sync2.NewExecutor(1)
	f := sync2.Submit(e, func(context.Context) (int, error) { end.Wait(); return 1, nil })
	return rig{
		call:  e.ShutdownContext,
		touch: func() { e.Workers(); e.Queued(); e.ShutdownTimeout(0); f.State() },
		free:  end.Set,
	}
}

// tracedOrNot runs a subtest in a bubble, with a trace and without.
func tracedOrNot(t *testing.T, name string, test func(t *testing.T)) {
	for _, traced := range []bool{false, true} {
		t.Run(fmt.Sprintf("%s, traced %v", name, traced), func(t *testing.T) {
			if traced {
				if err := trace.Start(trace.NewRecorder(1 << 12)); err != nil {
					t.Fatal(err)
				}
				defer trace.Stop()
			}
			synctest.Test(t, test)
		})
	}
}

// hostileErrors are errors whose methods misbehave. The function given stands for calls back into the package, which
// may happen at any time.
var hostileErrors = map[string]func(touch func()) error{
	"typed nil":    func(func()) error { return (*sync2.UsageError)(nil) },
	"uncomparable": func(func()) error { return uncomparable{"x"} },
	"exits":        func(func()) error { return funcError(func() string { runtime.Goexit(); return "" }) },
	"calls":        func(touch func()) error { return funcError(func() string { touch(); return "called" }) },
	"blocks": func(touch func()) error {
		return funcError(func() string { pass(time.Hour); touch(); return "" })
	},
}

// settledWith expects f to have failed, or to have been canceled, with an error that holds err.
func settledWith(t *testing.T, f *sync2.Future[int], state sync2.State, err error) {
	t.Helper()
	_, got := f.ResultTimeout(2 * time.Hour)
	if f.State() != state || got == nil || reflect.TypeOf(got) == reflect.TypeFor[*sync2.PanicError]() {
		t.Errorf("the future has %v, with a %T", f.State(), got)
	}
	for got != nil && reflect.TypeOf(got) != reflect.TypeOf(err) {
		switch w := got.(type) { //nolint:errorlint // no method of err must be called
		case interface{ Unwrap() error }:
			got = w.Unwrap()
		case interface{ Unwrap() []error }:
			got = w.Unwrap()[1]
		default:
			t.Fatalf("the error is a %T", got)
		}
	}
}

// A future may fail with any error. The error is passed on; its Error is not called under a lock, and it is not compared.
func TestHostileErrorsOfFutures(t *testing.T) {
	for name, hostileError := range hostileErrors {
		tracedOrNot(t, "Fail "+name, func(t *testing.T) {
			p := sync2.NewPromise[int]()
			f := p.Future()
			err := hostileError(func() { f.State(); f.Waiting(); f.Done(); f.OnDone(func(*sync2.Future[int]) {}) })
			endOf(func() error { p.Fail(err); return nil })()
			settledWith(t, f, sync2.Failed, err)
		})
		tracedOrNot(t, "a task "+name, func(t *testing.T) {
			e := sync2.NewExecutor(1)
			var f *sync2.Future[int]
			err := hostileError(func() { f.State(); f.Cancel(); e.Queued(); e.Workers(); sync2.Submit(e, value(2)) })
			var begin sync2.Event
			f = sync2.Submit(e, func(context.Context) (int, error) { begin.Wait(); return 0, err })
			begin.Set()
			settledWith(t, f, sync2.Failed, err)
			checkExecutor(t, e)
		})
		tracedOrNot(t, "Executor.Cancel "+name, func(t *testing.T) {
			e := sync2.NewExecutor(1)
			runs := sync2.Submit(e, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) })
			queued := sync2.Submit(e, value(2))
			synctest.Wait()
			err := hostileError(func() { queued.State(); runs.State(); e.Queued(); e.Workers() })
			end := endOf(func() error { e.Cancel(err); return nil })
			if end().exited {
				e.Cancel(nil)
				e.Shutdown()
				return // before anything has changed
			}
			settledWith(t, runs, sync2.Failed, err)
			settledWith(t, queued, sync2.Canceled, err)
			e.Shutdown()
		})
		tracedOrNot(t, "an initializer "+name, func(t *testing.T) {
			var e *sync2.Executor
			var f *sync2.Future[int]
			err := hostileError(func() { f.State(); e.Queued(); e.Workers() })
			var begin sync2.Event
			e = sync2.NewExecutor(1, sync2.WithInitializer(func() error { begin.Wait(); return err }))
			f = sync2.Submit(e, value(1))
			begin.Set()
			settledWith(t, f, sync2.Failed, err)
			e.Shutdown()
		})
	}
}

// checkExecutor expects e to run a task, to shut down, and to leave no worker.
func checkExecutor(t *testing.T, e *sync2.Executor) {
	t.Helper()
	if v, err := sync2.Submit(e, value(7)).Result(); v != 7 || err != nil {
		t.Errorf("the next task: %d, %v", v, err)
	}
	e.Shutdown()
	if n := e.Workers(); n != 0 {
		t.Errorf("%d workers are left", n)
	}
}

// badCalls are the ways in which the caller's function may misbehave. All but the last two do not return.
var badCalls = map[string]func(touch func()){
	"panics": func(func()) { panic(errPanicked) },
	"exits":  func(func()) { runtime.Goexit() },
	"calls":  func(touch func()) { touch() },
	"blocks": func(touch func()) { pass(time.Hour); touch() },
}

// A callback may do anything, whichever goroutine settles the future: it harms no other callback, no other future and
// no waiter.
func TestHostileCallbacks(t *testing.T) {
	for name, act := range badCalls {
		for how, settle := range map[string]func(e *sync2.Executor, p *sync2.Promise[int], f *sync2.Future[int]){
			"Succeed":         func(_ *sync2.Executor, p *sync2.Promise[int], _ *sync2.Future[int]) { p.Succeed(1) },
			"Fail":            func(_ *sync2.Executor, p *sync2.Promise[int], _ *sync2.Future[int]) { p.Fail(errTest) },
			"Future.Cancel":   func(_ *sync2.Executor, p *sync2.Promise[int], _ *sync2.Future[int]) { p.Future().Cancel() },
			"Executor.Cancel": func(e *sync2.Executor, _ *sync2.Promise[int], _ *sync2.Future[int]) { e.Cancel(nil) },
			"Cancel of one":   func(_ *sync2.Executor, _ *sync2.Promise[int], f *sync2.Future[int]) { f.Cancel() },
		} {
			tracedOrNot(t, how+" "+name, func(t *testing.T) {
				e := sync2.NewExecutor(1)
				p := sync2.NewPromise[int]()
				runs := sync2.Submit(e, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) })
				fs := []*sync2.Future[int]{p.Future(), sync2.Submit(e, value(1)), sync2.Submit(e, value(2))}
				called := 0
				for _, f := range fs {
					f.OnDone(func(*sync2.Future[int]) {
						act(func() {
							f.Cancel()
							f.State()
							e.Queued()
							e.Cancel(nil)
							f.OnDone(func(*sync2.Future[int]) {})
							p.Succeed(2)
						})
					})
					f.OnDone(func(*sync2.Future[int]) { called++ })
				}
				synctest.Wait()
				end := endOf(func() error { settle(e, p, fs[1]); return nil })
				synctest.Wait() // while a callback blocks, all that had to be settled is
				if how == "Executor.Cancel" {
					for i, f := range fs[1:] {
						if f.State() != sync2.Canceled {
							t.Errorf("task %d is %v", i, f.State())
						}
					}
					if runs.State() != sync2.Failed {
						t.Errorf("the task that runs is %v", runs.State())
					}
				}
				if got := end(); got.exited != (name == "exits") || got.panicked != nil {
					t.Errorf("it ended with %+v", got)
				}
				endOf(func() error { e.Cancel(nil); return nil })()
				endOf(func() error { p.Succeed(1); return nil })()
				e.Shutdown()
				synctest.Wait()
				for _, f := range fs {
					if !(f.State() > sync2.Running) {
						t.Errorf("a future is %v", f.State())
					}
				}
				if called != len(fs) {
					t.Errorf("%d of %d were called", called, len(fs))
				}
			})
		}
	}
}

// A task may wait with its own context, even for itself: canceling it ends that wait.
func TestTaskWaitsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, _ string, r rig) {
		if r.block != nil {
			r.block()
		}
		e := sync2.NewExecutor(1)
		f := sync2.Submit(e, func(ctx context.Context) (int, error) { return 0, r.call(ctx) })
		synctest.Wait()
		f.Cancel()
		_, err := f.ResultTimeout(time.Hour)
		wantErr(t, err, sync2.ErrCanceled)
		wantErr(t, err, context.Canceled)
		checkExecutor(t, e)
		r.checkUsable(t)
	})
}

// Helpers of a task that wait for it with its context are released when it returns, and when it is canceled.
func TestHelpersWaitWithContextOfTask(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, f *sync2.Future[int]) error{
		"Result":  func(ctx context.Context, f *sync2.Future[int]) error { _, err := f.ResultContext(ctx); return err },
		"WaitAll": func(ctx context.Context, f *sync2.Future[int]) error { _, _, err := sync2.WaitAll(ctx, f); return err },
		"WaitAny": func(ctx context.Context, f *sync2.Future[int]) error { _, _, err := sync2.WaitAny(ctx, f); return err },
		"AsCompleted": func(ctx context.Context, f *sync2.Future[int]) (err error) {
			for _, err = range sync2.AsCompleted(ctx, f) {
			}
			return err
		},
		"Done": func(ctx context.Context, f *sync2.Future[int]) error {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-f.Done():
				return nil
			}
		},
		"derived": func(ctx context.Context, f *sync2.Future[int]) error {
			type key struct{}
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, key{}, 1), time.Hour)
			defer cancel()
			_, err := f.ResultContext(ctx)
			return err
		},
	} {
		for how, finish := range map[string]func(e *sync2.Executor, f *sync2.Future[int]){
			"Cancel":          func(_ *sync2.Executor, f *sync2.Future[int]) { f.Cancel() },
			"Executor.Cancel": func(e *sync2.Executor, _ *sync2.Future[int]) { e.Cancel(errTest) },
			"return":          func(*sync2.Executor, *sync2.Future[int]) { pass(time.Minute) },
		} {
			tracedOrNot(t, name+" "+how, func(t *testing.T) {
				e := sync2.NewExecutor(1)
				var f *sync2.Future[int]
				ready := make(chan struct{})
				var helpers [3]func() end
				f = sync2.Submit(e, func(ctx context.Context) (int, error) {
					<-ready
					for i := range helpers {
						helpers[i] = endOf(func() error { return wait(ctx, f) })
					}
					pause(ctx, time.Minute)
					return 1, nil
				})
				close(ready)
				synctest.Wait()
				finish(e, f)
				synctest.Wait()
				for _, helper := range helpers {
					if got := helper(); got.panicked != nil || got.exited {
						t.Errorf("it ended with %+v", got)
					} else if how != "return" && got.err != nil {
						wantErr(t, got.err, sync2.ErrCanceled)
					}
				}
				e.Shutdown()
			})
		}
	}
}

// pause waits for the end of ctx, or d.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// A task may do anything. Its future is settled, and the next task runs.
func TestHostileTasks(t *testing.T) {
	for name, act := range badCalls {
		tracedOrNot(t, name, func(t *testing.T) {
			e := sync2.NewExecutor(1)
			var f *sync2.Future[int]
			var begin sync2.Event
			var nested *sync2.Future[int]
			f = sync2.Submit(e, func(ctx context.Context) (int, error) {
				begin.Wait()
				act(func() {
					f.Cancel()
					f.State()
					f.OnDone(func(*sync2.Future[int]) { f.State() })
					_, _ = f.ResultTimeout(time.Second)
					_, _ = f.ResultContext(ctx)
					nested = sync2.Submit(e, value(2))
					e.Queued()
				})
				return 1, nil
			})
			begin.Set()
			if v, err := f.Result(); (v == 1 && err == nil) != (name == "calls" || name == "blocks") {
				t.Errorf("%d, %v", v, err)
			}
			if nested != nil {
				if v, err := nested.Result(); v != 2 || err != nil {
					t.Errorf("nested: %d, %v", v, err)
				}
			}
			checkExecutor(t, e)
		})
		tracedOrNot(t, "shuts down "+name, func(t *testing.T) {
			e := sync2.NewExecutor(2)
			f := sync2.Submit(e, func(context.Context) (int, error) {
				defer e.Shutdown()
				defer e.Cancel(errTest)
				act(func() { e.Shutdown() })
				return 1, nil
			})
			_, _ = f.Result()
			e.Shutdown()
			if !(f.State() > sync2.Running) || e.Workers() != 0 {
				t.Errorf("it is %v, and there are %d workers", f.State(), e.Workers())
			}
		})
	}
}

// An initializer may do anything. One that does not return nil breaks the executor; then every task fails, and nothing
// hangs.
func TestHostileInitializers(t *testing.T) {
	for name, act := range badCalls {
		tracedOrNot(t, name, func(t *testing.T) {
			var e *sync2.Executor
			var nested atomic.Pointer[sync2.Future[int]]
			e = sync2.NewExecutor(2, sync2.WithInitializer(func() error {
				pass(time.Second)
				act(func() {
					nested.Store(sync2.Submit(e, value(2)))
					e.Queued()
					e.Workers()
					e.ShutdownTimeout(0)
				})
				return nil
			}))
			var called atomic.Int32
			f := sync2.Submit(e, value(1))
			f.OnDone(func(*sync2.Future[int]) { called.Add(1); runtime.Goexit() })
			g := sync2.Submit(e, value(1))
			g.OnDone(func(*sync2.Future[int]) { called.Add(1) })
			_, err := f.Result()
			if fine := name == "calls" || name == "blocks"; fine != (err == nil) || !fine && !errors.Is(err, sync2.ErrBroken) {
				t.Error(err)
			}
			_, _ = g.Result()
			if n := nested.Load(); n != nil {
				_, _ = n.Result()
			}
			e.Shutdown()
			synctest.Wait()
			if called.Load() != 2 || e.Workers() != 0 {
				t.Errorf("%d callbacks were called, and %d workers are left", called.Load(), e.Workers())
			}
		})
	}
}

// The sequence, the reader and the task of a Map may do anything: a panic or a Goexit reaches the reader, tasks that have not
// begun are canceled, and e stays usable.
func TestHostileMap(t *testing.T) {
	for name, act := range badCalls {
		fine := name == "calls" || name == "blocks"
		for where := range 3 {
			tracedOrNot(t, fmt.Sprintf("%s %s", []string{"the sequence", "the reader", "the task"}[where], name), func(t *testing.T) {
				e := sync2.NewExecutor(1)
				bad := func(here, i int) {
					if where == here && i == 2 {
						act(func() {
							if v, err := sync2.Submit(e, value(1)).ResultTimeout(time.Hour); here != 2 && (v != 1 || err != nil) {
								t.Errorf("%d, %v", v, err)
							}
						})
					}
				}
				in := func(yield func(int) bool) {
					for i := range 5 {
						if bad(0, i); !yield(i) {
							return
						}
					}
				}
				results, fails := 0, 0
				got := endOf(func() error {
					for _, err := range sync2.Map(e, in, func(_ context.Context, i int) (int, error) { bad(2, i); return i, nil }) {
						bad(1, results)
						if results++; err != nil {
							fails++
						}
					}
					return nil
				})()
				switch {
				case where == 2 && got != end{} || where != 2 && got.exited != (name == "exits") || where != 2 && (got.panicked != nil) != (name == "panics"):
					t.Errorf("it ended with %+v", got)
				case got == end{} && results != 5, where == 2 && (fails == 0) != fine:
					t.Errorf("%d results, of which %d failed", results, fails)
				}
				checkExecutor(t, e)
			})
		}
	}
}

// A sequence may misbehave and go on when it should stop.
func TestHostileMapSequence(t *testing.T) {
	e := sync2.NewExecutor(1)
	in := func(yield func(int) bool) {
		for i := 0; ; i++ {
			yield(i)
		}
	}
	got := endOf(func() error {
		for range sync2.Map(e, in, func(_ context.Context, i int) (int, error) { return i, nil }) {
			break
		}
		return nil
	})()
	if got.panicked == nil {
		t.Errorf("it ended with %+v", got)
	}
	checkExecutor(t, e)
}

// A Local's New may do anything: a panic or a Goexit is that of Get, which has not given the goroutine a value.
func TestHostileLocalNew(t *testing.T) {
	for name, act := range badCalls {
		tracedOrNot(t, name, func(t *testing.T) {
			var l, other sync2.Local[int]
			bad := true
			l.New = func() int {
				if bad {
					bad = false
					act(func() { l.Set(1); l.Delete(); l.Get(); other.Set(1); sync2.ReleaseLocals() })
				}
				return 7
			}
			for range 2 {
				endOf(func() error {
					defer func() {
						if v, ok := l.Get(); v != 7 || !ok {
							t.Errorf("Get returned %d, %v", v, ok)
						}
						sync2.ReleaseLocals()
					}()
					l.Get()
					return nil
				})()
			}
		})
	}
}

// The body of a loop over All may do anything: the item counts as done, and the queue goes on.
func TestHostileQueueBody(t *testing.T) {
	for name, act := range badCalls {
		tracedOrNot(t, name, func(t *testing.T) {
			q := sync2.NewPriorityQueue(0, cmp.Compare[int])
			put(t, q, 1, 2, 3)
			endOf(func() error {
				for range q.All() {
					act(func() { lookAt(q); q.TryPut(0); q.TryGet(); q.TaskDone(); q.Close() })
				}
				return nil
			})()
			for range q.Len() {
				_, _ = q.Get()
				q.TaskDone()
			}
			if !q.JoinTimeout(0) || q.Len() != 0 {
				t.Errorf("%d items, %d unfinished", q.Len(), q.Unfinished())
			}
		})
	}
}

// A goroutine started by Go may end by Goexit.
func TestHostileGo(t *testing.T) {
	tracedOrNot(t, "exits", func(t *testing.T) {
		g := sync2.Go("g", runtime.Goexit)
		g.Join()
		if g.Alive() || !g.JoinTimeout(0) {
			t.Error("it is alive")
		}
		<-g.Done()
	})
}

type badStringer struct{ act func() }

func (b badStringer) String() string { b.act(); return "fine" }

// The text of a PanicError is finite, whatever the value of the panic.
func TestPanicErrorOfAnything(t *testing.T) {
	m := map[string]any{}
	m["self"] = m
	s := []any{nil}
	s[0] = s
	type list struct{ next any }
	l := &list{}
	l.next = l
	for want, v := range map[string]any{
		"nil":                           nil,
		"(map[string]interface {})":     m,
		"([]interface {})":              s,
		"(*sync2_test.list)":            l,
		"(sync2_test.list)":             *l,
		"<nil>":                         (*sync2.UsageError)(nil),
		"%!v(PANIC=String method: no)":  badStringer{func() { panic("no") }},
		"fine":                          badStringer{func() {}},
		"text":                          "text",
		"7":                             7,
		"1s":                            time.Second,
		"the test's own cause":          errTest,
		"sync2: WithBuffer: too little": &sync2.UsageError{Op: "WithBuffer", Reason: "too little"},
	} {
		tracedOrNot(t, want, func(t *testing.T) {
			e := sync2.NewExecutor(1)
			_, err := sync2.Submit(e, func(context.Context) (int, error) { panic(v) }).Result()
			if first, _, _ := strings.Cut(err.Error(), "\n"); !strings.HasPrefix(first, "sync2: panic: ") || !strings.HasSuffix(first, want) && v != nil {
				t.Errorf("%q, want %q", first, want)
			}
			checkExecutor(t, e)
		})
	}
}
