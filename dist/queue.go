package dist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
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

// A QueueOption changes what [NewQueue] returns.
type QueueOption func(*queueConfig)

type queueConfig struct {
	capacity, deliveries int
	within               time.Duration
}

// Capacity bounds the number of unfinished items of a queue; without this option there is no bound. It panics if n is
// less than 1.
func Capacity(n int) QueueOption {
	if n < 1 {
		misuse("Capacity", "%d items; must be at least 1", n)
	}
	return func(c *queueConfig) { c.capacity = n }
}

// AckWithin sets how long a worker may keep an item before it is handed to another, unless it calls [Item.Extend]: 30 seconds
// without this option. It panics if d is less than 100 ms.
func AckWithin(d time.Duration) QueueOption {
	if d < minLease {
		misuse("AckWithin", "%v; must be at least %v", d, minLease)
	}
	return func(c *queueConfig) { c.within = d }
}

// MaxDeliveries sets how often an item is handed out before it becomes a dead letter: 5 times without this option. It panics if n
// is less than 1.
func MaxDeliveries(n int) QueueOption {
	if n < 1 {
		misuse("MaxDeliveries", "%d times; must be at least 1", n)
	}
	return func(c *queueConfig) { c.deliveries = n }
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
	w := q.s.telling(q.key(), "Put")
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

// A room notifies when items are finished.
type room struct {
	sub  *nats.Subscription
	news chan struct{}
}

func (q *Queue[T]) watchRoom() (*room, error) {
	r := &room{news: make(chan struct{}, 1)}
	var err error
	r.sub, err = q.s.nc.Subscribe(q.subject("room"), func(*nats.Msg) {
		select {
		case r.news <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("dist: %w", err)
	}
	return r, nil
}

func (r *room) stop() { _ = r.sub.Unsubscribe() }

// wait waits for news, or until it is time to look, and reports whether ctx has not ended.
func (r *room) wait(ctx context.Context) bool {
	t := time.NewTimer(guard)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-r.news:
	case <-t.C:
	}
	return true
}

// Get takes an item, waiting for one if necessary. It fails if the space is closed or the engine refuses the request.
func (q *Queue[T]) Get() (*Item[T], error) { return q.GetContext(context.Background()) }

// GetTimeout is like [Queue.Get], but gives up after d, and then returns an error that matches context.DeadlineExceeded.
func (q *Queue[T]) GetTimeout(d time.Duration) (*Item[T], error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return q.GetContext(ctx)
}

// TryGet takes an item if there is one, and otherwise returns [ErrBusy] after a tenth of a second. It waits for the engine for at
// most 10 seconds.
func (q *Queue[T]) TryGet() (*Item[T], error) {
	q.check("TryGet")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return q.get(ctx, true)
}

// GetContext is like [Queue.Get], but gives up when ctx ends, and then returns an error that matches its cause and its Err. If
// an item is already on its way when GetContext gives up, it goes back to the queue.
func (q *Queue[T]) GetContext(ctx context.Context) (*Item[T], error) {
	q.check("Get")
	checkContext(ctx, "Queue.Get")
	return q.get(ctx, false)
}

func (q *Queue[T]) get(ctx context.Context, try bool) (*Item[T], error) {
	ctx, end, err := q.s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	w := q.s.telling(q.key(), "Get")
	for wait := newBackoff(); ; {
		m, err := q.pull(ctx, try, w)
		if ctx.Err() != nil && m == nil {
			err = q.s.gaveUp(ctx, false)
			w.ends(err)
			return nil, err
		}
		switch {
		case m != nil:
			item, err := q.item(ctx, m, w)
			if item != nil || err != nil {
				return item, err
			}
		case errors.Is(err, errNothing) && try:
			return nil, ErrBusy
		case err != nil && !errors.Is(err, errNothing):
			if !wait.pause(ctx) {
				err = q.s.gaveUp(ctx, false)
				w.ends(err)
				return nil, err
			}
		}
	}
}

// errNothing says that there was no item within the time of a request.
var errNothing = errors.New("dist: no item")

// pullTime is how long the engine keeps a request for an item.
const pullTime = 20 * time.Second

// tryTime is that of a TryGet: the engine may know of an item, but hand it out a moment later.
const tryTime = 100 * time.Millisecond

// soon is how long a wait for an item may last without being announced to watchers.
const soon = 20 * time.Millisecond

// pull asks the engine for one item, which it sends when there is one. If that is not soon, w begins.
func (q *Queue[T]) pull(ctx context.Context, try bool, w *telling) (*nats.Msg, error) {
	sub, err := q.s.nc.SubscribeSync(q.s.nc.NewInbox())
	if err != nil {
		return nil, err
	}
	body, within := fmt.Sprintf(`{"batch":1,"expires":%d}`, pullTime), pullTime+attempt
	if try {
		body, within = fmt.Sprintf(`{"batch":1,"expires":%d}`, tryTime), attempt
	}
	if err := q.s.nc.PublishMsg(&nats.Msg{Subject: q.next, Reply: sub.Subject, Data: []byte(body)}); err != nil {
		return nil, errors.Join(err, sub.Unsubscribe())
	}
	inner, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	begun := time.Now()
	m, err := sub.NextMsg(soon)
	if errors.Is(err, nats.ErrTimeout) {
		if !try {
			w.begins()
		}
		m, err = sub.NextMsgWithContext(inner)
	}
	q.s.answered(ctx, begun, err)
	if err != nil {
		giveBack(sub)
		return nil, err
	}
	_ = sub.Unsubscribe()
	switch m.Header.Get("Status") {
	case "":
		return m, nil
	case "404", "408":
		return nil, errNothing
	}
	return nil, fmt.Errorf("dist: the engine: %s", m.Header.Get("Description")) // such as a change of leaders
}

// giveBack ends an abandoned request, and returns an item that arrived meanwhile to the queue.
func giveBack(sub *nats.Subscription) {
	if sub.Drain() != nil { // no more after this
		_ = sub.Unsubscribe()
		return
	}
	for {
		m, err := sub.NextMsg(attempt)
		if err != nil {
			return
		}
		if m.Reply != "" && m.Header.Get("Status") == "" {
			_ = m.Nak()
		}
	}
}

// item makes an Item from the message that w has waited for, or a dead letter: then it returns nil.
func (q *Queue[T]) item(ctx context.Context, m *nats.Msg, w *telling) (*Item[T], error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, fmt.Errorf("dist: the engine: %w", err)
	}
	item := &Item[T]{q: q, m: m, id: meta.Sequence.Stream, deliveries: int(meta.NumDelivered)}
	if item.deliveries > q.cfg.deliveries {
		return nil, item.bury(ctx, fmt.Sprintf("given out %d times", q.cfg.deliveries))
	}
	if err := json.Unmarshal(m.Data, &item.Value); err != nil {
		return nil, item.bury(ctx, "not what this queue is of: "+err.Error())
	}
	n := note{Kind: noteGot, Key: q.key(), Item: item.id}
	if w.told {
		n.ID = w.note.ID
	}
	q.s.tell(n)
	return item, nil
}

// Join waits until no item is unfinished: all are done or dead letters. It fails if the space is closed.
func (q *Queue[T]) Join() error { return q.JoinContext(context.Background()) }

// JoinTimeout is like [Queue.Join], but gives up after d, and then returns an error that matches context.DeadlineExceeded.
func (q *Queue[T]) JoinTimeout(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return q.JoinContext(ctx)
}

// JoinContext is like [Queue.Join], but gives up when ctx ends, and then returns an error that matches its cause and its Err.
func (q *Queue[T]) JoinContext(ctx context.Context) error {
	q.check("Join")
	checkContext(ctx, "Queue.Join")
	ctx, end, err := q.s.use(ctx)
	if err != nil {
		return err
	}
	defer end()
	r, err := q.watchRoom()
	if err != nil {
		return err
	}
	defer r.stop()
	w := q.s.telling(q.key(), "Join")
	for {
		n, err := q.unfinished(ctx)
		if n == 0 || err != nil {
			w.ends(err)
			return err
		}
		w.begins()
		if !r.wait(ctx) {
			err = q.s.gaveUp(ctx, false)
			w.ends(err)
			return err
		}
	}
}

// Unfinished asks the engine for the number of items that were put and are not done.
func (q *Queue[T]) Unfinished() (int, error) {
	q.check("Unfinished")
	ctx, end, err := q.s.ask()
	if err != nil {
		return 0, err
	}
	defer end()
	return q.unfinished(ctx)
}

func (q *Queue[T]) unfinished(ctx context.Context) (n int, err error) {
	err = q.s.persist(ctx, func(ctx context.Context) error {
		info, err := q.s.js.Stream(ctx, q.streamName("queue"))
		if err == nil {
			n = int(info.CachedInfo().State.Msgs)
		}
		return err
	})
	return n, err
}

// String returns text such as "queue pages".
func (q *Queue[T]) String() string { return "queue " + q.name }

func (q *Queue[T]) check(verb string) {
	if q == nil || q.s == nil {
		misuse("Queue."+verb, "not made by NewQueue")
	}
}

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

// Deliveries returns how often the item was handed out, including this time. If it is more than 1, another worker may
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
