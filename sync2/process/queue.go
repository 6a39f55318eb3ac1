package process

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Queue passes items between the processes of a program, and counts the items whose processing is unfinished, like
// [sync2.Queue] and Python's multiprocessing.JoinableQueue. It is first-in-first-out, and can be bounded: then Put
// waits while the queue is full. It lives in the process that made it; other processes send their requests to that
// process.
//
// Put and Get copy the items, which are encoded like the argument of a [Func].
//
// When a process dies, the items that it has taken but not marked as finished by [Queue.TaskDone] are lost: they count
// as finished, and Join returns an error that matches [ErrHolderDied]. With the option [Redeliver] they are put back
// instead.
//
// A Queue is made by [NewQueue] and must not be copied. A pointer to it can be passed to workers in the argument of a
// function.
//
// In the terminology of the Go memory model, the Put of an item “synchronizes before” the return of the Get that takes
// it, insofar as the processes share memory.
type Queue[T any] struct{ handle }

// Redeliver is for a [Queue] whose items must not be lost: when a process dies, the items that it has taken and not
// marked as finished by TaskDone are put back at the end of the queue, even if it is full. TaskDone is assumed to refer
// to the item that the process has held the longest. Items may therefore be processed more than once.
func Redeliver() SharedOption { return func(s *spec) { s.flags |= specRedeliver } }

// NewQueue returns a queue that holds at most capacity items, or any number if capacity is 0. It panics if capacity is
// negative.
func NewQueue[T any](capacity int, opts ...SharedOption) *Queue[T] {
	if capacity < 0 {
		misuse("NewQueue", "a capacity of %d; it must not be negative", capacity)
	}
	q := new(Queue[T])
	q.make("NewQueue", spec{class: classQueue, size: int64(capacity), item: reflect.TypeFor[T]().String()}, opts)
	return q
}

// Put adds v, waiting for room if necessary. It returns [sync2.ErrClosed] if the queue is closed, or an [EncodingError]
// if v cannot be encoded.
func (q *Queue[T]) Put(v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.call(context.Background(), "Queue.Put", classQueue, r)
	}
	return err
}

// PutContext is like [Queue.Put], but gives up when ctx ends, and then returns its cause without having added v.
// PutContext panics if ctx is nil.
func (q *Queue[T]) PutContext(ctx context.Context, v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.callContext(ctx, "Queue.PutContext", classQueue, r)
	}
	return err
}

// PutTimeout is like [Queue.Put], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (q *Queue[T]) PutTimeout(d time.Duration, v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.callTimeout(d, "Queue.PutTimeout", classQueue, r)
	}
	return err
}

// TryPut adds v if there is room, the queue is open and v can be encoded, and reports whether it did.
func (q *Queue[T]) TryPut(v T) bool {
	r, err := putting(v)
	r.try = true
	if err == nil {
		rep, _ := q.call(context.Background(), "Queue.TryPut", classQueue, r)
		return rep.ok
	}
	return false
}

// Get removes and returns the next item, waiting for one if necessary. It returns [sync2.ErrClosed] if the queue is
// closed and empty.
func (q *Queue[T]) Get() (T, error) {
	return q.got(q.call(context.Background(), "Queue.Get", classQueue, request{verb: verbGet}))
}

// GetContext is like [Queue.Get], but gives up when ctx ends, and then returns its cause without having taken an item.
// GetContext panics if ctx is nil.
func (q *Queue[T]) GetContext(ctx context.Context) (T, error) {
	return q.got(q.callContext(ctx, "Queue.GetContext", classQueue, request{verb: verbGet}))
}

// GetTimeout is like [Queue.Get], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (q *Queue[T]) GetTimeout(d time.Duration) (T, error) {
	return q.got(q.callTimeout(d, "Queue.GetTimeout", classQueue, request{verb: verbGet}))
}

// TryGet removes and returns the next item if there is one, and reports whether there was.
func (q *Queue[T]) TryGet() (v T, ok bool) {
	rep, err := q.call(context.Background(), "Queue.TryGet", classQueue, request{verb: verbGet, try: true})
	if err != nil || !rep.ok {
		return v, false
	}
	v, err = q.got(rep, nil)
	return v, err == nil
}

// All returns an iterator over the items, which calls [Queue.Get] until the queue is closed and empty. After each
// iteration, however it ends, it calls [Queue.TaskDone], so the loop body must not.
func (q *Queue[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := q.Get()
			if err != nil || !q.each(v, yield) {
				return
			}
		}
	}
}

func (q *Queue[T]) each(v T, yield func(T) bool) bool {
	defer q.TaskDone()
	return yield(v)
}

// TaskDone marks one item that was taken as finished. It panics if no item is unfinished.
func (q *Queue[T]) TaskDone() { q.do("Queue.TaskDone", classQueue, request{verb: verbTaskDone}) }

// Join waits until no item is unfinished. It returns nil, or an error that matches [ErrHolderDied] if items were lost
// since the last Join because a process died that had taken them.
//
// In the terminology of the Go memory model, each TaskDone “synchronizes before” the return of a Join that waited for
// it, insofar as the processes share memory.
func (q *Queue[T]) Join() error {
	_, err := q.call(context.Background(), "Queue.Join", classQueue, request{verb: verbJoin})
	return err
}

// JoinContext is like [Queue.Join], but gives up when ctx ends, and then returns its cause. JoinContext panics if ctx
// is nil.
func (q *Queue[T]) JoinContext(ctx context.Context) error {
	_, err := q.callContext(ctx, "Queue.JoinContext", classQueue, request{verb: verbJoin})
	return err
}

// JoinTimeout is like [Queue.Join], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (q *Queue[T]) JoinTimeout(d time.Duration) error {
	_, err := q.callTimeout(d, "Queue.JoinTimeout", classQueue, request{verb: verbJoin})
	return err
}

// Unfinished returns the number of unfinished items.
func (q *Queue[T]) Unfinished() int {
	return int(q.do("Queue.Unfinished", classQueue, request{verb: verbUnfinished}).n)
}

// Close closes the queue: every waiting and every later Put fails. The items it holds can still be taken.
func (q *Queue[T]) Close() { q.do("Queue.Close", classQueue, request{verb: verbClose}) }

// Discard closes the queue, drops its items, which count as finished, and returns their number.
func (q *Queue[T]) Discard() int {
	return int(q.do("Queue.Discard", classQueue, request{verb: verbDiscard}).n)
}

// Len returns the number of items in the queue.
func (q *Queue[T]) Len() int { return int(q.do("Queue.Len", classQueue, request{verb: verbLen}).n) }

// Cap returns the capacity of the queue, or 0 if it is unbounded.
func (q *Queue[T]) Cap() int { return int(q.target("Queue.Cap", classQueue).size) }

// String returns text such as "queue dishes: 3 of 8, 5 unfinished".
func (q *Queue[T]) String() string { return q.describe(classQueue) }

// putting returns the request that puts v.
func putting[T any](v T) (request, error) {
	data, err := encodeItem(v)
	return request{verb: verbPut, item: item{data: data, text: trace.ValueText(v)}}, err
}

func (q *Queue[T]) got(rep reply, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	return decodeItem[T](rep.item.data)
}

// An item is an encoded value.
type item struct {
	data []byte
	text string // its text in traces
}

// TraceText implements trace.Texter.
func (i item) TraceText() string { return i.text }

// encodeItem returns v as bytes: its form, followed by its memory or its gob encoding.
func encodeItem[T any](v T) ([]byte, error) {
	s := shapeOf(reflect.TypeFor[T]())
	switch {
	case s.err != nil:
		return nil, s.err
	case s.form == formEmpty:
		return nil, nil
	case s.form == formPlain:
		return slices.Clone(memoryOf(&v, s.size)), nil
	case s.form == formRun:
		run := runOf(&v, s.size)
		var flags uint8
		if run == nil {
			flags = flagNil
		}
		return append(slices.Clone(run), flags), nil
	}
	var b bytes.Buffer
	if err := (&encoder{gob: gob.NewEncoder(&b)}).encode(&b, boxed(formatGob, &v)); err != nil {
		return nil, notEncodable[T](err)
	}
	return b.Bytes(), nil
}

func decodeItem[T any](data []byte) (v T, err error) {
	s := shapeOf(reflect.TypeFor[T]())
	m := &message{body: data}
	if s.form == formRun && len(data) > 0 {
		m.body, m.flags = data[:len(data)-1], data[len(data)-1]
	}
	return receiveValue[T](&decoder{gob: gob.NewDecoder(m)}, &s, m)
}

// A queueObject is a Queue in the process that made it.
type queueObject struct {
	q         *sync2.Queue[item]
	redeliver bool

	mu    sync.Mutex // guards what follows
	taken map[*child]*holding
	death error // of a process that had taken items, if it has not been reported yet
}

// A holding is the items that a worker has taken and not finished.
type holding struct {
	n     int
	items []item // oldest first, if they may have to be put back
}

func newQueueObject(s *spec) object {
	o := &queueObject{q: sync2.NewQueue[item](int(s.size)), redeliver: s.flags&specRedeliver != 0, taken: make(map[*child]*holding)}
	if name := cmp.Or(s.title, s.name); name != "" {
		trace.Name(hook.ObjectOf(o.q), name)
	}
	return o
}

func (o *queueObject) do(ctx context.Context, who *child, r request) (reply, error) {
	switch r.verb {
	case verbPut:
		var err error
		if r.try {
			err = o.q.PutTimeout(0, r.item)
		} else {
			err = o.q.PutContext(ctx, r.item)
		}
		return reply{ok: err == nil}, err
	case verbGet:
		return o.get(ctx, who, r.try)
	case verbTaskDone:
		o.q.TaskDone()
		o.account(who)
	case verbJoin:
		return o.join(ctx, r.try)
	case verbUnfinished:
		return reply{n: int64(o.q.Unfinished())}, nil
	case verbClose:
		o.q.Close()
	case verbDiscard:
		return reply{n: int64(o.q.Discard())}, nil
	default:
		return reply{n: int64(o.q.Len())}, nil
	}
	return reply{}, nil
}

func (o *queueObject) get(ctx context.Context, who *child, try bool) (rep reply, err error) {
	if try {
		rep.item, err = o.q.GetTimeout(0)
	} else {
		rep.item, err = o.q.GetContext(ctx)
	}
	rep.ok = err == nil
	if rep.ok && who != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		h := o.taken[who]
		if h == nil {
			h = new(holding)
			o.taken[who] = h
		}
		h.n++
		if o.redeliver {
			h.items = append(h.items, rep.item)
		}
	}
	return rep, err
}

// account notes that a worker has finished the item that it has held the longest.
func (o *queueObject) account(who *child) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.taken[who]
	if h == nil {
		return
	}
	h.n--
	if len(h.items) > 0 {
		h.items = h.items[1:]
	}
	if h.n == 0 {
		delete(o.taken, who)
	}
}

func (o *queueObject) join(ctx context.Context, try bool) (reply, error) {
	if try {
		if !o.q.JoinTimeout(0) {
			return reply{}, nil
		}
	} else if err := o.q.JoinContext(ctx); err != nil {
		return reply{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return granted(&o.death)
}

// putBack puts back an item that was taken for a worker but did not reach it.
func (o *queueObject) putBack(who *child, i item) {
	if o.redeliver {
		return // abandon will put it back
	}
	o.account(who)
	o.again(i)
}

// again puts back an item that was taken, at the end of the queue. It may exceed the capacity, so that nothing has to wait for
// room.
func (o *queueObject) again(i item) {
	defer func() { _ = recover() }() // another process may have called TaskDone for it
	if o.q.Requeue(i) != nil {
		o.q.TaskDone() // the queue is closed
	}
}

func (o *queueObject) abandon(who *child, death error) {
	o.mu.Lock()
	h := o.taken[who]
	delete(o.taken, who)
	if h != nil && !o.redeliver {
		o.death = death
	}
	o.mu.Unlock()
	if h == nil {
		return
	}
	for _, i := range h.items {
		o.again(i)
	}
	if !o.redeliver {
		defer func() { _ = recover() }() // another process may have called TaskDone for them
		for range h.n {
			o.q.TaskDone()
		}
	}
}

func (o *queueObject) String() string {
	if c := o.q.Cap(); c > 0 {
		return fmt.Sprintf("%d of %d, %d unfinished", o.q.Len(), c, o.q.Unfinished())
	}
	return fmt.Sprintf("%d, %d unfinished", o.q.Len(), o.q.Unfinished())
}
