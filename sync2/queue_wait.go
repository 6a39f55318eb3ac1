package sync2

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What a Queue does under its mutex.

func (q *Queue[T]) put(v T, lim *waitq.Limit, verb string) error {
	q.check(verb)
	q.q.Lock()
	if hook.Enabled() { // checked with the mutex held: from now on every operation must be observed
		q.q.Unlock()
		return q.putWatched(v, lim, verb)
	}
	if !q.closed && !q.full() && q.q.Len() == 0 && q.turns == nil { // the fast path
		q.puts++
		q.buf.add(item[T]{v, q.puts})
		q.q.Unlock()
		return nil
	}
	return q.putLocked(v, "", lim, verb)
}

func (q *Queue[T]) putWatched(v T, lim *waitq.Limit, verb string) error {
	text := trace.ValueText(v) // before the mutex is taken, because a Texter may call anything
	q.lock(verb)
	return q.putLocked(v, text, lim, verb)
}

// putLocked is put with a ctx that had not ended. The mutex must be held; putLocked returns without it.
func (q *Queue[T]) putLocked(v T, text string, lim *waitq.Limit, verb string) error {
	if q.turns != nil {
		if mine, over := q.takeTurn(lim, verb, true); !mine {
			q.q.Unlock()
			return refused(lim, over)
		}
	}
	switch {
	case lim.Canceled():
	case q.closed:
		q.leave()
		return ErrClosed
	case q.q.Len() > 0:
		q.handOver(v, text)
		return nil
	case q.full():
		if !lim.Instant() {
			return q.waitForRoom(v, text, lim)
		}
	case q.turns != nil:
		return q.storeByRank(v, text, false)
	default:
		q.store(v, text)
		return nil
	}
	q.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	q.leave()
	return lim.Cause()
}

func (q *Queue[T]) get(lim *waitq.Limit, verb string) (T, error) {
	q.check(verb)
	q.q.Lock()
	if hook.Enabled() {
		q.q.Unlock()
		q.lock(verb)
		return q.getLocked(lim, verb)
	}
	if q.buf.count > 0 && first(&q.putters) == nil && q.turns == nil { // the fast path
		v := q.buf.take().value
		q.shrink()
		q.q.Unlock()
		return v, nil
	}
	return q.getLocked(lim, verb)
}

// getLocked is get with a ctx that had not ended. The mutex must be held; getLocked returns without it.
func (q *Queue[T]) getLocked(lim *waitq.Limit, verb string) (v T, err error) {
	if q.turns != nil {
		if mine, over := q.takeTurn(lim, verb, false); !mine {
			q.q.Unlock()
			return v, refused(lim, over)
		}
	}
	switch {
	case lim.Canceled():
	case q.buf.count > 0 && q.turns != nil:
		return q.fetchByRank()
	case q.buf.count > 0:
		return q.fetch(), nil
	case q.closed:
		q.leave()
		return v, ErrClosed
	case !lim.Instant():
		return q.waitForItem(lim)
	}
	q.q.EmitFor(trace.KindTryFail, 0, 0, 1, verb)
	q.leave()
	return v, lim.Cause()
}

// leave ends the turn of the calling goroutine, if it had one, and releases the mutex.
func (q *Queue[T]) leave() {
	var wakes waitq.WakeList
	q.endTurn(&wakes)
	q.q.Unlock()
	wakes.Wake()
}

// handOver hands v to the first waiting Get. The mutex must be held; handOver returns without it.
func (q *Queue[T]) handOver(v T, text string) {
	q.puts++
	q.q.EmitFor(trace.KindPut, 0, 0, q.puts, text)
	q.giveNext(v)
}

// giveNext gives v, the item that was put last, to the first goroutine waiting for one. The mutex must be held; giveNext
// releases it.
func (q *Queue[T]) giveNext(v T) {
	var wakes waitq.WakeList
	w := q.q.Front()
	p := w.Data.(*place[T])
	p.value = v
	q.q.Grant(w, &wakes)
	q.q.EmitFor(trace.KindGet, w.G, 0, q.puts, "")
	q.places.retire(p)
	q.endTurn(&wakes)
	q.q.Unlock()
	wakes.Wake()
}

// store adds v, for which there is room, except to a priority queue. The mutex must be held; store returns without it.
func (q *Queue[T]) store(v T, text string) {
	at := q.buf.add(item[T]{v, q.puts + 1})
	q.puts++
	q.q.EmitFor(trace.KindPut, 0, int64(at), q.puts, text)
	q.q.Unlock()
}

// fetch takes the next item, and gives its room to the first goroutine waiting for room. It is not for priority queues. The
// mutex must be held; fetch releases it.
func (q *Queue[T]) fetch() T {
	it := q.buf.take()
	q.q.Emit(trace.KindGet, it.number)
	w := first(&q.putters)
	if w == nil || q.full() { // after a Requeue the queue may exceed its capacity
		q.shrink()
		q.q.Unlock()
		return it.value
	}
	var wakes waitq.WakeList
	p := w.Data.(*place[T])
	q.puts++
	at := q.buf.add(item[T]{p.value, q.puts})
	q.q.GrantIn(&q.putters, w, &wakes)
	q.q.EmitFor(trace.KindPut, w.G, int64(at), q.puts, p.text)
	q.places.retire(p)
	q.q.Unlock()
	wakes.Wake()
	return it.value
}

// requeue is Requeue, which has begun. The mutex must be held; requeue returns without it.
func (q *Queue[T]) requeue(v T, text string) error {
	if q.unfinished() <= q.buf.count {
		q.q.Unlock()
		misuse("Queue.Requeue", "no item is taken and unfinished")
	}
	if q.turns != nil {
		if mine, over := q.takeTurn(&forever, "Requeue", true); !mine {
			q.q.Unlock()
			return refused(&forever, over)
		}
	}
	switch {
	case q.closed:
		q.leave()
		return ErrClosed
	case q.q.Len() > 0:
		q.noteRequeue(0, text)
		q.giveNext(v)
		return nil
	case q.turns != nil:
		return q.storeByRank(v, text, true)
	}
	at := q.buf.add(item[T]{v, q.puts + 1})
	q.noteRequeue(at, text)
	q.q.Unlock()
	return nil
}

// noteRequeue counts an item that is put at the given place as one more, and as done: it is the same as before. If the calling
// goroutine has it from a loop over All, the trace shows that. The mutex must be held.
func (q *Queue[T]) noteRequeue(at int, text string) {
	q.puts++
	q.done++
	q.q.EmitFor(trace.KindRequeue, 0, int64(at), q.puts, text)
	me := goid.Get()
	for _, l := range slices.Backward(q.loops) {
		if l.g == me {
			l.requeued = true
			return
		}
	}
}

// begin and end bracket a loop over All.
func (q *Queue[T]) begin(l *loop) {
	q.q.Lock()
	defer q.q.Unlock()
	q.loops = append(q.loops, l)
}

func (q *Queue[T]) end(l *loop) {
	q.q.Lock()
	defer q.q.Unlock()
	i := slices.Index(q.loops, l)
	q.loops = slices.Delete(q.loops, i, i+1)
}

// taskDone is TaskDone, at the end of a turn of l if that is not nil.
func (q *Queue[T]) taskDone(l *loop) {
	q.lock("TaskDone")
	if l != nil && l.requeued {
		l.requeued = false
		q.q.Unlock()
		return
	}
	if q.unfinished() == 0 {
		q.q.Unlock()
		misuse("Queue.TaskDone", "no item is unfinished")
	}
	var wakes waitq.WakeList
	q.q.Emit(trace.KindTaskDone, int64(q.unfinished()-1))
	q.finish(1, &wakes)
	q.q.Unlock()
	wakes.Wake()
}

// waitForRoom waits until a Get has taken v over, or, if q is a priority queue, until it can be added. The mutex is held,
// and released when it returns.
func (q *Queue[T]) waitForRoom(v T, text string, lim *waitq.Limit) error {
	p := q.places.take(lim)
	p.value, p.text = v, text
	q.passTurn()
	q.putters.Register(&q.q, q, "Put")
	if !q.q.ParkIn(&q.putters, &p.Waiter, lim, "Put") {
		return lim.Cause()
	}
	if _, err := p.leave(); err != nil || q.turns == nil {
		return err
	}
	q.q.Lock()
	return q.storeByRank(v, text, false)
}

// waitForItem waits until a Put has handed an item over. The mutex is held, and released when it returns.
func (q *Queue[T]) waitForItem(lim *waitq.Limit) (v T, err error) {
	p := q.places.take(lim)
	q.passTurn()
	q.q.List().Register(&q.q, q, "Get")
	if !q.q.Park(&p.Waiter, lim, "Get", false) {
		return v, lim.Cause()
	}
	return p.leave()
}

func (q *Queue[T]) join(lim *waitq.Limit) (granted bool) {
	q.lock("Join")
	switch {
	case lim.Canceled():
	case q.unfinished() == 0:
		q.q.Emit(trace.KindPass, 0)
		granted = true
	case !lim.Instant():
		q.joiners.Register(&q.q, q, "Join")
		return q.joiners.Wait(&q.q, lim, "Join")
	}
	q.q.Unlock()
	return granted
}

// finish notes that n items are finished. The mutex must be held.
func (q *Queue[T]) finish(n int, wakes *waitq.WakeList) {
	q.done += int64(n)
	if q.unfinished() == 0 {
		q.joiners.NotifyAll(&q.q, wakes)
	}
}

func (q *Queue[T]) close(verb string, discard bool) (dropped int) {
	var wakes waitq.WakeList
	q.lock(verb)
	if discard {
		dropped = q.buf.clear()
	}
	if !q.closed || dropped > 0 {
		q.q.Emit(trace.KindClose, int64(dropped))
	}
	q.closed = true
	for _, line := range []*waitq.WaitList{q.q.List(), &q.putters} {
		for w := line.Front(); w != nil; w = line.Front() {
			w.Data.(*place[T]).closed = true
			q.q.GrantIn(line, w, &wakes)
		}
	}
	q.closeTurns(&wakes)
	if done := min(dropped, q.unfinished()); done > 0 { // less if TaskDone was called before the Get of an item
		q.finish(done, &wakes)
	}
	q.q.Unlock()
	wakes.Wake()
	return dropped
}

// unfinished returns the number of unfinished items. The mutex must be held.
func (q *Queue[T]) unfinished() int { return int(q.puts - q.done) }

func (q *Queue[T]) full() bool { return q.capacity > 0 && q.buf.count >= q.capacity }

func (q *Queue[T]) shrink() {
	if q.capacity == 0 {
		q.buf.shrink()
	}
}

// first is line.Front, and reusable is w.Reusable. Importers compile the methods of a Queue[T], and for them the compiler
// has only the bodies of those functions of waitq that this package inlines elsewhere.
func first(line *waitq.WaitList) *waitq.Waiter { return line.Front() }
func reusable(w *waitq.Waiter) bool            { return w.Reusable() }

// check panics if q was not made by a constructor.
func (q *Queue[T]) check(verb string) {
	if q == nil || q.buf.order == orderNone {
		misuseZero("Queue."+verb, "a constructor")
	}
}

// lock begins the operation verb: it notifies observers, and takes the mutex.
func (q *Queue[T]) lock(verb string) {
	q.check(verb)
	q.q.Point(verb)
	q.q.Lock()
	q.define()
}

// define defines q in a running trace. The mutex must be held.
func (q *Queue[T]) define() {
	if q.q.Define(queueClasses[q.buf.order], int64(q.capacity), nil) {
		q.found()
	}
}

// found emits the state of q to a trace that did not know it. The mutex must be held.
func (q *Queue[T]) found() {
	for i := range q.buf.count {
		q.q.Found(trace.KindPut, 0, int64(i))
	}
	if n := q.unfinished(); n != q.buf.count {
		q.q.Found(trace.KindTaskDone, int64(n), 0)
	}
	if q.closed {
		q.q.Found(trace.KindClose, 0, 0)
	}
	q.q.FoundWaiting(q.q.List(), "Get")
	q.q.FoundWaiting(&q.putters, "Put")
	q.joiners.Found(&q.q, q.joiners.Waiting(), "Join")
}

var queueClasses = [...]trace.Class{orderFirst: trace.ClassQueue, orderLast: trace.ClassStack, orderRank: trace.ClassPriorityQueue}

func (q *Queue[T]) traced() *trace.Object { return q.q.Object() }

// A place holds the item that a waiting goroutine receives or puts.
type place[T any] struct {
	waitq.Own // its Data is the place itself

	value  T
	text   string // of value, for observers
	closed bool   // the queue was closed
	puts   bool   // it waits for its turn to put
	next   *place[T]
	turn   uint32       // number of times it was used; guarded by the queue's mutex
	left   steps.Uint32 // the turn that is over, written by the goroutine that waited here
}

// sparePlaces is the number of places that a Queue keeps for reuse.
const sparePlaces = 256

// places are used places that can be reused once their goroutines have left them. They are guarded by the
// queue's mutex. The place of a goroutine that gave up is left to the garbage collector.
type places[T any] struct {
	first, last *place[T]
	count       int
}

// take returns a place for the calling goroutine, to wait with lim.
func (f *places[T]) take(lim *waitq.Limit) *place[T] {
	p := f.reuse()
	if p == nil {
		p = new(place[T])
	}
	p.turn++
	p.Reset(lim)
	p.Data = p
	return p
}

// reuse returns a place that its goroutine has left, if one of the first few is. Places still in use go to the end.
func (f *places[T]) reuse() *place[T] {
	for range min(f.count, 4) {
		p := f.first
		f.first = p.next
		f.count--
		if p.left.Load() == p.turn {
			return p
		}
		f.retire(p)
	}
	return nil
}

// retire makes it possible to use p again, when its goroutine, which has been granted, will have left it.
func (f *places[T]) retire(p *place[T]) {
	if !reusable(&p.Waiter) || f.count == sparePlaces {
		return
	}
	p.next = nil
	if f.first == nil {
		f.first = p
	} else {
		f.last.next = p
	}
	f.last = p
	f.count++
}

// leave empties p after the wait, and returns its item.
func (p *place[T]) leave() (v T, err error) {
	if p.closed {
		return v, ErrClosed
	}
	v, p.value = p.value, v
	p.text = ""
	p.left.Store(p.turn)
	return v, nil
}
