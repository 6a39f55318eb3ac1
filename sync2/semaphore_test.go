package sync2_test

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestSemaphoreMisuse(t *testing.T) {
	wantMisuse(t, "NewSemaphore", func() { sync2.NewSemaphore(-1) })
	wantMisuse(t, "NewBoundedSemaphore", func() { sync2.NewBoundedSemaphore(-1) })
	s := sync2.NewBoundedSemaphore(2)
	s.Acquire()
	wantMisuse(t, "Semaphore.ReleaseN", func() { s.ReleaseN(2) })
	wantMisuse(t, "Semaphore.ReleaseN", func() { s.ReleaseN(-1) })
	wantMisuse(t, "Semaphore.TryAcquireN", func() { s.TryAcquireN(-1) })
	wantMisuse(t, "Semaphore.AcquireN", func() { _ = s.AcquireN(ended(errTest), -1) })
	wantMisuse(t, "Semaphore.Acquire", sync2.NewBoundedSemaphore(0).Acquire)
	if s.Available() != 1 {
		t.Errorf("a misuse changed the count to %d", s.Available())
	}
	s.Release()
	s.ReleaseN(0)
	wantMisuse(t, "Semaphore.Release", s.Release)
	if s.Available() != 2 {
		t.Errorf("Available = %d", s.Available())
	}
	big := sync2.NewSemaphore(math.MaxInt)
	wantMisuse(t, "Semaphore.Release", big.Release)
	wantMisuse(t, "Semaphore.ReleaseN", func() { big.ReleaseN(math.MaxInt) })
	if big.Available() != math.MaxInt || big.Drain() != math.MaxInt || big.Available() != 0 {
		t.Error("the largest semaphore lost its count")
	}
}

func TestSemaphoreWithoutWaiting(t *testing.T) {
	s := sync2.NewBoundedSemaphore(3)
	ctx := t.Context()
	wantErr(t, s.AcquireContext(ended(errTest)), errTest)
	wantErr(t, s.AcquireN(ended(errTest), 0), errTest)
	wantErr(t, s.AcquireN(ended(errTest), 4), errTest)
	wantErr(t, s.AcquireN(ctx, 4), sync2.ErrTooMany)
	wantErr(t, sync2.NewBoundedSemaphore(0).AcquireContext(ctx), sync2.ErrTooMany)
	if s.TryAcquireN(4) || !s.TryAcquireN(0) || !s.TryAcquireN(2) || s.TryAcquireN(2) || !s.TryAcquire() || s.TryAcquire() {
		t.Error("TryAcquire")
	}
	if err := s.AcquireN(ctx, 0); err != nil {
		t.Error(err)
	}
	if s.AcquireTimeout(0) || s.AcquireTimeout(-1) {
		t.Error("AcquireTimeout(0) of an empty semaphore")
	}
	s.Release()
	if !s.AcquireTimeout(0) {
		t.Error("AcquireTimeout(0) with a permit")
	}
	s.ReleaseN(2)
	if n := s.Drain(); n != 2 || s.Available() != 0 || s.Drain() != 0 {
		t.Errorf("Drain = %d, then %d available", n, s.Available())
	}
	unbounded := sync2.NewSemaphore(0)
	unbounded.ReleaseN(7)
	if unbounded.Available() != 7 {
		t.Error("an unbounded semaphore has no bound")
	}
}

// served is a list of the goroutines served, in order.
type served struct {
	mu   sync.Mutex
	list []int
}

func (s *served) add(n int) { s.mu.Lock(); s.list = append(s.list, n); s.mu.Unlock() }

func (s *served) all() []int { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.list) }

// request starts a goroutine that acquires n permits, and appends n to got when it has them.
func request(s *sync2.Semaphore, ctx context.Context, n int, got *served) {
	go func() {
		if s.AcquireN(ctx, n) == nil {
			got.add(n)
		}
	}()
	synctest.Wait()
}

func TestSemaphoreServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sync2.NewSemaphore(0)
		var got served
		for _, n := range []int{1, 5, 2, 3} {
			request(s, t.Context(), n, &got)
		}
		if s.Waiting() != 4 {
			t.Fatalf("Waiting = %d", s.Waiting())
		}
		for i, want := range []int{1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4} {
			s.Release()
			synctest.Wait()
			if len(got.all()) != want {
				t.Fatalf("after %d permits %v have been served", i+1, got.all())
			}
			if want < 4 && s.TryAcquire() {
				t.Fatal("TryAcquire went past the queue")
			}
		}
		if got := got.all(); !slices.Equal(got, []int{1, 5, 2, 3}) {
			t.Errorf("served in the order %v", got)
		}
	})
}

// A large request at the head that gives up lets the small ones behind it go.
func TestSemaphoreGivingUpAtTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sync2.NewSemaphore(2)
		ctx, cancel := context.WithCancel(t.Context())
		var got served
		request(s, ctx, 5, &got)
		request(s, t.Context(), 1, &got)
		request(s, t.Context(), 1, &got)
		if len(got.all()) != 0 || s.Available() != 2 {
			t.Fatalf("served %v past a large request", got.all())
		}
		cancel()
		synctest.Wait()
		if len(got.all()) != 2 || s.Waiting() != 0 || s.Available() != 0 {
			t.Errorf("served %v, Waiting %d, Available %d", got.all(), s.Waiting(), s.Available())
		}
		s.ReleaseN(2)
		if !s.TryAcquireN(2) {
			t.Error("the flag of the queue is still up")
		}
	})
}

func TestSemaphoreDrainPastAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sync2.NewSemaphore(2)
		var got served
		request(s, t.Context(), 3, &got)
		if n := s.Drain(); n != 2 {
			t.Errorf("Drain = %d", n)
		}
		s.ReleaseN(3)
		synctest.Wait()
		if len(got.all()) != 1 {
			t.Error("the queued request was lost")
		}
	})
}

// Acquiring no permits never waits, even while others queue.
func TestSemaphoreNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sync2.NewSemaphore(0)
		var got served
		request(s, t.Context(), 3, &got)
		if err := s.AcquireN(t.Context(), 0); err != nil || !s.TryAcquireN(0) || s.Waiting() != 1 {
			t.Errorf("%v, %d wait", err, s.Waiting())
		}
		wantErr(t, s.AcquireN(ended(errTest), 0), errTest)
		s.ReleaseN(3)
	})
}

func TestSemaphoreTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sync2.NewSemaphore(0)
		start := time.Now()
		if s.AcquireTimeout(time.Second) || time.Since(start) != time.Second {
			t.Errorf("AcquireTimeout after %v", time.Since(start))
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTest)
		defer cancel()
		wantErr(t, s.AcquireContext(ctx), errTest)
		if s.Waiting() != 0 || s.Available() != 0 {
			t.Errorf("Waiting %d, Available %d", s.Waiting(), s.Available())
		}
		go func() { pass(time.Second); s.Release() }()
		if !s.AcquireTimeout(2 * time.Second) {
			t.Error("gave up though a permit came")
		}
	})
}

// A permit is released at the moment the timeout expires. Whichever wins, no permit is lost.
func TestSemaphoreGrantMeetsGivingUp(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			s := sync2.NewSemaphore(0)
			go func() { pass(time.Second); s.Release() }()
			var got bool
			if s.AcquireTimeout(time.Second) {
				got = true
			}
			synctest.Wait()
			if n := s.Available(); got == (n == 1) {
				t.Errorf("acquired %v, and %d available", got, n)
			}
		})
	}
}

// All verbs run at once: holders never exceed the limit, and at the end all permits are there.
func TestSemaphoreHammer(t *testing.T) {
	for _, permits := range []int{1, 3} {
		s := sync2.NewBoundedSemaphore(permits)
		var inside atomic.Int64
		var wg sync.WaitGroup
		shared, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		for me := range 8 {
			wg.Go(func() {
				for r := range 1000 {
					n := 1
					ok := true
					switch (me + r) % 6 {
					case 0:
						s.Acquire()
					case 1:
						ok = s.AcquireTimeout(time.Duration(r%4) * time.Microsecond)
					case 2:
						ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r%5)*time.Microsecond)
						n = 1 + r%permits
						ok = s.AcquireN(ctx, n) == nil
						cancel()
					case 3:
						ok = s.TryAcquire()
					case 4:
						n = s.Drain()
					case 5:
						ok = s.AcquireContext(shared) == nil
					}
					if !ok {
						continue
					}
					if now := inside.Add(int64(n)); now > int64(permits) {
						t.Errorf("%d inside", now)
					}
					inside.Add(int64(-n))
					s.ReleaseN(n)
				}
			})
		}
		wg.Wait()
		cancel()
		if s.Available() != permits || s.Waiting() != 0 {
			t.Errorf("at the end: Available %d of %d, Waiting %d", s.Available(), permits, s.Waiting())
		}
	}
}

// With one permit a Semaphore is a lock: the race detector checks the order.
func TestSemaphoreSynchronizes(t *testing.T) {
	s := sync2.NewSemaphore(1)
	count := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				s.Acquire()
				count++
				s.Release()
			}
		})
	}
	wg.Wait()
	if count != 8000 {
		t.Errorf("count = %d", count)
	}
}

func TestSemaphoreUncontendedAllocatesNothing(t *testing.T) {
	s := sync2.NewSemaphore(4)
	ctx := t.Context()
	wantNoAllocs(t, func() {
		s.Acquire()
		s.AcquireTimeout(time.Second)
		_ = s.AcquireContext(ctx)
		s.TryAcquire()
		s.ReleaseN(3)
		s.Release()
	})
}
