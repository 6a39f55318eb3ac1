package scene

import (
	"slices"
	"sort"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Synchronization is fast: a whole barrier trips within a microsecond, and nobody would see it. So the player runs on
// its own time. An event is shown when it happened, or a little after the one before it if that is later; what piles up
// in a burst is caught up with in the next pause. With even steps the recorded time does not count, and every event
// takes the same.

// How long an event is shown at least before the next one is.
const (
	GapTiny = time.Microsecond       // belongs to the event before it: only keeps positions apart
	gapStep = 140 * time.Millisecond // something to see
	gapNext = 80 * time.Millisecond  // one of several that follow from one cause
	gapNote = 40 * time.Millisecond  // little to see
	GapEven = 400 * time.Millisecond // every event, with even steps
)

// maxTime is the latest time that is told from later ones, 36 years. What is calculated from it cannot overflow.
const maxTime = 1 << 60

// A Clock maps events to positions on the player's own time, its play time, and back. Positions strictly increase.
type Clock struct {
	Even bool
	Zero time.Duration   // the recorded time at position 0: 0 unless the first events are not kept
	pos  []time.Duration // by event
	at   []time.Duration // when it happened
	last trace.Event
}

// grow makes room for n events.
func (k *Clock) grow(n int) {
	k.pos, k.at = slices.Grow(k.pos, n), slices.Grow(k.at, n)
}

// add appends ev, which tells people something or not.
func (k *Clock) add(ev trace.Event, tells bool) {
	t := min(max(k.Zero, time.Duration(ev.Time)), maxTime)
	var p time.Duration
	if n := len(k.pos); n > 0 {
		t = max(t, k.at[n-1])
		gap := gapBefore(k.last, ev, tells)
		if k.Even && gap > GapTiny {
			gap = GapEven
		}
		p = k.pos[n-1] + gap
	}
	if !k.Even {
		p = max(p, t-k.Zero)
	}
	k.pos, k.at, k.last = append(k.pos, p), append(k.at, t), ev
}

// gapBefore returns how long the event before ev is shown at least before ev is.
func gapBefore(before, ev trace.Event, tells bool) time.Duration {
	sameG := before.G == ev.G && before.Obj == ev.Obj
	switch ev.Kind {
	case trace.KindBlock:
		if sameG && before.Kind == trace.KindArrive {
			return GapTiny
		}
	case trace.KindAcquire:
		if sameG && before.Kind == trace.KindUnblock { // a hand-off is one motion
			return GapTiny
		}
	case trace.KindUnblock:
		return gapNext
	case trace.KindEnd: // or else what the last event before it has changed would not be seen in the lanes
		return gapStep
	case trace.KindResume, trace.KindLog, trace.KindSpawn, trace.KindExit:
		return gapNote
	default:
		if !tells {
			return GapTiny
		}
	}
	return gapStep
}

// PosOf returns the position of event n, counted from 1; that of event 0 is the beginning.
func (k *Clock) PosOf(n int) time.Duration {
	if n <= 0 || len(k.pos) == 0 {
		return 0
	}
	return k.pos[min(n, len(k.pos))-1]
}

// Count returns how many events have happened at position p.
func (k *Clock) Count(p time.Duration) int {
	return sort.Search(len(k.pos), func(i int) bool { return k.pos[i] > p })
}

// CountAt returns how many events have happened at recorded time t.
func (k *Clock) CountAt(t time.Duration) int {
	return sort.Search(len(k.at), func(i int) bool { return k.at[i] > t })
}

// End returns the position of the last event.
func (k *Clock) End() time.Duration { return k.PosOf(len(k.pos)) }

// Len returns how many events the clock knows.
func (k *Clock) Len() int { return len(k.pos) }

// LastTime returns the recorded time of the last event.
func (k *Clock) LastTime() time.Duration {
	if n := len(k.at); n > 0 {
		return k.at[n-1]
	}
	return k.Zero
}

// TimeAt returns the recorded time at position p. After the last event time goes on.
func (k *Clock) TimeAt(p time.Duration) time.Duration {
	n := k.Count(p)
	switch {
	case len(k.pos) == 0:
		return k.Zero + max(0, p)
	case n == 0:
		return min(k.Zero+p, k.at[0])
	case n == len(k.pos):
		return k.at[n-1] + p - k.pos[n-1]
	}
	p0, p1, t0, t1 := k.pos[n-1], k.pos[n], k.at[n-1], k.at[n]
	return t0 + time.Duration(float64(t1-t0)*float64(p-p0)/float64(p1-p0))
}

// Place returns the position at which recorded time t was reached, among the first n events; after the last event time
// goes on.
func (k *Clock) Place(t time.Duration, n int) time.Duration {
	n = min(n, len(k.at))
	i := sort.Search(n, func(i int) bool { return k.at[i] > t })
	switch {
	case i == 0:
		return 0
	case i == len(k.at):
		return k.pos[i-1] + t - k.at[i-1]
	}
	p0, p1, t0, t1 := k.pos[i-1], k.pos[i], k.at[i-1], k.at[i]
	if t1 == t0 { // the next event is not among the first n
		return p0
	}
	return min(p0+time.Duration(float64(p1-p0)*float64(t-t0)/float64(t1-t0)), p1-1)
}
