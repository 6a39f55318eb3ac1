package tui

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// outcome draws in one line how future o was settled.
func (d *drawing) outcome(r rect, o *timeline.Object) {
	mark, st := progressMark(o.Progress)
	d.c.text(r.x, r.y, mark, st)
	end := d.c.fit(r.x+2, r.y, max(r.w-2, 0), d.sc.objName(o.ID), plain)
	result := strings.TrimPrefix(clean(o.Result), "sync2: ")
	if o.Progress == timeline.CanceledBefore {
		result = "canceled"
	}
	if left := r.x + r.w - end - 1; left >= min(width(result), 4) {
		d.c.text(end+1, r.y, truncate(result, left), dim)
	}
}

// progressMark returns the glyph of a settled future, "" for others.
func progressMark(p timeline.Progress) (string, style) {
	switch p {
	case timeline.Succeeded:
		return glyphEnded, running
	case timeline.FailedWithError:
		return glyphTrouble, trouble
	case timeline.CanceledBefore:
		return glyphGaveUp, trouble
	default:
		return "", plain
	}
}

// future draws a future that belongs to no executor: who waits for it, and what it is.
func (d *drawing) future(r rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting for it")
	d.label(f, f.through, "result")
	d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	mid := f.through.y + f.through.h/2
	d.c.text(f.gate.x+1, mid, "→", dim)
	mark, st := progressMark(d.o.Progress)
	text := clean(d.o.Result)
	switch d.o.Progress {
	case timeline.InProgress:
		mark, st, text = glyphRunning, running, "in progress"
	case timeline.Pending:
		mark, st, text = permitUsed, dim, "pending"
	case timeline.CanceledBefore:
		text = "canceled"
	default:
	}
	d.c.text(f.through.x, mid, mark, st)
	d.c.text(f.through.x+2, mid, truncate(text, f.through.w-2), plain)
	d.onTheWay(f)
	d.caption(f, r, waitWords(len(d.o.Queue)), dim)
}

// other draws an object of which no more is known than who waits for it and who holds it.
func (d *drawing) other(r rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting")
	d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	if held := d.held(); len(held) > 0 {
		d.label(f, f.through, "holding")
		d.seat(f.through, d.o.ID, held, seating{mid: true})
	}
	d.wall(f.gate, "│", 0, line)
	d.onTheWay(f)
}

// variable draws a variable: its value.
func (d *drawing) variable(r rect) {
	value, st := "= "+clean(d.o.Result), bright|bold
	if d.o.Result == "" {
		value, st = "not written yet", dim
	}
	d.c.center(r, r.h/2, value, st)
	d.onTheWay(d.floor(r, 3, 0))
}
