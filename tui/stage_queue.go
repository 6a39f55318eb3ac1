package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A queue is its buffer, as cells. Left of it stand those who cannot put because it is full, right of it those who
// cannot take because it is empty, and those who wait until all is accounted for.

func (d *drawing) queueTitle() []string {
	kind := "Queue"
	switch d.o.Class {
	case trace.ClassStack:
		kind = "Stack"
	case trace.ClassPriorityQueue:
		kind = "PriorityQueue"
	default:
	}
	parts := []string{kind}
	if d.o.Capacity > 0 {
		parts = append(parts, "room for "+strconv.Itoa(d.o.Capacity))
	}
	if d.o.Closed {
		parts = append(parts, "closed")
	}
	return parts
}

func (d *drawing) queue(r cells.Rect) {
	f := d.floor(r, 0, 0)
	d.label(f, f.at, "putting")
	d.labelFrom(f, f.gate, f.gate.X+f.gate.W-cells.Width("next →")-2, "next →")
	d.label(f, f.through, "taking")
	d.seat(f.at, d.o.ID, d.queued("Put"), seating{boxed: true, right: true, mid: true})
	takers := d.queued("Get", "Take")
	for _, s := range d.queued("Join") {
		s.badge = "joins"
		takers = append(takers, s)
	}
	d.seat(f.through, d.o.ID, takers, seating{mid: true})
	if d.c != nil {
		d.buffer(f.gate)
	}
	d.onTheWay(f)
	text, st := d.queueCaption()
	d.caption(f, r, text, st)
}

// buffer draws the items, the next to be taken at the right, and the places that are still empty.
func (d *drawing) buffer(r cells.Rect) {
	if r.H < 3 {
		d.c.Text(r.X+1, r.Y, plural(len(d.o.Items), "item"), cells.Holding)
		return
	}
	w := 5
	for _, it := range d.o.Items[:min(len(d.o.Items), 32)] {
		w = max(w, cells.Width(cells.Clean(it.Text))+2)
	}
	w = min(w, 12, r.W)
	per, rows := max(1, r.W/w), max(1, r.H/3)
	n := max(len(d.o.Items), min(d.o.Capacity, per*rows))
	if d.o.Capacity == 0 {
		n = max(n, 1)
	}
	shown := min(n, per*rows)
	rows = (shown + per - 1) / per
	y := r.Y + (r.H-rows*3)/2
	for i := range shown {
		box := cells.Area(r.X+r.W-(i%per+1)*w, y+i/per*3, w, 3)
		switch {
		case i == shown-1 && n > shown:
			d.c.Frame(box, cells.Dashed, cells.Holding)
			d.c.Center(box.Inset(), 0, "+"+strconv.Itoa(n-shown+1), cells.Holding)
		case i < len(d.o.Items):
			d.c.Frame(box, cells.Round, cells.Holding)
			d.c.Center(box.Inset(), 0, cells.Clean(d.o.Items[i].Text), cells.Plain)
		default:
			d.c.Frame(box, cells.Dashed, cells.Line)
		}
	}
}

func (d *drawing) queueCaption() (string, cells.Style) {
	o := d.o
	s := fmt.Sprintf("%d put, %d taken", o.Puts, o.Gets)
	if o.Done > 0 || len(d.queued("Join")) > 0 {
		s += fmt.Sprintf(", %d done", o.Done)
	}
	if joins := d.queued("Join"); len(joins) > 0 {
		return s + fmt.Sprintf("; Join waits for %d", o.Puts-o.Done), cells.Plain
	}
	switch {
	case len(o.Items) == 0 && len(o.Queue) > 0:
		return s + "; it is empty: takers wait", cells.Plain
	case o.Capacity > 0 && len(o.Items) >= o.Capacity:
		return s + "; it is full", cells.Waiting
	case o.Closed:
		return s + "; closed", cells.Dim
	}
	return s, cells.Plain
}
