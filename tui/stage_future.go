package tui

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// outcome draws in one line how future o was settled.
func (d *drawing) outcome(r cells.Rect, o *timeline.Object) {
	mark, st := progressMark(o.Progress)
	d.c.Text(r.X, r.Y, mark, st)
	end := d.c.Fit(r.X+2, r.Y, max(r.W-2, 0), d.sc.objName(o.ID), cells.Plain)
	result := strings.TrimPrefix(cells.Clean(o.Result), "sync2: ")
	if o.Progress == timeline.CanceledBefore {
		result = "canceled"
	}
	if left := r.X + r.W - end - 1; left >= min(cells.Width(result), 4) {
		d.c.Text(end+1, r.Y, cells.Truncate(result, left), cells.Dim)
	}
}

// progressMark returns the glyph of a settled future, "" for others.
func progressMark(p timeline.Progress) (string, cells.Style) {
	switch p {
	case timeline.Succeeded:
		return cells.GlyphEnded, cells.Running
	case timeline.FailedWithError:
		return cells.GlyphTrouble, cells.Trouble
	case timeline.CanceledBefore:
		return cells.GlyphGaveUp, cells.Trouble
	default:
		return "", cells.Plain
	}
}

// future draws a future that belongs to no executor: who waits for it, and what it is.
func (d *drawing) future(r cells.Rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting for it")
	d.label(f, f.through, "result")
	d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	mid := f.through.Y + f.through.H/2
	d.c.Text(f.gate.X+1, mid, "→", cells.Dim)
	mark, st := progressMark(d.o.Progress)
	text := cells.Clean(d.o.Result)
	switch d.o.Progress {
	case timeline.InProgress:
		mark, st, text = cells.GlyphRunning, cells.Running, "in progress"
	case timeline.Pending:
		mark, st, text = cells.PermitUsed, cells.Dim, "pending"
	case timeline.CanceledBefore:
		text = "canceled"
	default:
	}
	d.c.Text(f.through.X, mid, mark, st)
	d.c.Text(f.through.X+2, mid, cells.Truncate(text, f.through.W-2), cells.Plain)
	d.onTheWay(f)
	d.caption(f, r, waitWords(len(d.o.Queue)), cells.Dim)
}

// other draws an object of which no more is known than who waits for it and who holds it.
func (d *drawing) other(r cells.Rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting")
	d.seat(f.at, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	if held := d.held(); len(held) > 0 {
		d.label(f, f.through, "holding")
		d.seat(f.through, d.o.ID, held, seating{mid: true})
	}
	d.wall(f.gate, "│", 0, cells.Line)
	d.onTheWay(f)
}

// variable draws a variable: its value.
func (d *drawing) variable(r cells.Rect) {
	value, st := "= "+cells.Clean(d.o.Result), cells.Bright|cells.Bold
	if d.o.Result == "" {
		value, st = "not written yet", cells.Dim
	}
	d.c.Center(r, r.H/2, value, st)
	d.onTheWay(d.floor(r, 3, 0))
}
