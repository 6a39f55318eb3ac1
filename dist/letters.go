package dist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A DeadLetter is an item of a [Queue] that was handed out as often as [MaxDeliveries] allows and never finished, or that is not
// of the queue's type. It is kept until it is requeued or dropped.
type DeadLetter[T any] struct {
	// Value is the item that was put, as far as it can be decoded.
	Value T
	// Reason says why the item is dead.
	Reason string

	q    *Queue[T]
	seq  uint64
	data []byte
}

const reasonHeader = "Turnstile-Reason"

// letters returns the stream of dead letters.
func (q *Queue[T]) letters(ctx context.Context) (jetstream.Stream, error) {
	return q.s.make(ctx, jetstream.StreamConfig{
		Name: q.streamName("dead"), Subjects: []string{q.subject("dead")}, Storage: jetstream.FileStorage, Replicas: q.stream.CachedInfo().Config.Replicas,
	})
}

// bury makes the item a dead letter: it is first stored as one, once, and then removed from the queue.
func (i *Item[T]) bury(ctx context.Context, why string) error {
	if _, err := i.q.letters(ctx); err != nil {
		return err
	}
	m := &nats.Msg{Subject: i.q.subject("dead"), Data: i.m.Data, Header: nats.Header{reasonHeader: {why}}}
	err := i.q.s.persist(ctx, func(ctx context.Context) error {
		_, err := i.q.s.js.PublishMsg(ctx, m, jetstream.WithMsgID(strconv.FormatUint(i.id, 10)), jetstream.WithRetryAttempts(0))
		return err
	})
	if err != nil {
		return err
	}
	i.q.s.tell(note{Kind: noteBuries, Key: i.q.key(), Item: i.id, Text: why})
	return i.ack(ctx)
}

// DeadLetters returns the dead letters of q, oldest first.
func (q *Queue[T]) DeadLetters(ctx context.Context) ([]*DeadLetter[T], error) {
	q.check("DeadLetters")
	checkContext(ctx, "Queue.DeadLetters")
	ctx, end, err := q.s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	stream, err := q.letters(ctx)
	if err != nil {
		return nil, err
	}
	var all []*DeadLetter[T]
	for seq := uint64(1); ; seq++ {
		var m *jetstream.RawStreamMsg
		err := q.s.persist(ctx, func(ctx context.Context) error {
			var err error
			m, err = stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(q.subject("dead")))
			return err
		})
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		seq = m.Sequence
		d := &DeadLetter[T]{Reason: m.Header.Get(reasonHeader), q: q, seq: m.Sequence, data: m.Data}
		if err := json.Unmarshal(m.Data, &d.Value); err != nil {
			var zero T
			d.Value = zero
		}
		all = append(all, d)
	}
}

// Requeue puts the letter back into its queue, as a new item, waiting for room if necessary.
func (d *DeadLetter[T]) Requeue(ctx context.Context) error {
	checkContext(ctx, "DeadLetter.Requeue")
	if err := d.q.put(ctx, d.data, fmt.Sprintf("letter-%d", d.seq), false); err != nil {
		return err
	}
	return d.Drop(ctx)
}

// Drop removes the letter. It returns nil if the letter has already been removed.
func (d *DeadLetter[T]) Drop(ctx context.Context) error {
	checkContext(ctx, "DeadLetter.Drop")
	ctx, end, err := d.q.s.use(ctx)
	if err != nil {
		return err
	}
	defer end()
	stream, err := d.q.letters(ctx)
	if err != nil {
		return err
	}
	return d.q.s.persist(ctx, func(ctx context.Context) error {
		err := stream.DeleteMsg(ctx, d.seq)
		if err == nil {
			return nil
		}
		if _, err2 := stream.GetMsg(ctx, d.seq); errors.Is(err2, jetstream.ErrMsgNotFound) { // it was gone
			return nil
		}
		return err
	})
}
