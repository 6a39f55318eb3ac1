package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// draw draws the browser on all of c.
func (b *browser) draw(c *cells.Canvas, message string, st cells.Style) {
	b.hits, b.buttons, b.caret = b.hits[:0], b.buttons[:0], nil
	all := cells.Area(0, 0, c.W, c.H)
	b.drawHeader(c, all.Row(0))
	body := cells.Area(1, 1, c.W-1, c.H-2)
	listW := cells.Clamp(c.W*45/100, 27, 92)
	b.drawList(c, body.Cols(0, listW))
	b.drawEntry(c, body.Cols(listW, body.W-listW))
	b.buttons = append(b.buttons, footer(c, all.Row(c.H-1), shownAll(b.keys(), realmBrowser), message, st)...)
}

func (b *browser) drawHeader(c *cells.Canvas, r cells.Rect) {
	c.Tint(r, cells.StyleOnBar)
	x := c.Text(r.X+1, r.Y, "turnstile", cells.StyleAccent|cells.StyleBold)
	count := strconv.Itoa(len(b.entries)) + " scenarios"
	if len(b.entries) == 1 {
		count = "1 scenario"
	}
	if len(b.found) != len(b.entries) {
		count = fmt.Sprintf("%d of %s", len(b.found), count)
	}
	c.Right(r.X+r.W-1, r.Y, count, cells.StylePlain)
	const what = "  goroutines that wait for each other, made visible"
	if cells.Width(what)+3 <= r.X+r.W-1-cells.Width(count)-x {
		c.Text(x, r.Y, what, cells.StyleDim)
	}
}

// bug returns the bug that the scenario has; "" if none.
func (e *Entry) bug() string {
	if e.Expects == "clean" {
		return ""
	}
	return cells.Clean(e.Expects)
}

// drawEntry describes the selected entry.
func (b *browser) drawEntry(c *cells.Canvas, r cells.Rect) {
	edge := cells.StyleLine
	if b.form.editing {
		edge = cells.StyleAccent
	}
	c.Frame(r, cells.Round, edge)
	in := r.Inset()
	in.X, in.W = in.X+2, min(in.W-4, 84)
	e := b.entry()
	if e == nil {
		c.Center(r.Inset(), r.H/2-1, "no scenario", cells.StyleDim)
		return
	}
	y := b.drawTitle(c, in, e)
	b.layText(e, in.W, max(2, in.H-(y-in.Y)-b.formHeight(e, in.W)-1))
	for _, l := range b.text[b.read:b.end] {
		c.Text(in.X, y, l.label, cells.StyleAccent)
		c.Text(in.X+l.indent, y, l.text, cells.StylePlain)
		y++
	}
	space := keyNow("space", realmBrowser)
	switch {
	case b.end < len(b.text):
		b.button(c, r.X+r.W-2, r.Y+r.H-1, " "+space+" more ", space)
	case b.read > 0:
		b.button(c, r.X+r.W-2, r.Y+r.H-1, " "+space+" from the start ", space)
	}
	y = b.drawForm(c, cells.Area(in.X, y+1, in.W, in.Y+in.H-y-1), e)
	b.drawStill(c, cells.Area(r.X+2, y+1, r.W-4, r.Y+r.H-y-2), e)
}

// The minimum size of a still.
const (
	minStillW = 44
	minStillH = 9
)

// drawStill draws the still of e within r, if there is one and there is room for it.
func (b *browser) drawStill(c *cells.Canvas, r cells.Rect, e *Entry) {
	still := b.stills[e.Name]
	if still == nil || still.sc == nil || r.W < minStillW || r.H < minStillH {
		return
	}
	heading(c, r, "snapshot", "", false)
	r = r.Lines(1, r.H-1)
	defer c.Within(r)()
	stage.LayOut(still.sc, r, 0).DrawAtRest(c, still.sc)
}

func (b *browser) drawTitle(c *cells.Canvas, in cells.Rect, e *Entry) int {
	y := in.Y
	if in.H >= 18 {
		y++
	}
	for _, l := range cells.Wrap(cells.Clean(e.Title), in.W) {
		c.Text(in.X, y, l, cells.StyleBright|cells.StyleBold)
		y++
	}
	x := c.Text(in.X, y, cells.Truncate(cells.Clean(e.Name), in.W), cells.StyleDim)
	add := func(s string, st cells.Style) {
		if x+3+cells.Width(s) > in.X+in.W { // on a line of its own
			x, y = in.X, y+1
			x = c.Text(x, y, s, st)
			return
		}
		x = c.Text(x, y, " · ", cells.StyleDim)
		x = c.Text(x, y, s, st)
	}
	switch bug := e.bug(); {
	case bug == "":
		add("clean", cells.StyleRunning)
	case b.marks[e.Name]&MarkFound != 0:
		add(cells.GlyphEnded+" "+bug+", found", cells.StyleRunning)
	default:
		add(cells.GlyphTrouble+" "+bug+", not found yet", cells.StyleTrouble)
	}
	if b.marks[e.Name]&MarkSeen != 0 {
		add(cells.GlyphEnded+" seen", cells.StyleRunning)
	}
	if e.Twin != "" {
		add(cells.Truncate("twin: "+cells.Clean(e.Twin), in.W), cells.StyleDim)
	}
	return y + 2
}

// formHeight returns the height of the parameters and what surrounds them, at a width of w cells.
func (b *browser) formHeight(e *Entry, w int) int {
	h := 3
	if len(e.Params) > 0 {
		h = 3 + len(e.Params)
	}
	switch {
	case b.form.err != nil:
		h += len(cells.Wrap(b.form.err.Error(), w))
	case b.form.editing:
		h += len(cells.Wrap(e.Params[b.form.at].Help, w))
	}
	return h
}

// drawForm draws the parameters, and returns the line after them.
func (b *browser) drawForm(c *cells.Canvas, r cells.Rect, e *Entry) int {
	y := r.Y
	if len(e.Params) > 0 {
		c.Text(r.X, y, "Parameters", cells.StyleAccent)
		y++
	}
	nameW, valueW := 4, 7
	for i := range e.Params {
		nameW = max(nameW, cells.Width(cells.Clean(e.Params[i].Name)))
		valueW = max(valueW, cells.Width(b.form.value(e, i))+2)
	}
	nameW, valueW = min(nameW, 16), min(valueW, 14)
	for i := range e.Params {
		if y >= r.Y+r.H {
			return y
		}
		b.drawParam(c, cells.Area(r.X, y, r.W, 1), e, i, nameW, valueW)
		y++
	}
	return b.drawUnderForm(c, r.Lines(y-r.Y, r.H), e)
}

// drawUnderForm draws what is below the parameters: an error, the full description of the one being edited, or what to do.
func (b *browser) drawUnderForm(c *cells.Canvas, r cells.Rect, e *Entry) int {
	defer c.Within(r)()
	var lines []string
	st := cells.StyleDim
	switch {
	case b.form.err != nil:
		lines, st = cells.Wrap(cells.GlyphTrouble+" "+cells.Clean(b.form.err.Error()), r.W), cells.StyleTrouble
	case b.form.editing:
		r = r.Lines(1, r.H-1)
		lines = cells.Wrap(cells.Clean(e.Params[b.form.at].Help), r.W)
	default:
		r = r.Lines(1, r.H-1)
		enter := keyNow("enter", realmBrowser)
		x := c.Text(r.X, r.Y, enter, cells.StyleBright|cells.StyleBold)
		x = c.Text(x, r.Y, " runs it", cells.StyleDim)
		if r.H > 0 {
			b.buttons = append(b.buttons, button{cells.Area(r.X, r.Y, x-r.X, 1), enter})
		}
		if b.canDrive != nil && b.canDrive(e.Name) && r.H > 0 {
			drive := keyNow(driveKey.key, realmBrowser)
			from := x + 3
			x = c.Text(from, r.Y, drive, cells.StyleBright|cells.StyleBold)
			x = c.Text(x, r.Y, " drives it", cells.StyleDim)
			b.buttons = append(b.buttons, button{cells.Area(from, r.Y, x-from, 1), drive})
		}
		return r.Y + 1
	}
	for i, l := range lines {
		c.Text(r.X, r.Y+i, l, st)
	}
	return r.Y + len(lines)
}

// drawParam draws a parameter: its name, its value in a field, its range and its description.
func (b *browser) drawParam(c *cells.Canvas, r cells.Rect, e *Entry, i, nameW, valueW int) {
	p := &e.Params[i]
	active := b.form.editing && b.form.at == i
	name := cells.StylePlain
	if active {
		name = cells.StyleBright | cells.StyleBold
	}
	c.Fit(r.X, r.Y, nameW, cells.Clean(p.Name), name)
	field := cells.Area(r.X+nameW+2, r.Y, valueW, 1)
	c.Tint(field, cells.StyleOnSelected)
	value := cells.Clean(b.form.value(e, i))
	st := cells.StylePlain
	if value != cells.Clean(p.Default) {
		st = cells.StyleBright | cells.StyleBold
	}
	if active {
		at := b.form.input.Position()
		if at > valueW-2 {
			_, value = cells.Cut(value, at-valueW+2)
			at = valueW - 2
		}
		b.caret = &cells.Point{X: field.X + 1 + at, Y: r.Y}
	}
	c.Text(field.X+1, r.Y, cells.Truncate(value, valueW-1), st)
	x := field.X + valueW + 2
	help := cells.Clean(p.Help)
	if active { // its description is below
		help = ""
	}
	for _, s := range [...]string{cells.Clean(p.Range), help} {
		if s != "" && x+cells.Width(s) <= r.X+r.W {
			x = c.Text(x, r.Y, s, cells.StyleDim) + 2
		}
	}
	b.hits = append(b.hits, browserHit{r, -1, i})
}

// cursor returns the position of the text cursor, if there is one.
func (b *browser) cursor() (x, y int, ok bool) {
	if b.caret == nil {
		return 0, 0, false
	}
	return b.caret.X, b.caret.Y, true
}
