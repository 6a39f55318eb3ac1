package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A list lists the goroutines and describes what each is doing.
type list struct {
	offset int // the first one shown
	rows   int // the number of lines there was room for
	active bool
	cursor int64
	next   string // describes the next event

	choices []Choice // the possible choices, if the user drives
	buttons []button // of the choices
}

// longName is the maximum width of a goroutine's name in the list, and longObject that of the object it waits for, for which a
// wide screen makes room.
const (
	longName   = 20
	wholeName  = 32 // longName if the list is as wide as the screen
	longObject = 24
)

// listNeeds returns the width of the framed list at which it cuts no name of s.
func listNeeds(s *timeline.State) int {
	const most = 64 // measure no more names than this
	name, obj := 4, 4
	for _, g := range s.Goroutines()[:min(len(s.Goroutines()), most)] {
		name = max(name, cells.Width(cells.Clean(s.Words().GName(g.ID))))
	}
	for _, o := range s.Objects()[:min(len(s.Objects()), most)] {
		obj = max(obj, cells.Width(cells.Clean(s.Words().ObjName(o.ID))))
	}
	return cells.Width("│ ◐   waits for  │") + min(name, longName) + min(obj, longObject)
}

// heading draws the title of a part of the screen that has no frame.
func heading(c *cells.Canvas, r cells.Rect, title, more string, active bool) {
	st := cells.StyleDim
	if active {
		st = cells.StyleAccent | cells.StyleBold
	}
	c.Repeat(r.X, r.Y, r.W, "─", cells.StyleLine)
	x := c.Text(r.X+1, r.Y, " "+title+" ", st)
	if more != "" {
		c.Text(x, r.Y, "· "+wording.Abridged(more, r.X+r.W-x-4)+" ", cells.StyleDim)
	}
}

// draw draws the list into r, with a frame or otherwise with a heading.
func (l *list) draw(c *cells.Canvas, sc *scene.Scene, r cells.Rect, framed bool, hits []hit) []hit {
	room := r.H - 1
	if framed {
		room--
	}
	gs := rowsOf(scene.AliveFirst(sc.State.Goroutines(), room), l.choices)
	in := r.Lines(1, r.H-1)
	if framed {
		in = r.Inset()
		in.X, in.W = in.X+1, in.W-2
	}
	if framed {
		in = l.foot(c, in, len(gs))
	}
	each := 1
	if framed && len(gs)*2 <= in.H {
		each = 2
	}
	l.rows = max(1, in.H/each)
	l.scroll(gs)
	shown := gs[min(l.offset, len(gs)):min(l.offset+l.rows, len(gs))]
	more := fmt.Sprintf("%d–%d of %d", l.offset+1, l.offset+len(shown), len(gs))
	if len(shown) == len(gs) {
		more = strconv.Itoa(len(gs))
	}
	l.edge(c, r, framed, more)
	hits, l.buttons = append(hits, hit{r: r, pane: onList}), l.buttons[:0]
	nameW := 4
	for _, g := range shown {
		if g.g != nil {
			nameW = max(nameW, cells.Width(sc.Name(g.g.ID)))
		} else {
			nameW = max(nameW, cells.Width(cells.Clean(l.choices[g.choice].Name)))
		}
	}
	if framed {
		nameW = min(nameW, longName, in.W*2/5)
	} else {
		nameW = min(nameW, wholeName, in.W*2/5)
	}
	for i, g := range shown {
		row := in.Lines(i*each, each)
		if g.choice >= 0 {
			ch := l.choices[g.choice]
			if ch.Where == "" && g.g != nil && len(g.g.Holds) > 0 {
				ch.Where = "holds " + cells.Clean(sc.State.Words().Held(g.g.ID))
			}
			if l.active && ch.G == l.cursor {
				c.Tint(row, cells.StyleOnSelected)
			}
			hits = append(hits, hit{r: row, pane: onList, g: ch.G})
			l.buttons = append(l.buttons, drawChoice(c, row, nameW, g.choice, &ch)...)
			continue
		}
		l.row(c, sc, row, nameW, g.g)
		hits = append(hits, hit{r: row, pane: onList, g: g.g.ID})
	}
	if len(gs) == 0 {
		c.Text(in.X, in.Y, cells.Truncate("none yet", in.W), cells.StyleDim)
	}
	return hits
}

// foot draws the next event at the bottom of in, if the goroutines leave room for it, and returns the rest of in.
func (l *list) foot(c *cells.Canvas, in cells.Rect, gs int) cells.Rect {
	if l.next == "" || in.H < gs+2 || in.H < 6 {
		return in
	}
	const label = "next "
	room, h := in.W-len(label), min(2, in.H-gs-1)
	next := wording.InLines(l.next, room, h)
	y := in.Y + in.H - h
	c.Text(in.X, y, label, cells.StyleAccent)
	for i, s := range next {
		c.Text(in.X+len(label), y+i, s, cells.StylePlain)
	}
	in.H -= h + 1
	return in
}

func (l *list) edge(c *cells.Canvas, r cells.Rect, framed bool, more string) {
	if !framed {
		heading(c, r, "goroutines", more, l.active)
		return
	}
	st, title := cells.StyleLine, cells.StyleDim
	if l.active {
		st, title = cells.StyleAccent, cells.StyleAccent|cells.StyleBold
	}
	c.Frame(r, cells.Round, st)
	x := c.Text(r.X+1, r.Y, " goroutines ", title)
	c.Text(x, r.Y, "· "+more+" ", cells.StyleDim)
}

// scroll scrolls the list so that the cursor is visible.
func (l *list) scroll(gs []listRow) {
	at := -1
	for i, row := range gs {
		if row.g != nil && row.g.ID == l.cursor {
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
func (l *list) row(c *cells.Canvas, sc *scene.Scene, r cells.Rect, nameW int, g *timeline.Goroutine) {
	c.Dim = sc.Dims(g.ID)
	defer func() { c.Dim = false }()
	look := sc.Look(g)
	glyph, st := scene.GlyphOf(look)
	if l.active && g.ID == l.cursor {
		c.Tint(r, cells.StyleOnSelected)
	}
	c.Text(r.X, r.Y, glyph, st)
	name := cells.StylePlain
	switch {
	case g.ID == sc.Focus.G:
		name = cells.StyleBright | cells.StyleBold
	case look == scene.LookEnded:
		name = cells.StyleEnded
	}
	c.Fit(r.X+2, r.Y, nameW, sc.Name(g.ID), name)
	x := r.X + nameW + 4
	what, more := sc.Doing(g)
	room := r.X + r.W - x
	if sc.Step != nil {
		if r.H >= 2 && cells.Width(what) > room && strings.HasPrefix(more, "since step ") { // the object matters more
			more = ""
		}
		more = wording.Fewer(more, room)
	}
	if r.H >= 2 {
		if look == scene.LookFailed && cells.Width(more) > room { // the reason matters, so it gets both lines
			what, more = wording.InTwo(what+": "+more, sc.ObjectName(g.For)+" ", room)
		} else {
			what, more = wording.TwoLines(what, more, room)
		}
		c.Text(x, r.Y, wording.Abridged(what, room), st)
		c.Text(x, r.Y+1, wording.Abridged(more, room), cells.StyleDim)
		return
	}
	what, more = wording.OneLine(what, more, room)
	end := c.Text(x, r.Y, wording.Abridged(what, room), st)
	if more != "" {
		c.Text(end, r.Y, " · "+wording.Abridged(more, r.X+r.W-end-3), cells.StyleDim)
	}
}
