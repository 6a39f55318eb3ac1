package scene

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A program that is watched may run for days, and memory is not without end. So the player keeps the last events of it: at
// least keepEvents, and at most twice as many. When a reel has keepEvents, it gets an heir, which begins with the State of
// that moment and is given all further events too. When the heir has as many, it takes the place of the reel. Nothing is
// copied or counted anew then, so no frame waits for it; the price is that an event is taken in twice.

// NewReelFrom returns a reel for the events that follow s, the State after what is not kept.
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

// KeepLast makes r give way to an heir when it holds more than n events; see [Reel.Grown].
func (r *Reel) KeepLast(n int) { r.keep = n }

// KeepAll makes r hold all events from now on.
func (r *Reel) KeepAll() { r.keep, r.heir = 0, nil }

// Grown returns the heir if it holds as many events as are kept, nil otherwise.
func (r *Reel) Grown() *Reel {
	if r.heir == nil || r.heir.Len() < r.keep {
		return nil
	}
	return r.heir
}

// bequeath gives event ev, the last one, to the heir, or begins one.
func (r *Reel) bequeath(ev *trace.Event) {
	switch {
	case r.keep == 0:
	case r.heir != nil:
		_ = r.heir.Timeline.Append(*ev) // as in add
		r.heir.note(r.heir.Len())
	case r.Len() >= r.keep:
		r.heir = NewReelFrom(r.Timeline.Now())
		r.heir.Gone, r.heir.keep, r.heir.Even, r.heir.dead = r.Gone+r.Len(), r.keep, r.Even, r.dead
	}
}
