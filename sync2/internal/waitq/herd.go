package waitq

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/steps"
)

// A Herd is where those goroutines wait who need no Waiter of their own: they wait without limit, unwatched, and what
// they ask for is all that the primitive has to know of them. Those who stand next to each other in the queue and ask
// for the same share one Waiter. They park on one sync.Cond, which wakes them in the order in which they came; so that
// a waiting goroutine costs no memory of ours at all. The zero value is ready. A Herd is guarded by the mutex of a
// [Queue], always the same.
type Herd struct {
	cond  sync.Cond    // L lets go of the queue's mutex and does not take it back
	waker steps.Uint64 // what orders wakers and woken for the race detector
}

// ParkIn waits at the end of the queue until it is granted n. The mutex must be held; ParkIn returns without it. What
// the waker did before its Grant synchronizes before the return. It is for those whose Limit is Plain.
func (h *Herd) ParkIn(q *Queue, n int64) {
	if last := q.line.last(); last != nil && last.herd == h && last.N == n {
		last.more++
		q.line.n++
	} else {
		h.found(q, n)
	}
	if h.cond.L == nil {
		h.cond.L = (*handOff)(q)
	}
	h.cond.Wait() // lets go of the mutex and does not take it back
	if raced {
		h.waker.Load() // pairs with the Add of wake
	}
}

// found puts a new Waiter for one goroutine into the queue.
//
//go:noinline
func (h *Herd) found(q *Queue, n int64) {
	w := pool.Get().(*Waiter)
	w.N, w.herd = n, h
	w.granted = false
	q.line.insert(w, false)
}

// grant takes the first of those for whom w stands off the queue. The mutex must be held.
func (h *Herd) grant(w *Waiter, b *Wakes) {
	b.herd = h
	b.woken++
	if w.more > 0 {
		w.more--
		w.line.n--
		return
	}
	w.line.remove(w)
	w.herd = nil
	pool.Put(w) // nobody holds it any more
}

// wake wakes the first n. If two wake at once, the one may wake whom the other has granted; sync.Cond orders them, and so
// the Add, which a Store would not, orders both before what they wake.
func (h *Herd) wake(n int) {
	if raced {
		h.waker.Add(1)
	}
	for range n {
		h.cond.Signal()
	}
}
