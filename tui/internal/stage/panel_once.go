package stage

import (
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// A Once is a room that is entered once.
type oncePanel struct{ *subject }

func (p oncePanel) title() []string { return []string{"Once"} }

func (p oncePanel) idle() bool { return p.o.Acting == 0 && len(p.o.Queue) == 0 }

func (p oncePanel) row() (string, cells.Style, []group) {
	return padded(p.ran(), len("not run yet")), cells.StylePlain, []group{{sign: signInside, look: scene.LookHolding, seats: p.inside()}, {sign: signQueue, look: scene.LookWaiting, seats: p.atDoor()}}
}

// ran describes whether the function has run.
func (p oncePanel) ran() string {
	if p.o.IsSet {
		return "has run"
	}
	return "not run yet"
}

// inside returns the seat of the goroutine that runs the function.
func (p oncePanel) inside() []seat {
	if p.o.Acting == 0 {
		return nil
	}
	return []seat{{g: p.o.Acting, look: p.sc.Look(p.sc.State.Goroutine(p.o.Acting))}}
}

func (p oncePanel) lay(r cells.Rect) {
	queue := p.atDoor()
	f := p.floor(r, 2, 0)
	left := p.seat(f.at, p.o.ID, queue, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "at the door")
	in := p.inside()
	p.chamber(f, "runs once", in, len(in) > 0, p.ran())
	p.onTheWay(f)
}

func (p oncePanel) sentence() (string, cells.Style) {
	switch {
	case p.o.Acting != 0:
		return p.sc.Name(p.o.Acting) + " runs the function" + p.waits(p.o.Queue), cells.StylePlain
	case p.o.IsSet:
		return "Do returns at once", cells.StyleDim
	}
	return "Do has not been called", cells.StyleDim
}
