package dist

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

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
	w := q.s.announcement(q.key(), "Join")
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
