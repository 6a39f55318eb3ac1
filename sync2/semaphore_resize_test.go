package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestSemaphoreResizeMisuse(t *testing.T) {
	unbounded := sync2.NewSemaphore(2)
	wantMisuse(t, "Semaphore.Resize", func() { unbounded.Resize(3) })
	largest := sync2.NewSemaphore(math.MaxInt)
	wantMisuse(t, "Semaphore.Resize", func() { largest.Resize(3) })
	s := sync2.NewBoundedSemaphore(2)
	wantMisuse(t, "Semaphore.Resize", func() { s.Resize(-1) })
	wantMisuse(t, "Semaphore.Resize", func() { s.Resize(math.MinInt) })
	if unbounded.Available() != 2 || largest.Available() != math.MaxInt || s.Available() != 2 || !s.TryAcquireN(2) {
		t.Error("a misuse changed a count")
	}
	s.Resize(math.MaxInt)
	if s.Available() != math.MaxInt-2 {
		t.Errorf("Available = %d", s.Available())
	}
	s.ReleaseN(2)
	wantMisuse(t, "Semaphore.Release", s.Release)
	most := sync2.NewBoundedSemaphore(math.MaxInt) // is bounded all the same
	most.Acquire()
	most.Resize(2)
	if most.String() != "semaphore: 1 of 2, 0 wait" {
		t.Error(most)
	}
}

// Without waiters, available permits are the bound minus the permits held, and Release counts against the permits held.
func TestSemaphoreResizeCounts(t *testing.T) {
	for _, traced := range []bool{false, true} {
		t.Run(fmt.Sprintf("traced %v", traced), func(t *testing.T) {
			if traced {
				if err := trace.Start(trace.NewRecorder(1000)); err != nil {
					t.Fatal(err)
				}
				defer trace.Stop()
			}
			s := sync2.NewBoundedSemaphore(5)
			said := func(want string) {
				t.Helper()
				if got := fmt.Sprintf("%d, %v", s.Available(), s); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			}
			s.Resize(7)
			said("7, semaphore: 7 of 7, 0 wait")
			wantMisuse(t, "Semaphore.Release", s.Release)
			s.ReleaseN(0)
			if !s.TryAcquireN(6) {
				t.Fatal("TryAcquireN(6) of 7")
			}
			s.Resize(6)
			said("0, semaphore: 0 of 6, 0 wait")
			s.Resize(3)
			said("0, semaphore: 0 of 3, 0 wait")
			wantMisuse(t, "Semaphore.ReleaseN", func() { s.ReleaseN(7) })
			wantErr(t, s.AcquireN(t.Context(), 4), sync2.ErrTooMany)
			if s.TryAcquire() || s.AcquireTimeout(0) || s.Drain() != 0 {
				t.Error("a permit, though too many are held")
			}
			s.Release()
			s.Release()
			said("0, semaphore: 0 of 3, 0 wait")
			s.ReleaseN(2) // one in excess of the bound, and one more
			said("1, semaphore: 1 of 3, 0 wait")
			s.Resize(1)
			said("0, semaphore: 0 of 1, 0 wait")
			s.Resize(4) // before enough came back
			said("2, semaphore: 2 of 4, 0 wait")
			if n := s.Drain(); n != 2 {
				t.Errorf("Drain = %d", n)
			}
			s.Resize(0)
			said("0, semaphore: 0 of 0, 0 wait")
			wantMisuse(t, "Semaphore.Acquire", s.Acquire)
			wantErr(t, s.AcquireContext(t.Context()), sync2.ErrTooMany)
			wantErr(t, s.AcquireContext(ended(errTest)), errTest)
			if s.TryAcquire() || s.AcquireTimeout(time.Hour) {
				t.Error("a permit of 0")
			}
			s.ReleaseN(4)
			wantMisuse(t, "Semaphore.Release", s.Release)
			said("0, semaphore: 0 of 0, 0 wait")
			s.Resize(2)
			s.Acquire()
			said("1, semaphore: 1 of 2, 0 wait")
		})
	}
}

// A waits records, by name, the outcome of each wait in a test of Resize.
type waits struct {
	mu  sync.Mutex
	got map[string]string
}

func (w *waits) start(name string, f func() string) {
	go func() {
		r := misuseOr(f)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got[name] = r
	}()
	synctest.Wait()
}

// misuseOr returns the result of f, or the name of the operation if f panics with a UsageError.
func misuseOr(f func() string) (r string) {
	defer func() {
		if v := recover(); v != nil {
			err, _ := v.(error)
			var usage *sync2.UsageError
			if !errors.As(err, &usage) {
				panic(v)
			}
			r = "misuse of " + usage.Op
		}
	}()
	return f()
}

func (w *waits) want(t *testing.T, want map[string]string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if fmt.Sprint(w.got) != fmt.Sprint(want) {
		t.Errorf("returned: %v\nwant: %v", w.got, want)
	}
	clear(w.got)
}

// everyWait starts one or more waits of each form, in this order; waits with a context share one.
func everyWait(s *sync2.Semaphore, ctx context.Context, w *waits) {
	for i := range 2 {
		w.start(fmt.Sprint("Acquire ", i), func() string { s.Acquire(); return "ok" })
	}
	w.start("AcquireContext endless", func() string { return okOr(s.AcquireContext(context.Background())) })
	for i := range 3 {
		w.start(fmt.Sprint("AcquireN 3 ", i), func() string { return okOr(s.AcquireN(ctx, 3)) })
	}
	w.start("AcquireN 3 endless", func() string { return okOr(s.AcquireN(context.Background(), 3)) })
	w.start("AcquireTimeout", func() string { return yesNo(s.AcquireTimeout(time.Hour)) })
	for i := range 3 {
		w.start(fmt.Sprint("AcquireContext ", i), func() string { return okOr(s.AcquireContext(ctx)) })
	}
}

// eachTracing runs test with no trace, with one that begins before, and with one that begins before Resize.
func eachTracing(t *testing.T, test func(t *testing.T, amid func())) {
	for _, when := range []string{"never", "before", "amid"} {
		t.Run("traced "+when, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &judge{valid: new(trace.Validator)}
				start := func() {
					if err := trace.Start(v); err != nil {
						t.Fatal(err)
					}
				}
				defer trace.Stop()
				if when == "before" {
					start()
				}
				test(t, func() {
					if when == "amid" {
						start()
					}
				})
				trace.Stop()
				if v.err != nil {
					t.Error(v.err)
				}
			})
		})
	}
}

// A wait for more than the new bound is refused, and the waits behind it are served, in order.
func TestSemaphoreResizeRefuses(t *testing.T) {
	eachTracing(t, func(t *testing.T, amid func()) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := sync2.NewBoundedSemaphore(4)
		s.Drain()
		w := &waits{got: map[string]string{}}
		everyWait(s, ctx, w)
		amid()
		s.Resize(2)
		tooMany := sync2.ErrTooMany.Error()
		w.want(t, map[string]string{"AcquireN 3 0": tooMany, "AcquireN 3 1": tooMany, "AcquireN 3 2": tooMany, "AcquireN 3 endless": tooMany})
		if s.Waiting() != 7 || s.Available() != 0 {
			t.Errorf("%d wait, %d available", s.Waiting(), s.Available())
		}
		s.ReleaseN(2)
		w.want(t, map[string]string{})
		for _, next := range []string{
			"Acquire 0", "Acquire 1", "AcquireContext endless", "AcquireTimeout", "AcquireContext 0", "AcquireContext 1", "AcquireContext 2",
		} {
			s.Release()
			w.want(t, map[string]string{next: "ok"})
		}
		s.ReleaseN(2)
		if s.Available() != 2 {
			t.Errorf("%d available", s.Available())
		}
	})
}

// A bound of 0 refuses all waits except those that were already granted, and the semaphore can be used again.
func TestSemaphoreResizeToNothing(t *testing.T) {
	eachTracing(t, func(t *testing.T, amid func()) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := sync2.NewBoundedSemaphore(4)
		s.Drain()
		w := &waits{got: map[string]string{}}
		tooMany := sync2.ErrTooMany.Error()
		for range 3 {
			everyWait(s, ctx, w)
			amid()
			amid = func() {}
			s.Release() // and the goroutine that gets it may not have run yet
			s.Resize(0)
			w.want(t, map[string]string{
				"Acquire 0": "ok", "Acquire 1": "misuse of Semaphore.Acquire", "AcquireContext endless": tooMany,
				"AcquireN 3 0": tooMany, "AcquireN 3 1": tooMany, "AcquireN 3 2": tooMany, "AcquireN 3 endless": tooMany,
				"AcquireTimeout": "no", "AcquireContext 0": tooMany, "AcquireContext 1": tooMany, "AcquireContext 2": tooMany,
			})
			if s.Waiting() != 0 || s.Available() != 0 {
				t.Errorf("%d wait, %d available", s.Waiting(), s.Available())
			}
			s.Resize(4)
		}
		s.ReleaseN(4)
	})
}

// Of the waits that share a context, some are granted and the others refused at once, whichever of them leads.
func TestSemaphoreResizeAmidSharedContext(t *testing.T) {
	eachTracing(t, func(t *testing.T, amid func()) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		amid()
		for granted := range 5 {
			for _, rest := range []bool{false, true} {
				s := sync2.NewBoundedSemaphore(5)
				s.Drain()
				w := &waits{got: map[string]string{}}
				want := map[string]string{}
				for i := range 4 {
					name := fmt.Sprint(i)
					want[name] = sync2.ErrTooMany.Error()
					if i < granted {
						want[name] = "ok"
					}
					w.start(name, func() string { return okOr(s.AcquireContext(ctx)) })
				}
				for range granted {
					s.Release()
					if rest {
						synctest.Wait()
					}
				}
				s.Resize(0)
				w.want(t, want)
			}
		}
	})
}

// Added permits go to the waiters, in order.
func TestSemaphoreResizeServes(t *testing.T) {
	eachTracing(t, func(t *testing.T, amid func()) {
		s := sync2.NewBoundedSemaphore(3)
		s.Drain()
		w := &waits{got: map[string]string{}}
		for i, n := range []int{1, 3, 1} {
			w.start(fmt.Sprint(i), func() string { return okOr(s.AcquireN(context.Background(), n)) })
		}
		amid()
		s.Resize(5)
		w.want(t, map[string]string{"0": "ok"})
		if s.Available() != 1 || s.TryAcquire() {
			t.Errorf("%d available, or taken while others queue", s.Available())
		}
		s.Resize(8)
		w.want(t, map[string]string{"1": "ok", "2": "ok"})
		if s.Available() != 0 {
			t.Errorf("%d available", s.Available())
		}
		s.ReleaseN(8)
	})
}

func TestTraceSemaphoreResize(t *testing.T) {
	got := record(t, func() {
		s := sync2.NewBoundedSemaphore(3)
		trace.Name(s, "pool")
		s.Drain()
		sync2.Go("big", func() { _ = s.AcquireN(context.Background(), 3) })
		synctest.Wait()
		sync2.Go("small", func() { _ = s.AcquireN(context.Background(), 1) })
		synctest.Wait()
		s.Resize(1)
		s.ReleaseN(2)
		s.Resize(2)
		synctest.Wait()
	})
	wantTrace(t, got, `
		main acquire pool n=3
		big block pool n=3 "AcquireN"
		small block pool n=1 "AcquireN"
		main resize pool
		big give-up pool n=2
		main release pool n=2
		main resize pool
		main resize pool n=1
		small unblock pool by main
		small acquire pool n=1`)
}

// All verbs run at once, with Resize: holders never exceed the largest bound, and at the end all permits are there.
func TestSemaphoreResizeHammer(t *testing.T) {
	const most, workers, rounds = 4, 8, 500
	s := sync2.NewBoundedSemaphore(most)
	var inside atomic.Int64
	shared, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for me := range workers {
		wg.Go(func() {
			for r := range rounds {
				n := 1
				ok := true
				switch (me + r) % 8 {
				case 0:
					ok = misuseOr(func() string { s.Acquire(); return "" }) == ""
				case 1:
					ok = s.AcquireTimeout(time.Duration(r%4) * time.Microsecond)
				case 2:
					n = 1 + r%most
					ok = s.AcquireN(shared, n) == nil
				case 3:
					ok = s.TryAcquire()
				case 4:
					n = s.Drain()
				case 5:
					ok = s.AcquireContext(shared) == nil
				case 6:
					n = 1 + r%most
					ok = s.AcquireN(context.Background(), n) == nil
				default:
					s.Resize((me + r/8) % (most + 1))
					continue
				}
				if !ok {
					continue
				}
				if now := inside.Add(int64(n)); now > most {
					t.Errorf("%d inside", now)
				}
				inside.Add(int64(-n))
				s.ReleaseN(n)
			}
		})
	}
	wg.Wait()
	if err := shared.Err(); err != nil {
		t.Errorf("a goroutine was left waiting: %v", err)
	}
	s.Resize(most)
	if s.Available() != most || s.Waiting() != 0 {
		t.Errorf("at the end: Available %d, Waiting %d", s.Available(), s.Waiting())
	}
	wantMisuse(t, "Semaphore.Release", s.Release)
	wantNoAllocs(t, func() { s.Acquire(); s.Release() })
}

// Resize synchronizes like Release: the race detector checks the order.
func TestSemaphoreResizeSynchronizes(t *testing.T) {
	s := sync2.NewBoundedSemaphore(1)
	s.Acquire()
	x := 0
	done := make(chan int)
	go func() { s.Acquire(); done <- x }()
	x = 1
	s.Resize(2)
	if got := <-done; got != 1 {
		t.Errorf("x = %d", got)
	}
}
