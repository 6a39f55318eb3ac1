package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A channel is its buffer, as cells, or a bare passage if it has none. Left of it stand those who wait to send, right of it
// those who wait to receive; who waits in a select statement stands at each of its channels.

func (d *drawing) chanTitle() []string {
	parts := []string{"chan", "unbuffered"}
	if d.o.Capacity > 0 {
		parts[1] = "room for " + strconv.Itoa(d.o.Capacity)
	}
	if d.o.Closed {
		parts = append(parts, "closed")
	}
	return parts
}

func (d *drawing) channel(r rect) {
	f := d.floor(r, 0, 0)
	left := d.seat(f.at, d.o.ID, d.atEnd(true), seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "sending")
	d.label(f, f.through, "receiving")
	d.seat(f.through, d.o.ID, d.atEnd(false), seating{boxed: true, mid: true})
	switch {
	case d.c == nil:
	case d.o.Capacity == 0 && len(d.o.Items) == 0:
		d.passage(f.gate)
	default:
		d.buffer(f.gate)
	}
	d.onTheWay(f)
	text, st := d.chanCaption()
	d.caption(f, r, text, st)
}

// atEnd returns the seats of those who wait to send, or to receive.
func (d *drawing) atEnd(send bool) []seat {
	var seats []seat
	for _, id := range d.sc.s.AtEnd(d.o.ID, send) {
		s := seat{g: id, look: d.sc.look(d.sc.s.Goroutine(id))}
		if !slices.Contains(d.o.Queue, id) {
			s.badge = "select"
		}
		seats = append(seats, s)
	}
	return seats
}

// passage draws the way from those who send to those who receive, which is shut once the channel is closed.
func (d *drawing) passage(r rect) {
	y, st, mid := r.y+r.h/2, line, "▸"
	switch {
	case d.o.Closed:
		st, mid = trouble, gateBroken
	case len(d.o.Queue) > 0 || len(d.sc.s.AtEnd(d.o.ID, true)) > 0 || len(d.sc.s.AtEnd(d.o.ID, false)) > 0:
		st = waiting
	}
	n := max(0, min(r.w-2, 24))
	x := r.x + (r.w-n)/2
	d.c.repeat(x, y, n, "─", st)
	d.c.text(x+n/2, y, mid, st|bold)
	if r.h >= 3 {
		word := "no buffer"
		if d.o.Closed {
			word = "closed"
		}
		d.c.center(r.lines(r.h/2-1, 1), 0, word, dim)
	}
}

func (d *drawing) chanCaption() (string, style) {
	o := d.o
	s := fmt.Sprintf("%d sent, %d received", o.Puts, o.Gets)
	sends, receives := d.sc.s.AtEnd(o.ID, true), d.sc.s.AtEnd(o.ID, false)
	waits := append(slices.Clip(sends), receives...)
	if len(waits) > 0 && d.sc.s.AtRest() {
		if why := clean(d.sc.s.OtherEnd(waits[0])); why != "" && slices.Contains(o.Queue, waits[0]) {
			name := d.sc.objName(o.ID)
			return strings.NewReplacer(" from "+name, "", " to "+name, "").Replace(why), trouble
		}
	}
	switch {
	case o.Closed && len(o.Items) == 0:
		return s + "; closed and empty", dim
	case o.Closed:
		return s + "; closed, but not empty", dim
	case len(sends) > 0 && o.Capacity > 0:
		return s + "; it is full", waiting
	case len(sends) > 0:
		return s + "; nobody receives", waiting
	case len(receives) > 0:
		return s + "; nobody sends", waiting
	case o.Capacity > 0 && len(o.Items) >= o.Capacity:
		return s + "; it is full", plain
	}
	return s, dim
}

// nilChannel draws the nil channel: a wall at which one waits for ever.
func (d *drawing) nilChannel(r rect) {
	f := d.floor(r, 3, 0)
	left := d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "waiting")
	d.wall(f.gate, gateClosed, 0, trouble)
	d.onTheWay(f)
	d.caption(f, r, "the channel is nil; nobody can ever come to its other end", dim)
}

// A select is the cases that one waits in, each with why it cannot be done now, or that it was done.

func (d *drawing) selectStatement(r rect) {
	f := d.floor(r, 1, 0)
	all := rect{f.at.x, f.at.y, f.through.x + f.through.w - f.at.x, f.at.h}
	w := clamp(all.w*30/100, 10, 24)
	f.at.w = w
	cases := all.cols(w+1, all.w-w-1)
	d.label(f, f.at, "waiting")
	d.label(f, cases, "for one of")
	seats := d.atGroup()
	d.seat(f.at, d.o.ID, seats, seating{boxed: true, right: true, mid: true})
	if d.c != nil {
		d.cases(cases)
	}
	d.onTheWay(f)
	d.caption(f, r, d.selectCaption(), dim)
}

// cases lists the cases, as far as there is room.
func (d *drawing) cases(r rect) {
	if len(d.o.Cases) == 0 {
		d.c.text(r.x, r.y+r.h/2, truncate("no cases: it waits for ever", r.w), trouble)
		return
	}
	waits := len(d.o.Queue) > 0
	y := r.y + max(0, (r.h-len(d.o.Cases))/2)
	for i, c := range d.o.Cases {
		if i == r.h-1 && len(d.o.Cases) > r.h {
			d.c.text(r.x, y+i, truncate(fmt.Sprintf("… %d more", len(d.o.Cases)-i), r.w), dim)
			return
		}
		words, mark, st := "receive from ", "◂", waiting
		if c.Send {
			words, mark = "send to ", "▸"
		}
		why := d.whyNot(c)
		switch {
		case !waits && i+1 == d.o.Chosen:
			mark, st, why = glyphEnded, released, ""
		case !waits:
			st, why = dim, ""
		}
		d.c.text(r.x, y+i, mark, st)
		name := plain
		if st == dim {
			name = dim
		}
		end := d.c.text(r.x+2, y+i, truncate(words+d.sc.objName(c.Obj), max(0, r.w-2)), name)
		if left := r.x + r.w - end - 2; why != "" && left >= width(why) {
			d.c.text(end+2, y+i, why, dim)
		}
	}
}

// whyNot says why a case cannot be done.
func (d *drawing) whyNot(c timeline.Case) string {
	o := d.sc.s.Object(c.Obj)
	switch {
	case o == nil:
		return ""
	case o.Class == trace.ClassNilChan:
		return "never"
	case c.Send && o.Capacity > 0:
		return "full"
	case c.Send:
		return "nobody receives"
	case o.Capacity > 0:
		return "empty"
	}
	return "nobody sends"
}

func (d *drawing) selectCaption() string {
	if len(d.o.Queue) == 0 {
		return "nobody waits here now"
	}
	who := d.sc.name(d.o.Queue[0])
	if len(d.o.Cases) == 0 {
		return who + " waits for ever"
	}
	return who + " waits for any of them"
}
