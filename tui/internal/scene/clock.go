package scene

import (
	"slices"
	"sort"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Synchronization is fast: a whole barrier trips within a microsecond, too fast to see. So the player has its own time, play
// time. It shows an event when it happened, or a little after the previous one if that is later; after a burst, the next pause is
// shortened accordingly. With even steps, recorded time does not matter and every event takes the same time.

// The minimum time between an event and the next one.
const (
	GapTiny = time.Microsecond       // part of the previous event; keeps positions distinct
	gapStep = 140 * time.Millisecond // worth seeing
	gapNext = 80 * time.Millisecond  // one of several effects of one cause
	gapNote = 40 * time.Millisecond  // little to see
	GapEven = 400 * time.Millisecond // any event, with even steps
)

// maxTime is the maximum time, 36 years; larger ones are treated as equal to it. Calculations with it cannot overflow.
const maxTime = 1 << 60

// A Clock maps events to positions in play time, and back. Positions strictly increase.
type Clock struct {
	Even bool
	Zero time.Duration   // the recorded time at position 0; not 0 if the first events are not kept
	pos  []time.Duration // the position of each event
	at   []time.Duration // the recorded time of each event
	last trace.Event
}

// grow makes room for n events.
func (k *Clock) grow(n int) {
	k.pos, k.at = slices.Grow(k.pos, n), slices.Grow(k.at, n)
}

// add appends ev; tells reports whether it is visible.
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

// gapBefore returns the minimum time between the events before and ev.
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
	case trace.KindEnd: // otherwise the lanes would not show the effect of the last event
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

// PosOf returns the position of event n, counted from 1; PosOf(0) is the beginning.
func (k *Clock) PosOf(n int) time.Duration {
	if n <= 0 || len(k.pos) == 0 {
		return 0
	}
	return k.pos[min(n, len(k.pos))-1]
}

// Count returns the number of events up to position p.
func (k *Clock) Count(p time.Duration) int {
	return sort.Search(len(k.pos), func(i int) bool { return k.pos[i] > p })
}

// CountAt returns the number of events up to recorded time t.
func (k *Clock) CountAt(t time.Duration) int {
	return sort.Search(len(k.at), func(i int) bool { return k.at[i] > t })
}

// End returns the position of the last event.
func (k *Clock) End() time.Duration { return k.PosOf(len(k.pos)) }

// Len returns the number of events.
func (k *Clock) Len() int { return len(k.pos) }

// LastTime returns the recorded time of the last event.
func (k *Clock) LastTime() time.Duration {
	if n := len(k.at); n > 0 {
		return k.at[n-1]
	}
	return k.Zero
}

// TimeAt returns the recorded time at position p. Time continues after the last event.
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

// Place returns the position at which recorded time t is reached, considering only the first n events. Time continues after the
// last one.
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
	if t1 == t0 { // the next event is not considered
		return p0
	}
	return min(p0+time.Duration(float64(p1-p0)*float64(t-t0)/float64(t1-t0)), p1-1)
}
