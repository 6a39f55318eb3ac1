package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// An RWMutex is a room for one who writes, or for any number who read; a WaitGroup a counter that some wait to see at 0; a Once a
// room that is entered once; a timer, and the clock where goroutines sleep, say when they go off.

func (d *drawing) rwMutexTitle() []string {
	parts := []string{"RWMutex"}
	switch n := len(d.o.Holders); {
	case d.o.Depth > 0:
		parts = append(parts, "locked")
	case n > 0:
		parts = append(parts, plural(n, "reader"))
	}
	return append(parts, d.tries()...)
}

func (d *drawing) rwMutex(r cells.Rect) {
	queue := d.atDoor()
	for i := range queue {
		if g := d.sc.s.Goroutine(queue[i].g); g != nil && queue[i].badge == "" && g.Status == timeline.Waiting {
			queue[i].badge = "w"
			if begins(g.Verb, []string{"R"}) {
				queue[i].badge = "r"
			}
		}
	}
	f := d.floor(r, 2, 0)
	left := d.seat(f.at, d.o.ID, queue, seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "at the door")
	label := "one writes, or any read"
	switch {
	case d.o.Depth > 0:
		label = "writing"
	case len(d.o.Holders) > 0:
		label = "reading"
	}
	d.chamber(f, label, d.held(), len(d.o.Holders) > 0, "free")
	d.onTheWay(f)
	text, st := d.rwCaption()
	d.caption(f, r, text, st)
}

func (d *drawing) rwCaption() (string, cells.Style) {
	o := d.o
	s, st := "nobody is inside", cells.Dim
	switch n := len(o.Holders); {
	case o.Depth > 0 && o.Owner == 0:
		s, st = "somebody was writing before the trace began", cells.Plain
	case o.Depth > 0:
		s, st = d.sc.name(o.Owner)+" writes", cells.Plain
	case n == 1:
		s, st = d.sc.name(o.Holders[0].G)+" reads", cells.Plain
	case n > 1:
		s, st = number(n)+" read", cells.Plain
	}
	return s + d.waits(o.Queue), st
}

// waits says who waits, behind another clause.
func (d *drawing) waits(queue []int64) string {
	switch n := len(queue); n {
	case 0:
		return "; nobody waits"
	case 1:
		return "; " + d.sc.name(queue[0]) + " waits"
	default:
		return "; " + number(n) + " wait, " + d.sc.name(queue[0]) + " first"
	}
}

// chamber draws a room, as high as there is space for but not more than it needs, and who is in it.
func (d *drawing) chamber(f floor, label string, seats []seat, taken bool, free string) {
	r := f.through
	r.X, r.W = r.X-1, r.W+1
	h := min(r.H, max(7, len(seats)+2))
	r = r.Lines((r.H-h)/2, h)
	st := cells.Line
	if taken {
		st = cells.Holding
	}
	d.label(f, cells.Area(r.X+1, f.labels, r.W, 1), label)
	in := r
	if r.H >= 3 {
		if d.c != nil {
			d.c.Frame(r, cells.Double, st)
		}
		in = r.Inset()
		door := "┤"
		if !taken {
			door = " "
		}
		d.c.Text(r.X, r.Y+r.H/2, door, st)
	}
	in = cells.Area(in.X+1, in.Y, in.W-1, in.H)
	seats = slices.DeleteFunc(seats, func(s seat) bool { return s.g == 0 })
	switch {
	case len(seats) > 0:
		d.seat(in, d.o.ID, seats, seating{mid: true})
	case taken:
		d.c.Center(in, in.H/2, "held", cells.Holding)
	default:
		d.c.Center(in, in.H/2, free, cells.Dim)
	}
}

func (d *drawing) waitGroup(r cells.Rect) {
	f := d.floor(r, 9, 0)
	left := d.seat(f.at, d.o.ID, d.atDoor(), seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "waiting")
	d.label(f, f.gate, "counter")
	d.counter(f.gate)
	if d.c != nil {
		word := "to go"
		if d.o.Count == 0 {
			word = "open"
		}
		d.c.Text(f.through.X+1, f.through.Y+f.through.H/2, cells.Truncate(word, f.through.W-1), cells.Dim)
	}
	d.onTheWay(f)
	text, st := d.waitGroupCaption()
	d.caption(f, r, text, st)
}

// counter draws the number in a box that is shut unless it is 0.
func (d *drawing) counter(r cells.Rect) {
	if d.c == nil {
		return
	}
	st, edge := cells.Waiting, cells.Round
	if d.o.Count == 0 {
		st, edge = cells.Running, cells.Dashed
	}
	n := strconv.Itoa(d.o.Count)
	if r.H < 3 {
		d.c.Center(r, r.H/2, n, st|cells.Bold)
		return
	}
	w := min(r.W, max(7, cells.Width(n)+4))
	box := cells.Area(r.X+(r.W-w)/2, r.Y+(r.H-3)/2, w, 3)
	d.c.Frame(box, edge, st)
	d.c.Center(box.Inset(), 0, n, st|cells.Bold)
}

func (d *drawing) waitGroupCaption() (string, cells.Style) {
	o := d.o
	if o.Count == 0 {
		return "it is at 0; nobody has to wait", cells.Dim
	}
	return fmt.Sprintf("%d to go", o.Count) + d.waits(o.Queue), cells.Plain
}

func (d *drawing) once(r cells.Rect) {
	queue := d.atDoor()
	f := d.floor(r, 2, 0)
	left := d.seat(f.at, d.o.ID, queue, seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "at the door")
	var in []seat
	free := "not run yet"
	s, st := "nobody has called Do", cells.Dim
	switch {
	case d.o.Acting != 0:
		look := isHolding
		if d.sc.stuckIn(d.o.Acting) {
			look = isFailed
		}
		in = []seat{{g: d.o.Acting, look: look}}
		s, st = d.sc.name(d.o.Acting)+" runs the function"+d.waits(d.o.Queue), cells.Plain
	case d.o.IsSet:
		free, s = "has run", "the function has run: nobody has to wait"
	}
	d.chamber(f, "runs once", in, len(in) > 0, free)
	d.onTheWay(f)
	d.caption(f, r, s, st)
}

// clockGlyph stands for a time.
const clockGlyph = "◷"

func (d *drawing) timerTitle() []string {
	state := "not set"
	switch {
	case d.o.IsSet:
		state = "set"
	case d.o.Fired > 0:
		state = "has gone off"
	}
	return []string{"timer", state}
}

// timer draws when the timer goes off, and where it sends that.
func (d *drawing) timer(r cells.Rect) {
	if d.c == nil {
		return
	}
	words, st := "not set", cells.Dim
	switch left := d.o.Deadline - d.sc.now; {
	case d.o.IsSet && left > 0:
		words, st = "goes off in "+lasted(left)+", at "+lasted(d.o.Deadline), cells.Waiting
	case d.o.IsSet:
		words, st = "is due since "+lasted(d.o.Deadline), cells.Waiting
	case d.o.Fired > 0:
		words, st = "has gone off", cells.Released
	}
	if d.o.Fired > 1 || d.o.Fired == 1 && d.o.IsSet {
		words += "; " + times(d.o.Fired) + " so far"
	}
	d.c.Center(r, (r.H-1)/2, cells.Truncate(clockGlyph+" "+words, r.W), st)
	if d.o.Parent != 0 && r.H >= 3 {
		d.c.Center(r, (r.H-1)/2+1, cells.Truncate("→ "+d.sc.objName(d.o.Parent), r.W), cells.Dim)
	}
}

// sleepers draws the clock: who sleeps, first who wakes up first.
func (d *drawing) sleepers(r cells.Rect) {
	f := d.floor(r, 3, 0)
	d.label(f, f.at, "asleep")
	gs := slices.Clone(d.o.Queue)
	wakes := func(id int64) time.Duration {
		if g := d.sc.s.Goroutine(id); g != nil {
			return g.Since + time.Duration(g.Want)
		}
		return 0
	}
	slices.SortStableFunc(gs, func(a, b int64) int { return int(wakes(a) - wakes(b)) })
	seats := make([]seat, len(gs))
	for i, id := range gs {
		seats[i] = seat{g: id, look: isWaiting, note: "until " + lasted(wakes(id))}
	}
	area := f.at
	area.W = f.through.X + f.through.W - area.X
	d.seat(area, d.o.ID, seats, seating{mid: true})
	d.onTheWay(f)
	s := "nobody sleeps"
	if len(gs) > 0 {
		s = d.sc.name(gs[0]) + " wakes up next, in " + lasted(max(0, wakes(gs[0])-d.sc.now))
	}
	d.caption(f, r, s, cells.Dim)
}
