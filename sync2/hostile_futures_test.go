package sync2_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
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
	for _, make := range []func() *sync2.Queue[int]{
		func() *sync2.Queue[int] { return sync2.NewQueue[int](1) },
		func() *sync2.Queue[int] { return sync2.NewPriorityQueue(1, func(a, b int) int { return a - b }) },
	} {
		verbs = append(verbs,
			contextVerb{"Queue.PutContext", func() rig { return putRig(make()) }},
			contextVerb{"Queue.GetContext", func() rig { return getRig(make()) }},
			contextVerb{"Queue.JoinContext", func() rig { return joinRig(make()) }})
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

// hostileErrors are errors whose methods do what they must not. The function given is that of somebody's methods, which
// may be called at any time.
var hostileErrors = map[string]func(touch func()) error{
	"typed nil":    func(func()) error { return (*sync2.UsageError)(nil) },
	"uncomparable": func(func()) error { return uncomparable{"x"} },
	"exits":        func(func()) error { return errorFunc(func() string { runtime.Goexit(); return "" }) },
	"calls":        func(touch func()) error { return errorFunc(func() string { touch(); return "called" }) },
	"blocks": func(touch func()) error {
		return errorFunc(func() string { time.Sleep(time.Hour); touch(); return "" })
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

// Whatever fails a future may be any error. It is handed on, and neither asked for its text under a lock nor compared.
func TestHostileErrorsOfFutures(t *testing.T) {
	for name, make := range hostileErrors {
		tracedOrNot(t, "Fail "+name, func(t *testing.T) {
			p := sync2.NewPromise[int]()
			f := p.Future()
			err := make(func() { f.State(); f.Waiting(); f.Done(); f.OnDone(func(*sync2.Future[int]) {}) })
			endOf(func() error { p.Fail(err); return nil })()
			settledWith(t, f, sync2.Failed, err)
		})
		tracedOrNot(t, "a task "+name, func(t *testing.T) {
			e := sync2.NewExecutor(1)
			var f *sync2.Future[int]
			err := make(func() { f.State(); f.Cancel(); e.Queued(); e.Workers(); sync2.Submit(e, value(2)) })
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
			err := make(func() { queued.State(); runs.State(); e.Queued(); e.Workers() })
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
			err := make(func() { f.State(); e.Queued(); e.Workers() })
			e = sync2.NewExecutor(1, sync2.WithInitializer(func() error { time.Sleep(time.Second); return err }))
			f = sync2.Submit(e, value(1))
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

// badCalls is what a function of the caller's may do. Each way but the last two does not return.
var badCalls = map[string]func(touch func()){
	"panics": func(func()) { panic(errPanicked) },
	"exits":  func(func()) { runtime.Goexit() },
	"calls":  func(touch func()) { touch() },
	"blocks": func(touch func()) { time.Sleep(time.Hour); touch() },
}

// A callback may do anything, whoever settles the future: what it does harms no other callback, no other future, and
// nobody who waits.
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
