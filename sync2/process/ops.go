package process

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// A verb is an operation on a shared object.
type verb uint8

const (
	verbLock verb = iota + 1
	verbUnlock
	verbLocked
	verbWaiting
	verbAcquire
	verbRelease
	verbAvailable
	verbDrain
	verbSet
	verbClear
	verbIsSet
	verbWait
	verbAbort
	verbReset
	verbBroken
	verbPut
	verbGet
	verbTaskDone
	verbJoin
	verbUnfinished
	verbClose
	verbDiscard
	verbLen
)

// A request is a request to a shared object.
type request struct {
	verb verb
	try  bool // do not wait
	n    int64
	item item
	err  error // of an Abort
}

// A reply is the result of a request.
type reply struct {
	ok   bool
	n    int64
	item item
}

// A status says how an operation of a worker ended.
type status uint8

const (
	statusOK       status = iota
	statusDied            // it was granted, but the previous holder died: the body is the error
	statusCanceled        // the worker canceled it
	statusUsage           // misuse: the text describes it
	statusBroken          // the barrier is broken: the body is the cause
	statusError           // the body is an error
)

// A heldError reports that the previous holder died.
type heldError struct{ death error }

func (e *heldError) Error() string { return fmt.Sprintf("%v: %v", ErrHolderDied, e.death) }

// Unwrap returns ErrHolderDied and how the process ended.
func (e *heldError) Unwrap() []error { return []error{ErrHolderDied, e.death} }

// granted returns the reply to a goroutine that was granted something. It reports once that a previous holder died.
func granted(death *error) (reply, error) {
	err := *death
	if err == nil {
		return reply{ok: true}, nil
	}
	*death = nil
	return reply{ok: true}, &heldError{err}
}

// asking are the open requests of a worker to its parent.
type asking struct {
	sync.Mutex
	last    uint32
	waiting map[uint32]chan *message
}

// ask sends a request for a shared object to the parent, and returns the reply.
func (w *worker) ask(ctx context.Context, op string, s spec, r request) (reply, error) {
	answer := make(chan *message, 1)
	w.asking.Lock()
	w.asking.last++
	id := w.asking.last
	if w.asking.waiting == nil {
		w.asking.waiting = make(map[uint32]chan *message)
	}
	w.asking.waiting[id] = answer
	w.asking.Unlock()

	head := []byte{byte(r.verb), 0}
	if r.try {
		head[1] = 1
	}
	head = binary.AppendVarint(head, goid.Get())
	head = binary.AppendVarint(head, r.n)
	head = appendString(head, r.item.text)
	head = s.append(head)
	body := r.item.data
	if r.err != nil {
		body = encodeError(context.Background(), r.err)
	}
	w.flushTrace()
	if err := w.conn.send(kindOp, 0, id, head, body); err != nil {
		select {} // the parent has died
	}
	var m *message
	select {
	case m = <-answer:
	case <-ctx.Done():
		_ = w.conn.send(kindOpCancel, 0, id, nil, encodeError(context.Background(), context.Cause(ctx)))
		m = <-answer // it may have succeeded nevertheless
	}
	return answerOf(ctx, op, m)
}

// answerOf decodes the parent's answer.
func answerOf(ctx context.Context, op string, m *message) (reply, error) {
	r := reader{b: m.head[2:]}
	rep := reply{ok: m.head[1] != 0, n: r.varint(), item: item{data: m.body}}
	text := r.string()
	switch status(m.head[0]) {
	case statusOK:
		return rep, nil
	case statusDied:
		return rep, &heldError{decodeError(m, "", 0, nil)}
	case statusCanceled:
		if err := endOf(ctx); err != nil {
			return rep, err
		}
		return rep, context.Canceled
	case statusUsage:
		panic(&sync2.UsageError{Op: "process." + op, Reason: text})
	case statusBroken:
		return rep, &sync2.BrokenError{Cause: decodeError(m, "", 0, endOf(ctx))}
	default:
		return rep, decodeError(m, "", 0, nil)
	}
}

// answered passes the parent's answer on.
func (a *asking) answered(m *message) {
	a.Lock()
	answer := a.waiting[m.id]
	delete(a.waiting, m.id)
	a.Unlock()
	if answer != nil {
		answer <- m
	}
}
