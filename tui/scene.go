package tui

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A focus is what the user wants to look at: a goroutine, an object, or with the zero value everything.
type focus struct {
	g   int64
	obj trace.ID
}

func (f focus) none() bool { return f == focus{} }

// A scene is all that a frame of the player shows: one State, and where the playhead stands. Drawing reads nothing
// else, above all no clock, so that the same scene always looks the same.
type scene struct {
	s     *timeline.State
	hist  *history
	clock *clock

	n    int           // events that have happened
	pos  time.Duration // the playhead, on play time
	ease time.Duration // how much longer the last event has been shown: after a step the playhead stands still, tokens still slide
	back int           // the event from which a step led back to here, which tokens slide back from; 0: none did
	now  time.Duration // recorded time at the playhead

	cast  []*timeline.Object // all objects that are ever shown, as they are in the end
	worst []string           // the deadlock about which there is most to say, as sentences, for which there is room from the start

	sudden bool // a deadlock may come for which there is no room

	large bool  // tokens are as large as there is room for
	still bool  // nothing slides
	focus focus // what is not dimmed

	step func(at time.Duration) int // of a run that the user drives, the step with which something happened at a recorded time; nil: it is none

	stuck     []int64  // who is part of a deadlock
	deadlocks []string // each as a sentence
	deadlock  string   // all of them in a few words
}

// name returns the name of goroutine g for the screen.
func (sc *scene) name(g int64) string { return cells.Clean(sc.s.Words().GName(g)) }

// objName returns the name of object id for the screen.
func (sc *scene) objName(id trace.ID) string { return cells.Clean(sc.s.Words().ObjName(id)) }

// castName returns the name of o, one of the cast, for the screen.
func (sc *scene) castName(o *timeline.Object) string {
	if o.Name == "" {
		return sc.objName(o.ID)
	}
	return cells.Clean(o.Name)
}

// look returns what g looks like, wherever it is shown. One that is part of a deadlock is in trouble, and one that has done
// nothing but go on since it was released is still just released.
func (sc *scene) look(g *timeline.Goroutine) look {
	if g == nil {
		return isAbsent
	}
	if sc.stuckIn(g.ID) {
		return isFailed
	}
	l := lookOf(g)
	if l == isRunning || l == isHolding {
		if _, _, ok := sc.hist.freed(g, sc.n); ok {
			return isReleased
		}
	}
	return l
}

// stuckIn reports whether goroutine g is part of a deadlock.
func (sc *scene) stuckIn(g int64) bool { return slices.Contains(sc.stuck, g) }

// since returns how long ago, on play time, recorded time t was reached.
func (sc *scene) since(t time.Duration) time.Duration {
	return sc.pos + sc.ease - sc.clock.place(t, sc.n)
}

// fresh reports whether what happened at recorded time t is so recent that it should catch the eye.
func (sc *scene) fresh(t time.Duration) bool { return sc.since(t) < freshFor }

// freshFor is how long something that just happened stands out, on play time.
const freshFor = 900 * time.Millisecond

// dims reports whether goroutine g is out of focus.
func (sc *scene) dims(g int64) bool {
	switch {
	case sc.focus.none():
		return false
	case sc.focus.g != 0:
		return g != sc.focus.g
	default:
		gr := sc.s.Goroutine(g)
		return gr == nil || !sc.involved(sc.focus.obj, gr)
	}
}

// dimsObj reports whether object o is out of focus.
func (sc *scene) dimsObj(o *timeline.Object) bool {
	switch {
	case sc.focus.none():
		return false
	case sc.focus.obj != 0:
		return o.ID != sc.focus.obj
	default:
		g := sc.s.Goroutine(sc.focus.g)
		return g == nil || !sc.involved(o.ID, g)
	}
}

// involved reports whether g waits for object id or a part of it, holds it, was the last to act at it, or belongs to it.
func (sc *scene) involved(id trace.ID, g *timeline.Goroutine) bool {
	o := sc.s.Object(id)
	if o == nil {
		return false
	}
	of := func(at trace.ID) bool {
		p := sc.s.Object(at)
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
