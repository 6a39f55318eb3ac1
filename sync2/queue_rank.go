package sync2

import (
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A priority queue differs in one respect: its compare is the caller's code, so it runs without the mutex.
//
// Instead, goroutines that Put or Get take turns, in order of arrival. The goroutine whose turn it is works out
// where its item belongs, and then takes the mutex to move it there. Meanwhile others may look at the queue or close
// it, but no goroutine changes an item of the heap. An item that has waited for room is compared by the goroutine that
// waits for its Put: it gets the turn along with the room, before goroutines that wait only for their turn.

// turns are the turns of goroutines that Put into and Get from a priority queue.
type turns struct {
	owner int64       // the goroutine that has the turn, 0 if none does; guarded by the mutex of the Queue, like lined
	lined int         // number of goroutines that wait for their turn or have not resumed yet
	q     waitq.Queue // waits for a turn; its mutex is locked after that of the Queue
}

// takeTurn waits until it is the calling goroutine's turn at a priority queue: to put, if puts is set, or else to get. The
// mutex must be held; takeTurn releases it while it waits, and returns with it held. If mine is true, endTurn must follow.
// Otherwise lim ended the wait or, if over is true, the queue was closed and nothing is left to wait for.
func (q *Queue[T]) takeTurn(lim *waitq.Limit, verb string, puts bool) (mine, over bool) {
	t, me := q.turns, goid.Get()
	for i := 0; i < yields && t.owner != 0 && t.owner != me && !hook.Controlled(); i++ { // compare is usually short
		q.q.Unlock()
		runtime.Gosched()
		q.q.Lock()
	}
	switch t.owner {
	case 0:
		t.owner = me
		return true, false
	case me:
		if lim.Instant() {
			return false, false
		}
		q.q.Unlock()
		misuse("Queue."+verb, "called by the queue's own compare")
	}
	if q.over(puts) && !lim.Canceled() {
		return false, true
	}
	if lim.Instant() {
		lim = &forever // compare takes hardly any time
	}
	p := q.places.take(lim)
	p.puts = puts
	t.lined++
	t.q.Lock()
	q.q.Unlock()
	granted := t.q.Park(&p.Waiter, lim, verb, false)
	q.q.Lock()
	t.lined--
	if !granted {
		q.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
		return false, false
	}
	_, err := p.leave()
	return err == nil, err != nil
}

// refused returns the error of a goroutine whose turn does not come. It may call methods of a context, so no lock may be held.
func refused(lim *waitq.Limit, over bool) error {
	if over {
		return ErrClosed
	}
	return lim.Cause()
}

// over reports whether the queue is closed, so that a Put, or a Get, need not wait for its turn to fail. The mutex must be
// held.
func (q *Queue[T]) over(puts bool) bool { return q.closed && (puts || q.buf.count == 0) }

// closeTurns releases goroutines that wait for their turn and will fail because the queue is closed: all in Put, and those
// in Get if nothing is left. The mutex must be held.
func (q *Queue[T]) closeTurns(wakes *waitq.WakeList) {
	t := q.turns
	if t == nil || t.lined == 0 {
		return
	}
	t.q.Lock()
	defer t.q.Unlock()
	for w := t.q.Front(); w != nil; {
		p := w.Data.(*place[T])
		w = w.Next()
		if q.over(p.puts) {
			p.closed = true
			t.q.Grant(&p.Waiter, wakes)
		}
	}
}

// endTurn gives the turn, if q is a priority queue, to the goroutine that has waited longest for room, if there is some,
// and else to the one that has waited longest for its turn. The mutex must be held.
func (q *Queue[T]) endTurn(wakes *waitq.WakeList) {
	if q.turns != nil {
		q.nextTurn(wakes)
	}
}

// nextTurn is endTurn at a priority queue: outlined, so that others do without the call.
func (q *Queue[T]) nextTurn(wakes *waitq.WakeList) {
	t := q.turns
	t.owner = 0
	if w := q.putters.Front(); w != nil && !q.full() {
		t.owner = w.G
		q.q.GrantIn(&q.putters, w, wakes)
		q.places.retire(w.Data.(*place[T]))
		return
	}
	if t.lined == 0 {
		return
	}
	t.q.Lock()
	if w := t.q.Front(); w != nil {
		t.owner = w.G
		t.q.Grant(w, wakes)
		q.places.retire(w.Data.(*place[T]))
	}
	t.q.Unlock()
}

// passTurn ends the turn of the calling goroutine, which is about to wait for something else. The goroutine whose turn it is
// then is woken by the Park that must follow. The mutex must be held.
func (q *Queue[T]) passTurn() {
	if q.turns != nil {
		q.handTurn()
	}
}

// handTurn is passTurn at a priority queue.
func (q *Queue[T]) handTurn() {
	var wakes waitq.WakeList
	q.nextTurn(&wakes)
	q.q.OnParking(&wakes)
}

// findUp returns the index in the heap where it belongs, and the number of items that will be taken before it, or -1 if
// there is no observer. It calls compare without the mutex; if compare does not return, the turn of the calling goroutine
// ends and nothing has changed. The mutex must be held, and is held again when findUp returns.
func (q *Queue[T]) findUp(it item[T]) (i, place int) {
	heap := q.buf // only a Discard changes q.buf meanwhile, and it leaves the items as they are
	returned := false
	q.q.Unlock()
	defer q.compared(&returned)
	i, place = heap.findUp(it), -1
	if hook.Enabled() {
		place = heap.place(it)
	}
	returned = true
	return i, place
}

// findLast returns the place of the last item in the heap after the smallest has been removed. It
// unlocks the mutex while it compares, as findUp does.
func (q *Queue[T]) findLast() int {
	heap := q.buf
	returned := false
	q.q.Unlock()
	defer q.compared(&returned)
	i := heap.findLast()
	returned = true
	return i
}

// compared takes the mutex after calls of compare, and ends the turn if one of them did not return.
func (q *Queue[T]) compared(returned *bool) {
	q.q.Lock()
	if !*returned {
		q.leave()
	}
}

// storeByRank adds v to a priority queue with room for it. It must be the calling goroutine's turn, which ends. The mutex
// is held, and released when storeByRank returns. Again says that it is a Requeue.
func (q *Queue[T]) storeByRank(v T, text string, again bool) error {
	it := item[T]{v, q.puts + 1}
	i, place := q.findUp(it)
	for place < 0 && q.q.Session() != 0 { // a trace has begun meanwhile
		i, place = q.findUp(it)
	}
	if q.closed {
		q.leave()
		return ErrClosed
	}
	q.buf.insert(it, i)
	if again {
		q.noteRequeue(place, text)
	} else {
		q.puts++
		q.q.EmitFor(trace.KindPut, 0, int64(place), q.puts, text)
	}
	q.leave()
	return nil
}

// fetchByRank takes the next item of a priority queue that is not empty. It must be the calling goroutine's turn, which
// ends. The mutex is held, and released when fetchByRank returns.
func (q *Queue[T]) fetchByRank() (v T, err error) {
	i := q.findLast()
	if q.buf.count == 0 { // there was a Discard
		q.leave()
		return v, ErrClosed
	}
	it := q.buf.remove(i)
	q.shrink()
	q.q.Emit(trace.KindGet, it.number)
	q.leave()
	return it.value, nil
}
