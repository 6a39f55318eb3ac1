package sync2_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A ledger is a value that the program keeps changing, that contains itself, and that must not be printed.
type ledger struct {
	entries map[string]int
	list    []int
	self    *ledger
	mu      *sync.Mutex
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	panic("a trace has printed a value")
}

// Tracing a correct program reads nothing that its values refer to: the race detector checks that here.
func TestTraceLeavesValuesAlone(t *testing.T) {
	rec := trace.NewRecorder(1 << 14)
	if err := trace.Start(rec); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	l := &ledger{entries: map[string]int{"a": 1}, list: []int{1}, mu: new(sync.Mutex)}
	l.self = l
	l.mu.Lock() // for as long as the program runs
	stop, writer := make(chan struct{}), sync.WaitGroup{}
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				l.entries["a"] = i
				l.list[0] = i
			}
		}
	})
	values := []any{l, *l, l.entries, l.list, &l.list, []any{l}, [1]any{l}, struct{ a any }{l}}
	q, s := sync2.NewQueue[any](0), sync2.NewStack[any](0)
	p := sync2.NewPriorityQueue(0, func(any, any) int { return 0 })
	e := sync2.NewExecutor(2)
	var local sync2.Local[any]
	for range 50 {
		for _, v := range values {
			for _, q := range []*sync2.Queue[any]{q, s, p} {
				_ = q.Put(v)
				_, _ = q.Get()
			}
			local.Set(v)
			_, _ = sync2.Submit(e, func(context.Context) (any, error) { return v, nil }).Result()
			promise := sync2.NewPromise[any]()
			promise.Succeed(v)
			_, _ = sync2.Submit(e, func(context.Context) (any, error) { panic(v) }).Result()
		}
	}
	local.Delete()
	e.Shutdown()
	close(stop)
	writer.Wait()
	l.mu.Unlock()
	trace.Stop()
	var v trace.Validator
	for _, ev := range rec.Events() {
		if err := v.Event(ev); err != nil {
			t.Fatal(err)
		}
	}
}

// After a trace has ended, the Try methods still succeed if the primitive is available.
func TestTryAfterTrace(t *testing.T) {
	s := sync2.NewSemaphore(2)
	var rw sync2.RWMutex
	var m sync2.Mutex
	if err := trace.Start(new(tape)); err != nil {
		t.Fatal(err)
	}
	s.Acquire()
	rw.RLock()
	m.Lock()
	m.Unlock()
	trace.Stop()
	for what, try := range map[string]func() bool{
		"TryAcquire": s.TryAcquire,
		"TryRLock":   rw.TryRLock,
		"TryLock":    m.TryLock,
	} {
		if !try() {
			t.Errorf("%s fails", what)
		}
	}
}

// A trace that begins while goroutines wait shows all of them, the current state, and then each change.
func TestTraceFindsWhatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := sync2.NewSemaphore(0)
		q, full := sync2.NewQueue[int](0), sync2.NewStack[int](2)
		b := sync2.NewBarrier(4)
		broken := sync2.NewBarrier(2)
		broken.Abort(nil)
		var ev sync2.Event
		var wg sync2.WaitGroup
		wg.Add(3)
		var rw, written sync2.RWMutex
		rw.RLock()
		rw.RLock()
		written.Lock()
		var m sync2.Mutex
		lock := new(sync2.Mutex)
		c := sync2.NewCond(lock)
		m.Lock()
		_, _ = full.Put(1), full.Put(2)
		for _, wait := range []func(){
			s.Acquire, s.Acquire, func() { _ = s.AcquireContext(ctx) }, func() { s.AcquireTimeout(time.Hour) },
			func() { _, _ = q.Get() }, func() { _, _ = q.GetContext(ctx) },
			func() { _ = full.Put(3) }, full.Join,
			func() { _, _ = b.Wait() }, func() { _, _ = b.WaitTimeout(time.Hour) },
			ev.Wait, func() { _ = ev.WaitContext(ctx) }, func() { ev.WaitTimeout(time.Hour) },
			wg.Wait, func() { _ = wg.WaitContext(ctx) }, func() { wg.WaitTimeout(time.Hour) },
			rw.Lock, rw.RLock, func() { _ = rw.RLockContext(ctx) }, written.RLock, written.RLock,
			m.Lock, func() { _ = m.LockContext(ctx) },
			func() { lock.Lock(); c.Wait(); lock.Unlock() },
		} {
			go wait()
			synctest.Wait()
		}
		by := new(bystander)
		if err := trace.Start(by); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		names := map[string]any{"s": s, "q": q, "full": full, "b": b, "broken": broken, "ev": &ev, "wg": &wg, "rw": &rw, "written": &written, "m": &m, "c": c}
		for name, of := range names {
			trace.Name(of, name)
		}
		same := func(when string) {
			t.Helper()
			synctest.Wait()
			putters, _ := full.Waiting()
			_, getters := q.Waiting()
			want := map[string]int{
				"s": s.Waiting(), "q": getters, "full": putters, "b": b.Waiting(), "ev": ev.Waiting(), "wg": wg.Waiting(), "rw": rw.Waiting(), "written": written.Waiting(), "m": m.Waiting(), "c": c.Waiting(), "broken": 0,
			}
			if full.Unfinished() > 0 {
				want["full"]++ // the Join
			}
			for name, n := range want {
				o := by.object(name)
				if o == nil || len(o.Queue) != n {
					t.Fatalf("%s: at %s wait %+v, want %d", when, name, o, n)
				}
			}
			if got := by.object("full"); len(got.Items) != full.Len() || got.Puts-got.Done != full.Unfinished() {
				t.Errorf("%s: full is %+v, want %d items, %d unfinished", when, got, full.Len(), full.Unfinished())
			}
			if got := by.object("s"); got.Permits != int64(s.Available()) {
				t.Errorf("%s: %d permits, want %d", when, got.Permits, s.Available())
			}
			if got := by.object("b"); len(got.Arrived) != b.Waiting() {
				t.Errorf("%s: arrived %+v, want %d", when, got.Arrived, b.Waiting())
			}
			if !by.object("broken").Broken {
				t.Errorf("%s: not broken", when)
			}
			if by.err != nil {
				t.Fatalf("%s: %v", when, by.err)
			}
		}
		// An object is known from its first operation. These change nothing, but for one more party of b.
		s.TryAcquire()
		q.JoinTimeout(0)
		full.JoinTimeout(0)
		_, _ = broken.Wait()
		ev.WaitTimeout(0)
		wg.Add(0)
		rw.TryRLock()
		written.TryLock()
		m.TryLock()
		c.Notify(0)
		go func() { _, _ = b.Wait() }()
		same("at first")
		s.ReleaseN(2) // for the first two, which queued before the trace
		same("after a Release")
		_, _ = full.Get()
		same("after a Get")
		_ = q.Put(1)
		same("after a Put")
		cancel()
		same("after the end of the context")
		ev.Set()
		wg.Add(-3)
		rw.RUnlock()
		rw.RUnlock()
		written.Downgrade()
		c.Signal()
		same("after Set and Signal")
		b.Abort(errors.New("enough"))
		if b.Broken() != by.object("b").Broken {
			t.Error("b is not broken")
		}
		m.Unlock()
		rw.Unlock()
		for rw.Readers() > 0 {
			rw.RUnlock()
		}
		for written.Readers() > 0 {
			written.RUnlock()
		}
		s.Release()
		for full.Len() > 0 {
			_, _ = full.Get()
		}
		for full.Unfinished() > 0 {
			full.TaskDone()
		}
		b.Reset()
		same("at last")
		trace.Stop()
		if err := by.valid.Finish(); err != nil {
			t.Error(err)
		}
	})
}
