package sync2

import (
	"math"
	"runtime"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A lock is the part that Mutex and ReentrantLock share: mutual exclusion with a tag that identifies the holder.
//
// It has the two modes of sync.Mutex. Normally Unlock frees the lock and wakes the first in the queue, which then has
// to compete with goroutines that are running already; these often win, and that is fast, since no goroutine has to be
// scheduled in between. A loser goes back to the front of the queue. But an Unlock that finds that the first waiter has
// waited for [starvationThreshold] hands the lock over to it, even if it was woken before, and no goroutine barges in.
// So does the Unlock after a waiter has lost [maxLosses] times.
//
// The state word:
//
//	held      a goroutine holds the lock; its tag is in the bits from tagShift up
//	waiters   goroutines are in the queue, so Unlock must not take the fast path. Changed under q's mutex only
//	woken     one that was woken has not run yet, so Unlock need not wake another. Changed under q's mutex only
//	starving  the next Unlock hands over. Changed under q's mutex only
//	traced    a trace knows how the lock stands, so no fast path may be taken. Changed under q's mutex only
//
// A goroutine that queues puts up waiters while held is up, in one step. So the goroutine that frees the lock sees it.
type lock struct {
	state steps.Uint64
	q     waitq.Queue
	first *waitq.Waiter // the waiter that was woken and has not run yet; nil if woken is not set. Guarded by q's mutex

	// Reading the clock costs several times as much as an Unlock. While a woken waiter has not run yet, other goroutines
	// that unlock read the clock only as often as their pace requires so as not to miss the moment. These fields
	// are guarded by the lock itself.
	skip, skipped int32         // number of calls that need not read the clock, and that have not since the last one that did
	looked        time.Duration // when that was
}

const (
	held uint64 = 1 << iota // 1: the fast paths of Mutex know it as hook.Or1
	waiters
	woken
	starving
	traced

	tagShift = 5
	tagMask  = math.MaxUint64 &^ (1<<tagShift - 1)
)

// starvationThreshold is the time for which a waiter competes with running goroutines before it is handed the lock.
const starvationThreshold = time.Millisecond

// begun is the start of the program, from which the locks measure time.
var begun = time.Now()

// fast takes the lock with the tag 0 if it is free and there is no observer. It is the fast path of Mutex.
func (l *lock) fast() bool {
	return !hook.Enabled() && l.state.CompareAndSwap(0, held)
}

// try takes the lock if it is free, without waiting.
func (l *lock) try(tag uint64, class trace.Class, verb string) bool {
	for !hook.Enabled() {
		old := l.state.Load()
		switch {
		case old&traced != 0:
			return l.tryTraced(tag, class, verb)
		case old&(held|starving) != 0:
			return false
		case l.state.CompareAndSwap(old, old|held|tag<<tagShift):
			return true
		}
	}
	return l.tryTraced(tag, class, verb)
}

func (l *lock) tryTraced(tag uint64, class trace.Class, verb string) bool {
	l.begin(verb, class)
	defer l.q.Unlock()
	if l.grab(tag, 0) {
		l.q.Emit(trace.KindAcquire, 1)
		return true
	}
	l.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	return false
}

// grab takes the lock if it is free and no waiter is starving, or if the caller is the waiter that was woken: then down is woken.
// The mutex must be held.
func (l *lock) grab(tag, down uint64) bool {
	for {
		old := l.state.Load()
		if old&held != 0 || old&starving != 0 && down&woken == 0 {
			return false
		}
		if l.state.CompareAndSwap(old, old&^down|held|tag<<tagShift) {
			return true
		}
	}
}

// spin waits a moment for the holder if that may be running, and reports whether it got the lock.
func (l *lock) spin(tag uint64) bool {
	for range spins {
		if old := l.state.Load(); old&held == 0 {
			if old&(starving|traced) != 0 {
				return false
			}
			if l.state.CompareAndSwap(old, old|held|tag<<tagShift) {
				return true
			}
		}
	}
	return false
}

// wait takes the lock, and queues for it if necessary.
func (l *lock) wait(tag uint64, lim *waitq.Limit, kind *lockKind, verb string) (granted bool) {
	if !hook.Enabled() && multicore && !lim.Ended() && !lim.Instant() && l.spin(tag) {
		return true
	}
	l.begin(verb, kind.class)
	switch {
	case lim.Canceled():
	case l.grab(tag, 0):
		l.q.Emit(trace.KindAcquire, 1)
		granted = true
	case lim.Instant():
		l.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	default:
		l.q.List().Register(&l.q, kind.of(l), "Lock")
		return l.queue(tag, lim, verb)
	}
	l.q.Unlock()
	return granted
}

// queue waits in the queue until it has the lock. The mutex must be held; queue returns without it.
func (l *lock) queue(tag uint64, lim *waitq.Limit, verb string) (granted bool) {
	w := waitq.NewWaiter(lim)
	w.Tag = uint64(time.Since(begun))
	for losses := 0; ; losses++ {
		up, down := waiters, uint64(0)
		if losses > 0 {
			down = woken // the calling goroutine was woken
			if losses >= maxLosses || overdue(w) {
				up |= starving
			}
		}
		if !l.block(up, down) { // the lock has been freed meanwhile
			if l.grab(tag, down) {
				break
			}
			losses--
			continue
		}
		if !l.q.Park(w, lim, verb, losses > 0) {
			l.q.Lock()
			if l.q.Len() == 0 {
				l.state.And(^(waiters | starving))
			}
			l.q.Unlock()
			return false
		}
		l.q.Point(verb)
		l.q.Lock()
		if w.Tag == handed {
			l.q.Unlock()
			w.Free()
			return true
		}
		l.first = nil
		if l.grab(tag, woken) {
			break
		}
	}
	l.q.Emit(trace.KindAcquire, 1)
	l.q.Unlock()
	w.Free()
	return true
}

// The Tag of a waiter is when it came. handed means that it has been given the lock, as opposed to only woken.
const handed = math.MaxUint64

// overdue reports whether w has waited so long that the lock must be handed to it. Under an explorer, time does not matter.
func overdue(w *waitq.Waiter) bool {
	return !hook.On(hook.Explore) && time.Since(begun)-time.Duration(w.Tag) >= starvationThreshold
}

// block sets the bits of up and clears those of down if the lock is held, and reports whether it is.
func (l *lock) block(up, down uint64) bool {
	for {
		old := l.state.Load()
		if old&held == 0 {
			return false
		}
		if l.state.CompareAndSwap(old, old&^down|up) {
			return true
		}
	}
}

// unlock frees the lock or hands it over. It returns false if the lock was not held.
func (l *lock) unlock(class trace.Class) bool {
	for !hook.Enabled() {
		old := l.state.Load()
		if old&held == 0 {
			return false
		}
		if old&(woken|starving|traced) == woken {
			if l.skip == 0 {
				break
			}
			l.skip--
			l.skipped++
		} else if old&(waiters|starving|traced) != 0 {
			break
		}
		if l.state.CompareAndSwap(old, old&^(held|tagMask)) {
			return true
		}
	}
	return l.unlockSlow(class)
}

func (l *lock) unlockSlow(class trace.Class) bool {
	var wakes waitq.WakeList
	l.q.PointRelease("Unlock")
	l.lockQueue(class)
	w := l.first
	if w == nil {
		w = l.q.Front()
	}
	late := false
	if w != nil && l.state.Load()&held != 0 {
		late = l.look(w)
	}
	for {
		old := l.state.Load()
		if old&held == 0 {
			l.q.Unlock()
			return false
		}
		next := old &^ (held | tagMask)
		give := w != nil && (late || old&starving != 0)
		wake := w != nil && !give && l.first == nil
		left := l.q.Len() // in the queue
		if (give || wake) && l.first == nil {
			left--
		}
		switch {
		case give:
			next |= held
			if class == trace.ClassReentrantLock {
				next |= uint64(w.G) << tagShift
			}
			next &^= starving | woken // the next waiter gets a chance of its own
		case wake:
			next |= woken
		}
		if left == 0 {
			next &^= waiters | starving
		}
		if !l.state.CompareAndSwap(old, next) {
			continue
		}
		l.q.Emit(trace.KindRelease, 0)
		if (give || wake) && l.first == nil {
			l.q.Grant(w, &wakes)
		}
		l.first = nil
		switch {
		case give:
			l.q.EmitFor(trace.KindAcquire, w.G, 0, 1, "")
			w.Tag = handed
		case next&woken != 0:
			l.first = w
		}
		break
	}
	l.q.Unlock()
	wakes.Wake()
	return true
}

// look reads the clock for an Unlock, and reports whether the lock must be handed to w, the first waiter. It computes the
// number of calls of Unlock that need not read the clock again: those of a quarter of the remaining time, at the current
// pace, or none if reading it is cheap at that pace. The lock must be held.
func (l *lock) look(w *waitq.Waiter) (late bool) {
	if hook.On(hook.Explore) { // time does not matter
		l.skip = maxSkip
		return false
	}
	now := time.Since(begun)
	pace := (now - l.looked) / time.Duration(l.skipped+1)
	left := starvationThreshold - (now - time.Duration(w.Tag))
	l.looked, l.skip, l.skipped = now, 0, 0
	if l.first != nil && left > 0 && pace < time.Microsecond { // if it is nil, the pace is from before w was woken
		l.skip = int32(min(left/4/max(pace, 1), maxSkip))
	}
	return left <= 0
}

// begin begins the operation verb: it notifies observers, and takes the mutex.
func (l *lock) begin(verb string, class trace.Class) {
	l.q.Point(verb)
	l.lockQueue(class)
}

// lockQueue takes the mutex of the queue, and defines l in a running trace.
func (l *lock) lockQueue(class trace.Class) {
	l.q.Lock()
	if hook.On(hook.Trace) || !steps.Instrumented && l.state.Load()&traced != 0 { // with steps.Instrumented there are no traces
		l.define(class, nil)
	}
}

// define defines l in a running trace, as a part of parent if that is not nil, and disables the fast paths as long as the trace
// runs. The mutex must be held.
func (l *lock) define(class trace.Class, parent *trace.Object) {
	old := l.state.Or(traced)
	if l.q.Define(class, int64(old&held), parent) {
		l.q.FoundWaiting(l.q.List(), "Lock")
	}
	if l.q.Session() == 0 {
		l.state.And(^traced)
	}
}

// waiting returns the number of waiters in the queue.
func (l *lock) waiting() int {
	l.q.Inspect("Waiting")
	defer l.q.Unlock()
	return l.q.Len()
}

// multicore reports whether spinning can be useful.
var multicore = runtime.NumCPU() > 1
