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

// ErrClosed is returned by Put on a closed [Queue], and by Get on one that is closed and empty.
var ErrClosed = errors.New("sync2: queue closed")

// A Queue passes items from producers, which call Put, to consumers, which call Get, and counts the items whose
// processing is unfinished. It is the equivalent of Python's queue.Queue. A Queue can be bounded: then Put waits while
// the queue is full.
//
// A Queue is made by [NewQueue] (first in, first out), [NewStack] (last in, first out) or [NewPriorityQueue] (smallest
// first), and must not be copied.
//
// Waiting consumers and waiting producers are served strictly in FIFO order: an item is handed to the first waiting
// Get, and free room to the first waiting Put. A Get that gives up takes no item, and a Put that gives up adds none.
//
// Each item counts as unfinished from its Put until [Queue.TaskDone] is called for it; [Queue.Join] waits until no item
// is unfinished. Ignore TaskDone and Join if you do not need them.
//
// A consumer of a bounded queue must not Put an item back to try it again later: if the queue is full and every
// consumer waits in Put, none is left to make room. Use [Queue.Requeue], which never waits.
//
// A closed queue accepts no more items; the items it holds can still be taken.
//
// In the terminology of the Go memory model, the Put of an item “synchronizes before” the return of the Get that takes
// it; the call of the Get that makes room “synchronizes before” the return of the Put that was waiting for it; each
// TaskDone “synchronizes before” the return of a Join that waited for it; and Close and Discard “synchronize before”
// the return of every Put and Get that fails because of them. A call that gives up establishes no such relation.
type Queue[T any] struct {
	// What every Put and Get needs comes first, and close together: processors pass it around by the cache line.
	q        waitq.Queue    // waits to Get; its mutex guards what follows
	putters  waitq.WaitList // waits to Put; empty unless the buffer is full
	places   places[T]
	capacity int // 0 if unbounded; never changes
	closed   bool
	buf      buffer[T]
	puts     int64  // number of items that were put, which is the number of the last
	turns    *turns // nil unless it is a priority queue; never changes

	done    int64 // number of them that are done or were put again by Requeue
	joiners waitq.NotifyList
	loops   []*loop // the loops over All in progress
}

// A loop is one over All, by goroutine g.
type loop struct {
	g        int64
	requeued bool // its turn has called Requeue, which stands for TaskDone; guarded by the mutex of the Queue
}

// NewQueue returns a first-in-first-out queue that holds at most capacity items, or any number if capacity is 0. It
// panics if capacity is negative.
func NewQueue[T any](capacity int) *Queue[T] {
	return newQueue("NewQueue", capacity, buffer[T]{order: orderFirst})
}

// NewStack returns a last-in-first-out queue that holds at most capacity items, or any number if capacity is 0. It
// panics if capacity is negative.
func NewStack[T any](capacity int) *Queue[T] {
	return newQueue("NewStack", capacity, buffer[T]{order: orderLast})
}

// NewPriorityQueue returns a queue that gives out the smallest item first, and equal items in the order in which they
// were put. It holds at most capacity items, or any number if capacity is 0. NewPriorityQueue panics if capacity is
// negative or compare is nil.
//
// The function compare returns a negative number if a comes before b, a positive number if b comes before a, and 0 if
// they are equal; it must be a strict weak ordering, as for slices.SortFunc. It is called by one goroutine at a time,
// with no lock held: Get compares items of the queue, and Put compares its item with those once there is room. While
// compare runs, other calls of Put and Get wait, but methods that inspect or close the queue do not. If compare itself
// calls Put or Get of the same queue, they panic, and TryPut and TryGet return false.
//
// If compare panics or calls [runtime.Goexit], so does the Put or Get that called it, and the queue is unchanged.
func NewPriorityQueue[T any](capacity int, compare func(a, b T) int) *Queue[T] {
	if compare == nil {
		misuse("NewPriorityQueue", "compare is nil")
	}
	q := newQueue("NewPriorityQueue", capacity, buffer[T]{order: orderRank, compare: compare})
	q.turns = new(turns)
	return q
}

func newQueue[T any](op string, capacity int, buf buffer[T]) *Queue[T] {
	if capacity < 0 {
		misusef(op, "a capacity of %d; must not be negative", capacity)
	}
	return &Queue[T]{capacity: capacity, buf: buf}
}

// Put adds v, waiting for room if necessary. It returns [ErrClosed], without adding v, if the queue is closed or is
// closed while Put waits.
//
// Put “synchronizes before” the return of the Get that takes v.
func (q *Queue[T]) Put(v T) error {
	return q.put(v, &forever, "Put")
}

// PutContext is like [Queue.Put], but gives up when ctx ends and then returns its cause. If ctx has already ended, it
// fails even if there is room. PutContext panics if ctx is nil.
func (q *Queue[T]) PutContext(ctx context.Context, v T) error {
	q.check("PutContext")
	lim := until(ctx, "Queue.PutContext")
	if lim.Ended() {
		return lim.Cause()
	}
	return q.put(v, &lim, "PutContext")
}

// PutTimeout is like [Queue.Put], but gives up after d and then returns context.DeadlineExceeded. If d is zero or
// negative, it does not wait.
func (q *Queue[T]) PutTimeout(d time.Duration, v T) error {
	lim := waitq.Within(d)
	return q.put(v, &lim, "PutTimeout")
}

// TryPut adds v if there is room and the queue is not closed, and reports whether it did. It never waits.
func (q *Queue[T]) TryPut(v T) bool {
	lim := waitq.Within(0)
	return q.put(v, &lim, "TryPut") == nil
}

// Get removes and returns the next item, waiting for one if necessary. It returns [ErrClosed] if the queue is closed
// and empty.
//
// The Put of the item “synchronizes before” the return of Get; the call of Get “synchronizes before” the return of the
// Put that was waiting for room.
func (q *Queue[T]) Get() (T, error) {
	return q.get(&forever, "Get")
}

// GetContext is like [Queue.Get], but gives up when ctx ends and then returns its cause. If ctx has already ended, it
// fails even if there is an item. GetContext panics if ctx is nil.
func (q *Queue[T]) GetContext(ctx context.Context) (T, error) {
	q.check("GetContext")
	lim := until(ctx, "Queue.GetContext")
	if lim.Ended() {
		var none T
		return none, lim.Cause()
	}
	return q.get(&lim, "GetContext")
}

// GetTimeout is like [Queue.Get], but gives up after d and then returns context.DeadlineExceeded. If d is zero or
// negative, it does not wait.
func (q *Queue[T]) GetTimeout(d time.Duration) (T, error) {
	lim := waitq.Within(d)
	return q.get(&lim, "GetTimeout")
}

// TryGet removes and returns the next item if there is one, and reports whether there was. It never waits.
func (q *Queue[T]) TryGet() (T, bool) {
	lim := waitq.Within(0)
	v, err := q.get(&lim, "TryGet")
	return v, err == nil
}

// Requeue puts back the item v, which the caller has taken but not finished, for a later Get. It never waits for room:
// the queue may exceed its capacity, and Put waits until there is room again. The item is placed where Put would place
// it, behind equal items but ahead of those of waiting Puts. It stays unfinished, and still needs one call of TaskDone.
//
// So a consumer that retries items does not wait for room that only it could make.
//
// In the body of a loop over [Queue.All], a Requeue in the goroutine of the loop replaces the iteration's TaskDone.
//
// If the queue is closed, Requeue returns [ErrClosed], and the item stays unfinished until its TaskDone. Requeue panics
// if no item is taken and unfinished.
//
// Requeue “synchronizes before” the return of the Get that takes v.
func (q *Queue[T]) Requeue(v T) error {
	q.check("Requeue")
	text := ""
	if hook.Enabled() {
		text = trace.ValueText(v) // before the mutex is taken, because a Texter may call anything
	}
	q.lock("Requeue")
	return q.requeue(v, text)
}

// All returns an iterator over the items: it calls [Queue.Get] until the queue is closed and empty. After each
// iteration, however it ends, it calls [Queue.TaskDone], so the loop body must not. A call of [Queue.Requeue] in the
// body replaces that TaskDone.
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

// TaskDone marks one item that was taken by Get as finished. It panics if no item is unfinished.
//
// TaskDone “synchronizes before” the return of every Join that waited for it.
func (q *Queue[T]) TaskDone() { q.taskDone(nil) }

// Join waits until no item is unfinished. It returns even if another item is put immediately after the last was
// finished.
//
// Every TaskDone that it waited for “synchronizes before” the return of Join.
func (q *Queue[T]) Join() {
	q.join(&forever)
}

// JoinContext is like [Queue.Join], but gives up when ctx ends and then returns its cause. If ctx has already ended, it
// fails even if nothing is unfinished. JoinContext panics if ctx is nil.
func (q *Queue[T]) JoinContext(ctx context.Context) error {
	q.check("JoinContext")
	lim := until(ctx, "Queue.JoinContext")
	return outcome(q.join(&lim), &lim)
}

// JoinTimeout is like [Queue.Join], but gives up after d and then returns false. If d is zero or negative, it does not
// wait, and reports whether nothing is unfinished.
func (q *Queue[T]) JoinTimeout(d time.Duration) bool {
	q.check("JoinTimeout")
	lim := waitq.Within(d)
	return q.join(&lim)
}

// Unfinished returns the number of items that were put and not marked as finished by [Queue.TaskDone].
func (q *Queue[T]) Unfinished() int {
	q.check("Unfinished")
	q.q.Inspect("Unfinished")
	defer q.q.Unlock()
	return q.unfinished()
}

// Len returns the number of items in the queue.
func (q *Queue[T]) Len() int {
	q.check("Len")
	q.q.Inspect("Len")
	defer q.q.Unlock()
	return q.buf.count
}

// Cap returns the capacity of the queue, or 0 if it is unbounded.
func (q *Queue[T]) Cap() int {
	q.check("Cap")
	return q.capacity
}

// Waiting returns the numbers of goroutines waiting in Put and in Get.
func (q *Queue[T]) Waiting() (putters, getters int) {
	q.check("Waiting")
	q.q.Inspect("Waiting")
	defer q.q.Unlock()
	return q.putters.Len(), q.q.Len()
}

// Close closes the queue: every waiting and every later Put fails. Get returns the remaining items, and fails once the
// queue is empty. Closing a closed queue does nothing.
//
// Close “synchronizes before” the return of every Put and Get that fails because of it.
func (q *Queue[T]) Close() { q.close("Close", false) }

// Discard closes the queue, drops its items and returns their number. Dropped items count as finished. An item that was
// already taken stays unfinished until its [Queue.TaskDone]. Items that were marked as finished before they were taken
// are dropped without being counted as finished again.
//
// Discard “synchronizes before” the return of every Put and Get that fails because of it, and of every Join that it
// releases.
func (q *Queue[T]) Discard() int { return q.close("Discard", true) }
