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

// A Queue passes values between the processes of a program, and keeps account of the work that is not finished yet, like
// [sync2.Queue], and like Python's multiprocessing.JoinableQueue. First put is first out; it can be bounded: then Put waits
// while the queue is full. The process that made it has it; the others ask that one.
//
// What is put is a copy of the value, and what is taken another: values travel as the input of a [Func] does.
//
// When a process dies, the items that it has taken and not accounted for by [Queue.TaskDone] are lost: they count as done,
// and Join tells of it, by an error that matches [ErrHolderDied]. With [Redeliver] they are put back instead.
//
// A Queue is made by [NewQueue] and must not be copied. A pointer to it can be passed on to workers in their input.
//
// In the terminology of the Go memory model, the Put of an item “synchronizes before” the return of the Get that takes it,
// so far as there is anything that both processes see.
type Queue[T any] struct{ handle }

// Redeliver is for a [Queue] whose items must not be lost: those that a process has taken, and not accounted for by
// TaskDone, are put back when it dies, at the end, also if the queue is full. TaskDone is taken to be for the item that the process has had the
// longest. An item may so be worked on more than once.
func Redeliver() SharedOption { return func(s *spec) { s.flags |= specRedeliver } }

// NewQueue returns a queue that holds capacity items at most; 0 means any number. It panics if capacity is negative.
func NewQueue[T any](capacity int, opts ...SharedOption) *Queue[T] {
	if capacity < 0 {
		misuse("NewQueue", "a capacity of %d; it must not be negative", capacity)
	}
	q := new(Queue[T])
	q.make("NewQueue", spec{class: classQueue, size: int64(capacity), item: reflect.TypeFor[T]().String()}, opts)
	return q
}

// Put adds v, and waits for room if need be. It returns [sync2.ErrClosed] if the queue is closed, or an [EncodingError] if
// v cannot travel.
func (q *Queue[T]) Put(v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.call(context.Background(), "Queue.Put", classQueue, r)
	}
	return err
}

// PutContext is like [Queue.Put], but gives up when ctx ends, and then returns its cause; v was not added then.
func (q *Queue[T]) PutContext(ctx context.Context, v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.callContext(ctx, "Queue.PutContext", classQueue, r)
	}
	return err
}

// PutTimeout is like [Queue.Put], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If
// d is zero or less it does not wait.
func (q *Queue[T]) PutTimeout(d time.Duration, v T) error {
	r, err := putting(v)
	if err == nil {
		_, err = q.callTimeout(d, "Queue.PutTimeout", classQueue, r)
	}
	return err
}

// TryPut adds v if there is room, the queue is open and v can travel, and reports whether it did.
func (q *Queue[T]) TryPut(v T) bool {
	r, err := putting(v)
	r.try = true
	if err == nil {
		rep, _ := q.call(context.Background(), "Queue.TryPut", classQueue, r)
		return rep.ok
	}
	return false
}

// Get takes the item that was put first, and waits for one if need be. It returns [sync2.ErrClosed] if the queue is closed
// and empty.
func (q *Queue[T]) Get() (T, error) {
	return q.got(q.call(context.Background(), "Queue.Get", classQueue, request{verb: verbGet}))
}

// GetContext is like [Queue.Get], but gives up when ctx ends, and then returns its cause; no item was taken then.
func (q *Queue[T]) GetContext(ctx context.Context) (T, error) {
	return q.got(q.callContext(ctx, "Queue.GetContext", classQueue, request{verb: verbGet}))
}

// GetTimeout is like [Queue.Get], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If
// d is zero or less it does not wait.
func (q *Queue[T]) GetTimeout(d time.Duration) (T, error) {
	return q.got(q.callTimeout(d, "Queue.GetTimeout", classQueue, request{verb: verbGet}))
}

// TryGet takes the item that was put first, if there is one, and reports whether there was.
func (q *Queue[T]) TryGet() (v T, ok bool) {
	rep, err := q.call(context.Background(), "Queue.TryGet", classQueue, request{verb: verbGet, try: true})
	if err != nil || !rep.ok {
		return v, false
	}
	v, err = q.got(rep, nil)
	return v, err == nil
}

// All returns an iterator that takes items until the queue is closed and empty, and calls [Queue.TaskDone] after each turn
// of the loop, however that ends.
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

// TaskDone accounts for an item that was taken. It panics if that would be one more than was put.
func (q *Queue[T]) TaskDone() { q.do("Queue.TaskDone", classQueue, request{verb: verbTaskDone}) }

// Join waits until every item that was put is accounted for. It returns nil, or an error that matches [ErrHolderDied] if
// since the last Join a process died that had taken some of them: these are lost.
//
// In the terminology of the Go memory model, each TaskDone “synchronizes before” the return of a Join that waited for it,
// so far as there is anything that both processes see.
func (q *Queue[T]) Join() error {
	_, err := q.call(context.Background(), "Queue.Join", classQueue, request{verb: verbJoin})
	return err
}

// JoinContext is like [Queue.Join], but gives up when ctx ends, and then returns its cause.
func (q *Queue[T]) JoinContext(ctx context.Context) error {
	_, err := q.callContext(ctx, "Queue.JoinContext", classQueue, request{verb: verbJoin})
	return err
}

// JoinTimeout is like [Queue.Join], but gives up after d, and then returns an error that matches context.DeadlineExceeded.
// If d is zero or less it does not wait.
func (q *Queue[T]) JoinTimeout(d time.Duration) error {
	_, err := q.callTimeout(d, "Queue.JoinTimeout", classQueue, request{verb: verbJoin})
	return err
}

// Unfinished returns how many items are not accounted for.
func (q *Queue[T]) Unfinished() int {
	return int(q.do("Queue.Unfinished", classQueue, request{verb: verbUnfinished}).n)
}

// Close makes the queue take no more items. What it holds can still be taken.
func (q *Queue[T]) Close() { q.do("Queue.Close", classQueue, request{verb: verbClose}) }

// Discard closes the queue, drops the items that it holds, which count as done, and returns how many these were.
func (q *Queue[T]) Discard() int {
	return int(q.do("Queue.Discard", classQueue, request{verb: verbDiscard}).n)
}

// Len returns how many items the queue holds.
func (q *Queue[T]) Len() int { return int(q.do("Queue.Len", classQueue, request{verb: verbLen}).n) }

// Cap returns how many items the queue holds at most, 0 if there is no bound.
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

// An item is a value on its way.
type item struct {
	data []byte
	text string // what a trace says of it
}

// TraceText implements trace.Texter.
func (i item) TraceText() string { return i.text }

// encodeItem returns v as bytes: how it travels, and then its memory or what gob makes of it.
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

// A queueObject is a Queue where it is.
type queueObject struct {
	q         *sync2.Queue[item]
	redeliver bool

	mu    sync.Mutex // guards what follows
	taken map[*child]*holding
	death error // of a process that had taken items, of which nobody has been told
}

// A holding is what a worker has taken and not accounted for.
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

// account notes that a worker has accounted for the item that it has had the longest.
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
	if death := o.death; death != nil {
		o.death = nil
		return reply{ok: true}, &heldError{death}
	}
	return reply{ok: true}, nil
}

// putBack puts an item back that a worker was to get, and did not.
func (o *queueObject) putBack(who *child, i item) {
	if o.redeliver {
		return // it is among those that will be
	}
	o.account(who)
	o.again(i)
}

// again puts an item back that was taken: at the end, and past the capacity if need be, so that nobody has to wait until there
// is room.
func (o *queueObject) again(i item) {
	defer func() { _ = recover() }() // others may have accounted for it
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
		defer func() { _ = recover() }() // others may have accounted for them
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
