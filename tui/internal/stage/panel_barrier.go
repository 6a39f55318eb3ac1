package stage

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A barrier is a gate with a place in front of it for each party. It opens when all places are taken. A broken barrier is splintered,
// and the parties that were waiting turn back.
type barrierPanel struct{ *subject }

func (p barrierPanel) title() []string {
	o := p.o
	parts := []string{"Barrier of " + strconv.Itoa(o.Parties)}
	switch {
	case o.Broken:
		return append(parts, p.broken())
	case len(o.Arrived) > 0 || o.Trips == 0:
		return append(parts, "generation "+strconv.Itoa(o.Trips+1))
	default:
		return append(parts, "generation "+strconv.Itoa(o.Trips)+" complete")
	}
}

// broken returns the goroutine that broke the barrier, and the reason, in words.
func (p barrierPanel) broken() string {
	s := "broken"
	if p.o.By != 0 {
		s += " by " + p.sc.Name(p.o.By)
	}
	switch cause := cells.Clean(p.o.Cause); {
	case cause != "":
		return s + ": " + cause
	case p.o.Reason != trace.ReasonNone:
		return s + ": " + p.o.Reason.String()
	}
	return s
}

func (p barrierPanel) row() (string, cells.Style, []group) {
	places, through, back := p.seats()
	state, style := fmt.Sprintf("%d/%d", len(p.o.Arrived), p.o.Parties), cells.StylePlain
	if p.o.Broken {
		state, style = "broken", cells.StyleTrouble
	}
	return padded(state, len("broken")), style, []group{
		{seats: places, each: true, empty: p.o.Parties - len(places)},
		{sign: signThrough, look: scene.LookReleased, seats: living(through)}, {seats: back},
	}
}

// idle reports whether no party has arrived.
func (p barrierPanel) idle() bool { return len(p.o.Queue)+len(p.o.Arrived) == 0 && p.o.Acting == 0 }

func (p barrierPanel) lay(r cells.Rect) {
	places, through, back := p.seats()
	empty := max(0, p.o.Parties-len(places))
	f := p.floor(r, 3, (len(places)+min(empty, r.W))*(p.widest()+4))
	left := p.seat(f.at, p.o.ID, places, seating{boxed: true, mid: true, flush: true, empty: empty})
	p.labelFrom(f, f.at, left+1, "at the gate")
	label := "through"
	if len(back) > 0 && !p.solo {
		label = "sent back"
	}
	p.label(f, f.through, label)
	p.seat(f.through, p.o.ID, through, seating{mid: true})
	f.way = p.turnedBack(f, back)
	p.gate(f.gate)
	p.onTheWay(f)
}

// seats returns the goroutines at each place, up to the last one taken, those that are through, and those that turned back.
func (p barrierPanel) seats() (places, through, back []seat) {
	o := p.o
	// Places are taken one after the other, but a trace that began later does not have the first arrivals. A larger number is not a
	// place.
	most := int64(min(o.Parties, max(1024, len(o.Arrived)+len(o.Passed)+len(o.Fallen))))
	sit := func(h timeline.Hold) {
		g := p.sc.State.Goroutine(h.G)
		if g == nil || h.N < 0 || h.N >= most {
			return
		}
		if missing := int(h.N) + 1 - len(places); missing > 0 {
			places = append(places, make([]seat, missing)...)
		}
		if places[h.N].g != 0 {
			return
		}
		s := seat{g: h.G, look: p.sc.Look(g)}
		if o.Acting == h.G {
			s.note = "action"
		}
		places[h.N] = s
	}
	for _, h := range o.Arrived {
		sit(h)
	}
	for _, h := range o.Passed {
		if g := p.sc.State.Goroutine(h.G); g != nil && g.Status == timeline.StatusWaiting && g.For == o.ID && len(o.Arrived) == 0 {
			sit(h) // the gate is open; it passes once it is released
		}
	}
	for _, h := range o.Fallen {
		g := p.sc.State.Goroutine(h.G)
		if g != nil && g.Status == timeline.StatusWaiting && g.For == o.ID {
			sit(h)
			continue
		}
		if !o.Broken && g != nil && g.Status == timeline.StatusEnded {
			continue // too long ago
		}
		s := seat{g: h.G, look: p.sc.Look(g)}
		if g != nil && g.Status == timeline.StatusGaveUp {
			s.note = g.Reason.String()
		}
		back = append(back, s)
	}
	through = p.throughSeats(func(h timeline.Hold) string { return "#" + strconv.FormatInt(h.N, 10) })
	return places, p.unseated(through, places), back
}

// unseated returns the seats whose goroutines are not at one of places again.
func (p barrierPanel) unseated(seats, places []seat) []seat {
	at := make(map[int64]bool, len(places))
	for _, s := range places {
		at[s.g] = true
	}
	kept := seats[:0]
	for _, s := range seats {
		if !at[s.g] {
			kept = append(kept, s)
		}
	}
	return kept
}

// turnedBack draws the goroutines that turned back, below those on the way, and returns the rest of the area for the latter. If there
// is no such area, it uses the one behind the gate, which is then no longer needed.
func (p barrierPanel) turnedBack(f floor, back []seat) cells.Rect {
	if len(back) == 0 {
		return f.way
	}
	if !p.solo {
		p.seat(f.through, p.o.ID, back, seating{mid: true})
		return f.way
	}
	h := cells.Clamp(len(back), 1, f.way.H*2/3)
	y := f.way.H - h
	p.seat(f.way.Lines(y, h), p.o.ID, back, seating{})
	if y > 1 {
		y--
		p.say(f.way.X, f.way.Y+y, "sent back", cells.StyleTrouble)
	}
	return f.way.Lines(0, y)
}

func (p barrierPanel) gate(r cells.Rect) {
	switch o := p.o; {
	case o.Broken:
		x := r.X + r.W/2
		for i := range r.H {
			switch i % 4 {
			case 1:
				p.Text(x-1, r.Y+i, "╲", cells.StyleTrouble)
			case 3:
				p.Text(x+1, r.Y+i, "╱", cells.StyleTrouble)
			default:
				p.Text(x, r.Y+i, cells.GateBroken, cells.StyleTrouble|cells.StyleBold)
			}
		}
	case p.open():
		p.wall(r, cells.GateClosed, max(1, r.H-2-r.H/5*2), cells.StyleReleased)
	default:
		st := cells.StylePlain
		if len(o.Arrived) > 0 {
			st = cells.StyleWaiting
		}
		p.wall(r, cells.GateClosed, 0, st)
	}
}

// open reports whether the last generation is complete and no party has arrived for the next one.
func (p barrierPanel) open() bool {
	return p.o.Trips > 0 && len(p.o.Arrived) == 0 && !p.o.Broken && len(p.o.Fallen) == 0
}

// allThrough reports whether no goroutine is at the gate anymore.
func (p barrierPanel) allThrough() bool {
	for _, h := range p.o.Passed {
		if g := p.sc.State.Goroutine(h.G); g != nil && g.For == p.o.ID {
			return false
		}
	}
	return true
}

func (p barrierPanel) sentence() (string, cells.Style) {
	o := p.o
	switch n := len(o.Arrived); {
	case o.Broken:
		return p.broken(), cells.StyleTrouble
	case len(o.Fallen) > 0:
		return "reset: the waiters got an error; the barrier can be used again", cells.StylePlain
	case o.Acting != 0:
		return fmt.Sprintf("%s have arrived; %s runs the action before the gate opens", wording.AllOf(o.Parties), p.sc.Name(o.Acting)), cells.StylePlain
	case n == 0 && o.Trips > 0:
		if p.allThrough() {
			return "the gate is open: " + wording.AllOf(o.Parties) + " are through", cells.StyleReleased
		}
		return "the gate is open: " + wording.AllOf(o.Parties) + " go through", cells.StyleReleased
	case n == 0:
		return fmt.Sprintf("none of %s has arrived", wording.Number(o.Parties)), cells.StyleDim
	case n == o.Parties:
		return wording.AllOf(o.Parties) + " have arrived", cells.StyleReleased
	default:
		have, are := "have", "are"
		if n == 1 {
			have = "has"
		}
		if o.Parties-n == 1 {
			are = "is"
		}
		missing := wording.Number(o.Parties - n)
		if names := p.missing(); names != "" {
			missing = names
		}
		return fmt.Sprintf("%d of %d %s arrived; %s %s missing", n, o.Parties, have, missing, are), cells.StylePlain
	}
}

// missing names the parties that have not arrived, if known: the parties of the previous generation, if no others have arrived.
func (p barrierPanel) missing() string {
	const most = 3
	var names []string
	for _, h := range p.o.Passed {
		if !slices.ContainsFunc(p.o.Arrived, func(a timeline.Hold) bool { return a.G == h.G }) {
			names = append(names, p.sc.Name(h.G))
		}
	}
	if n := len(names); n == 0 || n > most || n != p.o.Parties-len(p.o.Arrived) {
		return ""
	}
	return wording.Enumerated(names)
}
