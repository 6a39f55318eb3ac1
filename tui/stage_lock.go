package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A lock is a room for one. A badge tells how many times the one inside holds it; one that only tried, without
// waiting, bounces off the door.

func (d *drawing) tries() []string {
	if d.o.Tries == 0 {
		return nil
	}
	if d.o.Tries == 1 {
		return []string{"1 try failed"}
	}
	return []string{strconv.Itoa(d.o.Tries) + " tries failed"}
}

func (d *drawing) lock(r rect) {
	queue := d.atDoor()
	f := d.floor(r, 2, 0)
	left := d.seat(f.at, d.o.ID, queue, seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "at the door")
	d.room(f)
	d.onTheWay(f)
	text, st := d.lockCaption()
	d.caption(f, r, text, st)
}

// room draws the room, as high as there is space for but not more than it needs, and who is in it.
func (d *drawing) room(f floor) {
	r := f.through
	r.x, r.w = r.x-1, r.w+1
	h := min(r.h, 7)
	r = r.lines((r.h-h)/2, h)
	st := line
	if d.o.Depth > 0 {
		st = holding
	}
	d.label(f, rect{r.x + 1, f.labels, r.w, 1}, "room for one")
	in := r
	if r.h >= 3 {
		if d.c != nil {
			d.c.frame(r, double, st)
		}
		in = r.inset()
		door := "┤"
		if d.o.Depth == 0 {
			door = " "
		}
		d.c.text(r.x, r.y+r.h/2, door, st)
	}
	in = rect{in.x + 1, in.y, in.w - 1, in.h}
	seats := d.held()
	for i := range seats {
		if d.o.Class == trace.ClassReentrantLock && seats[i].badge == "" {
			seats[i].badge = "×1"
		}
	}
	switch {
	case len(seats) > 0 && seats[0].g != 0:
		d.seat(in.lines(0, in.h), d.o.ID, seats, seating{mid: true})
	case d.o.Depth > 0:
		d.c.center(in, in.h/2, "held", holding)
	default:
		d.c.center(in, in.h/2, "free", dim)
	}
}

func (d *drawing) lockCaption() (string, style) {
	o := d.o
	s := "the room is free"
	if o.Depth > 0 {
		s = d.sc.name(o.Owner) + " is inside"
		if o.Owner == 0 {
			s = "somebody was inside before the trace began"
		}
		if o.Depth > 1 {
			s += ", " + number(int(o.Depth)) + " deep"
		}
	}
	switch n := len(o.Queue); n {
	case 0:
		if o.Depth == 0 {
			return s, dim
		}
		return s + "; nobody waits", plain
	case 1:
		return s + "; " + d.sc.name(o.Queue[0]) + " waits", plain
	default:
		return fmt.Sprintf("%s; %s wait, %s first", s, number(n), d.sc.name(o.Queue[0])), plain
	}
}
