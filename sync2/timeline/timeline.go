package timeline

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Timeline is a sequence of events with access to the [State] at every position. Position i is the moment after i
// events: 0 is before the first event, Len is after the last.
//
// It stores the events and periodic checkpoints of the State, from which it recomputes any position. The zero Timeline
// is empty and ready to use. Its methods, and those of its Cursors, must not be called concurrently.
type Timeline struct {
	first  *State // at position 0; nil: nothing has happened
	events []trace.Event
	errs   []*ApplyError
	live   State // after all events
	checks []checkpoint
	every  int // checkEvery, if not 0
}

type checkpoint struct {
	at    int // its position
	state *State
}

// An ApplyError is the error of an event that is inconsistent with the events before it, with the place of that event
// in a [Timeline].
type ApplyError struct {
	Position int   // the position after the event
	Err      error // the error of [State.Apply]
}

// Error returns the text of Err.
func (e *ApplyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ApplyError) Unwrap() error { return e.Err }

const (
	// checkEvery is the minimum number of events between checkpoints, and so the maximum that a seek has to refold.
	checkEvery = 8192
	// checkShare bounds the memory of checkpoints by that of the events. A State that holds n goroutines, objects and
	// other things is kept only every n/checkShare events, and a seek takes accordingly longer.
	checkShare = 4
)

// New returns a Timeline of the given events.
func New(events ...trace.Event) *Timeline {
	t := &Timeline{events: slices.Grow([]trace.Event(nil), len(events))}
	for _, ev := range events {
		_ = t.Append(ev) // kept in Errors
	}
	return t
}

// Start makes s the State at position 0 of an empty Timeline. Use it to retain only the last events of a long trace:
// s is the State after the events that are not retained, positions count from there, and times remain those of the
// trace. Start retains a copy of s. It panics if t is not empty. A Cursor must be created after Start.
func (t *Timeline) Start(s *State) {
	if len(t.events) > 0 {
		panic("timeline: Start: there are events already")
	}
	t.first, t.live = s.Clone(), *s.Clone()
}

// beginning returns a copy of the State at position 0.
func (t *Timeline) beginning() *State {
	if t.first == nil {
		return new(State)
	}
	return t.first.Clone()
}

// Load fills an empty Timeline with events, which it retains and which must not be modified afterwards. After each
// event it calls after, if that is not nil, with the number of events so far. If ctx ends, Load stops and returns
// its cause; the Timeline then contains the events up to that point. Load panics if t is not empty.
func (t *Timeline) Load(ctx context.Context, events []trace.Event, after func(n int)) error {
	if len(t.events) > 0 {
		panic("timeline: Load: there are events already")
	}
	for i := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t.events = events[: i+1 : i+1]
		_ = t.follow(events[i]) // kept in Errors
		if after != nil {
			after(i + 1)
		}
	}
	return nil
}

// checkContext is the number of events after which long work checks whether it is still wanted.
const checkContext = 1024

// Append adds an event at the end. It returns an [*ApplyError] if the event is inconsistent with the events before it; the
// event is added even then.
func (t *Timeline) Append(ev trace.Event) error {
	t.events = append(t.events, ev)
	return t.follow(ev)
}

// follow accounts for ev, the last event.
func (t *Timeline) follow(ev trace.Event) error {
	err := t.live.Apply(ev)
	if err != nil {
		at := &ApplyError{len(t.events), err}
		t.errs = append(t.errs, at)
		err = at
	}
	if len(t.events)%cmp.Or(t.every, checkEvery) == 0 {
		t.check()
	}
	return err
}

// check keeps a checkpoint of the current State, unless that is large and another was kept recently.
func (t *Timeline) check() {
	at := 0
	if n := len(t.checks); n > 0 {
		at = t.checks[n-1].at
	}
	if len(t.events)-at >= t.live.weight()/checkShare {
		t.checks = append(t.checks, checkpoint{len(t.events), t.live.Clone()})
	}
}

// weight returns the number of things that s holds.
func (s *State) weight() int {
	n := len(s.gs) + len(s.objs)
	for _, o := range s.objs {
		n += len(o.Queue) + len(o.Holders) + len(o.Passed) + len(o.Arrived) + len(o.Values) + len(o.Items) + len(o.Tasks) + len(o.Senders) + len(o.Receivers)
	}
	return n
}

// Len returns the number of events.
func (t *Timeline) Len() int { return len(t.events) }

// Events returns the events. They must not be modified.
func (t *Timeline) Events() []trace.Event { return t.events }

// Event returns event i, counting from 0: the one between positions i and i+1.
func (t *Timeline) Event(i int) trace.Event { return t.events[i] }

// Errors returns the errors of all events that are inconsistent with the events before them, in order.
func (t *Timeline) Errors() []*ApplyError { return t.errs }

// Now returns the State after all events, which changes with the next Append. The caller must not modify it.
func (t *Timeline) Now() *State { return &t.live }

// End returns the time of the last event.
func (t *Timeline) End() time.Duration { return t.live.now }

// At returns a copy of the State at position i, or at the nearest position that exists.
func (t *Timeline) At(i int) *State {
	return t.from(t.clamp(i), nil, 0)
}

// from returns the State at position i. It may use s, the State at position at, unless that is nil.
func (t *Timeline) from(i int, s *State, at int) *State {
	if i == len(t.events) {
		return t.live.Clone()
	}
	n, found := slices.BinarySearchFunc(t.checks, i, func(c checkpoint, i int) int { return cmp.Compare(c.at, i) })
	if !found {
		n--
	}
	switch {
	case s != nil && at <= i && (n < 0 || at >= t.checks[n].at):
	case n < 0:
		s, at = t.beginning(), 0
	default:
		s, at = t.checks[n].state.Clone(), t.checks[n].at
	}
	for ; at < i; at++ {
		_ = s.Apply(t.events[at]) // kept in t.errs
	}
	return s
}

func (t *Timeline) clamp(i int) int { return max(0, min(i, len(t.events))) }

// PositionAt returns the position after the last event whose time is not later than d.
func (t *Timeline) PositionAt(d time.Duration) int {
	// The times of a stream do not decrease. If they do, this is still some position.
	i, _ := slices.BinarySearchFunc(t.events, d, func(ev trace.Event, d time.Duration) int {
		if time.Duration(ev.Time) <= d {
			return -1
		}
		return 1
	})
	return i
}

// TimeAt returns the time of position i: the time of the last event before it. For the first position it is 0, or the
// time of the State that was passed to [Timeline.Start].
func (t *Timeline) TimeAt(i int) time.Duration {
	switch i = t.clamp(i); {
	case i > 0:
		return time.Duration(t.events[i-1].Time)
	case t.first != nil:
		return t.first.now
	}
	return 0
}

// A Cursor is a movable position in a [Timeline]. A Timeline may have any number of Cursors, and may grow while they
// are in use.
type Cursor struct {
	t   *Timeline
	pos int
	s   *State
}

// Cursor returns a Cursor at position 0.
func (t *Timeline) Cursor() *Cursor { return &Cursor{t: t, s: t.beginning()} }

// Position returns the position of the Cursor.
func (c *Cursor) Position() int { return c.pos }

// State returns the State at the Cursor's position. It changes when the Cursor moves; see [State.Clone].
func (c *Cursor) State() *State { return c.s }

// Step moves by n events, backward if n is negative, and stops at either end. It returns the number of events by which
// it moved.
func (c *Cursor) Step(n int) int {
	was := c.pos
	switch { // avoiding overflow
	case n > 0:
		c.Seek(c.pos + min(n, c.t.Len()-c.pos))
	case n < 0:
		c.Seek(c.pos + max(n, -c.pos))
	}
	return c.pos - was
}

// Seek moves to position i, or to the nearest position that exists.
func (c *Cursor) Seek(i int) {
	i = c.t.clamp(i)
	if i == c.pos+1 { // playing: no search
		_ = c.s.Apply(c.t.events[c.pos])
		c.pos = i
		return
	}
	if i != c.pos {
		c.s = c.t.from(i, c.s, c.pos)
		c.pos = i
	}
}

// SeekTime moves to the last event whose time is not later than d.
func (c *Cursor) SeekTime(d time.Duration) { c.Seek(c.t.PositionAt(d)) }
