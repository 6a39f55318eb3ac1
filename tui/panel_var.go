package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A variable is its value.
type varPanel struct{ *subject }

func (p varPanel) title() []string {
	if p.o.Class == trace.ClassAtomic {
		return []string{"atomic"}
	}
	return []string{"variable"}
}

// idle reports whether it is an atomic, of which there are many.
func (p varPanel) idle() bool { return p.o.Class == trace.ClassAtomic && len(p.o.Queue) == 0 }

func (p varPanel) row() (string, cells.Style, []group) {
	value, st := p.value()
	return value, st, nil
}

func (p varPanel) value() (string, cells.Style) {
	switch all := p.sc.hist.until(p.o.ID, p.sc.n); {
	case p.o.Result != "":
	case len(all) == 0:
		return "not written yet", cells.StyleDim
	default: // only that somebody has accessed it is known
		return "by " + p.sc.name(all[len(all)-1].g) + " last", cells.StylePlain
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

// readers returns the seats of those that have read or written the variable, each with what it did last.
func (p varPanel) readers() []seat {
	var seats []seat
	for _, g := range p.sc.s.Goroutines() {
		a, ok := p.last(g.ID)
		if !ok || g.Status == timeline.StatusEnded {
			continue
		}
		seats = append(seats, seat{g: g.ID, look: p.sc.look(g), note: a.did("read", "wrote")})
	}
	return seats
}

// did returns what a did: the words for a read or a write, and the value if that is known.
func (a *access) did(read, wrote string) string {
	words := read
	if a.write {
		words = wrote
	}
	return strings.TrimSuffix(words+" "+cells.Clean(a.text), " ")
}

// last returns the last access by goroutine g.
func (p varPanel) last(g int64) (access, bool) {
	for _, a := range slices.Backward(p.sc.hist.until(p.o.ID, p.sc.n)) {
		if a.g == g {
			return a, true
		}
	}
	return access{}, false
}

// race says which of all accesses are not ordered.
func (p varPanel) race(all []access) string {
	a := all[len(all)-1]
	for _, b := range slices.Backward(all) {
		if b.g != a.g {
			does := "read"
			if b.write {
				does = "write"
			}
			return fmt.Sprintf("%s races with %s's %s", p.sc.name(a.g), p.sc.name(b.g), does)
		}
	}
	return "a data race"
}

// sentence says what happened last, and that a write by another is lost if the one who wrote last did not see it.
func (p varPanel) sentence() (string, cells.Style) {
	all := p.sc.hist.until(p.o.ID, p.sc.n)
	if len(all) == 0 {
		return "", cells.StyleDim
	}
	a := all[len(all)-1]
	who := p.sc.name(a.g)
	if p.sc.s.Failure().Obj == p.o.ID {
		return p.race(all), cells.StyleTrouble
	}
	said := who + " has " + a.did("read", "written")
	switch {
	case a.text == "":
		return said + " it", cells.StylePlain
	case !a.write:
		return said, cells.StylePlain
	}
	var lost *access
	for i := len(all) - 2; i >= 0; i-- {
		switch b := &all[i]; {
		case b.g != a.g && b.write && lost == nil:
			lost = b
		case b.g != a.g:
		case b.write || lost == nil: // it is its own, or it had seen the last one
			return said, cells.StylePlain
		default:
			return fmt.Sprintf("%s's %s is lost; %s had read %s before", p.sc.name(lost.g), cells.Clean(lost.text), who, cells.Clean(b.text)), cells.StyleTrouble
		}
	}
	return said, cells.StylePlain
}
