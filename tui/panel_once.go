package tui

import (
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Once is a room that is entered once.
type oncePanel struct{ *subject }

func (p oncePanel) title() []string { return []string{"Once"} }

// idle reports whether the function has run.
func (p oncePanel) idle() bool { return p.o.IsSet }

func (p oncePanel) lay(r cells.Rect) {
	queue := p.atDoor()
	f := p.floor(r, 2, 0)
	left := p.seat(f.at, p.o.ID, queue, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "at the door")
	var in []seat
	free := "not run yet"
	switch {
	case p.o.Acting != 0:
		look := isHolding
		if p.sc.stuckIn(p.o.Acting) {
			look = isFailed
		}
		in = []seat{{g: p.o.Acting, look: look}}
	case p.o.IsSet:
		free = "has run"
	}
	p.chamber(f, "runs once", in, len(in) > 0, free)
	p.onTheWay(f)
}

func (p oncePanel) sentence() (string, cells.Style) {
	switch {
	case p.o.Acting != 0:
		return p.sc.name(p.o.Acting) + " runs the function" + p.waits(p.o.Queue), cells.Plain
	case p.o.IsSet:
		return "the function has run: nobody has to wait", cells.Dim
	}
	return "nobody has called Do", cells.Dim
}
