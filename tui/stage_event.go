package tui

import (
	"fmt"
	"strconv"
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

func (d *drawing) event(r rect) {
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
func (d *drawing) door(r rect) {
	if r.h < 3 {
		if !d.o.IsSet {
			d.wall(r, gateClosed, 0, waiting)
		}
		return
	}
	h := min(r.h, 9)
	door := r.lines((r.h-h)/2, h)
	x := door.x + 2
	if above := door.y - r.y; above > 0 {
		d.c.column(x, r.y, above, "│", line)
		d.c.column(x, door.y+h, r.h-above-h, "│", line)
	}
	if !d.o.IsSet {
		d.c.text(x-1, door.y, "╶╥╴", plain)
		d.c.column(x, door.y+1, h-2, gateClosed, waiting)
		d.c.text(x-1, door.y+h/2, "●", waiting) // the knob
		d.c.text(x-1, door.y+h-1, "╶╨╴", plain)
		return
	}
	d.c.text(x-1, door.y, "╶┬╴", released)
	d.c.text(x+1, door.y+1, "╲", released)
	if h >= 4 {
		d.c.column(x+2, door.y+2, h-4, "│", released)
		d.c.text(x+1, door.y+h-2, "╱", released)
	}
	d.c.text(x-1, door.y+h-1, "╶┴╴", released)
}

func (d *drawing) eventCaption() (string, style) {
	n := len(d.o.Queue)
	switch {
	case d.o.IsSet && n > 0:
		return fmt.Sprintf("open: %s still to go through", number(n)), released
	case d.o.IsSet:
		return "open: nobody has to wait", released
	case n == 0:
		return "closed; nobody waits", dim
	case n == 1:
		return "closed; one waits for Set", plain
	default:
		return fmt.Sprintf("closed; %s wait for Set", number(n)), plain
	}
}
