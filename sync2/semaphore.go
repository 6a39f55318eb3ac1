package sync2

import (
	"context"
	"math"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Semaphore is a fair, weighted counting semaphore: a number of permits that goroutines acquire and release.
//
// Waiters are served strictly in FIFO order, whatever number of permits they request: a large request at the head is
// not starved by small ones behind it, and no goroutine takes a permit ahead of waiters. A Semaphore has no owners: any
// goroutine may release permits that another has acquired.
//
// A Semaphore is made by [NewSemaphore] or [NewBoundedSemaphore] and must not be copied.
//
// In the terminology of the Go memory model, a call of Release or ReleaseN “synchronizes before” the return of any
// Acquire that gets a permit that it released, and before the return of a later successful TryAcquire. An Acquire that
// gives up, and a TryAcquire that returns false, establish no such relation.
type Semaphore struct {
	// state holds the permits available, and the flag queued. It may only be set, and is only changed while set, under
	// q's mutex: so while the flag is set, every goroutine takes the slow path.
	state   steps.Uint64
	limit   steps.Uint64 // one more than may be available; 0: not made by a constructor. Only changed while the flag is up, like state
	bounded bool
	debt    uint64 // number of permits held beyond the bound; while there are any, none is available and the flag is up. Guarded by q's mutex
	q       waitq.Queue
	bed     *waitq.SharedBed // of goroutines in the queue without a limit; nil: not yet made. Guarded by q's mutex

	// untold counts, by number of permits, goroutines that queued before the trace, were granted, and have not reported it
	// yet, since the granting goroutine does not know which goroutines they are. Guarded by q's mutex.
	untold map[int64]int
}

// queued says that goroutines wait, or are about to, that more is held than the bound, or that a trace knows how the
// semaphore stands.
const queued = 1 << 63

// NewSemaphore returns a semaphore with the given number of permits and no upper bound: more permits may be released
// than were acquired. It panics if permits is negative.
func NewSemaphore(permits int) *Semaphore {
	return newSemaphore("NewSemaphore", permits, math.MaxInt, false)
}

// NewBoundedSemaphore returns a semaphore with the given number of permits. It panics if permits is negative; a Release
// that would exceed permits panics. [Semaphore.Resize] changes the bound.
func NewBoundedSemaphore(permits int) *Semaphore {
	return newSemaphore("NewBoundedSemaphore", permits, permits, true)
}

func newSemaphore(op string, permits, most int, bounded bool) *Semaphore {
	if permits < 0 {
		misusef(op, "%d permits; must not be negative", permits)
	}
	s := &Semaphore{bounded: bounded}
	s.limit.Store(uint64(most) + 1)
	s.state.Store(uint64(permits))
	return s
}

// Acquire takes one permit, waiting for it if necessary. Acquire panics if the semaphore is bounded at 0 permits, even
// if [Semaphore.Resize] sets that bound while Acquire waits, since it could never succeed.
//
// The Release of the permit “synchronizes before” the return of Acquire.
func (s *Semaphore) Acquire() {
	// Without a permit, or with the flag queued, old-1 is at least queued-1.
	if old := s.state.Load(); hook.Enabled() || old-1 >= queued-1 || !s.state.CompareAndSwap(old, old-1) {
		s.acquireSlow()
	}
}

// acquireSlow is outlined so that Acquire has little to set up.
//
//go:noinline
func (s *Semaphore) acquireSlow() {
	if s.take(1) {
		return
	}
	s.check("Semaphore.Acquire")
	if s.limit.Load() == 1 {
		misuseByAcquire()
	}
	if _, granted := s.wait(1, &forever, "Acquire"); !granted {
		misuseByAcquire()
	}
}

// AcquireContext is like [Semaphore.Acquire], but gives up when ctx ends and then returns its cause. If ctx has already
// ended, it fails even if a permit is available. It returns [ErrTooMany] if the semaphore is bounded at 0 permits, even
// if [Semaphore.Resize] sets that bound while AcquireContext waits. AcquireContext panics if ctx is nil.
func (s *Semaphore) AcquireContext(ctx context.Context) error {
	s.check("Semaphore.AcquireContext")
	if waitq.Ended(ctx) {
		return ended(ctx, "Semaphore.AcquireContext")
	}
	if s.take(1) {
		return nil
	}
	p, err := s.acquireContext(ctx, 1, "AcquireContext")
	if p.Woken == nil {
		return err
	}
	select {
	case _, granted := <-p.Woken:
		if !granted {
			return ErrTooMany
		}
		s.tell(1)
		return nil
	case <-p.Ended:
		return s.giveUp(ctx, p.W)
	}
}

// AcquireTimeout is like [Semaphore.Acquire], but gives up after d and then returns false. If d is zero or negative, it
// does not wait. It returns false at once if the semaphore is bounded at 0 permits, even if [Semaphore.Resize] sets
// that bound while AcquireTimeout waits.
func (s *Semaphore) AcquireTimeout(d time.Duration) bool {
	if s.take(1) {
		return true
	}
	s.check("Semaphore.AcquireTimeout")
	lim := waitq.Within(d)
	_, granted := s.wait(1, &lim, "AcquireTimeout")
	return granted
}

// TryAcquire takes one permit if that is possible without waiting, and reports whether it did. It returns false while
// other goroutines wait.
func (s *Semaphore) TryAcquire() bool {
	s.check("Semaphore.TryAcquire")
	return s.TryAcquireN(1)
}

// AcquireN takes n permits, all or none, waiting for them if necessary. It gives up when ctx ends, and then returns its
// cause. If ctx has already ended, it fails even if the permits are available. It returns [ErrTooMany] if n exceeds the
// bound of a bounded semaphore, even if [Semaphore.Resize] lowers the bound while AcquireN waits. With n == 0 it takes
// nothing. AcquireN panics if ctx is nil or n is negative.
//
// The Release of each of the permits “synchronizes before” the return of AcquireN.
func (s *Semaphore) AcquireN(ctx context.Context, n int) error {
	if n < 0 {
		misuseByCount("Semaphore.AcquireN", n)
	}
	s.check("Semaphore.AcquireN")
	if waitq.Ended(ctx) {
		return ended(ctx, "Semaphore.AcquireN")
	}
	if n == 0 || s.take(n) {
		return nil
	}
	p, err := s.acquireContext(ctx, n, "AcquireN")
	if p.Woken == nil {
		return err
	}
	select {
	case _, granted := <-p.Woken:
		if !granted {
			return ErrTooMany
		}
		s.tell(n)
		return nil
	case <-p.Ended:
		return s.giveUp(ctx, p.W)
	}
}

// TryAcquireN takes n permits, all or none, if that is possible without waiting, and reports whether it did. It returns
// false while other goroutines wait. With n == 0 it does nothing and returns true. TryAcquireN panics if n is negative.
func (s *Semaphore) TryAcquireN(n int) bool {
	if n < 0 {
		misuseByCount("Semaphore.TryAcquireN", n)
	}
	s.check("Semaphore.TryAcquireN")
	switch {
	case n == 0 || s.take(n):
		return true
	case !hook.Enabled() && s.state.Load() < queued:
		return false
	}
	s.lock("TryAcquire")
	defer s.q.Unlock()
	if s.q.Len() == 0 && s.takeLocked(n) {
		s.q.Emit(trace.KindAcquire, int64(n))
		return true
	}
	s.q.EmitFor(trace.KindTryFail, 0, 0, int64(n), "TryAcquire")
	return false
}

// Release returns one permit to the semaphore. It panics if s is bounded and none of its permits is held,
// or if the number of available permits would overflow an int.
//
// Release “synchronizes before” the return of the Acquire that gets the permit.
func (s *Semaphore) Release() {
	if old := s.state.Load(); hook.Enabled() || old+1 >= s.limit.Load() || !s.state.CompareAndSwap(old, old+1) {
		s.giveBack(1, "Semaphore.Release")
	}
}

// ReleaseN returns n permits to the semaphore. With n == 0 it does nothing. ReleaseN panics, without releasing any
// permit, if n is negative, if s is bounded and fewer than n of its permits are held, or if the number of available
// permits would overflow an int.
//
// ReleaseN “synchronizes before” the return of every Acquire that gets one of the permits.
func (s *Semaphore) ReleaseN(n int) {
	if n < 0 {
		misuseByCount("Semaphore.ReleaseN", n)
	}
	s.check("Semaphore.ReleaseN")
	if n != 0 {
		s.giveBack(n, "Semaphore.ReleaseN")
	}
}

// Drain takes all available permits, even while a larger request waits, and returns their number.
//
// The Release of each permit that it takes “synchronizes before” the return of Drain.
func (s *Semaphore) Drain() int {
	s.check("Semaphore.Drain")
	s.lock("Drain")
	defer s.q.Unlock()
	for {
		old := s.state.Load()
		if s.state.CompareAndSwap(old, old&queued) {
			n := int(old &^ queued)
			if n > 0 {
				s.q.Emit(trace.KindAcquire, int64(n))
			}
			return n
		}
	}
}

// Resize changes the bound of the bounded semaphore s. Permits that are held stay held. If the bound grows, waiters get
// the new permits. If more permits are held than the new bound, none is available until enough of them have been
// released; releasing them does not panic.
//
// Goroutines that wait for more permits than the new bound stop waiting: AcquireN and AcquireContext return
// [ErrTooMany], AcquireTimeout returns false, and Acquire, which is affected only by Resize(0), panics. The waiters
// behind them are served.
//
// Resize panics if permits is negative, or if s was made by [NewSemaphore].
//
// Resize “synchronizes before” the return of every Acquire that gets one of the permits that it added.
func (s *Semaphore) Resize(permits int) {
	if permits < 0 {
		misuseByCount("Semaphore.Resize", permits)
	}
	s.check("Semaphore.Resize")
	if !s.bounded {
		misuse("Semaphore.Resize", "the semaphore is unbounded")
	}
	s.lock("Resize")
	s.resize(uint64(permits))
	var wakes waitq.WakeList
	if s.q.Refuse(int64(permits), s.bed, &wakes) {
		s.bed = nil
	}
	s.grant(&wakes)
	s.q.Unlock()
	wakes.Wake()
}

// Available returns the number of available permits.
func (s *Semaphore) Available() int {
	s.q.PointRead("Available")
	return int(s.state.Load() &^ queued)
}

// Waiting returns the number of waiting goroutines.
func (s *Semaphore) Waiting() int {
	s.q.Inspect("Waiting")
	defer s.q.Unlock()
	return s.q.Len()
}

// bound returns the number of permits s can have, and whether it is bounded.
func (s *Semaphore) bound() (n int, bounded bool) {
	return int(s.limit.Load() - 1), s.bounded
}

// check panics if s was not made by a constructor.
func (s *Semaphore) check(op string) {
	if s.limit.Load() == 0 {
		misuseZero(op, "NewSemaphore or NewBoundedSemaphore")
	}
}

// misuseByAcquire is outlined to keep frames small.
//
//go:noinline
func misuseByAcquire() { misuse("Semaphore.Acquire", "the semaphore can never hold a permit") }

// misuseByCount is outlined to keep frames small.
//
//go:noinline
func misuseByCount(op string, n int) { misusef(op, "%d permits; must not be negative", n) }
