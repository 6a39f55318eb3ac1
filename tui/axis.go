package tui

import (
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// An axis says what the columns of the timeline stand for: play time, in which each event can be seen, or recorded time,
// in which it can be measured.
type axis struct {
	k    *scene.Clock
	real bool          // recorded time
	at   time.Duration // where the playhead stands
	end  time.Duration // … and the last event
}

// axisOf returns the axis of sc.
func axisOf(sc *scene.Scene, recorded bool) axis {
	a := axis{k: sc.Clock, real: recorded, at: sc.Pos, end: sc.Clock.End()}
	if recorded {
		a.at, a.end = sc.Now-a.k.Zero, a.k.LastTime()-a.k.Zero
	}
	return a
}

// count returns how many events have happened at v.
func (a *axis) count(v time.Duration) int {
	if a.real {
		return a.k.CountAt(a.k.Zero + v)
	}
	return a.k.Count(v)
}

// pos returns the play time at v.
func (a *axis) pos(v time.Duration) time.Duration {
	if a.real {
		return a.k.Place(a.k.Zero+v, a.k.Len())
	}
	return v
}

// all returns what a timeline of everything shows, a little more than there is.
func (a *axis) all() time.Duration {
	v := max(a.end, a.at)
	if a.real {
		v = max(v, time.Microsecond)
	} else {
		v = max(v, 500*time.Millisecond)
	}
	return niceCeil(v + v/40)
}

// least returns the least that a timeline shows.
func (a *axis) least() time.Duration {
	if a.real {
		return 100 * time.Nanosecond
	}
	return time.Millisecond
}

// niceCeil returns d rounded up by a tenth at most, so that the scale of a growing trace changes now and then instead of
// all the time.
func niceCeil(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d > 100*unit {
		unit *= 10
	}
	return (d + unit - 1).Truncate(unit)
}
