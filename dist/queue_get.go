package dist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

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
	w := q.s.announcement(q.key(), "Get")
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

// pullTime is the time for which the engine keeps a request for an item.
const pullTime = 20 * time.Second

// tryTime is the same for a TryGet: the engine may know of an item, but hand it out a moment later.
const tryTime = 100 * time.Millisecond

// soon is the time that a wait for an item may last without being announced to watchers.
const soon = 20 * time.Millisecond

// pull asks the engine for one item, which it sends when there is one. If that is not soon, w begins.
func (q *Queue[T]) pull(ctx context.Context, try bool, w *announcement) (*nats.Msg, error) {
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
func (q *Queue[T]) item(ctx context.Context, m *nats.Msg, w *announcement) (*Item[T], error) {
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
	if w.begun {
		n.ID = w.note.ID
	}
	q.s.tell(n)
	return item, nil
}
