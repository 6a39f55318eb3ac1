package sync2

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// ErrClosed is returned by the Put of a [Queue] that was closed, and by the Get of one that was closed and is empty.
var ErrClosed = errors.New("sync2: queue closed")

// A Queue passes values from goroutines that Put to goroutines that Get, and keeps account of the work that is not
// finished yet, like Python's queue.Queue. It can be bounded: then Put waits while the queue is full.
//
// It is made by [NewQueue] (first in, first out), [NewStack] (last in, first out) or [NewPriorityQueue] (smallest
// first), and must not be copied.
//
// Goroutines that wait for an item, and those that wait for room, are served in the order in which they came, and
// nobody overtakes them: an item is handed to the first that waits for one, room is given to the first that waits for
// it. One that gives up has neither taken an item nor put one.
//
// Each item that is Put counts as unfinished until somebody calls [Queue.TaskDone] for it; [Queue.Join] waits until
// none is. Ignore TaskDone and Join if you do not need that account.
//
// A goroutine that takes items from a bounded queue must not Put back into it what it wants to try again later. When the
// queue is full and every goroutine that takes items waits in Put, nobody is left to make room, and all of them wait for
// ever. Use [Queue.Requeue], which never waits.
//
// A closed queue takes no more items; what it holds can still be taken.
//
// In the terminology of the Go memory model, the Put of an item “synchronizes before” the return of the Get that takes
// it; the call of the Get that makes room “synchronizes before” the return of the Put that was waiting for it; each
// TaskDone “synchronizes before” the return of a Join that waited for it; and Close and Discard do before the return of
// every Put and Get that fails because of them. A call that gives up establishes no such relation.
type Queue[T any] struct {
	// What every Put and Get needs comes first, and close together: processors pass it around by the cache line.
	q        waitq.Queue // those who wait to Get; its mutex guards what follows
	putters  waitq.Line  // those who wait to Put. Then the buffer is full
	places   places[T]
	capacity int // 0: unbounded; never changes
	closed   bool
	buf      buffer[T]
	puts     int64  // how many items were put: the number of the last
	turns    *turns // of a priority queue, else nil; never changes

	done    int64 // how many of them are done, or were put anew by Requeue
	joiners waitq.NotifyList
	loops   []*loop // those over All that are in progress
}

// A loop is one over All, by goroutine g.
type loop struct {
	g        int64
	requeued bool // its turn has called Requeue, which stands for TaskDone; guarded by the mutex of the Queue
}

// NewQueue returns a queue that gives out first what was put first. It holds at most capacity items; 0 means any number.
// NewQueue panics if capacity is less than 0.
func NewQueue[T any](capacity int) *Queue[T] {
	return newQueue("NewQueue", capacity, buffer[T]{order: firstOut})
}

// NewStack returns a queue that gives out first what was put last. It holds at most capacity items; 0 means any number.
// NewStack panics if capacity is less than 0.
func NewStack[T any](capacity int) *Queue[T] {
	return newQueue("NewStack", capacity, buffer[T]{order: lastOut})
}

// NewPriorityQueue returns a queue that gives out the smallest item first, and of equals the one that was put first. It
// holds at most capacity items; 0 means any number. NewPriorityQueue panics if capacity is less than 0 or compare is nil.
//
// Compare returns less than 0 if a comes before b, more than 0 if b comes before a, and 0 if they are equal; it must be
// a strict weak ordering, as for slices.SortFunc. It is called by one goroutine at a time, with no lock held: a Get compares
// items of the queue, and a Put compares its item with those, once there is room. While compare runs, others wait with
// their Put and Get, but not with the methods that look at the queue or close it. So must compare itself: if it calls Put
// or Get, those panic, and TryPut and TryGet return false.
//
// If compare panics or calls [runtime.Goexit], the Put or Get that called it ends that way, and the queue is as it was.
func NewPriorityQueue[T any](capacity int, compare func(a, b T) int) *Queue[T] {
	if compare == nil {
		misuse("NewPriorityQueue", "compare is nil")
	}
	q := newQueue("NewPriorityQueue", capacity, buffer[T]{order: byRank, compare: compare})
	q.turns = new(turns)
	return q
}

func newQueue[T any](op string, capacity int, buf buffer[T]) *Queue[T] {
	if capacity < 0 {
		misusef(op, "a capacity of %d; must not be negative", capacity)
	}
	return &Queue[T]{capacity: capacity, buf: buf}
}

// Put adds v, and waits for room if need be. It returns [ErrClosed] if the queue is closed, also if it is closed while
// Put waits; then v was not added.
//
// It “synchronizes before” the return of the Get that takes v.
func (q *Queue[T]) Put(v T) error {
	return q.put(v, &forever, "Put")
}

// PutContext is like [Queue.Put], but gives up when ctx ends and then returns its cause. If ctx has ended already, it
// fails even if there is room.
func (q *Queue[T]) PutContext(ctx context.Context, v T) error {
	q.check("PutContext")
	lim := until(ctx, "Queue.PutContext")
	if lim.Ended() {
		return lim.Cause()
	}
	return q.put(v, &lim, "PutContext")
}

// PutTimeout is like [Queue.Put], but gives up after d and then returns context.DeadlineExceeded. If d is zero or less
// it does not wait.
func (q *Queue[T]) PutTimeout(d time.Duration, v T) error {
	lim := waitq.Within(d)
	return q.put(v, &lim, "PutTimeout")
}

// TryPut adds v if there is room and the queue is not closed, and reports whether it did.
func (q *Queue[T]) TryPut(v T) bool {
	lim := waitq.Within(0)
	return q.put(v, &lim, "TryPut") == nil
}

// Get takes the next item, and waits for one if need be. If the queue is closed and empty it returns [ErrClosed].
//
// The Put of the item “synchronizes before” the return of Get; the call of Get “synchronizes before” the return of the
// Put that was waiting for the room.
func (q *Queue[T]) Get() (T, error) {
	return q.get(&forever, "Get")
}

// GetContext is like [Queue.Get], but gives up when ctx ends and then returns its cause. If ctx has ended already, it
// fails even if there is an item.
func (q *Queue[T]) GetContext(ctx context.Context) (T, error) {
	q.check("GetContext")
	lim := until(ctx, "Queue.GetContext")
	if lim.Ended() {
		var none T
		return none, lim.Cause()
	}
	return q.get(&lim, "GetContext")
}

// GetTimeout is like [Queue.Get], but gives up after d and then returns context.DeadlineExceeded. If d is zero or less
// it does not wait.
func (q *Queue[T]) GetTimeout(d time.Duration) (T, error) {
	lim := waitq.Within(d)
	return q.get(&lim, "GetTimeout")
}

// TryGet takes the next item if there is one, and reports whether there was.
func (q *Queue[T]) TryGet() (T, bool) {
	lim := waitq.Within(0)
	v, err := q.get(&lim, "TryGet")
	return v, err == nil
}

// Requeue puts v back, which the caller has taken and will not finish now, for a later Get. It never waits for room: v may go
// past the capacity, and a Put waits until there is room again. It comes where a Put would put it, and of equals last; those
// who wait to Put do not come before it. The item stays unfinished, and its TaskDone is still to be called once.
//
// So one who takes items and has to try some of them again does not wait for room that only it could make.
//
// In the body of a loop over [Queue.All], in the goroutine that ranges, a Requeue stands for the turn's TaskDone.
//
// If the queue is closed, Requeue returns [ErrClosed], and the item stays unfinished until its TaskDone. Requeue panics if
// nothing was taken that is not done.
//
// It “synchronizes before” the return of the Get that takes v.
func (q *Queue[T]) Requeue(v T) error {
	q.check("Requeue")
	text := ""
	if hook.Watched() {
		text = trace.ValueText(v) // before the mutex: a Texter may call anything
	}
	q.lock("Requeue")
	return q.requeue(v, text)
}

// All returns an iterator over the items, for a range statement: it calls [Queue.Get] until the queue is closed and
// empty. After each turn of the loop it calls [Queue.TaskDone], however the turn ended: the body must not. If the body has
// called [Queue.Requeue], that stands for it.
func (q *Queue[T]) All() iter.Seq[T] {
	q.check("All")
	return func(yield func(T) bool) {
		l := &loop{g: goid.Get()}
		q.begin(l)
		defer q.end(l)
		for {
			v, err := q.Get()
			if err != nil || !q.turn(l, yield, v) {
				return
			}
		}
	}
}

// turn is one turn of the loop l.
func (q *Queue[T]) turn(l *loop, yield func(T) bool, v T) bool {
	defer q.taskDone(l)
	return yield(v)
}

// TaskDone says that the work on one item, which was taken by a Get, is finished. It panics if it is called more often than
// items were Put.
//
// It “synchronizes before” the return of every Join that waited for it.
func (q *Queue[T]) TaskDone() { q.taskDone(nil) }

// Join waits until no item is unfinished. It is released when that is so for the first time, also if the next item is
// put at once.
//
// Every TaskDone for which it waited “synchronizes before” its return.
func (q *Queue[T]) Join() {
	q.join(&forever)
}

// JoinContext is like [Queue.Join], but gives up when ctx ends and then returns its cause. If ctx has ended already, it
// fails even if nothing is unfinished.
func (q *Queue[T]) JoinContext(ctx context.Context) error {
	q.check("JoinContext")
	lim := until(ctx, "Queue.JoinContext")
	return outcome(q.join(&lim), &lim)
}

// JoinTimeout is like [Queue.Join], but gives up after d and then returns false. If d is zero or less it does not wait,
// and tells whether nothing is unfinished.
func (q *Queue[T]) JoinTimeout(d time.Duration) bool {
	q.check("JoinTimeout")
	lim := waitq.Within(d)
	return q.join(&lim)
}

// Unfinished returns how many items were put and not accounted for by [Queue.TaskDone].
func (q *Queue[T]) Unfinished() int {
	q.check("Unfinished")
	q.q.Inspect("Unfinished")
	defer q.q.Unlock()
	return q.unfinished()
}

// Len returns how many items there are to be taken.
func (q *Queue[T]) Len() int {
	q.check("Len")
	q.q.Inspect("Len")
	defer q.q.Unlock()
	return q.buf.count
}

// Cap returns how many items there can be, 0 if any number.
func (q *Queue[T]) Cap() int {
	q.check("Cap")
	return q.capacity
}

// Waiting returns how many goroutines wait to Put and how many wait to Get.
func (q *Queue[T]) Waiting() (putters, getters int) {
	q.check("Waiting")
	q.q.Inspect("Waiting")
	defer q.q.Unlock()
	return q.putters.Len(), q.q.Len()
}

// Close closes the queue: every Put fails from now on, also those that wait. A Get takes what is left, and fails when
// nothing is. To close a closed queue does nothing.
//
// It “synchronizes before” the return of every Put and Get that fails because of it.
func (q *Queue[T]) Close() { q.close("Close", false) }

// Discard closes the queue and drops the items that are left; it returns how many these were. They count as done. An
// item that was taken before stays unfinished until its [Queue.TaskDone]. If there were more TaskDones than Gets, some of
// what is dropped was done already.
//
// It “synchronizes before” the return of every Put and Get that fails because of it, and of every Join that it
// releases.
func (q *Queue[T]) Discard() int { return q.close("Discard", true) }
