package explore

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

var errPurpose = errors.New("on purpose")

// moreSubjects are subjects built from others, and more operations of those.
var moreSubjects = []subject{
	{
		name: "Semaphore that is resized",
		wide: true,
		make: func(w *world) { w.sem = sync2.NewBoundedSemaphore(2) },
		scripts: map[string]func(*world){
			"Acquire": func(w *world) {
				defer func() { // with a bound of 0 it panics
					if r := recover(); r != nil {
						_, misuse := r.(*sync2.UsageError)
						w.e.Check(misuse, "%v", r)
					}
				}()
				w.sem.Acquire()
				w.held.Add(1)
				w.returned(1)
			},
			"AcquireTimeout": func(w *world) {
				if w.sem.AcquireTimeout(soon) {
					w.held.Add(1)
					w.returned(1)
				}
			},
			"AcquireContext":    func(w *world) { w.acquired(1, w.sem.AcquireContext(w.ctx)) },
			"AcquireN":          func(w *world) { w.acquired(2, w.sem.AcquireN(w.ctx, 2)) },
			"AcquireN, endless": func(w *world) { w.acquired(2, w.sem.AcquireN(context.Background(), 2)) },
			"Drain": func(w *world) {
				if n := w.sem.Drain(); n > 0 {
					w.held.Add(int64(n))
					w.returned(n)
				}
			},
			"Resize to 0":    func(w *world) { w.sem.Resize(0) },
			"Resize to 1":    func(w *world) { w.sem.Resize(1) },
			"Resize to 3":    func(w *world) { w.sem.Resize(3) },
			"Resize 0 and 2": func(w *world) { w.sem.Resize(0); w.sem.Resize(2) },
		},
		check: func(w *world) {
			w.e.Check(w.sem.Waiting() == 0, "%d wait", w.sem.Waiting())
			w.sem.Resize(2)
			w.e.Check(w.sem.Available() == 2, "%d available", w.sem.Available())
			w.e.Check(w.sem.TryAcquireN(2), "not fit for use afterwards")
		},
	},
	{
		name: "Barrier with action",
		wide: true,
		make: func(w *world) {
			w.bar = sync2.NewBarrier(2, sync2.WithAction(func() error {
				w.inner++
				w.e.Yield()
				w.e.Check(w.inner == 1, "%d actions at once", w.inner)
				w.inner--
				w.held.Add(2)
				return nil
			}))
		},
		scripts: map[string]func(*world){
			"WaitTimeout": func(w *world) { w.acted(w.bar.WaitTimeout(soon)) },
			"WaitContext": func(w *world) { w.acted(w.bar.WaitContext(w.ctx)) },
			"Abort":       func(w *world) { w.bar.Abort(errPurpose) },
			"Reset":       func(w *world) { w.bar.Reset() },
			"look":        func(w *world) { w.bar.Broken(); w.bar.Waiting() },
		},
		check: func(w *world) {
			w.e.Check(w.total.Load() == w.held.Load(), "%d came through, and the action ran for %d", w.total.Load(), w.held.Load())
			w.e.Check(w.bar.Waiting() == 0, "%d wait", w.bar.Waiting())
		},
	},
	{
		name: "Barrier with action that fails",
		wide: true,
		make: func(w *world) {
			w.bar = sync2.NewBarrier(2, sync2.WithAction(func() error { return errPurpose }))
		},
		scripts: map[string]func(*world){
			"WaitTimeout": func(w *world) {
				_, err := w.bar.WaitTimeout(soon)
				w.e.Check(errors.Is(err, sync2.ErrBroken), "%v", err)
			},
			"WaitContext": func(w *world) {
				_, err := w.bar.WaitContext(w.ctx)
				w.e.Check(errors.Is(err, sync2.ErrBroken), "%v", err)
			},
			"Reset": func(w *world) { w.bar.Reset() },
		},
		check: func(w *world) { w.e.Check(w.bar.Waiting() == 0, "%d wait", w.bar.Waiting()) },
	},
	{
		name:  "Cond of a ReentrantLock",
		pairs: true,
		make:  func(w *world) { w.cond = sync2.NewCond(&w.re) },
		scripts: map[string]func(*world){
			"Signal":    func(w *world) { w.re.Lock(); w.count++; w.cond.Signal(); w.re.Unlock() },
			"Broadcast": func(w *world) { w.re.Lock(); w.count++; w.cond.Broadcast(); w.re.Unlock() },
			"WaitTimeout": func(w *world) {
				w.deep(func() { w.cond.WaitTimeout(soon) })
			},
			"WaitForContext": func(w *world) {
				w.deep(func() { _ = w.cond.WaitForContext(w.ctx, func() bool { return w.count > 0 }) })
			},
		},
		check: func(w *world) {
			w.e.Check(w.cond.Waiting() == 0, "%d wait", w.cond.Waiting())
			w.e.Check(w.re.TryLock() && w.re.Depth() == 1, "depth %d, though nobody held it", w.re.Depth())
		},
	},
	{
		name: "Queue with an account",
		wide: true,
		make: func(w *world) { w.queue = sync2.NewPriorityQueue(0, cmp.Compare[int]) },
		scripts: map[string]func(*world){
			"Put":         func(w *world) { w.put(w.queue.Put(1)) },
			"Get":         func(w *world) { _, err := w.queue.GetTimeout(soon); w.got(err) },
			"TryGet":      func(w *world) { w.tryGet() },
			"JoinTimeout": func(w *world) { w.queue.JoinTimeout(soon) },
			"JoinContext": func(w *world) { _ = w.queue.JoinContext(w.ctx) },
			"Put, Join": func(w *world) {
				w.put(w.queue.Put(1))
				w.tryGet()
				w.queue.JoinTimeout(soon)
			},
			"Discard": func(w *world) { w.total.Add(-int64(w.queue.Discard())) },
		},
		check: func(w *world) {
			w.e.Check(int64(w.queue.Len()) == w.total.Load(), "%d in the queue, want %d", w.queue.Len(), w.total.Load())
			w.e.Check(int64(w.queue.Unfinished()) == w.total.Load(), "%d unfinished, want %d", w.queue.Unfinished(), w.total.Load())
			w.total.Add(-int64(w.queue.Discard()))
			w.queue.Join()
		},
	},
	{
		name: "Stack and All",
		wide: true,
		make: func(w *world) { w.queue = sync2.NewStack[int](2) },
		scripts: map[string]func(*world){
			"Put": func(w *world) { w.put(w.queue.PutTimeout(soon, 1)) },
			"Close, All": func(w *world) {
				w.queue.Close()
				for range w.queue.All() {
					w.total.Add(-1)
				}
			},
			"Put, Close": func(w *world) { w.put(w.queue.PutTimeout(soon, 1)); w.queue.Close() },
		},
		check: func(w *world) {
			w.queue.Close()
			w.e.Check(int64(w.queue.Unfinished()) == w.total.Load(), "%d unfinished, want %d", w.queue.Unfinished(), w.total.Load())
		},
	},
	{
		name: "Future",
		make: func(w *world) { w.promise = sync2.NewPromise[int]() },
		scripts: map[string]func(*world){
			"Succeed": func(w *world) { w.settled(w.promise.Succeed(7)) },
			"Fail":    func(w *world) { w.settled(w.promise.Fail(errPurpose)) },
			"Cancel": func(w *world) {
				ok := w.promise.Future().Cancel()
				w.e.Check(ok == (w.promise.Future().State() == sync2.Canceled), "Cancel returned %v, and it is %v", ok, w.promise.Future().State())
			},
			"ResultTimeout": func(w *world) { w.saw(w.promise.Future().ResultTimeout(soon)) },
			"ResultContext": func(w *world) { w.saw(w.promise.Future().ResultContext(w.ctx)) },
			"OnDone": func(w *world) {
				w.held.Add(1)
				w.promise.Future().OnDone(func(f *sync2.Future[int]) {
					w.held.Add(-1)
					w.e.Check(f.State() >= sync2.Succeeded, "called when it is %v", f.State())
				})
			},
			"AsCompleted": func(w *world) {
				for f, err := range sync2.AsCompleted(w.ctx, w.promise.Future()) {
					w.e.Check((f == nil) == (err != nil), "yielded %v, %v", f, err)
				}
			},
			"WaitAll": func(w *world) {
				done, pending, err := sync2.WaitAll(w.ctx, w.promise.Future())
				w.e.Check(len(done)+len(pending) == 1 && (len(pending) == 0 || err != nil), "%d done, %d pending, %v", len(done), len(pending), err)
			},
		},
		check: func(w *world) {
			w.promise.Future().Cancel()
			w.e.Check(w.total.Load() <= 1, "%d settled it", w.total.Load())
			w.e.Check((w.total.Load() == 0) == (w.promise.Future().State() == sync2.Canceled), "%d settled it, and it is %v", w.total.Load(), w.promise.Future().State())
			w.e.Check(w.held.Load() == 0, "%d callbacks were not called", w.held.Load())
		},
	},
	{
		name: "Executor",
		wide: true,
		make: func(w *world) { w.pool = sync2.NewExecutor(1) },
		scripts: map[string]func(*world){
			"Submit": func(w *world) { w.submitted(w.submit().ResultTimeout(soon)) },
			"Submit, Cancel": func(w *world) {
				f := w.submit()
				canceled := f.Cancel()
				_, err := f.Result()
				w.e.Check(!canceled || errors.Is(err, sync2.ErrCanceled), "canceled, and it has the error %v", err)
			},
			"Shutdown":        func(w *world) { w.pool.Shutdown() },
			"ShutdownContext": func(w *world) { _ = w.pool.ShutdownContext(w.ctx) },
			"Cancel":          func(w *world) { w.pool.Cancel(errPurpose) },
		},
		check: func(w *world) {
			w.pool.Shutdown()
			w.e.Check(w.pool.Workers() == 0 && w.pool.Queued() == 0, "%d workers and %d tasks are left", w.pool.Workers(), w.pool.Queued())
		},
	},
	{
		name:  "Map",
		pairs: true,
		make:  func(w *world) { w.pool = sync2.NewExecutor(1) },
		scripts: map[string]func(*world){
			"read it all": func(w *world) {
				want := 1
				for v, err := range mapped(w.pool, 1, 2) {
					w.e.Check(err != nil || v == want, "got %d, want %d", v, want)
					want++
				}
				w.e.Check(want == 3, "%d results of 2", want-1)
			},
			"stop early": func(w *world) {
				for range mapped(w.pool, 1) {
					break
				}
			},
			"Cancel": func(w *world) { w.pool.Cancel(nil) },
		},
		check: func(w *world) {
			w.pool.Shutdown()
			w.e.Check(w.pool.Workers() == 0, "%d workers are left", w.pool.Workers())
		},
	},
	{
		name: "Goroutine",
		make: func(w *world) { w.g = sync2.Go("g", func() { w.e.Yield(); w.count = 1 }) },
		scripts: map[string]func(*world){
			"Join":        func(w *world) { w.g.Join(); w.e.Check(w.count == 1, "not seen") },
			"JoinTimeout": func(w *world) { w.e.Check(!w.g.JoinTimeout(soon) || w.count == 1, "not seen") },
			"JoinContext": func(w *world) { w.e.Check(w.g.JoinContext(w.ctx) != nil || w.count == 1, "not seen") },
			"Alive":       func(w *world) { w.e.Check(w.g.Alive() || w.count == 1, "not seen") },
		},
		check: func(w *world) { w.g.Join() },
	},
	{
		name: "Local",
		make: func(w *world) { w.local.Set(100) },
		scripts: map[string]func(*world){
			"Set, Get": func(w *world) {
				w.local.Set(1)
				w.e.Yield()
				v, ok := w.local.Get()
				w.e.Check(ok && v == 1, "got %d, %v", v, ok)
			},
			"Get": func(w *world) {
				w.e.Yield()
				v, ok := w.local.Get()
				w.e.Check(!ok || v == 1, "got the value %d of another", v)
			},
			"Set, Delete": func(w *world) {
				w.local.Set(2)
				w.e.Yield()
				w.local.Delete()
				_, ok := w.local.Get()
				w.e.Check(!ok, "there after Delete")
			},
		},
		check: func(w *world) { v, _ := w.local.Get(); w.e.Check(v == 100, "main's value is %d", v) },
	},
}

// mapped maps the values to themselves.
func mapped(pool *sync2.Executor, values ...int) iter.Seq2[int, error] {
	return sync2.Map(pool, slices.Values(values), func(_ context.Context, n int) (int, error) { return n, nil }, sync2.WithBuffer(0))
}

// acted counts the goroutines that passed a barrier with an action.
func (w *world) acted(index int, err error) {
	w.e.Check((index == -1) == (err != nil), "index %d, error %v", index, err)
	if err == nil {
		w.total.Add(1)
	}
}

// deep calls f with the reentrant lock held twice, and checks that it still is afterwards.
func (w *world) deep(f func()) {
	w.re.Lock()
	w.re.Lock()
	f()
	w.e.Check(w.re.Depth() == 2, "depth %d, want 2", w.re.Depth())
	w.critical()
	w.re.Unlock()
	w.re.Unlock()
}

func (w *world) tryGet() {
	if _, ok := w.queue.TryGet(); ok {
		w.got(nil)
	}
}

func (w *world) settled(ok bool) {
	if ok {
		w.total.Add(1)
	}
}

// saw checks the result of a wait for the promise.
func (w *world) saw(v int, err error) {
	state := w.promise.Future().State()
	switch {
	case err == nil:
		w.e.Check(v == 7 && state == sync2.Succeeded, "got %d, and it is %v", v, state)
	case errors.Is(err, errPurpose):
		w.e.Check(state == sync2.Failed, "it failed, and it is %v", state)
	case errors.Is(err, sync2.ErrCanceled):
		w.e.Check(state == sync2.Canceled, "it was canceled, and it is %v", state)
	default:
		w.e.Check(errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled), "%v", err)
	}
}

func (w *world) submit() *sync2.Future[int] {
	return sync2.Submit(w.pool, func(context.Context) (int, error) { return 7, nil })
}

// submitted checks the result of a task.
func (w *world) submitted(v int, err error) {
	w.e.Check(v == 7 && err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sync2.ErrShutdown) ||
		errors.Is(err, sync2.ErrCanceled), "got %d, %v", v, err)
}

// Shutdown waits for the tasks and for the goroutines that ran them.
func TestShutdownWaitsForWorkers(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		pool := sync2.NewExecutor(2)
		var workers [2]*sync2.Goroutine
		for i := range workers {
			sync2.Submit(pool, func(context.Context) (int, error) {
				workers[i] = sync2.Current()
				return 0, nil
			})
		}
		pool.Shutdown()
		for _, w := range workers {
			e.Check(!w.Alive(), "a worker has not ended")
		}
	}, DPOR())
	if r.Failure != nil || !r.Exhausted {
		t.Errorf("%v: %v", r, r.Failure)
	}
}

// returned returns n permits; until then no more than the largest bound may be held.
func (w *world) returned(n int) {
	w.e.Yield()
	w.e.Check(w.held.Load() <= 3, "%d held", w.held.Load())
	w.held.Add(int64(-n))
	w.sem.ReleaseN(n)
}

// acquired returns n permits, unless err says why it did not get them.
func (w *world) acquired(n int, err error) {
	if err != nil {
		w.e.Check(errors.Is(err, sync2.ErrTooMany) || errors.Is(err, context.Canceled), "%v", err)
		return
	}
	w.held.Add(int64(n))
	w.returned(n)
}

// Goroutines inherit in every schedule, and what they leave behind when a run is abandoned does not affect other runs.
func TestLocalsAreInherited(t *testing.T) {
	budget := 30_000
	if engine.UnderRace {
		budget = 1_000
	}
	before := len(sync2.Goroutines()) // other tests leave some behind in runs that hang
	r := Explore("locals", func(e *E) {
		var locals [2]sync2.Local[int]
		for i := range locals {
			locals[i].Inherit = func(parent int) int { return parent + 1 }
			locals[i].Set(0)
		}
		for range 3 {
			e.Go("parent", func() {
				e.Yield() // these cause some runs to be abandoned
				locals[0].Set(10)
				e.Yield()
				sync2.Go("child", func() {
					v, _ := locals[0].Get()
					_, ok := locals[1].Get()
					e.Check(v == 11 && !ok, "inherited %d, %t", v, ok)
				}).Join()
			})
		}
		e.Join()
		v, _ := locals[0].Get()
		left := len(sync2.Goroutines()) - before
		e.Check(v == 0 && left == 0, "%d, and %d are left", v, left)
	}, DPOR(), Runs(budget))
	if r.Failure != nil {
		t.Fatal(r.Failure.Report())
	}
}
