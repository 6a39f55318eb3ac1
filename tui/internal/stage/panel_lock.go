package stage

import (
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A lock is a room for one goroutine. A badge shows the number of times that goroutine holds it; a goroutine whose try failed bounces
// off the door.
type lockPanel struct{ *subject }

func (p lockPanel) title() []string {
	class := "Mutex"
	if p.o.Class == trace.ClassReentrantLock {
		class = "ReentrantLock"
	}
	return append([]string{class}, p.tries()...)
}

func (p lockPanel) row() (string, cells.Style, []group) {
	state := ""
	if p.o.Depth == 0 {
		state = "free"
	}
	_, _, groups := p.subject.row()
	return padded(state, len("free")), cells.StyleDim, groups
}

func (p lockPanel) lay(r cells.Rect) {
	queue := p.atDoor()
	f := p.floor(r, 2, 0)
	left := p.seat(f.at, p.o.ID, queue, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "at the door")
	p.room(f)
	p.onTheWay(f)
}

// room draws the room and the goroutines in it, no higher than necessary.
func (p lockPanel) room(f floor) {
	r := f.through
	r.X, r.W = r.X-1, r.W+1
	h := min(r.H, 7)
	r = r.Lines((r.H-h)/2, h)
	st := cells.StyleLine
	if p.o.Depth > 0 {
		st = cells.StyleHolding
	}
	p.label(f, cells.Area(r.X+1, f.labels, r.W, 1), "room for one")
	in := r
	if r.H >= 3 {
		p.Frame(r, cells.Double, st)
		in = r.Inset()
		door := "┤"
		if p.o.Depth == 0 {
			door = " "
		}
		p.Text(r.X, r.Y+r.H/2, door, st)
	}
	in = cells.Area(in.X+1, in.Y, in.W-1, in.H)
	switch seats := p.held(); {
	case len(seats) > 0 && seats[0].g != 0:
		p.seat(in.Lines(0, in.H), p.o.ID, seats, seating{mid: true})
	case p.o.Depth > 0:
		p.Center(in, in.H/2, "held", cells.StyleHolding)
	default:
		p.Center(in, in.H/2, "free", cells.StyleDim)
	}
}

func (p lockPanel) sentence() (string, cells.Style) {
	o := p.o
	if o.Depth == 0 { // the room says it
		return p.waiting(o.Queue)
	}
	s := p.sc.Name(o.Owner) + " is inside"
	if o.Owner == 0 {
		s = "locked since before the trace began"
	}
	if o.Depth > 1 {
		s += ", " + wording.Number(int(o.Depth)) + " deep"
	}
	return s + p.waits(o.Queue), cells.StylePlain
}
