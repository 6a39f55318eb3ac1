package scene

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Focus is what the user wants to look at: a goroutine, an object, or with the zero value everything.
type Focus struct {
	G   int64
	Obj trace.ID
}

// None reports whether nothing is out of focus.
func (f Focus) None() bool { return f == Focus{} }

// Concerns reports whether ev happened to what is in focus.
func (f Focus) Concerns(s *timeline.State, ev *trace.Event) bool {
	if !s.Tells(ev) {
		return false
	}
	return f.G != 0 && ev.G == f.G || f.Obj != 0 && ev.Obj == f.Obj
}

// A Scene is all that a frame of the player shows: one State, and where the playhead stands. Drawing reads nothing
// else, above all no clock, so that the same scene always looks the same.
type Scene struct {
	State   *timeline.State
	History *History
	Clock   *Clock

	N    int           // events that have happened
	Pos  time.Duration // the playhead, on play time
	Ease time.Duration // how much longer the last event has been shown: after a step the playhead stands still, tokens still slide
	Back int           // the event from which a step led back to here, which tokens slide back from; 0: none did
	Now  time.Duration // recorded time at the playhead

	Cast  []*timeline.Object // all objects that are ever shown, as they are in the end
	Worst []string           // the deadlock about which there is most to say, as sentences, for which there is room from the start

	Sudden bool // a deadlock may come for which there is no room

	Large bool  // tokens are as large as there is room for
	Still bool  // nothing slides
	Focus Focus // what is not dimmed

	Step func(at time.Duration) int // of a run that the user drives, the step with which something happened at a recorded time; nil: it is none

	Stuck     []int64  // who is part of a deadlock
	Deadlocks []string // each as a sentence
	Deadlock  string   // all of them in a few words
}

// Name returns the name of goroutine g for the screen.
func (sc *Scene) Name(g int64) string { return cells.Clean(sc.State.Words().GName(g)) }

// ObjectName returns the name of object id for the screen.
func (sc *Scene) ObjectName(id trace.ID) string { return cells.Clean(sc.State.Words().ObjName(id)) }

// CastName returns the name of o, one of the cast, for the screen.
func (sc *Scene) CastName(o *timeline.Object) string {
	if o.Name == "" {
		return sc.ObjectName(o.ID)
	}
	return cells.Clean(o.Name)
}

// Look returns what g looks like, wherever it is shown. One that is part of a deadlock is in trouble, and one that has done
// nothing but go on since it was released is still just released.
func (sc *Scene) Look(g *timeline.Goroutine) Look {
	if g == nil {
		return LookAbsent
	}
	if sc.StuckIn(g.ID) {
		return LookFailed
	}
	l := lookOf(g)
	if l == LookRunning || l == LookHolding {
		if _, _, ok := sc.History.Freed(g, sc.N); ok {
			return LookReleased
		}
	}
	return l
}

// StuckIn reports whether goroutine g is part of a deadlock.
func (sc *Scene) StuckIn(g int64) bool { return slices.Contains(sc.Stuck, g) }

// since returns how long ago, on play time, recorded time t was reached.
func (sc *Scene) since(t time.Duration) time.Duration {
	return sc.Pos + sc.Ease - sc.Clock.Place(t, sc.N)
}

// Fresh reports whether what happened at recorded time t is so recent that it should catch the eye.
func (sc *Scene) Fresh(t time.Duration) bool { return sc.since(t) < FreshFor }

// FreshFor is how long something that just happened stands out, on play time.
const FreshFor = 900 * time.Millisecond

// Dims reports whether goroutine g is out of focus.
func (sc *Scene) Dims(g int64) bool {
	switch {
	case sc.Focus.None():
		return false
	case sc.Focus.G != 0:
		return g != sc.Focus.G
	default:
		gr := sc.State.Goroutine(g)
		return gr == nil || !sc.involved(sc.Focus.Obj, gr)
	}
}

// DimsObj reports whether object o is out of focus.
func (sc *Scene) DimsObj(o *timeline.Object) bool {
	switch {
	case sc.Focus.None():
		return false
	case sc.Focus.Obj != 0:
		return o.ID != sc.Focus.Obj
	default:
		g := sc.State.Goroutine(sc.Focus.G)
		return g == nil || !sc.involved(o.ID, g)
	}
}

// involved reports whether g waits for object id or a part of it, holds it, was the last to act at it, or belongs to it.
func (sc *Scene) involved(id trace.ID, g *timeline.Goroutine) bool {
	o := sc.State.Object(id)
	if o == nil {
		return false
	}
	of := func(at trace.ID) bool {
		p := sc.State.Object(at)
		return at == id || p != nil && p.Parent == id && p.Class != trace.ClassCond // which is beside its lock, not in it
	}
	if of(g.For) || of(g.Last.Obj) || slices.Contains(o.Team, g.ID) {
		return true
	}
	if slices.ContainsFunc(g.Holds, func(h timeline.Hold) bool { return of(h.Obj) }) {
		return true
	}
	for _, in := range [][]timeline.Hold{o.Arrived, o.Passed, o.Next, o.Fallen, o.Busy} {
		if slices.ContainsFunc(in, func(h timeline.Hold) bool { return h.G == g.ID }) {
			return true
		}
	}
	return false
}

// AliveFirst returns the goroutines with those that have ended at the end, if there is not room for all.
func AliveFirst(gs []*timeline.Goroutine, room int) []*timeline.Goroutine {
	if len(gs) <= room {
		return gs
	}
	sorted := make([]*timeline.Goroutine, 0, len(gs))
	for _, ended := range [...]bool{false, true} {
		for _, g := range gs {
			if (g.Status == timeline.StatusEnded) == ended {
				sorted = append(sorted, g)
			}
		}
	}
	return sorted
}
