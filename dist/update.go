package dist

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// attempt is the time limit of a request that is not made by Space.request.
	attempt = 2 * time.Second
	// patience is the time for which a verb that does not wait tries to reach the engine.
	patience = 10 * time.Second
	// guard is the time after which a waiter reads the state itself, in case a notification was lost with a connection.
	guard = time.Second
	// remembered is the number of latest writes whose ids a document keeps, so that a write whose answer was lost is not
	// made twice.
	remembered = 32
)

// A document is the stored state of one primitive.
type document[S any] struct {
	State  S
	By     string   // the process that wrote it
	Recent []string // the ids of the latest writes
}

// A result is the result of an update.
type result[S any] struct {
	state S
	rev   uint64
	begun time.Time // a time before the write was sent; zero if nothing was written
}

// newID returns an identity for a write, a holder or a waiter.
func newID() string { return rand.Text()[:12] }

// update changes the state of key: it calls change with the stored state, or the zero value if there is none, and change
// reports whether to write the result. The engine writes it only if nothing else was written meanwhile (compare and swap by
// revision); otherwise change is called again. So the decision is based on the state immediately before the write.
//
// While the engine is unreachable, update tries until ctx ends. If it is then unknown whether the write was made, the error
// matches ErrUncertain.
func update[S any](ctx context.Context, s *Space, key string, change func(*S) (write bool, err error)) (result[S], error) {
	var r result[S]
	var doubt struct { // a write that may have been made, or be on its way
		is  bool
		rev uint64 // the revision that it was to follow
	}
	id := newID()
	for wait := newBackoff(); ; {
		raw, rev, err := s.read(ctx, key)
		if err == nil {
			var d document[S]
			if err := decode(raw, &d); err != nil {
				return r, fmt.Errorf("dist: the stored state of %s cannot be read: %w", key, err)
			}
			r.state, r.rev = d.State, rev
			if doubt.is && slices.Contains(d.Recent, id) {
				return r, nil
			}
			if doubt.is = doubt.is && rev <= doubt.rev; !doubt.is { // else it can never be made anymore
				r.begun = time.Now()
			}
			write, err2 := change(&d.State)
			if err2 != nil || !write {
				r.begun = time.Time{}
				return r, err2
			}
			r.state = d.State
			d.By, d.Recent = s.who, append(d.Recent[max(0, len(d.Recent)-remembered+1):], id)
			if r.rev, err = s.write(ctx, key, rev, &d); err == nil {
				return r, nil
			}
			switch classify(err) {
			case answerRefused:
				wait.refused++
			case answerUnreachable:
				doubt.is, doubt.rev = true, max(doubt.rev, rev)
			default:
			}
		}
		if classify(err) == answerFinal {
			return r, fmt.Errorf("dist: the engine: %w", err)
		}
		if !wait.pause(ctx) {
			return r, s.gaveUp(ctx, doubt.is)
		}
	}
}

// gaveUp returns the error of an operation that ended because ctx did.
func (s *Space) gaveUp(ctx context.Context, uncertain bool) error {
	err := ended(ctx)
	if s.ctx.Err() != nil {
		err = ErrClosed
	}
	if uncertain {
		return &uncertainError{err}
	}
	return err
}

// An uncertainError is that of an operation that gave up, with err, before it knew its outcome.
type uncertainError struct{ err error }

func (e *uncertainError) Error() string   { return ErrUncertain.Error() + ": " + e.err.Error() }
func (e *uncertainError) Unwrap() []error { return []error{ErrUncertain, e.err} }

func decode[S any](raw []byte, d *document[S]) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, d)
}

// A contact records how well the engine answers.
type contact struct {
	mu    sync.Mutex // guards what follows
	last  time.Time  // when a request was last answered, or had taken too long
	since time.Time  // when the first request was made after that which has had no answer; zero if there is none
	moves int        // the number of times in a row that took too long
}

// limit is the maximum time for a request: a second, or more after several that took too long, as when a leader is elected.
func (c *contact) limit() time.Duration {
	const often, most = 8, 2
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Second << min(c.moves/often, most)
}

// heard records how a request begun at that time ended, and reports whether the engine has not answered within the limit.
func (c *contact) heard(begun time.Time, err error) (tooLong bool) {
	limit := c.limit()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil || classify(err) != answerUnreachable {
		c.last, c.since, c.moves = time.Now(), time.Time{}, 0
		return false
	}
	if c.since.IsZero() {
		c.since = begun
		if c.last.After(begun) { // others were answered since
			c.since = c.last
		}
	}
	if time.Since(c.since) < limit {
		return false
	}
	c.last, c.since = time.Now(), time.Time{}
	c.moves++
	return true
}

// request makes a request of the engine.
func (s *Space) request(ctx context.Context, do func(context.Context) error) error {
	brief, cancel := context.WithTimeout(ctx, s.contact.limit())
	defer cancel()
	begun := time.Now()
	err := do(brief)
	s.answered(ctx, begun, err)
	return err
}

// answered records how a request within ctx, begun at that time, ended. A node that is cut off from the rest of its cluster keeps its
// connections, and answers pings, but decides nothing until the cut ends. So if it does not answer, the connection moves on to another
// node; while the whole cluster elects a leader, that does no harm.
func (s *Space) answered(ctx context.Context, begun time.Time, err error) {
	if ctx.Err() == nil && s.contact.heard(begun, err) && s.engine == nil && len(s.nc.Servers()) > 1 && s.nc.IsConnected() {
		_ = s.nc.ForceReconnect() // it fails only if the connection is closed
	}
}

// read returns the stored state of key, nil if there is none, and its revision.
func (s *Space) read(ctx context.Context, key string) (data []byte, rev uint64, err error) {
	err = s.request(ctx, func(ctx context.Context) error {
		m, err := s.stream.GetLastMsgForSubject(ctx, s.subject(key))
		if err == nil {
			data, rev = m.Data, m.Sequence
		}
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, 0, nil
	}
	return data, rev, err
}

// write stores d if the revision of key is still rev, and returns the new one.
func (s *Space) write(ctx context.Context, key string, rev uint64, d any) (next uint64, err error) {
	data, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	err = s.request(ctx, func(ctx context.Context) error {
		m := &nats.Msg{Subject: s.subject(key), Data: data}
		ack, err := s.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(rev), jetstream.WithRetryAttempts(0))
		if err == nil {
			next = ack.Sequence
		}
		return err
	})
	return next, err
}

// A backoff determines the pause before the next try.
type backoff struct{ tries, refused int }

func newBackoff() *backoff { return new(backoff) }

// pause waits briefly, longer each time, and reports whether ctx has not ended.
func (b *backoff) pause(ctx context.Context) bool {
	b.tries++
	d := min(time.Millisecond<<min(b.tries, 20), 200*time.Millisecond)
	if b.refused == b.tries { // no other writer was involved: the engine answers
		d = min(d, 20*time.Millisecond)
	}
	t := time.NewTimer(time.Duration(mrand.Int64N(int64(d)))) //nolint:gosec // to spread out the tries
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// both returns a context that ends with ctx, and when the space is closed.
func (s *Space) both(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// brief returns a context for a verb that does not wait.
func (s *Space) brief() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, patience)
}

// begin marks the space as in use until the function that it returns is called, or returns ErrClosed.
func (s *Space) begin() (func(), error) {
	s.work.Add(1)
	if s.ctx.Err() != nil {
		s.work.Done()
		return nil, ErrClosed
	}
	return s.work.Done, nil
}

// use begins a verb that may wait, which calls end when it returns. The returned context ends with ctx, and when the space is
// closed. It fails if either has already happened.
func (s *Space) use(ctx context.Context) (_ context.Context, end func(), err error) {
	done, err := s.begin()
	if err != nil {
		return nil, nil, err
	}
	if ctx.Err() != nil {
		done()
		return nil, nil, ended(ctx)
	}
	ctx, cancel := s.both(ctx)
	return ctx, func() { cancel(); done() }, nil
}

// ask is like use, for a verb that does not wait.
func (s *Space) ask() (_ context.Context, end func(), err error) {
	done, err := s.begin()
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := s.brief()
	return ctx, func() { cancel(); done() }, nil
}

// A view is the known state of a key: the newest that was announced or read.
type view[S any] struct {
	s     *Space
	key   string
	sub   *nats.Subscription
	fresh chan struct{}

	mu  sync.Mutex // guards what follows
	raw []byte
	rev uint64

	known bool // a state was received or read
}

// follow begins to watch key. The engine announces each write.
func follow[S any](s *Space, key string) (*view[S], error) {
	v := &view[S]{s: s, key: key, fresh: make(chan struct{}, 1)}
	var err error
	v.sub, err = s.nc.Subscribe(s.news(key), func(m *nats.Msg) {
		if rev, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64); err == nil {
			v.take(m.Data, rev)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("dist: %w", err)
	}
	return v, nil
}

func (v *view[S]) stop() { _ = v.sub.Unsubscribe() }

func (v *view[S]) take(raw []byte, rev uint64) {
	v.mu.Lock()
	if rev > v.rev {
		v.raw, v.rev = raw, rev
	}
	v.known = true
	v.mu.Unlock()
	select {
	case v.fresh <- struct{}{}:
	default:
	}
}

// look reads the current state, if the engine answers.
func (v *view[S]) look(ctx context.Context) error {
	raw, rev, err := v.s.read(ctx, v.key)
	if err == nil {
		v.take(raw, rev)
	} else if classify(err) == answerFinal {
		return fmt.Errorf("dist: the engine: %w", err)
	}
	return nil
}

// state returns the newest known state.
func (v *view[S]) state() (st S, known bool, err error) {
	v.mu.Lock()
	raw, known := v.raw, v.known
	v.mu.Unlock()
	var d document[S]
	if err := decode(raw, &d); err != nil {
		return st, known, fmt.Errorf("dist: the stored state of %s cannot be read: %w", v.key, err)
	}
	return d.State, known, nil
}

// until waits until there is news, d is over or ctx ends. If nothing comes for the time guard, it reads the state.
func (v *view[S]) until(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(min(d, guard))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return v.s.gaveUp(ctx, false)
	case <-v.fresh:
	case <-t.C:
		if d > guard {
			return v.look(ctx)
		}
	}
	return nil
}

// await watches key until done says so.
func await[S any](ctx context.Context, s *Space, key string, done func(S) (bool, error)) (err error) {
	ctx, end, err := s.use(ctx)
	if err != nil {
		return err
	}
	defer end()
	v, err := follow[S](s, key)
	if err != nil {
		return err
	}
	defer v.stop()
	if err := v.look(ctx); err != nil {
		return err
	}
	w := s.announcement(key, "Wait")
	defer func() { w.ends(err) }()
	for {
		st, known, err := v.state()
		if err != nil {
			return err
		}
		if !known { // the engine has not answered yet
			if err := v.until(ctx, time.Hour); err != nil {
				return err
			}
			continue
		}
		if ok, err := done(st); ok || err != nil {
			return err
		}
		w.begins()
		if err := v.until(ctx, time.Hour); err != nil {
			return err
		}
	}
}
