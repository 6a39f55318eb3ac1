package waitq

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A NotifyList is a list of goroutines that wait for one thing, and are all notified at once. Goroutines that come after
// that belong to the next generation. Those that wait without a limit sleep in one [Bed] and cost nothing; those with a
// limit share one channel. The zero value is ready. A NotifyList is guarded by the mutex of a [Queue], always the same,
// which its methods name.
type NotifyList struct {
	bed    Bed          // those without a limit
	door   door         // those with one, and callers of Chan; of this generation
	gen    steps.Uint64 // the generation; written under the mutex
	count  int          // number of waiters
	atDoor int          // number of those at the door
	given  bool         // Chan gave the door away
	bound  bool         // see Commit
	entry  uint32       // one more than its index in the registry; 0: it is not there
	seen   []*Waiter    // the waiters that came while there was an observer, in order

	// What a trace knows about waiters that came before it knew the object: the session in which their waits were
	// emitted, and the number that still wait. They are not distinguished.
	session uint32
	known   int
	late    bool // the next goroutine to wait is one of them
}

// A Ticket is the place of one goroutine in a NotifyList that may leave it.
type Ticket struct {
	Gen  uint64  // the generation; of a Pending, its N
	door door    // none: it is that of the generation
	seen *Waiter // nil: there was no observer when it came
}

// knows returns the number of waiters that the running trace has counted without knowing which goroutines they are.
// The mutex must be held.
func (l *NotifyList) knows(q *Queue) int {
	if l.known > 0 && l.session == q.Session() {
		return l.known
	}
	return 0
}

// Found emits that n goroutines wait, including those that have arrived and are about to; see [NotifyList.Late]. The
// mutex must be held.
func (l *NotifyList) Found(q *Queue, n int, verb string) {
	l.session, l.known = q.Session(), n
	for range n {
		q.obj.Emit(trace.Event{Kind: trace.KindBlock, G: trace.UnknownG, N: 1, Text: verb})
	}
}

// Waiting returns the number of waiters. The mutex must be held.
func (l *NotifyList) Waiting() int { return l.count }

// Chan returns the channel that the next NotifyAll closes. The mutex must be held.
func (l *NotifyList) Chan() <-chan struct{} {
	l.given = true
	return l.entrance().ch
}

// entrance returns the door of this generation.
func (l *NotifyList) entrance() door {
	if l.door.ch == nil {
		l.door = newDoor()
	}
	return l.door
}

// Generation returns the number of calls of NotifyAll so far, which identifies the current generation. The mutex must
// be held.
func (l *NotifyList) Generation() uint64 { return l.gen.Load() }

// Commit makes the current waiters stay until NotifyAll, even if their limits end. The mutex must be held.
func (l *NotifyList) Commit() { l.bound = true }

// Over reports whether the generation gen is over: whether NotifyAll has been called since Generation returned it. The
// mutex need not be held.
func (l *NotifyList) Over(gen uint64) bool { return l.gen.Load() != gen }

// Late declares that the calling goroutine, which is about to wait, has been among those that the primitive reports with
// Found since before [Queue.Session] returned session. The mutex must be held.
func (l *NotifyList) Late(q *Queue, session uint32) { l.late = q.Session() != session }

// Wait waits until NotifyAll or until lim ends. The mutex must be held; Wait returns without it. It returns true when it
// was notified, and false when it gave up.
func (l *NotifyList) Wait(q *Queue, lim *Limit, verb string) (notified bool) {
	p, notified := l.Begin(q, lim, verb)
	if p.Woken == nil {
		return notified
	}
	return lim.before(p.Woken) || l.Quit(q, &Ticket{Gen: p.N}, lim)
}

// Begin is like Wait, except that it may leave the rest to the caller; see [Pending]. If that has Ended, the caller
// must call Quit.
func (l *NotifyList) Begin(q *Queue, lim *Limit, verb string) (p Pending, notified bool) {
	if lim.Endless() {
		l.Join(q, verb)
		return p, true
	}
	var t Ticket
	p, notified = l.Enter(q, &t, lim, verb)
	if p.Woken == nil && !notified {
		notified = l.Quit(q, &t, lim)
	}
	return p, notified
}

// Quit takes the mutex, calls Leave and releases the mutex; it reports whether the waiter was notified after all.
func (l *NotifyList) Quit(q *Queue, t *Ticket, lim *Limit) (notified bool) {
	q.mu.Lock()
	if !l.Leave(q, t, lim) {
		l.Stay(q, t)
		return true
	}
	q.mu.Unlock()
	return false
}

// Join is Wait with a Limit that never ends. Calling it in place of Wait keeps the stacks of waiting goroutines smaller.
func (l *NotifyList) Join(q *Queue, verb string) {
	gen := l.gen.Load()
	seen := l.come(q, verb)
	for {
		if !l.bed.of(q).explored(q, verb) {
			l.bed.cond.Wait()
		}
		l.bed.order.after()
		// NotifyAll wakes without the mutex, and so it also wakes goroutines that have come since. They go back to sleep.
		if l.Over(gen) {
			break
		}
		q.mu.Lock()
		if l.Over(gen) {
			q.mu.Unlock()
			break
		}
	}
	if seen != nil {
		q.emitResume(seen.session)
	}
}

// come counts one more waiter, and emits its wait, unless the trace has already found it.
func (l *NotifyList) come(q *Queue, verb string) (seen *Waiter) {
	l.count++
	if hook.Enabled() {
		seen = detailed()
		seen.N, seen.G = 1, goid.Get()
		l.seen = append(l.seen, seen)
		if !l.late {
			q.emitBlock(seen, verb, false)
		}
	}
	l.late = false
	return seen
}

// Enter is the first half of a Wait with a Limit that may end. The mutex must be held; Enter returns without it. If it
// returns false, Leave must follow, unless it has left the wait to the caller: then Leave must follow if that has Ended,
// with a Ticket of that Gen.
func (l *NotifyList) Enter(q *Queue, t *Ticket, lim *Limit, verb string) (p Pending, notified bool) {
	t.Gen, t.door, t.seen = l.gen.Load(), l.entrance(), l.come(q, verb)
	l.atDoor++
	if !lim.timed && !inside() {
		q.unlockToPark()
		return Pending{Woken: t.door.ch, Ended: lim.done, N: t.Gen}, false
	}
	notified = t.door.wait(q, lim, verb)
	if notified && t.seen != nil {
		q.emitResume(t.seen.session)
	}
	return p, notified
}

// Leave is the second half of a Wait: it removes the waiter with t, whose limit has ended, from the list, and reports
// whether it could. If it could not, since NotifyAll came first or the waiters are committed, Stay must follow. The mutex
// must be held.
func (l *NotifyList) Leave(q *Queue, t *Ticket, lim *Limit) (left bool) {
	if l.gen.Load() != t.Gen || l.bound {
		return false
	}
	t.door.drop()
	if i := slices.Index(l.seen, t.seen); i >= 0 {
		l.seen = slices.Delete(l.seen, i, i+1)
	}
	switch {
	case t.seen != nil && q.knows(t.seen):
		q.Emit(trace.KindGiveUp, int64(lim.reason()))
	case l.knows(q) > 0:
		l.known--
		q.Found(trace.KindGiveUp, int64(lim.reason()), 0)
	}
	l.count--
	if l.atDoor--; l.atDoor == 0 && !l.given {
		l.door = door{} // the next waiter may be in another synctest bubble
	}
	return true
}

// Stay waits for the NotifyAll that has come or is certain to come. The mutex must be held; Stay returns without it.
func (l *NotifyList) Stay(q *Queue, t *Ticket) {
	if t.door.ch == nil && l.gen.Load() == t.Gen {
		t.door = l.door // NotifyAll is yet to come
	}
	q.mu.Unlock()
	if t.door.ch != nil {
		t.door.take(q)
	}
	if t.seen != nil {
		q.emitResume(t.seen.session)
	}
}

// NotifyAll begins the next generation, and adds the waiters to wl. The mutex must be held. It synchronizes before the
// return of every Wait that it ends.
func (l *NotifyList) NotifyAll(q *Queue, wl *WakeList) {
	l.gen.Add(1)
	for range l.knows(q) {
		q.Found(trace.KindUnblock, 0, goid.Get())
	}
	for _, w := range l.seen {
		if q.knows(w) {
			q.emitUnblock(w)
		}
	}
	wl.note(&l.bed, -1, l.door)
	l.count, l.atDoor, l.given, l.bound, l.door = 0, 0, false, false, door{}
	l.seen, l.known = nil, 0
}
