package dist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Queue is a named queue that passes work from processes that Put to processes that Get, on any number of hosts. Items are of
// type T, and are encoded as JSON. It is made by [NewQueue].
//
// It is a ledger as much as a queue: an item that was taken is in progress until [Item.Done], and if its worker dies it is handed to
// another. So each item is processed at least once; if a worker dies, or is slower than [AckWithin] allows, it may be processed
// twice. Work that must not be done twice has to detect that itself, for instance by [Item.ID], which stays the same.
//
// Items are handed out in the order in which they were put; one that is handed out again comes when its time is up. A bounded queue
// counts all unfinished items, taken or not; Put waits while it is full.
//
// The engine decides which process gets an item, and an item that was put is on disk, in as many copies as the space has, before Put
// returns.
type Queue[T any] struct {
	s      *Space
	name   string
	token  string
	cfg    queueConfig
	stream jetstream.Stream
	next   string // the subject for requesting items
}

// NewQueue returns the queue with the given name, which can be any string. It asks the engine, which creates the queue if there is
// none, and fails with [ErrMismatch] if the queue has another Capacity or AckWithin. It panics if s or an option is nil.
func NewQueue[T any](s *Space, name string, opts ...QueueOption) (*Queue[T], error) {
	if s == nil {
		misuse("NewQueue", "the space is nil")
	}
	q := &Queue[T]{s: s, name: name, token: encodeName(name), cfg: queueConfig{deliveries: 5, within: 30 * time.Second}}
	for i, opt := range opts {
		if opt == nil {
			misuse("NewQueue", "option %d is nil", i)
		}
		opt(&q.cfg)
	}
	ctx, end, err := s.ask()
	if err != nil {
		return nil, err
	}
	defer end()
	capacity := int64(-1)
	if q.cfg.capacity > 0 {
		capacity = int64(q.cfg.capacity)
	}
	cfg := jetstream.StreamConfig{
		Name: q.streamName("queue"), Subjects: []string{q.subject("queue")}, Retention: jetstream.WorkQueuePolicy, MaxMsgs: capacity,
		Discard: jetstream.DiscardNew, Storage: jetstream.FileStorage, Replicas: s.stream.CachedInfo().Config.Replicas, Duplicates: 2 * time.Minute,
		RePublish: &jetstream.RePublish{Source: q.subject("queue"), Destination: s.items(q.token)}, // for watchers
	}
	if q.stream, err = s.make(ctx, cfg); err != nil {
		return nil, err
	}
	if got := q.stream.CachedInfo().Config.MaxMsgs; got != capacity {
		return nil, fmt.Errorf("%w: the queue has a capacity of %d, not %d", ErrMismatch, max(0, got), q.cfg.capacity)
	}
	err = s.persist(ctx, func(ctx context.Context) error {
		_, err := q.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.cfg.within, MaxDeliver: -1, MaxAckPending: -1, MaxWaiting: 1 << 16,
		})
		if errors.Is(err, jetstream.ErrConsumerExists) {
			var c jetstream.Consumer
			if c, err = q.stream.Consumer(ctx, "workers"); err == nil && c.CachedInfo().Config.AckWait != q.cfg.within {
				err = fmt.Errorf("%w: AckWithin of the queue is %v, not %v", ErrMismatch, c.CachedInfo().Config.AckWait, q.cfg.within)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	q.next = "$JS.API.CONSUMER.MSG.NEXT." + q.streamName("queue") + ".workers"
	return q, nil
}

// key returns the key of q for watchers.
func (q *Queue[T]) key() string { return "queue." + q.token }

func (q *Queue[T]) streamName(kind string) string { return q.s.bucket + "-" + kind + "-" + q.token }

func (q *Queue[T]) subject(kind string) string {
	return "turnstile." + kind + "." + q.s.bucket + "." + q.token
}

// make returns a stream, creating it if there is none.
func (s *Space) make(ctx context.Context, cfg jetstream.StreamConfig) (stream jetstream.Stream, err error) {
	err = s.persist(ctx, func(ctx context.Context) error {
		if stream, err = s.js.CreateStream(ctx, cfg); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			stream, err = s.js.Stream(ctx, cfg.Name)
		}
		return err
	})
	return stream, err
}

// persist calls f, which can be repeated, until the engine answers or ctx ends.
func (s *Space) persist(ctx context.Context, f func(context.Context) error) error {
	for wait := newBackoff(); ; {
		err := s.request(ctx, f)
		switch {
		case err == nil, errors.Is(err, ErrMismatch):
			return err
		case classify(err) == answerFinal:
			return fmt.Errorf("dist: the engine: %w", err)
		case !wait.pause(ctx):
			return s.gaveUp(ctx, false)
		}
	}
}

// String returns text such as "queue pages".
func (q *Queue[T]) String() string { return "queue " + q.name }

func (q *Queue[T]) check(verb string) {
	if q == nil || q.s == nil {
		misuse("Queue."+verb, "not made by NewQueue")
	}
}
