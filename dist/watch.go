package dist

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// A Change is an element of [Space.Watch]: the state of a primitive after a change.
type Change struct {
	Kind string // "mutex", "semaphore", "event", "barrier" or "waitgroup"
	Name string
	By   string // the name of the process that made the change, see [WithName]
	Rev  uint64 // the number of the change: changes of one space are counted together

	Holders []Holder // of a mutex or semaphore
	Waiting []string // the names of the processes that queue for it, in order
	State   string   // its whole state, such as "held by washer-7 with token 3; waiting: dryer-8"
}

// A Holder describes who holds permits of a semaphore, or a mutex.
type Holder struct {
	Who   string // the name of the process, see [WithName]
	Token uint64 // the fencing token
	N     int    // the number of permits; 1 for a mutex
}

// String returns text such as "mutex sink: held by washer-7 with token 3; waiting: dryer-8".
func (c Change) String() string { return c.Kind + " " + c.Name + ": " + c.State }

// Watch yields the state of every primitive of the space, and then each change, until ctx ends or the space is closed; then it yields the corresponding
// error, and ends. Watching does not slow down the primitives. Watch does not yield renewals of leases, nor queues, which [Space.Trace] covers. A change may
// be missing if the connection was lost; the next change of the same primitive shows its state. Watch panics if ctx is nil.
func (s *Space) Watch(ctx context.Context) iter.Seq2[Change, error] {
	checkContext(ctx, "Space.Watch")
	return func(yield func(Change, error) bool) {
		end, err := s.begin()
		if err == nil {
			defer end()
			ctx, cancel := s.both(ctx)
			defer cancel()
			err = s.watch(ctx, func(c Change) bool { return yield(c, nil) })
		}
		if err != nil {
			yield(Change{}, err)
		}
	}
}

// watch calls tell with each change until tell returns false; then it returns nil.
func (s *Space) watch(ctx context.Context, tell func(Change) bool) error {
	sub, err := s.nc.SubscribeSync(s.news(">"))
	if err != nil {
		return fmt.Errorf("dist: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	seen := make(map[string]Change)
	changed := func(key string, data []byte, rev uint64) bool {
		old, ok := seen[key]
		c, err := newChange(key, data, rev)
		if err != nil || rev <= old.Rev {
			return true
		}
		seen[key] = c
		return ok && c.State == old.State || tell(c)
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		data, rev, err := s.read(ctx, key)
		if err == nil && data != nil && !changed(key, data, rev) {
			return nil
		}
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if ctx.Err() != nil {
			return s.gaveUp(ctx, false)
		}
		if err != nil {
			return fmt.Errorf("dist: %w", err)
		}
		rev, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err == nil && !changed(strings.TrimPrefix(m.Subject, s.news("")), m.Data, rev) {
			return nil
		}
	}
}

// keys returns the stored keys, sorted.
func (s *Space) keys(ctx context.Context) (keys []string, err error) {
	err = s.persist(ctx, func(ctx context.Context) error {
		info, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(s.subject(">")))
		if err == nil {
			keys = slices.Sorted(maps.Keys(info.State.Subjects))
		}
		return err
	})
	for i := range keys {
		keys[i] = strings.TrimPrefix(keys[i], s.subject(""))
	}
	return keys, err
}

func newChange(key string, data []byte, rev uint64) (Change, error) {
	kind, token, _ := strings.Cut(key, ".")
	c := Change{Kind: kind, Name: decodeName(token), Rev: rev}
	var d document[json.RawMessage]
	if err := json.Unmarshal(data, &d); err != nil {
		return c, err
	}
	c.By = d.By
	var err error
	switch kind {
	case "mutex", "semaphore":
		var p pool
		err = json.Unmarshal(d.State, &p)
		c.pool(&p)
	case "event":
		var f flag
		err = json.Unmarshal(d.State, &f)
		c.State = "not set"
		if f.On {
			c.State = "set"
		}
	case "barrier":
		var m meeting
		err = json.Unmarshal(d.State, &m)
		c.State = fmt.Sprintf("%d of %d have arrived, %d generations before", len(m.Arrived), m.Parties, m.Gen)
		if m.Broken != nil {
			c.State = "broken: " + m.Broken.Text
		}
	case "waitgroup":
		var n count
		err = json.Unmarshal(d.State, &n)
		c.State = fmt.Sprintf("a count of %d", n.N)
	}
	return c, err
}

// pool describes p.
func (c *Change) pool(p *pool) {
	var held []string
	for _, h := range p.Holders {
		c.Holders = append(c.Holders, Holder{h.Who, h.Token, h.N})
		held = append(held, fmt.Sprintf("%s with token %d", h.Who, h.Token))
	}
	for _, w := range p.Queue {
		c.Waiting = append(c.Waiting, w.Who)
	}
	c.State = "free"
	if c.Kind == "semaphore" {
		c.State = fmt.Sprintf("%d of %d", p.free(), p.Permits)
	}
	if len(held) > 0 {
		c.State = "held by " + strings.Join(held, ", ")
		if c.Kind == "semaphore" {
			c.State = fmt.Sprintf("%d of %d, ", p.free(), p.Permits) + c.State
		}
	}
	if len(c.Waiting) > 0 {
		c.State += "; waiting: " + strings.Join(c.Waiting, ", ")
	}
}
