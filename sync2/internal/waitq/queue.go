package waitq

import (
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Queue is a mutex and a FIFO queue of goroutines that wait for what it guards. The zero value is ready.
type Queue struct {
	mu   Mutex
	list WaitList // guarded by mu
	due  *Waiter  // to wake by the goroutine that parks next; guarded by mu
	obj  trace.Object
	mark atomic.Uint32
}

// Mark implements [hook.Object].
func (q *Queue) Mark() *atomic.Uint32 { return &q.mark }

// A WaitList is a list of Waiters. Every [Queue] has one of its own; a primitive whose goroutines wait for different
// things has more of them, guarded by the mutex of that Queue. The zero value is empty.
type WaitList struct {
	head  *Waiter // its prev is the last, whose next is nil
	n     int32
	entry uint32          // one more than its index in the registry; 0: it is not there
	done  <-chan struct{} // the done channel with which those in the last Waiter give up, if it may stand for more of them
}

// Len returns the number of waiters in the list. The mutex must be held.
func (l *WaitList) Len() int { return int(l.n) }

// Front returns the Waiter that has waited longest in the list, or nil. The mutex must be held.
func (l *WaitList) Front() *Waiter { return l.head }

// Object returns the queue's identity in traces, which is its primitive's.
func (q *Queue) Object() *trace.Object { return &q.obj }

// Point tells an explorer that the calling goroutine is about to do verb. No lock may be held.
func (q *Queue) Point(verb string) {
	if hook.Enabled() {
		hook.Point(q, verb, hook.AccessWrite)
	}
}

// PointRead is [Queue.Point] for an operation that changes nothing.
func (q *Queue) PointRead(verb string) {
	if hook.Enabled() {
		hook.Point(q, verb, hook.AccessRead)
	}
}

// PointRelease is [Queue.Point] for an operation that releases something that others wait for, and is possible only
// while they do.
func (q *Queue) PointRelease(verb string) {
	if hook.Enabled() {
		hook.Point(q, verb, hook.AccessRelease)
	}
}

// Inspect begins an operation that changes nothing and is not traced: it tells an explorer, and takes the
// mutex.
func (q *Queue) Inspect(verb string) {
	q.PointRead(verb)
	q.Lock()
}

// Unlock releases the mutex.
func (q *Queue) Unlock() { q.mu.Unlock() }

// OnParking makes the calling goroutine, which is about to Park, wake those of l once it has released the mutex. They must
// have Waiters of their own. The mutex must be held.
func (q *Queue) OnParking(l *WakeList) { q.due = l.first }

// unlockToPark releases the mutex for a goroutine that is about to park.
func (q *Queue) unlockToPark() {
	if q.due != nil {
		q.unlockAndWake()
		return
	}
	q.mu.Unlock()
}

func (q *Queue) unlockAndWake() {
	l := WakeList{first: q.due}
	q.due = nil
	q.mu.Unlock()
	l.Wake()
}

// Begin begins an operation: it tells an explorer that the calling goroutine is about to do verb, takes the mutex, and
// defines the queue's object in a running trace; see Define for what it reports. No lock may be held.
//
// The state n must not change without the mutex; if it is not known before that is held, use Point, Lock and Define.
func (q *Queue) Begin(verb string, class trace.Class, n int64) (fresh bool) {
	q.Point(verb)
	q.Lock()
	return q.Define(class, n, nil)
}

// Define defines the queue's object in a running trace; see [trace.Object.Define]. The mutex must be held.
//
// It reports whether the object was not defined before. Then the primitive must at once emit its state, with Found and
// FoundWaiting, and must not change state without the mutex as long as Session returns the same: so every trace,
// whenever it begins, shows the state of an object and then each change.
func (q *Queue) Define(class trace.Class, n int64, parent *trace.Object) (fresh bool) {
	return hook.On(hook.Trace) && q.obj.Define(class, n, parent)
}

// Session returns the number of the running trace if the queue's object is defined in it, or 0. The mutex must be
// held, unless all that matters is whether that trace is still the same.
func (q *Queue) Session() uint32 {
	if !hook.On(hook.Trace) {
		return 0
	}
	return q.obj.Session()
}

// knows reports whether the trace shows that w waits.
func (q *Queue) knows(w *Waiter) bool { return w.session != 0 && w.session == q.Session() }

// Found emits state that is older than the trace, as an event of an unknown goroutine. The mutex must be
// held.
func (q *Queue) Found(kind trace.Kind, n, peer int64) {
	q.obj.Emit(trace.Event{Kind: kind, G: trace.UnknownG, N: n, Peer: peer})
}

// FoundWaiting emits which goroutines wait, in the queue or in one of the primitive's own lines. The mutex must be held.
func (q *Queue) FoundWaiting(list *WaitList, verb string) {
	q.FoundEach(list, func(*Waiter) string { return verb })
}

// FoundEach is like FoundWaiting, for waiters with different verbs.
func (q *Queue) FoundEach(list *WaitList, verb func(*Waiter) string) {
	for w := list.head; w != nil; w = w.next {
		if w.Details != nil && w.enqueued {
			continue
		}
		w.session = q.Session()
		for range w.size() {
			q.obj.Emit(trace.Event{Kind: trace.KindBlock, G: w.goroutine(), N: w.N, Text: verb(w)})
		}
	}
}

// List returns the list of the waiters in the queue itself.
func (q *Queue) List() *WaitList { return &q.list }

// Emit sends an event of the calling goroutine, if a trace is running. The mutex must be held.
func (q *Queue) Emit(kind trace.Kind, n int64) {
	if hook.Enabled() {
		q.emit(kind, n)
	}
}

// emit is outlined: an Event is large, and would be part of the frame of every function that emits one. Waiting
// goroutines should not outgrow their initial stack.
//
//go:noinline
func (q *Queue) emit(kind trace.Kind, n int64) { q.obj.Emit(trace.Event{Kind: kind, N: n}) }

// EmitFor sends an event of goroutine g, caused by peer. The mutex must be held.
func (q *Queue) EmitFor(kind trace.Kind, g, peer, n int64, text string) {
	if hook.Enabled() {
		q.emitFor(kind, g, peer, n, text)
	}
}

// emitFor is outlined so that EmitFor can be inlined.
//
//go:noinline
func (q *Queue) emitFor(kind trace.Kind, g, peer, n int64, text string) {
	q.obj.Emit(trace.Event{Kind: kind, G: g, Peer: peer, N: n, Text: text})
}

// Len returns the number of waiters. The mutex must be held.
func (q *Queue) Len() int { return int(q.list.n) }

// Front returns the Waiter that has waited longest, or nil. The mutex must be held.
func (q *Queue) Front() *Waiter { return q.list.head }

// Next returns the Waiter behind w, or nil. The mutex must be held.
func (w *Waiter) Next() *Waiter { return w.next }

// Grant removes w from the queue, or the first of the goroutines it stands for, and adds it to l: it has got what it waited
// for. The mutex must be held.
func (q *Queue) Grant(w *Waiter, l *WakeList) { q.GrantIn(&q.list, w, l) }

// GrantIn is like Grant, for a waiter in one of the primitive's own lines.
func (q *Queue) GrantIn(list *WaitList, w *Waiter, l *WakeList) {
	if hook.Enabled() && q.knows(w) {
		q.emitUnblock(w)
	}
	if w.alike && w.Details != nil {
		q.grantAlike(w, l)
		return
	}
	list.remove(w)
	w.granted = true
	l.add(w)
}

// emitUnblock emits that w was granted. The event of an unknown goroutine includes what it asked for.
func (q *Queue) emitUnblock(w *Waiter) {
	ev := trace.Event{Kind: trace.KindUnblock, G: w.goroutine(), Peer: goid.Get()}
	if !w.Known() {
		ev.N = w.N
	}
	q.obj.Emit(ev)
}

// Park puts w at the end of the queue (or at its front) and waits until it is granted or lim ends. The mutex must be
// held; Park returns without it.
//
// It returns true when w was granted, even if lim ended at the same moment. It returns false when w gave up: then w is
// off the queue, and the primitive must reconsider the waiters behind it. What the waker did before its Grant
// synchronizes before a return of true.
func (q *Queue) Park(w *Waiter, lim *Limit, verb string, front bool) (granted bool) {
	return q.park(&q.list, w, lim, verb, front)
}

// ParkIn is like Park, at the end of one of the primitive's own lines.
func (q *Queue) ParkIn(list *WaitList, w *Waiter, lim *Limit, verb string) (granted bool) {
	return q.park(list, w, lim, verb, false)
}

// Enqueue puts w at the end of the queue and does not wait. The mutex must be held. Wait or Cancel must follow.
func (q *Queue) Enqueue(w *Waiter) {
	w.granted, w.gone, w.enqueued = false, stayed, true
	q.list.insert(w, false)
}

// Wait is the second half of a Park whose first half was Enqueue. The mutex must be held; Wait returns without it,
// with the same result as Park. If w was granted meanwhile, it does not wait.
func (q *Queue) Wait(w *Waiter, lim *Limit, verb string) (granted bool) {
	return q.park(&q.list, w, lim, verb, false)
}

// Traced returns the number of the first n waiters in the queue that a trace shows as waiting. A Waiter that was enqueued
// and has not reached Wait does not count. The mutex must be held.
func (q *Queue) Traced(n int) int {
	traced := 0
	for w := q.list.head; w != nil && n > 0; w, n = w.next, n-w.size() {
		if q.knows(w) {
			traced++
		}
	}
	return traced
}

// Cancel removes w, which was enqueued, from the queue, and reports whether it had not been granted. The mutex must be
// held.
func (q *Queue) Cancel(w *Waiter) bool {
	w.loose, w.enqueued = true, false
	if w.granted {
		return false
	}
	q.list.remove(w)
	return true
}

// park puts w into list, unless it was enqueued, and waits until it is granted or lim ends.
func (q *Queue) park(list *WaitList, w *Waiter, lim *Limit, verb string, front bool) (granted bool) {
	switch {
	case !w.enqueued:
		w.granted, w.gone = false, stayed
		list.insert(w, front)
	case w.granted:
		w.enqueued = false
		q.mu.Unlock()
		if w.plain() {
			w.loose = true
		} else {
			w.door().take(q)
		}
		return w.admitted(lim)
	default:
		w.enqueued = false
	}
	if hook.Enabled() {
		q.emitBlock(w, verb, front)
	}
	if w.plain() {
		if !w.bed.of(q).explored(q, verb) {
			w.bed.cond.Wait()
		}
		w.bed.order.after()
		granted = true
	} else {
		granted = w.door().wait(q, lim, verb) || q.quit(list, w, lim)
	}
	granted = granted && w.admitted(lim)
	if granted && w.session != 0 {
		q.emitResume(w.session)
	}
	return granted
}

// admitted reports whether w, which is off the queue and was woken, was granted, and records in lim if it was refused.
func (w *Waiter) admitted(lim *Limit) bool {
	if w.gone == refused {
		lim.Refuse()
		return false
	}
	return true
}

// quit removes w, whose limit has ended, from list, unless it was granted at the last moment.
func (q *Queue) quit(list *WaitList, w *Waiter, lim *Limit) (granted bool) {
	lim.expire()
	q.mu.Lock()
	if w.granted {
		q.mu.Unlock()
		w.door().take(q) // the waker is about to wake us, and holds w until then
		return true
	}
	defer q.mu.Unlock()
	w.door().drop()
	list.remove(w)
	if q.knows(w) {
		q.Emit(trace.KindGiveUp, int64(lim.reason()))
	}
	return false
}

// last returns the last in the list, or nil.
func (l *WaitList) last() *Waiter {
	if l.head == nil {
		return nil
	}
	return l.head.prev
}

func (l *WaitList) insert(w *Waiter, front bool) {
	l.n++
	if l.head == nil {
		w.next, w.prev = nil, w
		l.head = w
		return
	}
	last := l.head.prev
	l.head.prev = w
	w.prev = last
	if front {
		w.next = l.head
		l.head = w
	} else {
		w.next = nil
		last.next = w
		l.done = nil
	}
}

func (l *WaitList) remove(w *Waiter) {
	if w == l.head {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else { // it was the last
		l.done = nil
		if l.head != nil {
			l.head.prev = w.prev
		}
	}
	w.next, w.prev = nil, nil
	l.n--
}

func (q *Queue) emitBlock(w *Waiter, verb string, front bool) {
	if w.session = q.Session(); w.session == 0 {
		return
	}
	ev := trace.Event{Kind: trace.KindBlock, N: w.N, Text: verb}
	if front {
		ev.Peer = -1
	} else {
		// Between Enqueue and Wait others may have queued behind it.
		for v := w.next; v != nil; v = v.next {
			if q.knows(v) {
				ev.Peer++
			}
		}
	}
	q.obj.Emit(ev)
}

// emitResume emits that the calling goroutine continues, if the trace of that session is still running. It is outlined as
// emit is.
//
//go:noinline
func (q *Queue) emitResume(session uint32) {
	if session != 0 {
		q.obj.EmitIn(session, trace.Event{Kind: trace.KindResume})
	}
}
