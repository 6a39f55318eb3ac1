package sync2_test

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestTraceCond(t *testing.T) {
	got := record(t, func() {
		var l sync2.ReentrantLock
		c := sync2.NewCond(&l)
		trace.Name(&l, "lock")
		trace.Name(c, "cond")
		sync2.Go("ann", func() {
			l.Lock()
			l.Lock()
			c.Wait()
			l.Unlock()
			l.Unlock()
		})
		synctest.Wait()
		l.Lock()
		c.Signal()
		synctest.Wait() // or ann might come to the lock before the Broadcast, after it, or when it is free
		c.Broadcast()
		l.Unlock()
		synctest.Wait()
		l.Lock()
		c.WaitTimeout(time.Second)
		l.Unlock()
	})
	wantTrace(t, got, `
		ann acquire lock n=1
		ann acquire lock n=2
		ann release lock
		ann block cond n=1 "Wait"
		main acquire lock n=1
		main notify cond n=1
		ann unblock cond by main
		ann block lock n=1 "Lock"
		main notify cond
		main release lock
		ann unblock lock by main
		ann acquire lock n=1
		ann acquire lock n=2
		ann release lock n=1
		ann release lock
		main acquire lock n=1
		main release lock
		main block cond n=1 "Wait"
		main give-up cond n=1
		main acquire lock n=1
		main release lock`)
}

func TestTraceQueue(t *testing.T) {
	got := record(t, func() {
		q := sync2.NewQueue[string](1)
		trace.Name(q, "line")
		sync2.Go("ann", func() { _, _ = q.Get() })
		synctest.Wait()
		_ = q.Put("a")
		synctest.Wait()
		_ = q.Put("b")
		q.TryPut("c")
		sync2.Go("ben", func() { _ = q.Put("d") })
		synctest.Wait()
		_, _ = q.Get()
		synctest.Wait()
		q.TaskDone()
		q.JoinTimeout(time.Second)
		sync2.Go("cat", q.Join)
		synctest.Wait()
		sync2.Go("dan", func() { _ = q.Put("e") })
		synctest.Wait()
		q.TaskDone()
		q.Discard()
		synctest.Wait()
		q.Close()
		q.Join()
	})
	wantTrace(t, got, `
		ann block line n=1 "Get"
		main put line n=1 "a"
		ann unblock line by main
		ann get line n=1
		main put line n=2 "b"
		main try-fail line n=1 "TryPut"
		ben block line n=1 "Put"
		main get line n=2
		ben unblock line by main
		ben put line n=3 "d"
		main task-done line n=2
		main block line n=1 "Join"
		main give-up line n=1
		cat block line n=1 "Join"
		dan block line n=1 "Put"
		main task-done line n=1
		main close line n=1
		dan unblock line by main
		cat unblock line by main
		main pass line`)
}

// The place of an item in a stack, and in a priority queue also where it comes in as another goes out.
func TestTraceQueuePlaces(t *testing.T) {
	got := record(t, func() {
		s := sync2.NewStack[int](0)
		trace.Name(s, "stack")
		put(t, s, 1, 2)
		get(t, s, 2)
		q := sync2.NewPriorityQueue(3, cmp.Compare[int])
		trace.Name(q, "ranks")
		put(t, q, 5, 9, 7)
		sync2.Go("ann", func() { _ = q.Put(8) })
		synctest.Wait()
		get(t, q, 5, 7)
		put(t, q, 9)
	})
	wantTrace(t, got, `
		main put stack n=1 "1"
		main put stack n=2 "2"
		main get stack n=2
		main put ranks n=1 "5"
		main put ranks n=2 peer=1 "9"
		main put ranks n=3 peer=1 "7"
		ann block ranks n=1 "Put"
		main get ranks n=1
		ann unblock ranks by main
		ann put ranks n=4 peer=1 "8"
		main get ranks n=3
		main put ranks n=5 peer=2 "9"`)
}

func TestTracePromise(t *testing.T) {
	got := record(t, func() {
		p := sync2.NewPromise[int]()
		sync2.Go("ann", func() { _, _ = p.Future().Result() })
		synctest.Wait()
		_, _ = p.Future().ResultTimeout(time.Second)
		p.Succeed(7)
		synctest.Wait()
		_, _ = p.Future().Result()
		p.Future().Cancel()
	})
	wantTrace(t, got, `
		main submit future-1
		ann block future-1 n=1 "Result"
		main block future-1 n=1 "Result"
		main give-up future-1 n=1
		main settle future-1 n=3 "7"
		ann unblock future-1 by main
		main pass future-1
		main cancel future-1`)
}

func TestTraceExecutor(t *testing.T) {
	got := record(t, func() {
		e := sync2.NewExecutor(1, sync2.WithName("crew"))
		trace.Name(e, "pool")
		f := sync2.Submit(e, after(time.Second, 7))
		synctest.Wait() // until the worker has begun with it
		g := sync2.Submit(e, fails)
		h := sync2.Submit(e, value(9))
		synctest.Wait()
		h.Cancel()
		_, _, _ = sync2.WaitAll(context.Background(), f, g)
		synctest.Wait()
		_ = e.Execute(func(context.Context) {})
		synctest.Wait()
		e.Shutdown()
		_, _ = sync2.Submit(e, value(1)).Result()
	})
	got, end, _ := strings.Cut(got, "main close pool\n")
	const forgets = "main forget WaitAll\n" // before or after the worker waits for its next task
	if strings.Count(got, forgets) != 1 {
		t.Errorf("the trace does not forget WaitAll once:\n%s", got)
	}
	got = strings.Replace(got, forgets, "", 1)
	wantTrace(t, got, `
		main submit future-1 peer=1
		crew-1 task-start future-1
		main submit future-2 peer=1
		main submit future-3 peer=1
		main cancel future-3
		main settle future-3 n=5 "sync2: canceled"
		main watch future-1 n=2 peer=5
		main watch future-2 n=1 peer=5
		main block WaitAll n=1 "WaitAll"
		crew-1 settle future-1 n=3 "7"
		crew-1 task-start future-2
		crew-1 settle future-2 n=4 "the test's own cause"
		main unblock WaitAll by crew-1
		crew-1 block pool n=1 "next"
		main submit future-4 peer=1
		crew-1 unblock pool by main
		crew-1 task-start future-4
		crew-1 settle future-4 n=3 "{}"
		crew-1 block pool n=1 "next"`)
	// Whether the worker is gone before main waits for it is the scheduler's choice.
	for _, line := range []string{"crew-1 unblock pool by main\n", "main settle future-5 n=4 \"sync2: executor shut down\"\nmain pass future-5\n"} {
		if !strings.Contains(end, line) {
			t.Errorf("%q is not in the end of the trace:\n%s", line, end)
		}
	}
}

// The futures that a group waits for are reported once, before its first wait, and include those from before the trace.
func TestTraceGroup(t *testing.T) {
	before, p, q := sync2.NewPromise[int](), sync2.NewPromise[int](), sync2.NewPromise[int]()
	before.Succeed(1)
	got := record(t, func() {
		sync2.Go("ann", func() {
			for _, pr := range []*sync2.Promise[int]{p, q} {
				pass(time.Second) // of the bubble
				pr.Succeed(2)
			}
		})
		ben := sync2.Go("ben", func() {
			for range sync2.AsCompleted(context.Background(), before.Future(), p.Future(), q.Future()) {
			}
			_, _, _ = sync2.WaitAny(context.Background(), q.Future()) // does not wait
		})
		synctest.Wait() // IDs are in the order in which objects first appear: the group's is before that of ben's end
		ben.Join()
	})
	var of []string
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "ben ") {
			of = append(of, line)
		}
	}
	wantTrace(t, strings.Join(of, ""), `
		ben watch future-1 n=3 peer=1
		ben watch future-2 n=1 peer=1
		ben watch future-3 n=1 peer=1
		ben block AsCompleted n=1 "AsCompleted"
		ben unblock AsCompleted by ann
		ben block AsCompleted n=1 "AsCompleted"
		ben unblock AsCompleted by ann
		ben forget AsCompleted`)
}

func TestTraceExecutorCancel(t *testing.T) {
	got := record(t, func() {
		e := sync2.NewExecutor(1)
		sync2.Submit(e, after(time.Hour, 7))
		synctest.Wait()
		sync2.Submit(e, value(8))
		synctest.Wait()
		e.Cancel(errTest)
		synctest.Wait()
	})
	wantTrace(t, got, `
		main submit future-1 peer=1
		worker-1 task-start future-1
		main submit future-2 peer=1
		main cancel executor-1
		main cancel future-2
		main settle future-2 n=5 "sync2: canceled: the test's own cause"
		main cancel future-1
		worker-1 settle future-1 n=4 "sync2: canceled: the test's own cause"`)
}

func TestValidatorOnFutures(t *testing.T) {
	validated(t, func(me, round int) {
		e := sync2.NewExecutor(2)
		defer e.Shutdown()
		f := sync2.Submit(e, func(ctx context.Context) (int, error) {
			if round%10 == 3 {
				panic("now and then")
			}
			return round, ctx.Err()
		})
		switch (me + round) % 6 {
		case 0:
			f.Cancel()
		case 1:
			_, _ = f.ResultTimeout(time.Duration(round%7) * time.Microsecond)
		case 2:
			_, _ = f.Result()
		case 3:
			p := sync2.NewPromise[int]()
			f.OnDone(func(f *sync2.Future[int]) { p.Succeed(1) })
			ctx, cancel := soon(round)
			defer cancel()
			_, _, _ = sync2.WaitAll(ctx, f, p.Future())
		case 4:
			for range sync2.AsCompleted(context.Background(), f) {
			}
		case 5:
			_ = e.Execute(func(context.Context) {})
		}
	})
}
