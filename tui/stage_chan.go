package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
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

func (d *drawing) channel(r cells.Rect) {
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
func (d *drawing) passage(r cells.Rect) {
	y, st, mid := r.Y+r.H/2, cells.Line, "▸"
	switch {
	case d.o.Closed:
		st, mid = cells.Trouble, cells.GateBroken
	case len(d.o.Queue) > 0 || len(d.sc.s.AtEnd(d.o.ID, true)) > 0 || len(d.sc.s.AtEnd(d.o.ID, false)) > 0:
		st = cells.Waiting
	}
	n := max(0, min(r.W-2, 24))
	x := r.X + (r.W-n)/2
	d.c.Repeat(x, y, n, "─", st)
	d.c.Text(x+n/2, y, mid, st|cells.Bold)
	if r.H >= 3 {
		word := "no buffer"
		if d.o.Closed {
			word = "closed"
		}
		d.c.Center(r.Lines(r.H/2-1, 1), 0, word, cells.Dim)
	}
}

func (d *drawing) chanCaption() (string, cells.Style) {
	o := d.o
	s := fmt.Sprintf("%d sent, %d received", o.Puts, o.Gets)
	sends, receives := d.sc.s.AtEnd(o.ID, true), d.sc.s.AtEnd(o.ID, false)
	waits := append(slices.Clip(sends), receives...)
	if len(waits) > 0 && d.sc.s.AtRest() {
		if why := cells.Clean(d.sc.s.OtherEnd(waits[0])); why != "" && slices.Contains(o.Queue, waits[0]) {
			name := d.sc.objName(o.ID)
			return strings.NewReplacer(" from "+name, "", " to "+name, "").Replace(why), cells.Trouble
		}
	}
	switch {
	case o.Closed && len(o.Items) == 0:
		return s + "; closed and empty", cells.Dim
	case o.Closed:
		return s + "; closed, but not empty", cells.Dim
	case len(sends) > 0 && o.Capacity > 0:
		return s + "; it is full", cells.Waiting
	case len(sends) > 0:
		return s + "; nobody receives", cells.Waiting
	case len(receives) > 0:
		return s + "; nobody sends", cells.Waiting
	case o.Capacity > 0 && len(o.Items) >= o.Capacity:
		return s + "; it is full", cells.Plain
	}
	return s, cells.Dim
}

// nilChannel draws the nil channel: a wall at which one waits for ever.
func (d *drawing) nilChannel(r cells.Rect) {
	f := d.floor(r, 3, 0)
	left := d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "waiting")
	d.wall(f.gate, cells.GateClosed, 0, cells.Trouble)
	d.onTheWay(f)
	d.caption(f, r, "the channel is nil; nobody can ever come to its other end", cells.Dim)
}

// A select is the cases that one waits in, each with why it cannot be done now, or that it was done.

func (d *drawing) selectStatement(r cells.Rect) {
	f := d.floor(r, 1, 0)
	all := cells.Area(f.at.X, f.at.Y, f.through.X+f.through.W-f.at.X, f.at.H)
	w := clamp(all.W*30/100, 10, 24)
	f.at.W = w
	cases := all.Cols(w+1, all.W-w-1)
	d.label(f, f.at, "waiting")
	d.label(f, cases, "for one of")
	seats := d.atGroup()
	d.seat(f.at, d.o.ID, seats, seating{boxed: true, right: true, mid: true})
	if d.c != nil {
		d.cases(cases)
	}
	d.onTheWay(f)
	d.caption(f, r, d.selectCaption(), cells.Dim)
}

// cases lists the cases, as far as there is room.
func (d *drawing) cases(r cells.Rect) {
	if len(d.o.Cases) == 0 {
		d.c.Text(r.X, r.Y+r.H/2, cells.Truncate("no cases: it waits for ever", r.W), cells.Trouble)
		return
	}
	waits := len(d.o.Queue) > 0
	y := r.Y + max(0, (r.H-len(d.o.Cases))/2)
	for i, c := range d.o.Cases {
		if i == r.H-1 && len(d.o.Cases) > r.H {
			d.c.Text(r.X, y+i, cells.Truncate(fmt.Sprintf("… %d more", len(d.o.Cases)-i), r.W), cells.Dim)
			return
		}
		words, mark, st := "receive from ", "◂", cells.Waiting
		if c.Send {
			words, mark = "send to ", "▸"
		}
		why := d.whyNot(c)
		switch {
		case !waits && i+1 == d.o.Chosen:
			mark, st, why = cells.GlyphEnded, cells.Released, ""
		case !waits:
			st, why = cells.Dim, ""
		}
		d.c.Text(r.X, y+i, mark, st)
		name := cells.Plain
		if st == cells.Dim {
			name = cells.Dim
		}
		end := d.c.Text(r.X+2, y+i, cells.Truncate(words+d.sc.objName(c.Obj), max(0, r.W-2)), name)
		if left := r.X + r.W - end - 2; why != "" && left >= cells.Width(why) {
			d.c.Text(end+2, y+i, why, cells.Dim)
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
