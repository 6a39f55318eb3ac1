package waitq

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Primitives that only need the amount that each waiting goroutine asks for call JoinAlike and ParkAlike. Adjacent
// goroutines that ask for the same amount and give up with the same context then share one Waiter.

// JoinAlike waits at the end of the queue until it is granted n. The mutex must be held; JoinAlike returns without it. These
// waiters sleep in bed, which belongs to the primitive, and take no memory here.
//
// It returns false if it was refused. It also reports whether the Waiter had the goroutine's G, so that the granting
// goroutine could emit its trace event.
func (q *Queue) JoinAlike(bed *SharedBed, n int64, verb string) (granted, known bool) {
	w, _ := q.join(&bed.Bed, n, nil, verb)
	known, session := w.Known(), w.session // afterwards w may belong to another goroutine
	number := bed.came
	bed.came++
	if !bed.of(q).explored(q, verb) {
		bed.cond.Wait()
	}
	bed.order.after()
	if left := bed.left.Load(); left != 0 && number >= left-1 {
		return false, known
	}
	q.emitResume(session)
	return true, known
}

// Refuse removes all waiters that ask for more than most from the queue, and adds them to l: their waits end without a
// grant, and their Limits say Refused. The mutex must be held.
//
// If some of them sleep in bed, the one of JoinAlike, then all its waiters that have not been granted must be among them,
// and bed must not be used again. Refuse reports whether that is so.
func (q *Queue) Refuse(most int64, bed *SharedBed, l *WakeList) (emptied bool) {
	sleepers := 0
	for w := q.list.head; w != nil; {
		next := w.next
		if w.N > most {
			if w.endless {
				sleepers += w.size()
			}
			q.refuse(w, l)
		}
		w = next
	}
	if sleepers == 0 {
		return false
	}
	bed.left.Store(bed.came - uint64(sleepers) + 1)
	l.note(&bed.Bed, -1, door{})
	return true
}

// refuse removes w from the queue, and adds all the goroutines that it stands for to l, unless they sleep in a SharedBed.
func (q *Queue) refuse(w *Waiter, l *WakeList) {
	if q.knows(w) {
		q.emitGiveUps(w, trace.ReasonCanceled)
	}
	q.list.n -= int32(w.size() - 1)
	q.list.remove(w)
	switch {
	case w.endless:
		w.rest()
		return
	case !w.alike:
		w.granted = true // it will be woken
		l.add(w)
	case w.Details == nil:
		l.note(nil, -1, w.door())
	default:
		l.note(w.bed, -1, w.door())
	}
	w.gone = refused
}

// ParkAlike waits at the end of the queue until it is granted n or lim ends, which is that of a context. The mutex must be
// held; ParkAlike returns without it. It returns the same results as Park and JoinAlike, except that it may leave the rest
// to the caller: see [Pending]. If that has Ended, the caller must call QuitAlike.
//
// Of the goroutines that share a Waiter, one leads: it watches the context for all, at the Waiter's door. The others sleep
// in the Waiter's bed, at half the memory. With each grant the next of them is woken: it returns if it has been granted
// meanwhile, and leads otherwise. So the next one to be granted always leads or is awake.
func (q *Queue) ParkAlike(n int64, lim *Limit, verb string) (p Pending, granted, known bool) {
	w, number := q.join(nil, n, lim.done, verb)
	known = w.Known()
	if number > 0 {
		if !w.bed.of(q).explored(q, verb) {
			w.bed.cond.Wait()
		}
		w.bed.order.after()
		granted = q.succeed(w, number, lim, verb)
		return p, granted, known
	}
	d := newDoor()
	w.hang(d)
	if inside() {
		granted = q.lead(w, d, number, lim, verb)
		return p, granted, known
	}
	q.unlockToPark()
	return Pending{Woken: d.ch, Ended: lim.done, W: w}, false, false
}

// succeed is called by a goroutine that was woken in the bed of w: it has been granted, has to lead, or has given up,
// since no goroutine leads anymore.
//
//go:noinline
func (q *Queue) succeed(w *Waiter, number uint64, lim *Limit, verb string) (granted bool) {
	if number < w.served.Load() {
		return true
	}
	q.mu.Lock()
	granted = number < w.served.Load()
	if granted || w.gone != stayed {
		if w.gone == refused {
			lim.Refuse()
		}
		q.mu.Unlock()
		return granted
	}
	d := newDoor()
	w.hang(d)
	return q.lead(w, d, number, lim, verb)
}

// lead watches the context for all the goroutines that w stands for, at its door d and as the one after the given number
// of others, and makes all of them give up if the context ends first. The mutex is held, and released when lead returns.
//
//go:noinline
func (q *Queue) lead(w *Waiter, d door, number uint64, lim *Limit, verb string) (granted bool) {
	var session uint32 // the session of the trace that shows it
	if w.Known() {
		session = w.session
	}
	if granted = d.wait(q, lim, verb); !granted {
		if granted = q.QuitAlike(w, number, lim); granted || lim.no {
			d.take(q)
		}
	}
	if d.opened() {
		granted = false
		lim.Refuse()
	}
	if granted {
		q.emitResume(session)
	}
	return granted
}

// QuitAlike makes all the goroutines that w stands for give up, since their context has ended, unless the one that leads,
// after the given number of others, has been granted meanwhile, which QuitAlike reports. For the W of a Pending the number
// is 0, and the wake need not be taken: no other goroutine uses the door. If they were refused meanwhile, lim says so.
func (q *Queue) QuitAlike(w *Waiter, number uint64, lim *Limit) (granted bool) {
	q.mu.Lock()
	if w.granted || w.Details != nil && number < w.served.Load() {
		q.mu.Unlock()
		return true
	}
	if w.gone == refused {
		q.mu.Unlock()
		lim.Refuse()
		return false
	}
	if q.knows(w) {
		q.emitGiveUps(w, lim.reason())
	}
	q.list.n -= int32(w.size() - 1)
	q.list.remove(w)
	w.gone = gaveUp
	var others *Bed
	if w.Details != nil {
		others = w.bed
	}
	q.mu.Unlock()
	if others != nil {
		others.wake(-1)
	}
	return false
}

// emitGiveUps emits that all the goroutines that w stands for give up. The mutex must be held.
//
//go:noinline
func (q *Queue) emitGiveUps(w *Waiter, why trace.Reason) {
	for range w.size() {
		q.obj.Emit(trace.Event{Kind: trace.KindGiveUp, G: w.goroutine(), N: int64(why)})
	}
}

// join returns the Waiter at the end of the queue that stands for the calling goroutine, which asks for n and gives up
// when done is closed, and for others like it. It also returns the number of them that came before.
//
//go:noinline
func (q *Queue) join(bed *Bed, n int64, done <-chan struct{}, verb string) (w *Waiter, number uint64) {
	watched := hook.Enabled() // then each is on its own, so that all are known
	if w = q.list.last(); w != nil && w.alike && w.N == n && w.endless == (done == nil) && q.list.done == done && !w.Known() && !watched {
		if w.Details == nil {
			w.Details = new(Details)
		}
		if w.bed == nil {
			w.bed = new(Bed)
		}
		w.more++
		q.list.n++
		if done == nil {
			return w, 0
		}
		return w, w.served.Load() + uint64(w.more)
	}
	if done == nil {
		w = alikes.Get().(*Waiter)
		w.bed = bed
	} else {
		w = new(Waiter)
		if watched || inside() { // a trace may have ended since
			w.Details = new(Details)
		}
	}
	w.N, w.alike, w.endless = n, true, done == nil
	q.list.insert(w, false)
	q.list.done = done
	if watched {
		w.G = goid.Get()
		q.emitBlock(w, verb, false)
	}
	return w, 0
}

// alikes pools Waiters for several goroutines without a limit, which are free when all of these have been granted.
var alikes = sync.Pool{New: func() any { return detailed() }}

// detailed returns a new Waiter with Details.
func detailed() *Waiter {
	o := new(Own)
	o.Details = &o.details
	return &o.Waiter
}

// grantAlike removes the first of the goroutines that w stands for from the queue.
func (q *Queue) grantAlike(w *Waiter, l *WakeList) {
	if w.endless {
		l.note(w.bed, 1, door{})
	} else {
		w.served.Add(1)
		l.note(w.bed, min(1, int(w.more)), w.door()) // the one that leads leaves; the next leads, or has been granted meanwhile
		w.hang(door{})
	}
	if w.more > 0 {
		w.more--
		q.list.n--
		return
	}
	q.list.remove(w)
	if w.endless {
		w.rest()
	}
}

// rest returns w, which stood for goroutines without a limit, to the pool: it is not in use anymore.
func (w *Waiter) rest() {
	w.bed, w.G, w.session, w.more = nil, 0, 0, 0
	alikes.Put(w)
}
