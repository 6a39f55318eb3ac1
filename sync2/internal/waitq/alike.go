package waitq

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// ParkAlike waits at the end of the queue until it is granted n or lim ends, which is not one of time. The mutex must be
// held; ParkAlike returns without it. What it returns is as with Park.
//
// It is for primitives to which a waiting goroutine is no more than how much it asks for. Those who stand next to each
// other, ask for the same and give up with the same context share one Waiter. If they have no context, they sleep in bed,
// which is the primitive's, and take no memory of ours. If they have one, one of them leads: it watches the context for
// all, at the Waiter's door. The others sleep in the Waiter's bed, at half the memory. With each grant the next of them is
// woken: it returns if it has been granted meanwhile, and leads if not. So the one that is granted next leads or is awake,
// always.
//
// It also reports whether the Waiter had the goroutine's G, so that who granted it could tell a trace of it.
func (q *Queue) ParkAlike(bed *Bed, n int64, lim *Limit, verb string) (granted, known bool) {
	w, number := q.join(bed, n, lim.done)
	known = w.G != 0
	var told uint32 // the session of the trace that is told of it
	if known {
		q.emitBlock(w, verb, false)
		told = w.told
	}
	switch {
	case lim.done == nil:
		if !bed.explored(q, verb) { // as in sleep, but with less on the stack; afterwards w may be anybody's
			bed.cond.Wait()
		}
		bed.order.after()
		granted = true
	case number == 0:
		granted = q.lead(w, number, lim, verb)
	default:
		granted = q.follow(w, number, lim, verb)
	}
	if granted && told != 0 && told == q.Session() {
		q.Emit(trace.KindResume, 0)
	}
	return granted, known
}

// follow waits in the bed of w, after the given number of others, until it is granted, has to lead, or nobody leads any
// more because the context has ended. The mutex is held, and released when follow returns.
func (q *Queue) follow(w *Waiter, number uint64, lim *Limit, verb string) (granted bool) {
	w.bed.sleep(q, verb)
	if number < w.served.Load() {
		return true
	}
	q.mu.Lock()
	granted = number < w.served.Load()
	if granted || w.line == nil {
		q.mu.Unlock()
		return granted
	}
	return q.lead(w, number, lim, verb)
}

// lead watches the context for all for whom w stands, and makes all of them give up if that ends first. The mutex is
// held, and released when lead returns.
func (q *Queue) lead(w *Waiter, number uint64, lim *Limit, verb string) (granted bool) {
	d := newDoor()
	w.door = d
	if ended, woken := d.waitElse(q, lim, verb); ended {
		granted = woken
	} else { // written out, since every frame counts on the stacks of those who wait
		select {
		case <-d.ch:
			granted = true
		case <-lim.done:
		}
	}
	if granted {
		return true
	}
	q.mu.Lock()
	if number < w.served.Load() {
		q.mu.Unlock()
		d.take(q)
		return true
	}
	d.drop()
	if q.knows(w) {
		q.emitGiveUps(w, lim)
	}
	w.line.n -= int(w.more)
	w.line.remove(w)
	q.mu.Unlock()
	if w.bed != nil {
		w.bed.wake(-1)
	}
	return false
}

// emitGiveUps tells a trace that all those for whom w stands give up. The mutex must be held.
//
//go:noinline
func (q *Queue) emitGiveUps(w *Waiter, lim *Limit) {
	g := w.G
	if g == 0 {
		g = trace.Somebody
	}
	for range 1 + w.more {
		q.obj.Emit(trace.Event{Kind: trace.KindGiveUp, G: g, N: int64(lim.reason())})
	}
}

// join returns the Waiter at the end of the queue that stands for the calling goroutine, which asks for n and gives up
// when done is closed, and for others like it. It also returns how many of them came before.
//
//go:noinline
func (q *Queue) join(bed *Bed, n int64, done <-chan struct{}) (w *Waiter, number uint64) {
	watched := hook.Watched() // then each is on its own, so that all are known
	if w = q.line.last(); w != nil && w.alike && w.N == n && w.done == done && w.G == 0 && !watched {
		w.more++
		q.line.n++
		if w.bed == nil {
			w.bed = new(Bed)
		}
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
	}
	w.N, w.done, w.alike = n, done, true
	if watched {
		w.G = goid.Get()
	}
	q.line.insert(w, false)
	return w, 0
}

// alikes are Waiters for several without a limit: nobody holds them when all have been granted.
var alikes = sync.Pool{New: func() any { return new(Waiter) }}

// grantAlike takes the first of those for whom w stands off the queue.
func (q *Queue) grantAlike(w *Waiter, l *WakeList) {
	if w.done == nil {
		l.note(w.bed, 1, door{})
	} else {
		w.served.Add(1)
		l.note(w.bed, min(1, int(w.more)), w.door) // the one who leads goes; the next leads, or has been granted meanwhile
		w.door = door{}
	}
	if w.more > 0 {
		w.more--
		w.line.n--
		return
	}
	w.line.remove(w)
	if w.done == nil {
		w.bed, w.G, w.told = nil, 0, 0
		alikes.Put(w)
	}
}
