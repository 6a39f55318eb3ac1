package stage

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// An Event is a door. It stays open from Set to Clear; goroutines that arrive in between go straight through.
type eventPanel struct{ *subject }

func (p eventPanel) title() []string {
	state := "not set"
	if p.o.IsSet {
		state = "set"
	}
	if p.o.Generation > 0 {
		return []string{"Event", state, "generation " + strconv.Itoa(p.o.Generation+1), "cleared " + times(p.o.Generation)}
	}
	return []string{"Event", state}
}

// times returns "once", "twice", "3 times" and so on.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return fmt.Sprintf("%d times", n)
	}
}

func (p eventPanel) row() (string, cells.Style, []group) {
	state, style := "not set", cells.StyleDim
	if p.o.IsSet {
		state, style = "set", cells.StyleReleased
	}
	return padded(state, len("not set")), style, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.queued()}, {sign: signThrough, look: scene.LookReleased, seats: living(p.throughSeats(nil))}}
}

func (p eventPanel) lay(r cells.Rect) {
	waiting := p.queued()
	f := p.floor(r, 6, 0)
	left := p.seat(f.at, p.o.ID, waiting, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "at the door")
	p.label(f, f.through, "through")
	p.seat(f.through, p.o.ID, p.throughSeats(nil), seating{mid: true})
	p.door(f.gate)
	p.onTheWay(f)
}

// door draws the door: shut in its frame, or swung open.
func (p eventPanel) door(r cells.Rect) {
	if r.H < 3 {
		if !p.o.IsSet {
			p.wall(r, cells.GateClosed, 0, cells.StyleWaiting)
		}
		return
	}
	h := min(r.H, 9)
	door := r.Lines((r.H-h)/2, h)
	x := door.X + 2
	if above := door.Y - r.Y; above > 0 {
		p.Column(x, r.Y, above, "│", cells.StyleLine)
		p.Column(x, door.Y+h, r.H-above-h, "│", cells.StyleLine)
	}
	if !p.o.IsSet {
		p.Text(x-1, door.Y, "╶╥╴", cells.StylePlain)
		p.Column(x, door.Y+1, h-2, cells.GateClosed, cells.StyleWaiting)
		p.Text(x-1, door.Y+h/2, "●", cells.StyleWaiting) // the knob
		p.Text(x-1, door.Y+h-1, "╶╨╴", cells.StylePlain)
		return
	}
	p.Text(x-1, door.Y, "╶┬╴", cells.StyleReleased)
	p.Text(x+1, door.Y+1, "╲", cells.StyleReleased)
	if h >= 4 {
		p.Column(x+2, door.Y+2, h-4, "│", cells.StyleReleased)
		p.Text(x+1, door.Y+h-2, "╱", cells.StyleReleased)
	}
	p.Text(x-1, door.Y+h-1, "╶┴╴", cells.StyleReleased)
}

func (p eventPanel) sentence() (string, cells.Style) {
	n := len(p.o.Queue)
	switch {
	case p.o.IsSet && n > 0:
		return wording.Number(n) + " still to go through", cells.StyleReleased
	case p.o.IsSet:
		return "Wait returns at once", cells.StyleReleased
	case n == 0:
		return "no waiters", cells.StyleDim
	case n == 1:
		return "one waits for Set" + p.who("set it"), cells.StylePlain
	default:
		return wording.Number(n) + " wait for Set" + p.who("set it"), cells.StylePlain
	}
}
