package sync2

import (
	"fmt"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What a Queue does under its mutex.

func (q *Queue[T]) put(v T, lim *waitq.Limit, verb string) error {
	if hook.Watched() {
		return q.putWatched(v, lim, verb)
	}
	q.q.Lock()
	if !q.closed && !q.full() && q.q.Len() == 0 && q.buf.order != byRank { // the fast path
		q.puts++
		q.buf.add(item[T]{v, q.puts}, false)
		q.q.Unlock()
		return nil
	}
	return q.putLocked(v, "", lim, verb)
}

func (q *Queue[T]) putWatched(v T, lim *waitq.Limit, verb string) error {
	text := fmt.Sprint(v) // before the mutex: it may call anything
	q.lock(verb)
	return q.putLocked(v, text, lim, verb)
}

// putLocked is put, whose ctx had not ended. The mutex is held, and released when it returns.
func (q *Queue[T]) putLocked(v T, text string, lim *waitq.Limit, verb string) error {
	var err error
	switch {
	case q.closed:
		err = ErrClosed
	case q.q.Len() > 0:
		q.handOver(v, text)
		return nil
	case !q.full():
		q.store(v, text)
		return nil
	default:
		if err = lim.Err(); err == nil {
			return q.waitForRoom(v, text, lim)
		}
		q.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	}
	q.q.Unlock()
	return err
}

func (q *Queue[T]) get(lim *waitq.Limit, verb string) (T, error) {
	if hook.Watched() {
		q.lock(verb)
		return q.getLocked(lim, verb)
	}
	q.q.Lock()
	if q.buf.count > 0 && q.putters.Len() == 0 && q.buf.order != byRank { // the fast path
		v := q.buf.take().value
		q.shrink()
		q.q.Unlock()
		return v, nil
	}
	return q.getLocked(lim, verb)
}

// getLocked is get, whose ctx had not ended. The mutex is held, and released when it returns.
func (q *Queue[T]) getLocked(lim *waitq.Limit, verb string) (v T, err error) {
	switch {
	case q.buf.count > 0:
		return q.fetch(), nil
	case q.closed:
		err = ErrClosed
	default:
		if err = lim.Err(); err == nil {
			return q.waitForItem(lim)
		}
		q.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	}
	q.q.Unlock()
	return v, err
}

// handOver gives v to the first who waits for an item. The mutex is held, and released when it returns.
func (q *Queue[T]) handOver(v T, text string) {
	var wakes waitq.Wakes
	w := q.q.Front()
	w.Data.(*place[T]).value = v
	q.puts++
	q.q.EmitFor(trace.KindPut, 0, 0, q.puts, text)
	q.q.Grant(w, &wakes)
	q.q.EmitFor(trace.KindGet, w.G, 0, q.puts, "")
	q.q.Unlock()
	wakes.Wake()
}

// store adds v, for which there is room. The mutex is held, and released when it returns, also by a panic of compare.
func (q *Queue[T]) store(v T, text string) {
	defer q.q.Unlock()
	at := q.buf.add(item[T]{v, q.puts + 1}, hook.Watched())
	q.puts++
	q.q.EmitFor(trace.KindPut, 0, int64(at), q.puts, text)
}

// fetch takes the next item, and gives its room to the first who waits for that. The mutex is held, and released when
// it returns, also by a panic of compare.
func (q *Queue[T]) fetch() T {
	var wakes waitq.Wakes
	defer wakes.Wake()
	defer q.q.Unlock()
	w := q.putters.Front()
	if w == nil {
		it := q.buf.take()
		q.shrink()
		q.q.Emit(trace.KindGet, it.number)
		return it.value
	}
	p := w.Data.(*place[T])
	it, at := q.buf.swap(item[T]{p.value, q.puts + 1}, hook.Watched())
	q.puts++
	q.q.Emit(trace.KindGet, it.number)
	q.q.Grant(w, &wakes)
	q.q.EmitFor(trace.KindPut, w.G, int64(at), q.puts, p.text)
	return it.value
}

// waitForRoom waits until a Get has taken v over. The mutex is held, and released when it returns.
func (q *Queue[T]) waitForRoom(v T, text string, lim *waitq.Limit) error {
	p := q.places.take(lim)
	p.value, p.text = v, text
	if err := q.q.ParkIn(&q.putters, &p.Waiter, lim, "Put"); err != nil {
		q.q.Unlock()
		return err
	}
	_, err := q.places.leave(p)
	return err
}

// waitForItem waits until a Put has handed an item over. The mutex is held, and released when it returns.
func (q *Queue[T]) waitForItem(lim *waitq.Limit) (v T, err error) {
	p := q.places.take(lim)
	if err = q.q.Park(&p.Waiter, lim, "Get", false); err != nil {
		q.q.Unlock()
		return v, err
	}
	return q.places.leave(p)
}

func (q *Queue[T]) join(lim *waitq.Limit) error {
	q.lock("Join")
	err := lim.CtxErr()
	if err == nil {
		if q.unfinished() == 0 {
			q.q.Emit(trace.KindPass, 0)
			q.q.Unlock()
			return nil
		}
		if err = lim.Err(); err == nil {
			if err = q.joiners.Gather(&q.q, lim, "Join"); err == nil {
				return nil
			}
		}
	}
	q.q.Unlock()
	return err
}

// finish notes that n items are done. The mutex must be held.
func (q *Queue[T]) finish(n int) {
	q.done += int64(n)
	if q.unfinished() == 0 {
		q.joiners.ReleaseAll(&q.q)
	}
}

func (q *Queue[T]) close(verb string, discard bool) (dropped int) {
	var wakes waitq.Wakes
	q.lock(verb)
	if discard {
		dropped = q.buf.clear()
	}
	if !q.closed || dropped > 0 {
		q.q.Emit(trace.KindClose, int64(dropped))
	}
	q.closed = true
	for _, line := range []interface{ Front() *waitq.Waiter }{&q.q, &q.putters} {
		for w := line.Front(); w != nil; w = line.Front() {
			w.Data.(*place[T]).closed = true
			q.q.Grant(w, &wakes)
		}
	}
	if dropped > 0 {
		q.finish(dropped)
	}
	q.q.Unlock()
	wakes.Wake()
	return dropped
}

// unfinished returns how many items were put and are not done. The mutex must be held.
func (q *Queue[T]) unfinished() int { return int(q.puts - q.done) }

func (q *Queue[T]) full() bool { return q.capacity > 0 && q.buf.count >= q.capacity }

func (q *Queue[T]) shrink() {
	if q.capacity == 0 {
		q.buf.shrink()
	}
}

// lock begins the operation verb: it tells those who watch, and takes the mutex.
func (q *Queue[T]) lock(verb string) {
	q.q.Point(verb)
	q.q.Lock()
	q.q.Define(queueClasses[q.buf.order], int64(q.capacity), nil)
}

var queueClasses = [...]trace.Class{firstOut: trace.ClassQueue, lastOut: trace.ClassStack, byRank: trace.ClassPriorityQueue}

func (q *Queue[T]) traced() *trace.Object { return q.q.Object() }

// A place is where a waiting goroutine finds what it is given, or leaves what it gives.
type place[T any] struct {
	waitq.Waiter // its Data is the place itself

	value  T
	text   string // of value, for those who watch
	closed bool   // the queue was closed
	next   *place[T]
	behind atomic.Int32 // how many are behind it in places; others may look while it is taken
}

// sparePlaces is how many places a Queue keeps for later.
const sparePlaces = 256

// places are those that are free. Any goroutine may give one back, but only one at a time takes one: the queue's mutex
// is held then, and so what is first cannot have been taken and given back meanwhile.
type places[T any] struct{ first atomic.Pointer[place[T]] }

// take returns a place for the calling goroutine, to wait with lim.
func (f *places[T]) take(lim *waitq.Limit) *place[T] {
	p := f.first.Load()
	for p != nil && !f.first.CompareAndSwap(p, p.next) {
		p = f.first.Load()
	}
	if p == nil {
		p = new(place[T])
		p.Data = p
	}
	p.Reset(lim)
	return p
}

// leave gives p back, if it can be used again, and returns what it held.
func (f *places[T]) leave(p *place[T]) (v T, err error) {
	if p.closed {
		return v, ErrClosed
	}
	v, p.value = p.value, v
	if !p.Reusable() {
		return v, nil
	}
	p.text = ""
	for {
		next, behind := f.first.Load(), int32(0)
		if next != nil {
			behind = next.behind.Load() + 1
		}
		p.next = next
		p.behind.Store(behind)
		if behind >= sparePlaces || f.first.CompareAndSwap(next, p) {
			return v, nil
		}
	}
}
