package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// A list shows all goroutines with what they do in words.
type list struct {
	offset int // the first one shown
	rows   int // how many there was room for
	active bool
	cursor int64
	next   string // what happens next
}

// longName is the width up to which a name of a goroutine is shown whole, and longObject that of what it waits for, if the
// screen is wide enough.
const (
	longName   = 20
	longObject = 24
)

// listNeeds returns how wide the framed list has to be so that no name of s is cut.
func listNeeds(s *timeline.State) int {
	const most = 64 // look at no more than so many
	name, obj := 4, 4
	for _, g := range s.Goroutines()[:min(len(s.Goroutines()), most)] {
		name = max(name, width(clean(s.GName(g.ID))))
	}
	for _, o := range s.Objects()[:min(len(s.Objects()), most)] {
		obj = max(obj, width(clean(s.ObjName(o.ID))))
	}
	return width("│ ◐   waits for  │") + min(name, longName) + min(obj, longObject)
}

// heading draws the title of a part of the screen that has no frame of its own.
func heading(c *canvas, r rect, title, more string, active bool) {
	st := dim
	if active {
		st = accent | bold
	}
	c.repeat(r.x, r.y, r.w, "─", line)
	x := c.text(r.x+1, r.y, " "+title+" ", st)
	if more != "" {
		c.text(x, r.y, truncate("· "+more+" ", r.x+r.w-x-1), dim)
	}
}

// draw draws the list into r, with a frame if that is asked for and otherwise with a heading.
func (l *list) draw(c *canvas, sc *scene, r rect, framed bool, hits []hit) []hit {
	gs := aliveFirst(sc.s.Goroutines(), r.h-2)
	in := r.lines(1, r.h-1)
	if framed {
		in = r.inset()
		in.x, in.w = in.x+1, in.w-2
	}
	if framed {
		in = l.foot(c, in, len(gs))
	}
	each := 1
	if framed && len(gs)*2 <= in.h {
		each = 2
	}
	l.rows = max(1, in.h/each)
	l.scroll(gs)
	shown := gs[min(l.offset, len(gs)):min(l.offset+l.rows, len(gs))]
	more := fmt.Sprintf("%d–%d of %d", l.offset+1, l.offset+len(shown), len(gs))
	if len(shown) == len(gs) {
		more = strconv.Itoa(len(gs))
	}
	l.edge(c, r, framed, more)
	hits = append(hits, hit{r: r, pane: onList})
	nameW := 4
	for _, g := range shown {
		nameW = max(nameW, width(sc.name(g.ID)))
	}
	nameW = min(nameW, longName, in.w*2/5)
	for i, g := range shown {
		row := in.lines(i*each, each)
		l.row(c, sc, row, nameW, g)
		hits = append(hits, hit{r: row, pane: onList, g: g.ID})
	}
	if len(gs) == 0 {
		c.text(in.x, in.y, truncate("nobody yet", in.w), dim)
	}
	return hits
}

// foot draws what happens next at the bottom of in, if the goroutines leave room for it, and returns the rest.
func (l *list) foot(c *canvas, in rect, gs int) rect {
	if l.next == "" || in.h < gs+2 || in.h < 6 {
		return in
	}
	const label = "next "
	next, room := []string{l.next}, in.w-len(label)
	h := min(2, in.h-gs-1)
	if lines := wrap(l.next, room); len(lines) == h {
		next = lines
	}
	y := in.y + in.h - h
	c.text(in.x, y, label, accent)
	for i, s := range next {
		c.text(in.x+len(label), y+i, truncate(s, room), plain)
	}
	in.h -= h + 1
	return in
}

func (l *list) edge(c *canvas, r rect, framed bool, more string) {
	if !framed {
		heading(c, r, "goroutines", more, l.active)
		return
	}
	st, title := line, dim
	if l.active {
		st, title = accent, accent|bold
	}
	c.frame(r, round, st)
	x := c.text(r.x+1, r.y, " goroutines ", title)
	c.text(x, r.y, "· "+more+" ", dim)
}

// aliveFirst returns the goroutines with those that have ended at the end, if there is not room for all.
func aliveFirst(gs []*timeline.Goroutine, room int) []*timeline.Goroutine {
	if len(gs) <= room {
		return gs
	}
	sorted := make([]*timeline.Goroutine, 0, len(gs))
	for _, ended := range [...]bool{false, true} {
		for _, g := range gs {
			if (g.Status == timeline.Ended) == ended {
				sorted = append(sorted, g)
			}
		}
	}
	return sorted
}

// scroll moves the window so that the cursor is in it.
func (l *list) scroll(gs []*timeline.Goroutine) {
	at := -1
	for i, g := range gs {
		if g.ID == l.cursor {
			at = i
			break
		}
	}
	if at >= 0 {
		l.offset = max(min(l.offset, at), at-l.rows+1)
	}
	l.offset = max(0, min(l.offset, len(gs)-l.rows))
}

// row draws one goroutine, in one line or two.
func (l *list) row(c *canvas, sc *scene, r rect, nameW int, g *timeline.Goroutine) {
	c.dim = sc.dims(g.ID)
	defer func() { c.dim = false }()
	look := sc.look(g)
	if _, ok := sc.hist.freed(g, sc.n); ok && (look == isRunning || look == isHolding) && g.Status == timeline.Running {
		look = isReleased
	}
	glyph, st := glyphOf(look)
	if l.active && g.ID == l.cursor {
		c.tint(r, onSelected)
	}
	c.text(r.x, r.y, glyph, st)
	name := plain
	switch {
	case g.ID == sc.focus.g:
		name = bright | bold
	case look == isEnded:
		name = ended
	}
	c.fit(r.x+2, r.y, nameW, sc.name(g.ID), name)
	x := r.x + nameW + 4
	what, more := sc.doing(g)
	room := r.x + r.w - x
	if r.h >= 2 {
		if look == isFailed && width(more) > room { // why matters, so all of both lines is for it
			what, more = inTwo(what+": "+more, sc.objName(g.For)+" ", room)
		} else {
			what, more = twoLines(what, more, room)
		}
		c.text(x, r.y, truncate(what, room), st)
		c.text(x, r.y+1, truncate(more, room), dim)
		return
	}
	what, more = oneLine(what, more, room)
	end := c.text(x, r.y, truncate(what, room), st)
	if more != "" {
		c.text(end, r.y, truncate(" · "+more, r.x+r.w-end), dim)
	}
}
