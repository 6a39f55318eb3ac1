package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A condition variable is a waiting room. Who is notified walks from it to the queue of the lock, which has a panel of
// its own.

func (d *drawing) cond(r rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting room")
	d.label(f, f.through, "to the lock")
	if d.c != nil && f.at.h >= 5 {
		d.c.frame(f.at, dashed, line)
	}
	in := f.at
	if in.h >= 5 {
		in = in.inset()
	}
	d.seat(in, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	mid := f.gate.y + f.gate.h/2
	d.c.text(f.gate.x+f.gate.w/2, mid, "→", plain)
	if l := d.sc.s.Object(d.o.Parent); l != nil {
		name := d.sc.objName(l.ID)
		d.c.text(f.through.x, mid, truncate(name, f.through.w), bright)
		if l.Owner != 0 && f.through.h >= 3 {
			d.c.text(f.through.x, mid+1, truncate("held by "+d.sc.name(l.Owner), f.through.w), dim)
		}
	}
	d.onTheWay(f)
	text, st := d.condCaption()
	d.caption(f, r, text, st)
}

func (d *drawing) condCaption() (string, style) {
	last := d.sc.s.Last()
	if last.Kind == trace.KindNotify && last.Obj == d.o.ID {
		return fmt.Sprintf("%s notified %s", d.sc.name(last.G), number(int(last.N))), released
	}
	switch n := len(d.o.Queue); n {
	case 0:
		return "nobody waits to be notified", dim
	case 1:
		return "one waits to be notified", plain
	default:
		return number(n) + " wait to be notified", plain
	}
}
