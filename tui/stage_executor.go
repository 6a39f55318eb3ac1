package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An executor is a workshop: tasks queue at the left, the workers have numbered places in the middle, and what became
// of the tasks stands at the right.

func (d *drawing) executor(r rect) {
	f := d.floor(r, 0, 0)
	d.label(f, f.at, "tasks")
	d.label(f, f.gate, "workers")
	d.label(f, f.through, "settled")
	d.tasks(f.at)
	d.workers(f.gate)
	if d.c != nil {
		d.settled(f.through)
	}
	d.onTheWay(f)
	s := fmt.Sprintf("%s waiting, %d running, %d settled", plural(len(d.o.Tasks), "task"), len(d.o.Busy), d.o.Settled)
	if d.o.Closed {
		s += "; shut down"
	}
	d.caption(f, r, s, plain)
}

// tasks lists the tasks that have not started, the next one first.
func (d *drawing) tasks(r rect) {
	for i, id := range d.o.Tasks {
		if i == r.h-1 && len(d.o.Tasks) > r.h {
			d.c.text(r.x, r.y+i, fmt.Sprintf("… and %d more", len(d.o.Tasks)-i), dim)
			return
		}
		d.c.text(r.x, r.y+i, "▸ ", dim)
		d.c.fit(r.x+2, r.y+i, r.w-3, d.sc.objName(id), plain)
	}
}

// workers seats those who run a task, each with the task, and leaves the other places empty.
func (d *drawing) workers(r rect) {
	var seats []seat
	for _, h := range d.o.Busy {
		s := seat{g: h.G, look: isRunning, note: d.sc.objName(h.Obj)}
		if g := d.sc.s.Goroutine(h.G); g != nil {
			s.look = lookOf(g)
			if o := d.sc.s.Object(g.For); g.Status == timeline.Waiting && o != nil {
				s.note = "wants " + d.sc.objName(o.ID)
			}
		}
		seats = append(seats, s)
	}
	for len(seats) < min(d.o.Workers, 256) {
		seats = append(seats, seat{})
	}
	d.seat(r, d.o.ID, seats, seating{})
}

// settled lists what became of the futures, the latest first.
func (d *drawing) settled(r rect) {
	y := r.y
	futures := d.sc.s.Children(d.o.ID)
	for i := len(futures) - 1; i >= 0 && y < r.y+r.h; i-- {
		o := futures[i]
		mark, st := progressMark(o.Progress)
		if mark == "" {
			continue
		}
		d.c.text(r.x, y, mark, st)
		end := d.c.fit(r.x+2, y, r.w/2, d.sc.objName(o.ID), plain)
		d.c.text(end+1, y, truncate(clean(o.Result), r.x+r.w-end-1), dim)
		y++
	}
}

// progressMark returns the glyph of a settled future, "" for others.
func progressMark(p timeline.Progress) (string, style) {
	switch p {
	case timeline.Succeeded:
		return glyphEnded, running
	case timeline.FailedWithError:
		return glyphTrouble, trouble
	case timeline.CancelledBefore:
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
	case timeline.CancelledBefore:
		text = "cancelled"
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
	d.label(f, f.through, "holding")
	d.seat(f.at, d.o.ID, d.queued(), seating{right: true, mid: true})
	d.seat(f.through, d.o.ID, d.held(), seating{mid: true})
	d.wall(f.gate, "│", 0, line)
	d.onTheWay(f)
	if d.o.Class == trace.ClassVar && d.o.Result != "" {
		d.caption(f, r, "= "+clean(d.o.Result), bright)
	}
}

// waitWords returns "nobody waits", "one waits", "two wait".
func waitWords(n int) string {
	switch n {
	case 0:
		return "nobody waits"
	case 1:
		return "one waits"
	default:
		return number(n) + " wait"
	}
}
