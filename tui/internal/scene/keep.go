package scene

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A watched program may run for days, but memory is limited. So the player keeps at least the last keepEvents events, and at most
// twice as many. When a reel has keepEvents, it gets an heir, which begins with the State at that moment and receives all further
// events, too. When the heir has as many, it replaces the reel. Nothing is copied or recomputed then, so no frame is delayed; the
// price is that every event is processed twice.

// NewReelFrom returns a reel for the events that follow State s.
func NewReelFrom(s *timeline.State) *Reel {
	r := &Reel{Start: s.Clone()}
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

// KeepLast limits the reel: it gets an heir when it has n events. See [Reel.Grown].
func (r *Reel) KeepLast(n int) { r.keep = n }

// KeepAll makes r keep all events from now on.
func (r *Reel) KeepAll() { r.keep, r.heir = 0, nil }

// Grown returns the heir once it has enough events, and nil before that.
func (r *Reel) Grown() *Reel {
	if r.heir == nil || r.heir.Len() < r.keep {
		return nil
	}
	return r.heir
}

// bequeath gives the last event, ev, to the heir, or creates one.
func (r *Reel) bequeath(ev *trace.Event) {
	switch {
	case r.keep == 0:
	case r.heir != nil:
		_ = r.heir.Timeline.Append(*ev) // as in Add
		r.heir.note(r.heir.Len())
	case r.Len() >= r.keep:
		r.heir = NewReelFrom(r.Timeline.Now())
		r.heir.Gone, r.heir.keep, r.heir.Even, r.heir.dead = r.Gone+r.Len(), r.keep, r.Even, r.dead
	}
}
