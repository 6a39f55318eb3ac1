package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// An event is a door. It stays open from Set to Clear; who comes to it then goes straight through.

func (d *drawing) eventTitle() []string {
	state := "not set"
	if d.o.IsSet {
		state = "set"
	}
	if d.o.Generation > 0 {
		return []string{state, "generation " + strconv.Itoa(d.o.Generation+1), "cleared " + times(d.o.Generation)}
	}
	return []string{state}
}

// times returns "once", "twice", "3 times".
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

func (d *drawing) event(r cells.Rect) {
	waiting := d.queued()
	f := d.floor(r, 6, 0)
	left := d.seat(f.at, d.o.ID, waiting, seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "at the door")
	d.label(f, f.through, "through")
	d.seat(f.through, d.o.ID, d.throughSeats(nil), seating{mid: true})
	d.door(f.gate)
	d.onTheWay(f)
	text, st := d.eventCaption()
	d.caption(f, r, text, st)
}

// door draws the door: a leaf that stands in its frame, or that is swung open.
func (d *drawing) door(r cells.Rect) {
	if r.H < 3 {
		if !d.o.IsSet {
			d.wall(r, cells.GateClosed, 0, cells.Waiting)
		}
		return
	}
	h := min(r.H, 9)
	door := r.Lines((r.H-h)/2, h)
	x := door.X + 2
	if above := door.Y - r.Y; above > 0 {
		d.c.Column(x, r.Y, above, "│", cells.Line)
		d.c.Column(x, door.Y+h, r.H-above-h, "│", cells.Line)
	}
	if !d.o.IsSet {
		d.c.Text(x-1, door.Y, "╶╥╴", cells.Plain)
		d.c.Column(x, door.Y+1, h-2, cells.GateClosed, cells.Waiting)
		d.c.Text(x-1, door.Y+h/2, "●", cells.Waiting) // the knob
		d.c.Text(x-1, door.Y+h-1, "╶╨╴", cells.Plain)
		return
	}
	d.c.Text(x-1, door.Y, "╶┬╴", cells.Released)
	d.c.Text(x+1, door.Y+1, "╲", cells.Released)
	if h >= 4 {
		d.c.Column(x+2, door.Y+2, h-4, "│", cells.Released)
		d.c.Text(x+1, door.Y+h-2, "╱", cells.Released)
	}
	d.c.Text(x-1, door.Y+h-1, "╶┴╴", cells.Released)
}

func (d *drawing) eventCaption() (string, cells.Style) {
	n := len(d.o.Queue)
	switch {
	case d.o.IsSet && n > 0:
		return fmt.Sprintf("open: %s still to go through", number(n)), cells.Released
	case d.o.IsSet:
		return "open: nobody has to wait", cells.Released
	case n == 0:
		return "closed; nobody waits", cells.Dim
	case n == 1:
		return "closed; one waits for Set", cells.Plain
	default:
		return fmt.Sprintf("closed; %s wait for Set", number(n)), cells.Plain
	}
}
