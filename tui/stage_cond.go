package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A condition variable is a waiting room. Who is notified walks from it to the queue of the lock, which has a panel of
// its own.

func (d *drawing) cond(r cells.Rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "waiting room")
	d.label(f, f.through, "to the lock")
	if d.c != nil && f.at.H >= 5 {
		d.c.Frame(f.at, cells.Dashed, cells.Line)
	}
	in := f.at
	if in.H >= 5 {
		in = in.Inset()
	}
	d.seat(in, d.o.ID, d.queued(), seating{boxed: true, right: true, mid: true})
	mid := f.gate.Y + f.gate.H/2
	d.c.Text(f.gate.X+f.gate.W/2, mid, "→", cells.Plain)
	if l := d.sc.s.Object(d.o.Parent); l != nil {
		name := d.sc.objName(l.ID)
		d.c.Text(f.through.X, mid, cells.Truncate(name, f.through.W), cells.Bright)
		if l.Owner != 0 && f.through.H >= 3 {
			d.c.Text(f.through.X, mid+1, cells.Truncate("held by "+d.sc.name(l.Owner), f.through.W), cells.Dim)
		}
	}
	d.onTheWay(f)
	text, st := d.condCaption()
	d.caption(f, r, text, st)
}

func (d *drawing) condCaption() (string, cells.Style) {
	last := d.sc.s.Last()
	if last.Kind == trace.KindNotify && last.Obj == d.o.ID {
		return fmt.Sprintf("%s notified %s", d.sc.name(last.G), number(int(last.N))), cells.Released
	}
	switch n := len(d.o.Queue); n {
	case 0:
		return "nobody waits to be notified", cells.Dim
	case 1:
		return "one waits to be notified", cells.Plain
	default:
		return number(n) + " wait to be notified", cells.Plain
	}
}
