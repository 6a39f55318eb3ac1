package scene

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Focus is what the user wants to look at: a goroutine or an object. The zero Focus is everything.
type Focus struct {
	G   int64
	Obj trace.ID
}

// None reports whether nothing is out of focus.
func (f Focus) None() bool { return f == Focus{} }

// Concerns reports whether ev is a visible event of what is in focus.
func (f Focus) Concerns(s *timeline.State, ev *trace.Event) bool {
	if !s.Visible(ev) {
		return false
	}
	return f.G != 0 && ev.G == f.G || f.Obj != 0 && ev.Obj == f.Obj
}

// A Scene is everything that a frame of the player shows: one State, and the position of the playhead. Drawing reads nothing
// else, in particular no clock, so the same scene always looks the same.
type Scene struct {
	State   *timeline.State
	History *History
	Clock   *Clock

	N    int           // the number of events so far
	Pos  time.Duration // the playhead, in play time
	Ease time.Duration // the time that the playhead has stood still after a step, while tokens slide
	Back int           // the event from which a step back leads here, from which tokens slide back; 0: there was none
	Now  time.Duration // recorded time at the playhead

	Objects []*timeline.Object // the objects that the recording shows, in their final state
	Worst   []string           // the longest description of a deadlock, for which space is reserved from the start

	Sudden bool // a deadlock may occur for which no space is reserved

	Large bool  // tokens are as large as possible
	Still bool  // nothing slides
	Focus Focus // what is not dimmed

	Step func(at time.Duration) int // for a run that the user drives: the step during which a recorded time was reached; otherwise nil

	Stuck     []int64  // the goroutines in deadlocks
	Deadlocks []string // described in one sentence each
	Deadlock  string   // described in a few words
}

// Name returns the name of goroutine g, safe for the screen.
func (sc *Scene) Name(g int64) string { return cells.Clean(sc.State.Words().GName(g)) }

// ObjectName returns the name of object id, safe for the screen.
func (sc *Scene) ObjectName(id trace.ID) string { return cells.Clean(sc.State.Words().ObjName(id)) }

// NameOf returns the name of o, one of the objects of the recording, safe for the screen.
func (sc *Scene) NameOf(o *timeline.Object) string {
	if o.Name == "" {
		return sc.ObjectName(o.ID)
	}
	return cells.Clean(o.Name)
}

// Look returns the look of g. A goroutine in a deadlock has failed, and one that has done nothing but resume since its release is
// still just released.
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

// StuckIn reports whether goroutine g is in a deadlock.
func (sc *Scene) StuckIn(g int64) bool { return slices.Contains(sc.Stuck, g) }

// since returns the play time since recorded time t was reached.
func (sc *Scene) since(t time.Duration) time.Duration {
	return sc.Pos + sc.Ease - sc.Clock.Place(t, sc.N)
}

// Fresh reports whether recorded time t is so recent that what happened then is highlighted.
func (sc *Scene) Fresh(t time.Duration) bool { return sc.since(t) < FreshFor }

// FreshFor is the time that a new event is highlighted, in play time.
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

// involved reports whether g waits for object id or a part of it, holds it, was the last to use it, or belongs to it.
func (sc *Scene) involved(id trace.ID, g *timeline.Goroutine) bool {
	o := sc.State.Object(id)
	if o == nil {
		return false
	}
	of := func(at trace.ID) bool {
		p := sc.State.Object(at)
		return at == id || p != nil && p.Parent == id && p.Class != trace.ClassCond // a Cond is drawn beside its lock, not in it
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

// AliveFirst returns gs, with ended goroutines moved to the end if there is no room for all.
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
