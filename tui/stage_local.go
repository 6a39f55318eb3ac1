package tui

import (
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// A Local is a table: each goroutine has a value of its own, and sees no other.

func (d *drawing) local(r rect) {
	rows := d.localRows()
	nameW := 9
	for _, v := range rows {
		nameW = max(nameW, 2+width(d.sc.name(v.G)))
	}
	nameW = min(nameW, r.w*2/5)
	x := r.x + nameW + 3
	y := r.y
	if r.h >= 4 {
		d.c.text(r.x, y, truncate("goroutine", nameW), dim)
		d.c.text(x, y, truncate("its own value", r.w-nameW-3), dim)
		y++
		if r.h >= 6 {
			d.c.repeat(r.x, y, r.w, "─", line)
			d.c.text(r.x+nameW+1, y, "┼", line)
			y++
		}
	}
	room := r.y + r.h - y
	more := 0
	if len(rows) > room {
		more = len(rows) - room + 1
		rows = rows[:max(0, room-1)]
	}
	for i, v := range rows {
		d.localRow(rect{r.x, y + i, r.w, 1}, nameW, v)
	}
	if more > 0 {
		d.c.text(r.x, r.y+r.h-1, "… and "+strconv.Itoa(more)+" more", dim)
	}
}

// localRow draws who has which value. One that was just set is bright.
func (d *drawing) localRow(r rect, nameW int, v localValue) {
	g := d.sc.s.Goroutine(v.G)
	d.add(token{g: v.G, obj: d.o.ID, x: r.x, y: r.y, w: nameW, h: 1, look: lookOf(g), name: d.sc.name(v.G)})
	if d.c != nil {
		d.c.dim = d.c.dim || d.sc.dims(v.G)
		defer func() { d.c.dim = d.sc.dimsObj(d.o) }()
	}
	x := r.x + nameW + 1
	d.c.text(x, r.y, "│", line)
	room := r.w - nameW - 3
	switch {
	case !v.has:
		d.c.text(x+2, r.y, truncate("no value", room), dim)
	case d.sc.fresh(v.Since):
		end := d.c.text(x+2, r.y, truncate(clean(v.Text), room), bright|bold)
		if left := r.x + r.w - end - 2; left >= 8 {
			d.c.text(end+2, r.y, "‹ just set", released)
		}
	default:
		d.c.text(x+2, r.y, truncate(clean(v.Text), room), plain)
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
