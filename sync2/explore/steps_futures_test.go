//go:build turnstile_steps

package explore

import (
	"context"
	"errors"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

var errOnPurpose = errors.New("on purpose")

// settles counts the goroutines told that they settled the promise.
func (b *bench) settles(me int, ok bool) {
	if ok {
		b.took[me] = 1
	}
}

// saw checks the result of a wait for the promise.
func (b *bench) saw(v int, err error) {
	switch {
	case err == nil:
		b.e.Check(v == 7 && b.promise.Future().State() == sync2.Succeeded, "got %d, and the state is %v", v, b.promise.Future().State())
	case errors.Is(err, errOnPurpose):
		b.e.Check(b.promise.Future().State() == sync2.Failed, "failed, and the state is %v", b.promise.Future().State())
	case errors.Is(err, sync2.ErrCanceled):
		b.e.Check(b.promise.Future().State() == sync2.Canceled, "canceled, and the state is %v", b.promise.Future().State())
	default:
		b.e.Check(errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled), "%v", err)
	}
}

func TestStepsOfFuture(t *testing.T) {
	all(t, map[string]script{
		"Succeed": func(b *bench, me int) { b.settles(me, b.promise.Succeed(7)) },
		"Fail":    func(b *bench, me int) { b.settles(me, b.promise.Fail(errOnPurpose)) },
		"Cancel":  func(b *bench, _ int) { b.promise.Future().Cancel() },
		"Cancel, Succeed": func(b *bench, me int) {
			b.promise.Future().Cancel()
			b.e.Check(!b.promise.Succeed(7), "settled after Cancel")
			b.took[me] = 0
		},
		"ResultTimeout":    func(b *bench, _ int) { b.saw(b.promise.Future().ResultTimeout(soon)) },
		"ResultTimeout(0)": func(b *bench, _ int) { b.saw(b.promise.Future().ResultTimeout(0)) },
		"ResultContext":    func(b *bench, _ int) { b.saw(b.promise.Future().ResultContext(b.ctx)) },
		"OnDone": func(b *bench, _ int) {
			b.promise.Future().OnDone(func(*sync2.Future[int]) { b.called++ })
			b.listeners++
		},
	}, func(b *bench) {
		state, settlers := b.promise.Future().State(), 0
		for _, n := range b.took {
			settlers += n
		}
		b.e.Check(settlers <= 1, "%d settled it", settlers)
		b.e.Check((settlers == 1) == (state == sync2.Succeeded || state == sync2.Failed), "%d settled it, and it is %v", settlers, state)
		b.promise.Future().Cancel()
		b.e.Check(b.called == b.listeners, "%d of %d were called", b.called, b.listeners)
	}, [3]string{"Succeed", "Cancel", "ResultTimeout"}, [3]string{"Succeed", "OnDone", "ResultContext"}, [3]string{"Succeed", "OnDone", "OnDone"})
}

// A task's future, which its worker settles without the mutex if nobody listens.
func TestStepsOfTask(t *testing.T) {
	submit := func(b *bench) *sync2.Future[int] {
		return sync2.Submit(b.pool, func(context.Context) (int, error) { b.called++; return 7, nil })
	}
	all(t, map[string]script{
		"ResultTimeout": func(b *bench, _ int) {
			if v, err := submit(b).ResultTimeout(soon); err == nil {
				b.e.Check(v == 7, "got %d", v)
			}
		},
		"Cancel": func(b *bench, _ int) {
			f := submit(b)
			canceled := f.Cancel()
			_, err := f.Result()
			b.e.Check(canceled == errors.Is(err, sync2.ErrCanceled), "Cancel returned %v, and the result is %v", canceled, err)
		},
		"OnDone": func(b *bench, _ int) { submit(b).OnDone(func(*sync2.Future[int]) { b.listeners++ }) },
		"forget": func(b *bench, _ int) { submit(b) },
	}, func(b *bench) {
		b.pool.Shutdown()
		b.e.Check(b.pool.Workers() == 0, "%d workers are left", b.pool.Workers())
	})
}

// An Executor in which a task waits for room, and may give up.
func TestStepsOfFullExecutor(t *testing.T) {
	task := func(b *bench) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { b.called++; return 7, nil }
	}
	submit := func(b *bench, _ int) { sync2.Submit(b.full, task(b)) }
	within := func(b *bench, _ int) { sync2.SubmitContext(b.ctx, b.full, task(b)) }
	check := func(b *bench) {
		b.full.Shutdown()
		b.e.Check(b.full.Workers() == 0 && b.full.Queued() == 0, "%d workers and %d tasks are left", b.full.Workers(), b.full.Queued())
	}
	t.Run("Submit | Submit", func(t *testing.T) { stepped(t, check, submit, submit) })
	t.Run("SubmitContext", func(t *testing.T) { stepped(t, check, within) })
}

func TestStepsOfQueue(t *testing.T) {
	allOfQueue(t, [3]string{"PutTimeout", "GetTimeout", "Discard"}, [3]string{"Put twice", "GetTimeout", "GetTimeout"})
}

// A priority queue, whose Puts and Gets take turns.
func TestStepsOfPriorityQueue(t *testing.T) {
	allOfQueue(t, [3]string{"PutTimeout", "GetTimeout", "Discard"}, [3]string{"Put twice", "GetTimeout", "PutTimeout"},
		[3]string{"Put twice", "PutTimeout", "PutTimeout"}, [3]string{"Put twice", "GetTimeout", "GetTimeout"})
}

func allOfQueue(t *testing.T, triples ...[3]string) {
	put := func(b *bench, me int, err error) {
		if err == nil {
			b.took[me]++
		}
	}
	get := func(b *bench, me int, v int, err error) {
		if err == nil {
			b.e.Check(v == 7, "got %d", v)
			b.queue.TaskDone()
			b.took[me]--
		}
	}
	all(t, map[string]script{
		"PutTimeout": func(b *bench, me int) { put(b, me, b.queue.PutTimeout(soon, 7)) },
		"PutContext": func(b *bench, me int) { put(b, me, b.queue.PutContext(b.ctx, 7)) },
		"Put twice": func(b *bench, me int) {
			put(b, me, b.queue.PutTimeout(soon, 7))
			put(b, me, b.queue.PutTimeout(soon, 7))
		},
		"GetTimeout":  func(b *bench, me int) { v, err := b.queue.GetTimeout(soon); get(b, me, v, err) },
		"GetContext":  func(b *bench, me int) { v, err := b.queue.GetContext(b.ctx); get(b, me, v, err) },
		"JoinTimeout": func(b *bench, _ int) { b.queue.JoinTimeout(soon) },
		"Discard":     func(b *bench, me int) { b.took[me] -= b.queue.Discard() },
	}, func(b *bench) {
		left := 0
		for _, n := range b.took {
			left += n
		}
		b.e.Check(b.queue.Len() == left && b.queue.Unfinished() == left, "%d in the queue and %d unfinished, want %d", b.queue.Len(), b.queue.Unfinished(), left)
	}, triples...)
}

func TestStepsOfCond(t *testing.T) {
	notify := func(n func(c *sync2.Cond)) script {
		return func(b *bench, _ int) {
			b.mu.Lock()
			b.enter(true)
			n(b.cond)
			b.mu.Unlock()
		}
	}
	wait := func(w func(b *bench, ready func() bool)) script {
		return func(b *bench, _ int) {
			b.mu.Lock()
			w(b, func() bool { return b.inner.Load() > 0 })
			b.inner.Load() // with the lock held again
			b.mu.Unlock()
		}
	}
	waits := map[string]script{
		"WaitTimeout": wait(func(b *bench, ready func() bool) {
			if !ready() {
				b.cond.WaitTimeout(soon)
			}
		}),
		"WaitForTimeout": wait(func(b *bench, ready func() bool) {
			b.e.Check(b.cond.WaitForTimeout(soon, ready) == ready(), "it returned something else than what ready says")
		}),
		"WaitForContext": wait(func(b *bench, ready func() bool) { // of an ended context it says so without a look at ready
			b.e.Check(b.cond.WaitForContext(b.ctx, ready) != nil || ready(), "it returned nil though ready does not hold")
		}),
	}
	check := func(b *bench) {
		b.e.Check(b.cond.Waiting() == 0, "%d wait", b.cond.Waiting())
		b.e.Check(b.mu.TryLock(), "locked, though nobody holds it")
	}
	for name, w := range waits {
		t.Run("Signal | "+name, func(t *testing.T) { stepped(t, check, notify((*sync2.Cond).Signal), w) })
		t.Run("Signal | "+name+", traced", func(t *testing.T) { traced(t, check, notify((*sync2.Cond).Signal), w) })
		t.Run("Broadcast | "+name, func(t *testing.T) { stepped(t, check, notify((*sync2.Cond).Broadcast), w) })
		t.Run("Broadcast | "+name+", traced", func(t *testing.T) { traced(t, check, notify((*sync2.Cond).Broadcast), w) })
	}
	if !testing.Short() {
		t.Run("two waits", func(t *testing.T) { stepped(t, check, waits["WaitTimeout"], waits["WaitForContext"]) })
	}
}

func TestStepsOfGoroutine(t *testing.T) {
	all(t, map[string]script{
		"Join":        func(b *bench, _ int) { b.g.Join(); b.e.Check(b.inner.Load() == 1, "not seen") },
		"JoinTimeout": func(b *bench, _ int) { b.e.Check(!b.g.JoinTimeout(soon) || b.inner.Load() == 1, "not seen") },
		"JoinContext": func(b *bench, _ int) { b.e.Check(b.g.JoinContext(b.ctx) != nil || b.inner.Load() == 1, "not seen") },
		"Alive":       func(b *bench, _ int) { b.e.Check(b.g.Alive() || b.inner.Load() == 1, "not seen") },
	}, func(b *bench) { b.g.Join() })
}
