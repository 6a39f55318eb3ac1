package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A barrier is a gate with as many places before it as there are parties. It opens when all are taken. One that is
// broken is splintered, and those who waited turn back.

func (d *drawing) barrierTitle() []string {
	o := d.o
	parts := []string{"Barrier of " + strconv.Itoa(o.Parties)}
	switch {
	case o.Broken:
		return append(parts, d.broken())
	case len(o.Arrived) > 0 || o.Trips == 0:
		return append(parts, "generation "+strconv.Itoa(o.Trips+1))
	default:
		return append(parts, "generation "+strconv.Itoa(o.Trips)+" complete")
	}
}

// broken says who broke the barrier and why.
func (d *drawing) broken() string {
	s := "broken"
	if d.o.By != 0 {
		s += " by " + d.sc.name(d.o.By)
	}
	switch cause := cells.Clean(d.o.Cause); {
	case cause != "":
		return s + ": " + cause
	case d.o.Reason != trace.NoReason:
		return s + ": " + d.o.Reason.String()
	}
	return s
}

func (d *drawing) barrier(r cells.Rect) {
	places, through, back := d.barrierSeats()
	empty := max(0, d.o.Parties-len(places))
	f := d.floor(r, 3, (len(places)+min(empty, r.W))*(d.widest()+4))
	left := d.seat(f.at, d.o.ID, places, seating{boxed: true, mid: true, flush: true, empty: empty})
	d.labelFrom(f, f.at, left+1, "at the gate")
	label := "through"
	if len(back) > 0 && !d.solo {
		label = "sent back"
	}
	d.label(f, f.through, label)
	d.seat(f.through, d.o.ID, through, seating{mid: true})
	f.way = d.turnedBack(f, back)
	d.barrierGate(f.gate)
	d.onTheWay(f)
	text, st := d.barrierCaption()
	d.caption(f, r, text, st)
}

// barrierSeats returns who stands at which place, up to the last one that is taken; who is through; and who turned back.
func (d *drawing) barrierSeats() (places, through, back []seat) {
	o := d.o
	// Places are taken one after the other, but a trace that began later does not tell who took the first. A number that
	// stands for more than that is none.
	most := int64(min(o.Parties, max(1024, len(o.Arrived)+len(o.Passed)+len(o.Fallen))))
	sit := func(h timeline.Hold) {
		g := d.sc.s.Goroutine(h.G)
		if g == nil || h.N < 0 || h.N >= most {
			return
		}
		if missing := int(h.N) + 1 - len(places); missing > 0 {
			places = append(places, make([]seat, missing)...)
		}
		if places[h.N].g != 0 {
			return
		}
		s := seat{g: h.G, look: lookOf(g)}
		if o.Acting == h.G {
			s.note = "action"
		}
		places[h.N] = s
	}
	for _, h := range o.Arrived {
		sit(h)
	}
	for _, h := range o.Passed {
		if g := d.sc.s.Goroutine(h.G); g != nil && g.Status == timeline.Waiting && g.For == o.ID && len(o.Arrived) == 0 {
			sit(h) // the gate is open; it goes through when it is released
		}
	}
	for _, h := range o.Fallen {
		g := d.sc.s.Goroutine(h.G)
		if g != nil && g.Status == timeline.Waiting && g.For == o.ID {
			sit(h)
			continue
		}
		if !o.Broken && g != nil && g.Status == timeline.Ended {
			continue // long past
		}
		s := seat{g: h.G, look: isFailed}
		if g != nil && g.Status == timeline.GaveUp {
			s.look, s.note = isGivingUp, g.Reason.String()
		}
		back = append(back, s)
	}
	through = d.throughSeats(func(h timeline.Hold) string { return "#" + strconv.FormatInt(h.N, 10) })
	return places, d.unseated(through, places), back
}

// unseated returns those of seats who have not come back already to one of places.
func (d *drawing) unseated(seats, places []seat) []seat {
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

// turnedBack draws those whom the break sent back, below those on the way, and returns what is left for these. If that
// is not here, it is where nobody goes through any more.
func (d *drawing) turnedBack(f floor, back []seat) cells.Rect {
	if len(back) == 0 {
		return f.way
	}
	if !d.solo {
		d.seat(f.through, d.o.ID, back, seating{mid: true})
		return f.way
	}
	h := clamp(len(back), 1, f.way.H*2/3)
	y := f.way.H - h
	d.seat(f.way.Lines(y, h), d.o.ID, back, seating{})
	if y > 1 {
		y--
		d.say(f.way.X, f.way.Y+y, "sent back", cells.Trouble)
	}
	return f.way.Lines(0, y)
}

func (d *drawing) barrierGate(r cells.Rect) {
	switch o := d.o; {
	case o.Broken:
		x := r.X + r.W/2
		for i := range r.H {
			switch i % 4 {
			case 1:
				d.c.Text(x-1, r.Y+i, "╲", cells.Trouble)
			case 3:
				d.c.Text(x+1, r.Y+i, "╱", cells.Trouble)
			default:
				d.c.Text(x, r.Y+i, cells.GateBroken, cells.Trouble|cells.Bold)
			}
		}
	case d.open():
		d.wall(r, cells.GateClosed, max(1, r.H-2-r.H/5*2), cells.Released)
	default:
		st := cells.Plain
		if len(o.Arrived) > 0 {
			st = cells.Waiting
		}
		d.wall(r, cells.GateClosed, 0, st)
	}
}

// open reports whether the last generation is complete and nobody has come for the next.
func (d *drawing) open() bool {
	return d.o.Trips > 0 && len(d.o.Arrived) == 0 && !d.o.Broken && len(d.o.Fallen) == 0
}

// allThrough reports whether nobody stands at the gate any more.
func (d *drawing) allThrough() bool {
	for _, h := range d.o.Passed {
		if g := d.sc.s.Goroutine(h.G); g != nil && g.For == d.o.ID {
			return false
		}
	}
	return true
}

func (d *drawing) barrierCaption() (string, cells.Style) {
	o := d.o
	switch n := len(o.Arrived); {
	case o.Broken:
		return d.broken(), cells.Trouble
	case len(o.Fallen) > 0:
		return "reset: those who waited got an error; the barrier is whole again", cells.Plain
	case o.Acting != 0:
		return fmt.Sprintf("%s have arrived; %s runs the action before the gate opens", allOf(o.Parties), d.sc.name(o.Acting)), cells.Plain
	case n == 0 && o.Trips > 0:
		if d.allThrough() {
			return "the gate is open: " + allOf(o.Parties) + " are through", cells.Released
		}
		return "the gate is open: " + allOf(o.Parties) + " go through", cells.Released
	case n == 0:
		return fmt.Sprintf("nobody has arrived; it takes %s", number(o.Parties)), cells.Dim
	case n == o.Parties:
		return allOf(o.Parties) + " have arrived", cells.Released
	default:
		have, are := "have", "are"
		if n == 1 {
			have = "has"
		}
		if o.Parties-n == 1 {
			are = "is"
		}
		return fmt.Sprintf("%d of %d %s arrived; %s %s missing", n, o.Parties, have, number(o.Parties-n), are), cells.Plain
	}
}
