package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
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

func (d *drawing) lock(r cells.Rect) {
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
	r.X, r.W = r.X-1, r.W+1
	h := min(r.H, 7)
	r = r.Lines((r.H-h)/2, h)
	st := cells.Line
	if d.o.Depth > 0 {
		st = cells.Holding
	}
	d.label(f, cells.Area(r.X+1, f.labels, r.W, 1), "room for one")
	in := r
	if r.H >= 3 {
		if d.c != nil {
			d.c.Frame(r, cells.Double, st)
		}
		in = r.Inset()
		door := "┤"
		if d.o.Depth == 0 {
			door = " "
		}
		d.c.Text(r.X, r.Y+r.H/2, door, st)
	}
	in = cells.Area(in.X+1, in.Y, in.W-1, in.H)
	seats := d.held()
	for i := range seats {
		if d.o.Class == trace.ClassReentrantLock && seats[i].badge == "" {
			seats[i].badge = "×1"
		}
	}
	switch {
	case len(seats) > 0 && seats[0].g != 0:
		d.seat(in.Lines(0, in.H), d.o.ID, seats, seating{mid: true})
	case d.o.Depth > 0:
		d.c.Center(in, in.H/2, "held", cells.Holding)
	default:
		d.c.Center(in, in.H/2, "free", cells.Dim)
	}
}

func (d *drawing) lockCaption() (string, cells.Style) {
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
			return s, cells.Dim
		}
		return s + "; nobody waits", cells.Plain
	case 1:
		return s + "; " + d.sc.name(o.Queue[0]) + " waits", cells.Plain
	default:
		return fmt.Sprintf("%s; %s wait, %s first", s, number(n), d.sc.name(o.Queue[0])), cells.Plain
	}
}
