package lanes

import (
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// An axis gives the columns of the timeline their meaning: play time, in which every event is visible, or recorded time, in which
// distances are true.
type axis struct {
	k    *scene.Clock
	real bool          // recorded time
	at   time.Duration // the playhead
	end  time.Duration // the last event
}

// axisOf returns the axis of sc, in recorded time or in play time.
func axisOf(sc *scene.Scene, recorded bool) axis {
	a := axis{k: sc.Clock, real: recorded, at: sc.Pos, end: sc.Clock.End()}
	if recorded {
		a.at, a.end = sc.Now-a.k.Zero, a.k.LastTime()-a.k.Zero
	}
	return a
}

// count returns the number of events up to position v.
func (a *axis) count(v time.Duration) int {
	if a.real {
		return a.k.CountAt(a.k.Zero + v)
	}
	return a.k.Count(v)
}

// pos returns the play time at position v.
func (a *axis) pos(v time.Duration) time.Duration {
	if a.real {
		return a.k.Place(a.k.Zero+v, a.k.Len())
	}
	return v
}

// all returns the length of the whole axis: a little more than the recording.
func (a *axis) all() time.Duration {
	v := max(a.end, a.at)
	if a.real {
		v = max(v, time.Microsecond)
	} else {
		v = max(v, 500*time.Millisecond)
	}
	return niceCeil(v + v/40)
}

// least returns the smallest part to which the timeline can be zoomed.
func (a *axis) least() time.Duration {
	if a.real {
		return 100 * time.Nanosecond
	}
	return time.Millisecond
}

// niceCeil returns d rounded up by at most a tenth, so that the scale of a growing trace changes from time to time and not with
// every event.
func niceCeil(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d > 100*unit {
		unit *= 10
	}
	return (d + unit - 1).Truncate(unit)
}
