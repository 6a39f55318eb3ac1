//go:build !deadlock && !turnstile_steps

package sync2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// waitsFor returns the waits for o in Waits.
func waitsFor(o fmt.Stringer) (of []sync2.Wait) {
	for _, w := range sync2.Waits() {
		if w.Object == o {
			of = append(of, w)
		}
	}
	return of
}

// A waitCase is a way to wait for an object.
type waitCase struct {
	object fmt.Stringer
	verb   string
	wait   func(ctx context.Context) error
	row    bool // there is a row
}

// waitCases returns each way to wait once, and a function that releases all that do not give up with the context.
func waitCases() (cases []waitCase, release func()) {
	mutex, lock, rw, writer := new(sync2.Mutex), new(sync2.ReentrantLock), new(sync2.RWMutex), new(sync2.RWMutex)
	mutex.Lock()
	lock.Lock()
	rw.Lock()
	writer.RLock()
	sem, event, barrier, wg := sync2.NewSemaphore(0), new(sync2.Event), sync2.NewBarrier(3), new(sync2.WaitGroup)
	wg.Add(1)
	empty, full, joined := sync2.NewQueue[int](1), sync2.NewQueue[int](1), sync2.NewQueue[int](1)
	_ = full.TryPut(1)
	_ = joined.TryPut(1)
	watch := sync2.NewWatch(0)
	_, version := watch.Get()
	var mu sync2.Mutex
	cond := sync2.NewCond(&mu)
	stay := make(chan struct{})
	g := sync2.Go("stays", func() { <-stay })
	return []waitCase{
			{mutex, "Lock", mutex.LockContext, true},
			{lock, "Lock", lock.LockContext, true},
			{rw, "RLock", rw.RLockContext, true},
			{writer, "Lock", writer.LockContext, true},
			{sem, "Acquire", sem.AcquireContext, true},
			{event, "Wait", event.WaitContext, false},
			{barrier, "Wait", func(ctx context.Context) error { _, err := barrier.WaitContext(ctx); return err }, false},
			{wg, "Wait", wg.WaitContext, false},
			{empty, "Get", func(ctx context.Context) error { _, err := empty.GetContext(ctx); return err }, true},
			{full, "Put", func(ctx context.Context) error { return full.PutContext(ctx, 2) }, true},
			{joined, "Join", joined.JoinContext, false},
			{watch, "Wait", func(ctx context.Context) error { _, _, err := watch.WaitContext(ctx, version); return err }, true},
			{cond, "Wait", func(ctx context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				return cond.WaitContext(ctx)
			}, true},
			{g, "Join", g.JoinContext, false},
		}, func() {
			mutex.Unlock()
			lock.Unlock()
			close(stay)
		}
}

// Each primitive reports its waiters: the verb, the position in the queue and, where known, the goroutine.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cases, release := waitCases()
		for _, c := range cases {
			for range 2 {
				sync2.Go("w", func() {
					if err := c.wait(ctx); !errors.Is(err, context.Canceled) {
						t.Errorf("%s of %s: %v", c.verb, c.object, err)
					}
				})
				synctest.Wait() // one after the other
			}
		}
		for _, c := range cases {
			all := waitsFor(c.object)
			if len(all) != 2 {
				t.Errorf("%s: %d wait, want 2", c.object, len(all))
			}
			for i, w := range all {
				position := 0
				if c.row {
					position = i + 1
				}
				if w.Verb != c.verb || w.Position != position || w.Goroutine == 0 || w.Name != "w" {
					t.Errorf("%s: %+v; want %s by w, position %d", c.object, w, c.verb, position)
				}
			}
		}
		cancel()
		synctest.Wait()
		for _, c := range cases {
			if all := waitsFor(c.object); len(all) != 0 {
				t.Errorf("%s: %+v, after all have given up", c.object, all)
			}
		}
		release()
	})
}

// Waits reports when a wait began if the primitive reads the clock, and the holder if it is known.
func TestWaitsSinceAndHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l sync2.ReentrantLock
		l.Lock()
		sync2.Go("ann", l.Lock)
		began := time.Now()
		pass(3 * time.Second)
		synctest.Wait()
		all := waitsFor(&l)
		if len(all) != 1 || !all[0].Since.Equal(began) || all[0].Holder != sync2.Current().ID() || all[0].Name != "ann" {
			t.Errorf("%+v; want ann, since %v, held by %d", all, began, sync2.Current().ID())
		}
		l.Unlock()
	})
}

var (
	anID    = regexp.MustCompile(`goroutine-\d+`)
	aMoment = regexp.MustCompile(`for [\d.]+m?s`)
)

// written returns the output of WriteWaits without the parts that differ from run to run.
func written(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := sync2.WriteWaits(&b); err != nil {
		t.Fatal(err)
	}
	return aMoment.ReplaceAllString(anID.ReplaceAllString(b.String(), "goroutine-N"), "for T")
}

// crossed makes two goroutines take two locks in opposite orders, so that they deadlock.
func crossed(ctx context.Context, a, b interface {
	sync.Locker
	LockContext(ctx context.Context) error
},
) {
	both := sync2.NewBarrier(2)
	take := func(first, second interface {
		sync.Locker
		LockContext(ctx context.Context) error
	},
	) func() {
		return func() {
			first.Lock()
			defer first.Unlock()
			_, _ = both.Wait()
			if second.LockContext(ctx) == nil {
				second.Unlock()
			}
		}
	}
	sync2.Go("ann", take(a, b))
	synctest.Wait()
	sync2.Go("bob", take(b, a))
	synctest.Wait()
}

// For a deadlock of two locks with owners the cycle is reported; for two Mutexes the waiters, with unknown holders.
func TestWriteWaitsOfADeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var a, b sync2.ReentrantLock
		trace.Name(&a, "left")
		trace.Name(&b, "right")
		crossed(ctx, &a, &b)
		got := written(t)
		for _, want := range []string{
			"reentrantlock right: held by bob, 1 wait\n\tLock: 1 in the row, ann (goroutine-N), for T\n",
			"cycle: none of these can go on\n",
			"\tann (goroutine-N) waits for bob (goroutine-N): Lock of reentrantlock right: held by bob, 1 wait\n",
			"\tbob (goroutine-N) waits for ann (goroutine-N): Lock of reentrantlock left: held by ann, 1 wait\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		cancel()
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var a, b sync2.Mutex
		crossed(ctx, &a, &b)
		got := written(t)
		if strings.Contains(got, "cycle") ||
			strings.Count(got, "mutex: locked, 1 wait; its owner is not known\n\tLock: 1 in the row, ") != 2 {
			t.Errorf("got\n%s", got)
		}
		cancel()
	})
}

// Waiters that were only counted are found by their stacks, and each is reported once.
func TestWaitsOfTheCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, e, b, wg := sync2.NewSemaphore(0), new(sync2.Event), sync2.NewBarrier(10), new(sync2.WaitGroup)
		wg.Add(1)
		var once sync2.Once
		for range 3 {
			sync2.Go("acquires", s.Acquire)
			sync2.Go("event", e.Wait)
			sync2.Go("event", func() { e.WaitTimeout(time.Hour) })
			sync2.Go("event", func() { once.Do(e.Wait) })
			sync2.Go("barrier", func() { _, _ = b.Wait() })
			sync2.Go("group", wg.Wait)
		}
		synctest.Wait()
		for o, want := range map[fmt.Stringer]string{
			s: "acquires acquires acquires", e: "event event event event event event event", b: "barrier barrier barrier", wg: "group group group",
		} {
			seen := make(map[int64]bool)
			var names []string
			for _, w := range waitsFor(o) {
				seen[w.Goroutine] = true
				names = append(names, w.Name)
			}
			if got := strings.Join(names, " "); got != want || len(seen) != len(names) {
				t.Errorf("%s: %q, %d goroutines; want %q", o, got, len(seen), want)
			}
		}
		s.ReleaseN(3)
		e.Set()
		b.Abort(nil)
		wg.Done()
	})
}

// The report has at most a hundred lines for one object's waiters, and a single line if there are too many to look for.
func TestWriteWaitsCounts(t *testing.T) {
	if underRace {
		t.Skip("these are more goroutines than the race detector allows")
	}
	synctest.Test(t, func(t *testing.T) {
		s, e := sync2.NewSemaphore(0), new(sync2.Event)
		for range 103 {
			go s.Acquire()
			go e.Wait()
		}
		synctest.Wait()
		few := written(t)
		for range 9897 {
			go s.Acquire()
		}
		synctest.Wait()
		many := written(t)
		for want, got := range map[string]string{
			"semaphore: 0, 103 wait\n\tAcquire: one of 1 to 103 in the row, goroutine-N\n":                    few,
			"\tAcquire: one of 1 to 103 in the row, goroutine-N\n\tand 3 more\n":                              few,
			"event: not set, 103 wait\n\tWait: goroutine-N\n\tWait: goroutine-N\n":                            few,
			"semaphore: 0, 10000 wait\n\tAcquire: 1 to 10000 in the row, 10000 goroutines, not known which\n": many,
			"event: not set, 103 wait\n\tWait: 103 goroutines, not known which\n":                             many,
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		s.ReleaseN(10_000)
		e.Set()
	})
}

// An object without waiters is not kept reachable by earlier waits.
func TestWaitsKeepNothing(t *testing.T) {
	var gone atomic.Int64
	const objects = 100
	for range objects {
		func() {
			q := sync2.NewQueue[int](1)
			runtime.AddCleanup(q, func(int) { gone.Add(1) }, 0)
			g := sync2.Go("getter", func() { _, _ = q.Get() })
			until(func() bool { return len(waitsFor(q)) == 1 })
			_ = q.TryPut(1)
			g.Join()
		}()
	}
	until(func() bool { runtime.GC(); return gone.Load() >= objects-1 }) // one may still be on the stack
}

// Waits may be called at any moment: its answers are consistent, and it disturbs no goroutine.
func TestWaitsHammer(t *testing.T) {
	var (
		m    sync2.Mutex
		s    = sync2.NewSemaphore(1)
		q    = sync2.NewQueue[int](1)
		e    sync2.Event
		wg   sync.WaitGroup
		over atomic.Bool
	)
	const rounds = 2000
	for range 3 {
		wg.Go(func() {
			for i := range rounds {
				m.Lock()
				runtime.Gosched()
				m.Unlock()
				s.Acquire()
				runtime.Gosched()
				s.Release()
				own := sync2.NewSemaphore(0)
				g := sync2.Go("", own.Acquire)
				if i%2 == 0 {
					runtime.Gosched()
				}
				own.Release()
				g.Join()
				e.WaitTimeout(time.Nanosecond)
			}
		})
		wg.Go(func() {
			for i := range rounds {
				_ = q.Put(i)
			}
		})
		wg.Go(func() {
			for range rounds {
				_, _ = q.Get()
			}
		})
	}
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for n := 0; !over.Load(); n++ {
			for _, w := range sync2.Waits() {
				if w.Object == nil || w.Verb == "" {
					t.Errorf("%+v", w)
				}
			}
			if n%16 == 0 {
				runtime.GC()
			}
		}
	}()
	wg.Wait()
	over.Store(true)
	<-asked
	for _, o := range []fmt.Stringer{&m, s, q, &e} {
		if all := waitsFor(o); len(all) > 0 {
			t.Errorf("%s: %+v, though no goroutine waits", o, all)
		}
	}
}
