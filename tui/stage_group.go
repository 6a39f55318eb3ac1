package tui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A group is what a goroutine waits for that waits for several futures at once. It stands at the left; in the middle are the
// futures that are still to come, each with who runs it, and at the right, numbered in the order in which that happened,
// those that are settled.

func (d *drawing) groupTitle() []string {
	return []string{plural(d.o.Watches, "future"), fmt.Sprintf("%d settled", d.sc.s.Settled(d.o.ID))}
}

func (d *drawing) group(r cells.Rect) {
	gate := 0
	if r.W < 50 { // numbers need room, and there is none to say who runs what
		gate = 12
	}
	f := d.floor(r, gate, 0)
	d.label(f, f.at, "waiting")
	d.label(f, f.gate, "to come")
	d.label(f, f.through, "settled")
	f.at.W-- // apart from the futures
	d.seat(f.at, d.o.ID, d.atGroup(), seating{boxed: true, right: true, mid: true})
	coming, settled := d.members()
	if d.c != nil {
		d.coming(f.gate, coming)
		d.came(f.through, settled)
	}
	d.onTheWay(f)
	text, st := d.groupCaption(len(coming), len(settled))
	d.caption(f, r, text, st)
}

// atGroup returns the seats of those who wait, and of those who have just come away or given up.
func (d *drawing) atGroup() []seat {
	seats := d.queued()
	for _, g := range d.sc.s.Goroutines() {
		if g.For == d.o.ID && (g.Status == timeline.Released || g.Status == timeline.GaveUp) {
			s := seat{g: g.ID, look: d.sc.look(g)}
			d.freed(&s, g)
			seats = append(seats, s)
		}
	}
	return seats
}

// members returns the futures that are not settled, in the order of the call, and those that are, in the order in which
// they were.
func (d *drawing) members() (coming, settled []*timeline.Object) {
	for _, id := range d.o.Members {
		switch o := d.sc.s.Object(id); {
		case o == nil:
		case o.Progress > timeline.InProgress:
			settled = append(settled, o)
		default:
			coming = append(coming, o)
		}
	}
	slices.SortStableFunc(settled, func(a, b *timeline.Object) int { return int(a.Since - b.Since) })
	return coming, settled
}

// coming lists the futures that are not settled, as far as there is room.
func (d *drawing) coming(r cells.Rect, futures []*timeline.Object) {
	for i, o := range futures {
		if i == r.H-1 && len(futures) > r.H {
			d.c.Text(r.X, r.Y+i, cells.Truncate(fmt.Sprintf("… %d more", len(futures)-i), r.W), cells.Dim)
			return
		}
		mark, st, note := "▸", cells.Dim, ""
		if o.Progress == timeline.InProgress {
			mark, st, note = cells.GlyphRunning, cells.Running, "in "+d.sc.name(o.Worker)
		}
		d.c.Text(r.X, r.Y+i, mark, st)
		end := d.c.Fit(r.X+2, r.Y+i, max(r.W-2, 0), d.sc.objName(o.ID), cells.Plain)
		if left := r.X + r.W - end - 1; left >= cells.Width(note) {
			d.c.Text(end+1, r.Y+i, note, cells.Dim)
		}
	}
}

// came lists the futures that are settled, the last ones if there is not room for all.
func (d *drawing) came(r cells.Rect, futures []*timeline.Object) {
	from := max(0, len(futures)-r.H)
	numberW := len(strconv.Itoa(len(futures))) + 1
	for i, o := range futures[from:] {
		y := r.Y + i
		d.c.Right(r.X+numberW-1, y, strconv.Itoa(from+i+1), cells.Dim)
		d.outcome(cells.Area(r.X+numberW, y, max(r.W-numberW, 0), 1), o)
	}
}

func (d *drawing) groupCaption(coming, settled int) (string, cells.Style) {
	if settled >= d.o.Watches {
		return "all are settled", cells.Dim
	}
	if len(d.o.Queue) == 0 {
		is := "are"
		if settled == 1 {
			is = "is"
		}
		return fmt.Sprintf("%d of %d %s settled", settled, d.o.Watches, is), cells.Plain
	}
	g := d.sc.s.Goroutine(d.o.Queue[0])
	if g == nil {
		return "", cells.Plain
	}
	who := d.sc.name(g.ID) + " waits for "
	switch {
	case g.Verb == "WaitAny":
		return who + "the first one", cells.Plain
	case g.Verb == "WaitFirstError":
		return who + "all, or a failure", cells.Plain
	case coming == 1:
		return who + "the last one", cells.Plain
	case g.Verb == "AsCompleted":
		return who + "the next one; " + strconv.Itoa(coming) + " are to come", cells.Plain
	default:
		return who + "all; " + strconv.Itoa(coming) + " are to come", cells.Plain
	}
}
