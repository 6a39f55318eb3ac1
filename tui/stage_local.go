package tui

import (
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Local is a table: each goroutine has a value of its own, and sees no other.

func (d *drawing) local(r cells.Rect) {
	rows := d.localRows()
	nameW := 9
	for _, v := range rows {
		nameW = max(nameW, 2+cells.Width(d.sc.name(v.G)))
	}
	nameW = min(nameW, r.W*2/5)
	x := r.X + nameW + 3
	y := r.Y
	if r.H >= 4 {
		d.c.Text(r.X, y, cells.Truncate("goroutine", nameW), cells.Dim)
		d.c.Text(x, y, cells.Truncate("its own value", r.W-nameW-3), cells.Dim)
		y++
		if r.H >= 6 {
			d.c.Repeat(r.X, y, r.W, "─", cells.Line)
			d.c.Text(r.X+nameW+1, y, "┼", cells.Line)
			y++
		}
	}
	room := r.Y + r.H - y
	more := 0
	if len(rows) > room {
		more = len(rows) - room + 1
		rows = rows[:max(0, room-1)]
	}
	for i, v := range rows {
		d.localRow(cells.Area(r.X, y+i, r.W, 1), nameW, v)
	}
	if more > 0 {
		d.c.Text(r.X, r.Y+r.H-1, "… and "+strconv.Itoa(more)+" more", cells.Dim)
	}
}

// localRow draws who has which value. One that was just set is bright.
func (d *drawing) localRow(r cells.Rect, nameW int, v localValue) {
	g := d.sc.s.Goroutine(v.G)
	d.add(token{g: v.G, obj: d.o.ID, x: r.X, y: r.Y, w: nameW, h: 1, look: lookOf(g), name: d.sc.name(v.G)})
	if d.c != nil {
		d.c.Dim = d.c.Dim || d.sc.dims(v.G)
		defer func() { d.c.Dim = d.sc.dimsObj(d.o) }()
	}
	x := r.X + nameW + 1
	d.c.Text(x, r.Y, "│", cells.Line)
	room := r.W - nameW - 3
	switch {
	case !v.has:
		d.c.Text(x+2, r.Y, cells.Truncate("no value", room), cells.Dim)
	case d.sc.fresh(v.Since):
		end := d.c.Text(x+2, r.Y, cells.Truncate(cells.Clean(v.Text), room), cells.Bright|cells.Bold)
		if left := r.X + r.W - end - 2; left >= 8 {
			d.c.Text(end+2, r.Y, "‹ just set", cells.Released)
		}
	default:
		d.c.Text(x+2, r.Y, cells.Truncate(cells.Clean(v.Text), room), cells.Plain)
	}
}

type localValue struct {
	timeline.Value
	has bool
}

// localRows returns the values, and those of the living who have none.
func (d *drawing) localRows() []localValue {
	has := make(map[int64]bool, len(d.o.Values))
	var rows []localValue
	for _, v := range d.o.Values {
		has[v.G] = true
		rows = append(rows, localValue{v, true})
	}
	for _, g := range d.sc.s.Goroutines() {
		if !has[g.ID] && g.Status != timeline.Ended {
			rows = append(rows, localValue{timeline.Value{G: g.ID}, false})
		}
	}
	return rows
}
