package stage

import (
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// A variable is its value.
type varPanel struct{ *subject }

func (p varPanel) title() []string {
	if p.o.Class == trace.ClassAtomic {
		return []string{"atomic"}
	}
	return []string{"variable"}
}

// idle reports whether the variable is an atomic, of which there are usually many.
func (p varPanel) idle() bool { return p.o.Class == trace.ClassAtomic && len(p.o.Queue) == 0 }

func (p varPanel) row() (string, cells.Style, []group) {
	value, st := p.value()
	return value, st, nil
}

func (p varPanel) value() (string, cells.Style) {
	switch all := p.sc.History.Until(p.o.ID, p.sc.N); {
	case p.o.Result != "":
	case len(all) == 0:
		return "not written yet", cells.StyleDim
	default: // all that is known is that a goroutine has accessed it
		return "by " + p.sc.Name(all[len(all)-1].G) + " last", cells.StylePlain
	}
	return "= " + cells.Clean(p.o.Result), cells.StyleBright | cells.StyleBold
}

func (p varPanel) lay(r cells.Rect) {
	value, st := p.value()
	f := p.floor(r, 0, 0)
	area := f.at
	area.W = f.through.X + f.through.W - area.X
	seats := p.readers()
	if len(seats) == 0 || area.H < 2 {
		p.Center(r, r.H/2, value, st)
		p.onTheWay(f)
		return
	}
	p.label(f, area, "read or written last")
	p.Center(area.Lines(0, 1), 0, value, st)
	p.seat(area.Lines(1, area.H-1), p.o.ID, seats, seating{mid: true})
	p.onTheWay(f)
}

// readers returns the seats of the goroutines that have read or written the variable, each with its last access.
func (p varPanel) readers() []seat {
	var seats []seat
	for _, g := range p.sc.State.Goroutines() {
		a, ok := p.last(g.ID)
		if !ok || g.Status == timeline.StatusEnded {
			continue
		}
		seats = append(seats, seat{g: g.ID, look: p.sc.Look(g), note: a.Did("read", "wrote")})
	}
	return seats
}

// last returns the last access by goroutine g.
func (p varPanel) last(g int64) (scene.Access, bool) {
	for _, a := range slices.Backward(p.sc.History.Until(p.o.ID, p.sc.N)) {
		if a.G == g {
			return a, true
		}
	}
	return scene.Access{}, false
}

// race describes the data race of the last access in all with the latest one by another goroutine.
func (p varPanel) race(all []scene.Access) string {
	a := all[len(all)-1]
	for _, b := range slices.Backward(all) {
		if b.G != a.G {
			does := "read"
			if b.Write {
				does = "write"
			}
			return fmt.Sprintf("%s races with %s's %s", p.sc.Name(a.G), p.sc.Name(b.G), does)
		}
	}
	return "a data race"
}

// sentence describes the last access. If a write overwrites another one that its goroutine has not seen, that one is lost.
func (p varPanel) sentence() (string, cells.Style) {
	all := p.sc.History.Until(p.o.ID, p.sc.N)
	if len(all) == 0 {
		return "", cells.StyleDim
	}
	a := all[len(all)-1]
	who := p.sc.Name(a.G)
	if p.sc.State.Failure().Obj == p.o.ID {
		return p.race(all), cells.StyleTrouble
	}
	said := who + " has " + a.Did("read", "written")
	switch {
	case a.Text == "":
		return said + " it", cells.StylePlain
	case !a.Write:
		return said, cells.StylePlain
	}
	var lost *scene.Access
	for i := len(all) - 2; i >= 0; i-- {
		switch b := &all[i]; {
		case b.G != a.G && b.Write && lost == nil:
			lost = b
		case b.G != a.G:
		case b.Write || lost == nil: // its own, or it has seen the last one
			return said, cells.StylePlain
		default:
			return fmt.Sprintf("%s's %s is lost; %s had read %s before", p.sc.Name(lost.G), cells.Clean(lost.Text), who, cells.Clean(b.Text)), cells.StyleTrouble
		}
	}
	return said, cells.StylePlain
}
