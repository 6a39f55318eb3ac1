package dist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Put adds v, waiting for room if necessary. When it returns nil, v is on disk. It fails if the space is closed, if the engine
// refuses the request, or if v cannot be encoded as JSON.
func (q *Queue[T]) Put(v T) error { return q.PutContext(context.Background(), v) }

// PutTimeout is like [Queue.Put], but gives up after d, and then returns an error that matches context.DeadlineExceeded.
func (q *Queue[T]) PutTimeout(d time.Duration, v T) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return q.PutContext(ctx, v)
}

// PutContext is like [Queue.Put], but gives up when ctx ends, and then returns an error that matches its cause and its Err. If the
// error also matches [ErrUncertain], v was sent, but it is not known whether it was put.
func (q *Queue[T]) PutContext(ctx context.Context, v T) error {
	q.check("Put")
	checkContext(ctx, "Queue.Put")
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("dist: the item: %w", err)
	}
	return q.put(ctx, data, newID(), false)
}

// TryPut adds v if there is room, and otherwise returns [ErrBusy]. It waits only for the engine, at most 10 seconds.
func (q *Queue[T]) TryPut(v T) error {
	q.check("TryPut")
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("dist: the item: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return q.put(ctx, data, newID(), true)
}

// put adds data once, however often it has to be sent: the engine knows it by its id.
func (q *Queue[T]) put(ctx context.Context, data []byte, id string, try bool) (err error) {
	ctx, end, err := q.s.use(ctx)
	if err != nil {
		return err
	}
	defer end()
	var room *room
	uncertain := false
	w := q.s.announcement(q.key(), "Put")
	w.note.ID = id // the item has it, so that watchers see the wait end with it
	defer func() {
		if err != nil {
			w.ends(err)
		}
	}()
	for wait := newBackoff(); ; {
		err := q.send(ctx, data, id)
		switch {
		case err == nil:
			return nil
		case isFull(err) && try:
			return ErrBusy
		case isFull(err) && room == nil:
			w.begins()
			if room, err = q.watchRoom(); err != nil {
				return err
			}
			defer room.stop()
		case isFull(err):
			if !room.wait(ctx) {
				return q.s.gaveUp(ctx, uncertain)
			}
		case classify(err) == answerFinal:
			return fmt.Errorf("dist: the engine: %w", err)
		default:
			uncertain = true
			if !wait.pause(ctx) {
				return q.s.gaveUp(ctx, uncertain)
			}
		}
	}
}

func (q *Queue[T]) send(ctx context.Context, data []byte, id string) error {
	return q.s.request(ctx, func(ctx context.Context) error {
		m := &nats.Msg{Subject: q.subject("queue"), Data: data, Header: nats.Header{byHeader: {q.s.who}}}
		_, err := q.s.js.PublishMsg(ctx, m, jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
		return err
	})
}

// isFull reports whether err is that of a bounded queue without room.
func isFull(err error) bool {
	var js jetstream.JetStreamError
	return errors.As(err, &js) && js.APIError() != nil && js.APIError().ErrorCode == codeStoreFailed &&
		strings.Contains(js.APIError().Description, "maximum messages exceeded")
}
