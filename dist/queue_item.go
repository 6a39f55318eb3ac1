package dist

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// An Item was taken from a [Queue], and has to be finished with [Item.Done] or [Item.Retry]. If neither is called in time, it
// is handed to another worker.
type Item[T any] struct {
	// Value is the item that was put.
	Value T

	q          *Queue[T]
	m          *nats.Msg
	id         uint64
	deliveries int
	finished   atomic.Bool
}

// ID returns the number of the item in its queue. It is the same each time the item is handed out.
func (i *Item[T]) ID() uint64 { return i.id }

// Deliveries returns the number of times that the item was handed out, including this time. If it is more than 1, another worker may
// have begun with it.
func (i *Item[T]) Deliveries() int { return i.deliveries }

// Done marks the item as finished. When it returns nil, that is on disk, and the item is not handed out again. After an error it
// may be. Done panics if Done or Retry has already been called.
func (i *Item[T]) Done() error {
	i.finish("Done")
	ctx, end, err := i.q.s.ask()
	if err != nil {
		return err
	}
	defer end()
	return i.ack(ctx)
}

func (i *Item[T]) finish(verb string) {
	if i == nil || i.q == nil {
		misuse("Item."+verb, "not made by a Queue")
	}
	if i.finished.Swap(true) {
		misuse("Item."+verb, "finished before")
	}
}

// ack removes the item from the queue, and notifies waiters for room.
func (i *Item[T]) ack(ctx context.Context) error {
	for wait := newBackoff(); ; {
		try, cancel := context.WithTimeout(ctx, attempt)
		_, err := i.q.s.nc.RequestWithContext(try, i.m.Reply, []byte("+ACK"))
		if err != nil { // does it still have it?
			err2 := i.q.s.request(ctx, func(ctx context.Context) error {
				_, err := i.q.stream.GetMsg(ctx, i.id)
				return err
			})
			if errors.Is(err2, jetstream.ErrMsgNotFound) {
				err = nil
			}
		}
		cancel()
		if err == nil {
			i.q.s.tell(note{Kind: noteDone, Key: i.q.key(), Item: i.id})
			_ = i.q.s.nc.Publish(i.q.subject("room"), nil)
			return nil
		}
		if !wait.pause(ctx) {
			return i.q.s.gaveUp(ctx, true)
		}
	}
}

// Retry returns the item to the queue, to be handed out again after the given time. If it was handed out as often as
// [MaxDeliveries] allows, it becomes a dead letter instead. Retry panics if Done or Retry has already been called.
func (i *Item[T]) Retry(after time.Duration) error {
	i.finish("Retry")
	ctx, end, err := i.q.s.ask()
	if err != nil {
		return err
	}
	defer end()
	if i.deliveries >= i.q.cfg.deliveries {
		return i.bury(ctx, fmt.Sprintf("given out %d times", i.deliveries))
	}
	body := "-NAK"
	if after > 0 {
		body = fmt.Sprintf(`-NAK {"delay": %d}`, after.Nanoseconds())
	}
	i.q.s.tell(note{Kind: noteRetries, Key: i.q.key(), Item: i.id})
	return i.tell(ctx, body)
}

// Extend reports that the item is still being worked on: the time of [AckWithin] starts again.
func (i *Item[T]) Extend() error {
	if i == nil || i.q == nil {
		misuse("Item.Extend", "not made by a Queue")
	}
	if i.finished.Load() {
		misuse("Item.Extend", "finished before")
	}
	ctx, end, err := i.q.s.ask()
	if err != nil {
		return err
	}
	defer end()
	return i.tell(ctx, "+WPI")
}

// tell sends a message that may be sent twice, and waits for the answer.
func (i *Item[T]) tell(ctx context.Context, body string) error {
	return i.q.s.persist(ctx, func(ctx context.Context) error {
		_, err := i.q.s.nc.RequestWithContext(ctx, i.m.Reply, []byte(body))
		return err
	})
}
