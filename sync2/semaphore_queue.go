package sync2

import (
	"context"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What a Semaphore does with its state and its queue.

// take is the fast path: it takes n permits if there are neither waiters nor observers.
func (s *Semaphore) take(n int) bool {
	for !hook.Enabled() {
		old := s.state.Load()
		if old >= queued || old < uint64(n) {
			return false
		}
		if s.state.CompareAndSwap(old, old-uint64(n)) {
			return true
		}
	}
	return false
}

// giveBack gives back n permits for op.
func (s *Semaphore) giveBack(n int, op string) {
	for !hook.Enabled() {
		old := s.state.Load()
		if old >= queued || !s.room(old, n) {
			break
		}
		if s.state.CompareAndSwap(old, old+uint64(n)) {
			return
		}
	}
	s.check(op)
	s.release(n, op)
}

// takeLocked takes n permits if they are available, even if others queue. The mutex must be held.
func (s *Semaphore) takeLocked(n int) bool {
	for {
		old := s.state.Load()
		if old&^queued < uint64(n) {
			return false
		}
		if s.state.CompareAndSwap(old, old-uint64(n)) {
			return true
		}
	}
}

// room reports whether n more permits are allowed on top of the state old, if there is no debt.
//
// Without the mutex, limit may be another than the one that went with old. Then old is no longer the state, or is so again,
// and a goroutine that releases permits finds that there is room for them.
func (s *Semaphore) room(old uint64, n int) bool {
	return old&^queued+uint64(n) < s.limit.Load()
}

// acquireContext is AcquireN, with the verb as its name, after the fast path, but that it may leave the rest to the caller.
//
//go:noinline
func (s *Semaphore) acquireContext(ctx context.Context, n int, verb string) (p waitq.Pending, err error) {
	if s.beyond(n) {
		return p, ErrTooMany
	}
	var lim waitq.Limit
	lim.Until(ctx, false)
	p, granted := s.wait(n, &lim, verb)
	if granted || p.Woken != nil {
		return p, nil
	}
	return waitq.Pending{}, whyNot(&lim)
}

// beyond reports whether n permits are more than there are.
func (s *Semaphore) beyond(n int) bool { return uint64(n) >= s.limit.Load() }

// whyNot returns the error of a wait with lim that was not granted.
func whyNot(lim *waitq.Limit) error {
	if lim.Refused() {
		return ErrTooMany
	}
	return lim.Cause()
}

// giveUp ends a wait that was left to the caller and whose context has ended.
//
//go:noinline
func (s *Semaphore) giveUp(ctx context.Context, w *waitq.Waiter) error {
	lim, n := waitq.Over(ctx), int(w.N)
	if s.q.QuitAlike(w, 0, &lim) {
		s.tell(n)
		return nil
	}
	s.regrant()
	return whyNot(&lim)
}

// wait is the slow path of every method that may wait.
func (s *Semaphore) wait(n int, lim *waitq.Limit, verb string) (p waitq.Pending, granted bool) {
	if !lim.Instant() && s.yield(n) {
		return p, true
	}
	// This is s.lock, without its frame: while a goroutine waits for the mutex every frame counts on its stack.
	s.q.Point(verb)
	s.q.Lock()
	if s.tracked() {
		s.define()
	}
	switch {
	case s.admit(n, lim):
		s.q.Emit(trace.KindAcquire, int64(n))
		s.q.Unlock()
		return p, true
	case lim.Canceled() || lim.Instant():
		s.refuse(n, verb)
		return p, false
	case s.beyond(n):
		lim.Refuse()
		s.refuse(n, verb)
		return p, false
	}
	s.q.List().Register(&s.q, s, "Acquire")
	if lim.Timed() || s.bounded && n > 1 && lim.Endless() {
		// If they shared the bed, one that asks for many could not be refused without the others.
		return p, s.park(n, lim, verb)
	}
	var known bool
	if lim.Endless() {
		if s.bed == nil {
			s.bed = new(waitq.SharedBed)
		}
		granted, known = s.q.JoinAlike(s.bed, int64(n), verb)
	} else {
		p, granted, known = s.q.ParkAlike(int64(n), lim, verb)
	}
	switch {
	case granted && !known:
		s.tell(n)
	case !granted && p.Woken == nil:
		s.regrant()
	}
	return p, granted
}

// refuse rejects a goroutine that must not wait for n permits. The mutex must be held; refuse returns without it.
//
//go:noinline
func (s *Semaphore) refuse(n int, verb string) {
	s.q.EmitFor(trace.KindTryFail, 0, 0, int64(n), verb)
	s.grantAll()
}

// regrant serves the queue after a waiter has given up, because those behind it may ask for less.
func (s *Semaphore) regrant() {
	s.q.Lock()
	s.grantAll()
}

// admit takes n permits if they are available and no goroutine queues, and reports whether it did. If not, the flag queued
// is set, unless lim has ended. The mutex must be held.
func (s *Semaphore) admit(n int, lim *waitq.Limit) bool {
	if s.q.Len() > 0 || lim.Canceled() {
		return false
	}
	for !s.takeLocked(n) {
		old := s.state.Load()
		if old&^queued < uint64(n) && s.state.CompareAndSwap(old, old|queued) {
			return false // from now on no permit is given back without the mutex
		}
	}
	return true
}

// yield takes n permits if they become available while other goroutines run.
//
// If the holder of a permit was interrupted, it goes on and releases meanwhile, and no goroutine has to park. Otherwise a
// single interruption would begin a convoy that never ends: with a queue, every release is a hand-off to a goroutine that
// has to be scheduled first, and the releasing goroutine queues again at once. A goroutine that yields instead lets the
// queue drain. It takes nothing from queued goroutines: while there are any, no permit is available without queueing.
func (s *Semaphore) yield(n int) bool {
	for i := range yields {
		if hook.Enabled() {
			return false
		}
		if i > 0 || !multicore { // the holder may be running right now
			runtime.Gosched()
		}
		for range spins {
			if s.take(n) {
				return true
			}
		}
	}
	return false
}

// park waits with a Waiter of its own. The mutex must be held; park returns without it.
func (s *Semaphore) park(n int, lim *waitq.Limit, verb string) (granted bool) {
	w := waitq.NewWaiter(lim)
	w.N = int64(n)
	s.q.Enqueue(w)
	if granted = s.q.Wait(w, lim, verb); granted {
		w.Free()
	} else {
		s.regrant()
	}
	return granted
}

// grantAll serves the queue, releases the mutex, which must be held, and wakes the granted waiters.
//
//go:noinline
func (s *Semaphore) grantAll() {
	var wakes waitq.WakeList
	s.grant(&wakes)
	s.q.Unlock()
	wakes.Wake()
}

// release is the slow path of giveBack.
func (s *Semaphore) release(n int, op string) {
	s.lock("Release")
	if s.debt > 0 {
		s.repay(n, op)
	} else {
		for {
			old := s.state.Load()
			if !s.room(old, n) {
				bound := s.limit.Load() - 1
				s.q.Unlock()
				misusef(op, "%d more than the bound of %d", n, bound)
			}
			if s.state.CompareAndSwap(old, old+uint64(n)) {
				break
			}
		}
		s.q.Emit(trace.KindRelease, int64(n))
	}
	s.grantAll()
}

// repay gives back n permits for op while there is a debt. The mutex must be held; it is not if repay panics.
//
//go:noinline
func (s *Semaphore) repay(n int, op string) {
	if held := s.limit.Load() - 1 + s.debt; uint64(n) > held {
		s.q.Unlock()
		misusef(op, "%d permits, of which only %d are held", n, held)
	}
	repaid := min(uint64(n), s.debt)
	s.debt -= repaid
	free := uint64(n) - repaid
	s.state.Store(free | queued)
	s.q.Emit(trace.KindRelease, int64(n))
	s.q.Emit(trace.KindResize, int64(free)) // because some of the released permits are not available
}

// resize changes the bound of s, and raises the flag. The mutex must be held.
func (s *Semaphore) resize(bound uint64) {
	old := s.state.Or(queued) &^ queued // from now on nothing changes without the mutex
	held := s.limit.Load() - 1 + s.debt - old
	s.limit.Store(bound + 1)
	free := uint64(0)
	if held <= bound {
		free, s.debt = bound-held, 0
	} else {
		s.debt = held - bound
	}
	s.state.Store(free | queued)
	s.q.Emit(trace.KindResize, int64(free))
}

// grant serves the queue from its head as far as the permits go. The mutex must be held.
func (s *Semaphore) grant(wakes *waitq.WakeList) {
	w := s.q.Front()
	for ; w != nil && s.takeLocked(int(w.N)); w = s.q.Front() {
		n, g := w.N, int64(0) // after its Grant it may be reused
		if w.Known() {
			g = w.G
		}
		s.q.Grant(w, wakes)
		if g != 0 {
			s.q.EmitFor(trace.KindAcquire, g, 0, n, "")
		} else if s.q.Session() != 0 {
			if s.untold == nil {
				s.untold = make(map[int64]int)
			}
			s.untold[n]++
		}
	}
	if w == nil {
		s.open()
	}
}

// open lowers the flag if there are no waiters and nothing else keeps it up. The mutex must be held.
func (s *Semaphore) open() {
	if s.q.Len() == 0 && s.debt == 0 && s.q.Session() == 0 {
		s.state.And(^uint64(queued))
	}
}

// tell emits that the calling goroutine was granted n permits, unless the trace knows that.
func (s *Semaphore) tell(n int) {
	if hook.On(hook.Trace) {
		s.tellSlow(n)
	}
}

//go:noinline
func (s *Semaphore) tellSlow(n int) {
	s.q.Lock()
	defer s.q.Unlock()
	s.define()
	if s.untold[int64(n)] > 0 {
		s.untold[int64(n)]--
		s.q.EmitFor(trace.KindAcquire, 0, -1, int64(n), "")
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (s *Semaphore) lock(verb string) {
	s.q.Point(verb)
	s.q.Lock()
	if s.tracked() {
		s.define()
	}
}

// tracked reports whether a trace may have to learn of s, or a trace that knew s may have ended. With steps.Instrumented there are no
// traces.
func (s *Semaphore) tracked() bool {
	return hook.On(hook.Trace) || !steps.Instrumented && s.state.Load() >= queued
}

// define defines s in a running trace, and disables the fast paths as long as the trace runs. The mutex must be
// held.
func (s *Semaphore) define() {
	old := s.state.Or(queued)
	if s.q.Define(trace.ClassSemaphore, int64(old&^queued), nil) {
		s.untold = nil // those were unknown to an earlier trace
		s.q.FoundWaiting(s.q.List(), "Acquire")
	}
	s.open()
}

func (s *Semaphore) traced() *trace.Object { return s.q.Object() }
