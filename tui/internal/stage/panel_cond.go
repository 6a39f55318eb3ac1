package stage

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A condition variable is a waiting room. A goroutine that is notified walks from it to the queue of the lock, which has a panel
// of its own.
type condPanel struct{ *subject }

func (p condPanel) title() []string { return []string{"Cond", "on " + p.sc.ObjectName(p.o.Parent)} }

func (p condPanel) row() (string, cells.Style, []group) {
	return "", cells.StylePlain, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.queued()}}
}

func (p condPanel) lay(r cells.Rect) {
	f := p.floor(r, 3, 0)
	p.label(f, f.at, "waiting room")
	p.label(f, f.through, "to the lock")
	if f.at.H >= 5 {
		p.Frame(f.at, cells.Dashed, cells.StyleLine)
	}
	in := f.at
	if in.H >= 5 {
		in = in.Inset()
	}
	p.seat(in, p.o.ID, p.queued(), seating{boxed: true, right: true, mid: true})
	mid := f.gate.Y + f.gate.H/2
	p.Text(f.gate.X+f.gate.W/2, mid, "→", cells.StylePlain)
	if l := p.sc.State.Object(p.o.Parent); l != nil {
		name := p.sc.ObjectName(l.ID)
		p.Text(f.through.X, mid, cells.Truncate(name, f.through.W), cells.StyleBright)
		if l.Owner != 0 && f.through.H >= 3 {
			held := "held by " + p.sc.Name(l.Owner)
			if cells.Width(held) > f.through.W {
				held = cells.GlyphHolding + " " + p.sc.Name(l.Owner)
			}
			p.Fit(f.through.X, mid+1, f.through.W, held, cells.StyleDim)
		}
	}
	p.onTheWay(f)
}

func (p condPanel) sentence() (string, cells.Style) {
	last := p.sc.State.Last()
	if last.Kind == trace.KindNotify && last.Obj == p.o.ID {
		return fmt.Sprintf("%s notified %s", p.sc.Name(last.G), wording.Number(int(last.N))), cells.StyleReleased
	}
	switch n := len(p.o.Queue); n {
	case 0:
		return "no waiters", cells.StyleDim
	case 1:
		return "one waits to be notified" + p.who("notified"), cells.StylePlain
	default:
		return wording.Number(n) + " wait to be notified" + p.who("notified"), cells.StylePlain
	}
}
