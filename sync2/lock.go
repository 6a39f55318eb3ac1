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

// A lock is the part that Mutex and ReentrantLock share: mutual exclusion with a tag that says who holds it.
//
// It has the two modes of sync.Mutex. Normally Unlock frees the lock and wakes the first in the queue, which then has
// to compete with goroutines that are running already; these often win, and that is fast, since nobody has to be
// scheduled in between. One that loses goes back to the front of the queue. If it has lost for longer than
// [patience], or [maxLosses] times, it makes the lock strict: then Unlock hands the lock over to the first in the
// queue, and nobody barges in until the queue has been served down to one that has not waited so long.
//
// The state word:
//
//	held    somebody holds the lock; its tag is in the bits from tagShift up
//	waited  goroutines are in the queue, so Unlock must not take the fast path. Changed under q's mutex only
//	awake   one that was woken has not run yet, so Unlock need not wake another. Legal to be down when there is one
//	strict  the next Unlock hands over. Changed under q's mutex only
//
// A goroutine that queues puts up waited while held is up, in one step. So whoever frees the lock sees it.
type lock struct {
	state steps.Uint64
	q     waitq.Queue
}

const (
	held uint64 = 1 << iota // 1: the fast paths of Mutex know it as hook.Or1
	waited
	awake
	strict

	tagShift = 4
	tagMask  = math.MaxUint64 &^ (1<<tagShift - 1)
)

// patience is how long a waiter competes with running goroutines before it is given the lock.
const patience = time.Millisecond

// fast takes the lock with the tag 0 if it is free and nobody watches: the fast path of Mutex.
func (l *lock) fast() bool {
	return !hook.Watched() && l.state.CompareAndSwap(0, held)
}

// try takes the lock if it is free, without waiting.
func (l *lock) try(tag uint64, class trace.Class, verb string) bool {
	if hook.Watched() {
		l.begin(verb, class)
		defer l.q.Unlock()
		if l.grab(tag, 0) {
			l.q.Emit(trace.KindAcquire, 1)
			return true
		}
		l.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
		return false
	}
	return l.grab(tag, 0)
}

// grab takes the lock if it is free and not strict. It takes the bits of down down, and no others.
func (l *lock) grab(tag, down uint64) bool {
	for {
		old := l.state.Load()
		if old&held != 0 || old&strict != 0 && down&awake == 0 {
			return false
		}
		if l.state.CompareAndSwap(old, old&^down|held|tag<<tagShift) {
			return true
		}
	}
}

// spin waits a moment for the holder, if that can be running, and reports whether it got the lock.
func (l *lock) spin(tag uint64) bool {
	for range spins {
		if old := l.state.Load(); old&held == 0 {
			if old&strict != 0 {
				return false
			}
			if l.state.CompareAndSwap(old, old|held|tag<<tagShift) {
				return true
			}
		}
	}
	return false
}

// wait takes the lock, and queues for it if need be.
func (l *lock) wait(tag uint64, lim *waitq.Limit, class trace.Class, verb string) (granted bool) {
	if !hook.Watched() && multicore && !lim.Ended() && !lim.Instant() && l.spin(tag) {
		return true
	}
	l.begin(verb, class)
	switch {
	case lim.Canceled():
	case l.grab(tag, 0):
		l.q.Emit(trace.KindAcquire, 1)
		granted = true
	case lim.Instant():
		l.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	default:
		return l.queue(tag, lim, verb)
	}
	l.q.Unlock()
	return granted
}

// queue waits in the queue until it has the lock. The mutex is held, and released when it returns.
func (l *lock) queue(tag uint64, lim *waitq.Limit, verb string) (granted bool) {
	w := waitq.NewWaiter(lim)
	w.Tag = tag
	var since time.Time
	for losses := 0; ; losses++ {
		up, down := waited, uint64(0)
		if losses == 0 {
			since = time.Now()
		} else {
			down = awake // it is us
			if losses >= maxLosses || !hook.On(hook.Explore) && time.Since(since) > patience {
				up |= strict
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
				l.state.And(^(waited | strict))
			}
			l.q.Unlock()
			return false
		}
		if w.Tag == handed {
			w.Free()
			return true
		}
		l.q.Point(verb)
		l.q.Lock()
		if l.grab(tag, awake) {
			break
		}
	}
	l.q.Emit(trace.KindAcquire, 1)
	l.q.Unlock()
	w.Free()
	return true
}

// handed is the Tag of a waiter that has been given the lock, as opposed to only woken.
const handed = math.MaxUint64

// block puts up the bits of up, and takes those of down down, if the lock is held, and reports whether it is.
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

// quiet reports whether a lock in the given state can be freed without waking anybody.
func quiet(state uint64) bool {
	return state&(waited|strict) == 0 || state&(awake|strict) == awake
}

// unlock frees the lock, or hands it over. It returns false if the lock was not held.
func (l *lock) unlock(class trace.Class) bool {
	for !hook.Watched() {
		old := l.state.Load()
		if old&held == 0 {
			return false
		}
		if !quiet(old) {
			break
		}
		if l.state.CompareAndSwap(old, old&^(held|tagMask)) {
			return true
		}
	}
	return l.unlockSlow(class)
}

func (l *lock) unlockSlow(class trace.Class) bool {
	var wakes waitq.Wakes
	l.begin("Unlock", class)
	for {
		old := l.state.Load()
		if old&held == 0 {
			l.q.Unlock()
			return false
		}
		next := old &^ (held | tagMask)
		w := l.q.Front()
		give := w != nil && old&strict != 0
		wake := w != nil && !give && old&awake == 0
		switch {
		case give:
			next |= held | w.Tag<<tagShift
			next &^= strict // the next in the queue begins with a chance of its own
		case wake:
			next |= awake
		}
		if w == nil || (give || wake) && l.q.Len() == 1 {
			next &^= waited | strict
		}
		if !l.state.CompareAndSwap(old, next) {
			continue
		}
		l.q.Emit(trace.KindRelease, 0)
		if give || wake {
			l.q.Grant(w, &wakes)
		}
		if give {
			l.q.EmitFor(trace.KindAcquire, w.G, 0, 1, "")
			w.Tag = handed
		}
		break
	}
	l.q.Unlock()
	wakes.Wake()
	return true
}

// begin begins the operation verb: it tells those who watch, and takes the mutex.
func (l *lock) begin(verb string, class trace.Class) {
	l.q.Point(verb)
	l.q.Lock()
	l.q.Define(class, int64(l.state.Load()&held), nil)
}

// waiting returns how many wait in the queue.
func (l *lock) waiting(class trace.Class) int {
	l.begin("Waiting", class)
	defer l.q.Unlock()
	return l.q.Len()
}

// multicore says whether spinning can be of use.
var multicore = runtime.NumCPU() > 1
