package stage

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Group of goroutines is a room with as many places as goroutines may run at once. In front of it are the goroutines that wait for
// a free place to start another one, and behind it those that wait until all have ended.
type taskGroupPanel struct{ *subject }

func (p taskGroupPanel) title() []string {
	parts := []string{"Group", p.running()}
	switch {
	case p.o.Broken && p.o.Closed:
		parts = append(parts, "canceled by "+p.sc.Name(p.o.By))
	case p.o.Broken:
		parts = append(parts, "failed in "+p.sc.Name(p.o.By))
	case p.o.Settled > 0:
		parts = append(parts, strconv.Itoa(p.o.Settled)+" done")
	}
	return parts
}

// running returns the number of running goroutines and their limit.
func (p taskGroupPanel) running() string {
	if p.o.Limit > 0 {
		return fmt.Sprintf("%d of %d run", len(p.o.Team), p.o.Limit)
	}
	return wording.Plural(len(p.o.Team), "member")
}

// idle reports whether there are no members and no waiters.
func (p taskGroupPanel) idle() bool { return len(p.o.Team)+len(p.o.Queue) == 0 }

func (p taskGroupPanel) row() (string, cells.Style, []group) {
	style := cells.StylePlain
	if p.o.Broken {
		style = cells.StyleTrouble
	}
	return padded(p.running(), len("10 of 10 run")), style, []group{
		{sign: signInside, look: scene.LookRunning, seats: p.members(), empty: p.free()},
		{sign: signQueue, look: scene.LookWaiting, seats: p.waiters(true)},
		{sign: "end", look: scene.LookWaiting, seats: p.waiters(false)},
	}
}

// free returns the number of free places.
func (p taskGroupPanel) free() int { return max(0, p.o.Limit-len(p.o.Team)) }

// members returns the seats of the goroutines of the group that have not ended.
func (p taskGroupPanel) members() []seat {
	var seats []seat
	for _, id := range p.o.Team {
		s := seat{g: id, look: p.sc.Look(p.sc.State.Goroutine(id))}
		if g := p.sc.State.Goroutine(id); g != nil && g.Status == timeline.StatusWaiting && g.For != p.o.ID {
			s.note = "wants " + p.sc.ObjectName(g.For)
		}
		seats = append(seats, s)
	}
	return seats
}

// waiters returns the seats of the goroutines that wait for a place, or that wait for the end or have just been released from it.
func (p taskGroupPanel) waiters(place bool) []seat {
	var seats []seat
	for _, s := range p.queued() {
		if g := p.sc.State.Goroutine(s.g); begins(g.Verb, []string{"Go"}) == place {
			seats = append(seats, s)
		}
	}
	for _, g := range p.sc.State.Goroutines() {
		at := g.For == p.o.ID && g.Status == timeline.StatusReleased || g.Last.Kind == trace.KindResume && g.Last.Obj == p.o.ID
		if at && g.Status != timeline.StatusEnded && g.Status != timeline.StatusWaiting && (len(p.o.Team) > 0 || p.o.Settled == 0) == place {
			s := seat{g: g.ID, look: p.sc.Look(g)}
			p.freed(&s, g)
			seats = append(seats, s)
		}
	}
	return seats
}

func (p taskGroupPanel) lay(r cells.Rect) {
	f := p.floor(r, 0, 0)
	place, end := p.waiters(true), p.waiters(false)
	f.at.W-- // a gap before the room
	left := p.seat(f.at, p.o.ID, place, seating{boxed: true, right: true, mid: true})
	if p.o.Limit > 0 || len(place) > 0 {
		p.labelFrom(f, f.at, left, "for a place")
	}
	p.label(f, cells.Area(f.gate.X+1, f.gate.Y, f.gate.W-1, f.gate.H), "members")
	p.label(f, f.through, "for the end")
	p.room(f.gate)
	p.seat(f.through, p.o.ID, end, seating{boxed: true, mid: true})
	p.onTheWay(f)
}

// room draws the room of the members, no higher than necessary.
func (p taskGroupPanel) room(r cells.Rect) {
	members := p.members()
	need := max(len(members)+min(p.free(), r.H), 1)
	st := cells.StyleLine
	if len(members) > 0 {
		st = cells.StyleRunning
	}
	if p.o.Broken {
		st = cells.StyleTrouble
	}
	in := r
	if r.H >= 3 {
		h := cells.Clamp(need+2, 3, r.H)
		if 3*need+2 <= r.H && !p.sc.Large { // in boxes
			h = 3*need + 2
		}
		r = r.Lines((r.H-h)/2, h)
		p.Frame(r, cells.Double, st)
		in = r.Inset()
	}
	in = cells.Area(in.X+1, in.Y, in.W-1, in.H)
	if len(members)+p.free() == 0 {
		p.Center(in, in.H/2, "empty", cells.StyleDim)
		return
	}
	p.seat(in, p.o.ID, members, seating{boxed: true, mid: true, empty: min(p.free(), max(1, in.H))})
}

func (p taskGroupPanel) sentence() (string, cells.Style) {
	var place, end []int64
	for _, id := range p.o.Queue {
		if g := p.sc.State.Goroutine(id); g != nil && begins(g.Verb, []string{"Go"}) {
			place = append(place, id)
		} else {
			end = append(end, id)
		}
	}
	switch {
	case p.o.Broken:
		return cells.Clean(p.o.Cause), cells.StyleTrouble
	case len(place) == 1:
		return fmt.Sprintf("%s places are taken; %s waits for one", wording.AllOf(p.o.Limit), p.sc.Name(place[0])), cells.StylePlain
	case len(place) > 1:
		return fmt.Sprintf("%s places are taken; %s wait for one, %s first", wording.AllOf(p.o.Limit), wording.Number(len(place)), p.sc.Name(place[0])), cells.StylePlain
	case len(end) == 1:
		return p.sc.Name(end[0]) + " waits for the end", cells.StylePlain
	case len(end) > 1:
		return wording.Number(len(end)) + " wait for the end", cells.StylePlain
	}
	return p.waiting(nil)
}
