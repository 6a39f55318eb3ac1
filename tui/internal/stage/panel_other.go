package stage

import "github.com/turnstile-go/turnstile/tui/internal/cells"

// An object of an unknown kind shows only its waiters and its holders.
type otherPanel struct{ *subject }

func (p otherPanel) lay(r cells.Rect) {
	f := p.floor(r, 3, 0)
	left := p.seat(f.at, p.o.ID, p.queued(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting")
	if held := p.held(); len(held) > 0 {
		p.label(f, f.through, "holding")
		p.seat(f.through, p.o.ID, held, seating{mid: true})
	}
	p.wall(f.gate, "│", 0, cells.StyleLine)
	p.onTheWay(f)
}
