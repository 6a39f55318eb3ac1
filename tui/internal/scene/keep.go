package scene

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A watched program may run for days, but memory is limited. So the player keeps at least the last keepEvents events, and at most
// twice as many. When a recording has keepEvents, it gets a successor, which begins with the State at that moment and also receives
// all further events. When the successor has as many, it replaces the recording. Nothing is copied or recomputed then, so no frame
// is delayed; the price is that every event is processed twice.

// NewRecordingFrom returns a recording for the events that follow State s.
func NewRecordingFrom(s *timeline.State) *Recording {
	r := &Recording{Start: s.Clone()}
	r.Timeline.Start(s)
	r.clocks[1].Even = true
	r.clocks[0].Zero, r.clocks[1].Zero = s.Now(), s.Now()
	r.Cursor, r.behind = r.Timeline.Cursor(), r.Timeline.Cursor()
	for _, o := range s.Objects() {
		r.know(o)
	}
	for _, g := range s.Goroutines() {
		r.hist.update(0, g)
	}
	return r
}

// KeepLast limits the recording: it gets a successor when it has n events. See [Recording.Grown].
func (r *Recording) KeepLast(n int) { r.keep = n }

// KeepAll makes r keep all events from now on.
func (r *Recording) KeepAll() { r.keep, r.next = 0, nil }

// Grown returns the successor once it has enough events, and nil before that.
func (r *Recording) Grown() *Recording {
	if r.next == nil || r.next.Len() < r.keep {
		return nil
	}
	return r.next
}

// extendNext gives the last event, ev, to the successor, or creates one.
func (r *Recording) extendNext(ev *trace.Event) {
	switch {
	case r.keep == 0:
	case r.next != nil:
		_ = r.next.Timeline.Append(*ev) // as in Add
		r.next.note(r.next.Len())
	case r.Len() >= r.keep:
		r.next = NewRecordingFrom(r.Timeline.Now())
		r.next.Gone, r.next.keep, r.next.Even, r.next.dead = r.Gone+r.Len(), r.keep, r.Even, r.dead
	}
}
