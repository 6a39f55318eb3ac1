package tui

import (
	"fmt"
	"strconv"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// draw draws the browser on all of c.
func (b *browser) draw(c *cells.Canvas, message string, st cells.Style) {
	b.hits, b.caret = b.hits[:0], nil
	all := cells.Area(0, 0, c.W, c.H)
	b.drawHeader(c, all.Row(0))
	body := cells.Area(1, 1, c.W-1, c.H-2)
	listW := clamp(c.W*2/5, 24, 46)
	b.drawList(c, body.Cols(0, listW))
	b.drawEntry(c, body.Cols(listW, body.W-listW))
	footer(c, all.Row(c.H-1), b.keys(), message, st)
}

func (b *browser) drawHeader(c *cells.Canvas, r cells.Rect) {
	c.Tint(r, cells.OnBar)
	x := c.Text(r.X+1, r.Y, "turnstile", cells.Accent|cells.Bold)
	if r.W >= 80 {
		c.Text(x, r.Y, "  goroutines that wait for each other, made visible", cells.Dim)
	}
	count := strconv.Itoa(len(b.entries)) + " scenarios"
	if len(b.entries) == 1 {
		count = "1 scenario"
	}
	if len(b.found) != len(b.entries) {
		count = fmt.Sprintf("%d of %s", len(b.found), count)
	}
	c.Right(r.X+r.W-1, r.Y, count, cells.Plain)
}

// A listLine is a line of the browser's list: a category, an entry, or nothing.
type listLine struct {
	category string
	count    int // how many of it were found
	entry    int // of found; -1: not an entry
}

func (b *browser) lines() (lines []listLine, at int) {
	count := make(map[string]int)
	for _, e := range b.found {
		count[b.entries[e].Category]++
	}
	last := ""
	for i, e := range b.found {
		if cat := b.entries[e].Category; cat != last || i == 0 {
			if i > 0 {
				lines = append(lines, listLine{entry: -1})
			}
			lines = append(lines, listLine{cat, count[cat], -1})
			last = cat
		}
		if i == b.at {
			at = len(lines)
		}
		lines = append(lines, listLine{entry: i})
	}
	return lines, at
}

func (b *browser) drawList(c *cells.Canvas, r cells.Rect) {
	edge := cells.Line
	if !b.form.editing {
		edge = cells.Accent
	}
	c.Frame(r, cells.Round, edge)
	c.Text(r.X+1, r.Y, " scenarios ", cells.Bright|cells.Bold)
	in := r.Inset()
	in.X, in.W = in.X+1, in.W-2
	if b.filtering || b.filter.Value() != "" {
		b.drawFilter(c, in.Row(0))
		in = in.Lines(2, in.H-2)
	}
	b.page = in.H
	lines, at := b.lines()
	if len(lines) == 0 {
		c.Text(in.X, in.Y, cells.Truncate("nothing matches; esc shows all", in.W), cells.Dim)
		return
	}
	top := at
	if at == 1 {
		top = 0 // with its category
	}
	b.offset = max(min(b.offset, top), at-in.H+1)
	b.offset = clamp(b.offset, 0, max(0, len(lines)-in.H))
	for i, ln := range lines[b.offset:min(len(lines), b.offset+in.H)] {
		b.drawLine(c, in.Row(i), ln)
	}
	if b.offset > 0 {
		c.Right(r.X+r.W-2, r.Y, " ↑ more ", cells.Dim)
	}
	if b.offset+in.H < len(lines) {
		c.Right(r.X+r.W-2, r.Y+r.H-1, " ↓ more ", cells.Dim)
	}
}

func (b *browser) drawFilter(c *cells.Canvas, r cells.Rect) {
	x := c.Text(r.X, r.Y, "/ ", cells.Accent|cells.Bold)
	c.Text(x, r.Y, cells.Truncate(cells.Clean(b.filter.Value()), r.W-3), cells.Bright)
	if b.filtering {
		b.caret = &point{min(x+b.filter.Position(), r.X+r.W-1), r.Y}
	}
}

func (b *browser) drawLine(c *cells.Canvas, r cells.Rect, ln listLine) {
	if ln.entry < 0 {
		if ln.count > 0 {
			count := strconv.Itoa(ln.count)
			x := c.Text(r.X, r.Y, cells.Truncate(cells.Clean(ln.category), r.W-cells.Width(count)-1), cells.Accent)
			c.Text(x+1, r.Y, count, cells.Dim)
		}
		return
	}
	e := &b.entries[b.found[ln.entry]]
	name, mark := cells.Plain, "  "
	if ln.entry == b.at {
		c.Tint(r, cells.OnSelected)
		name, mark = cells.Bright|cells.Bold, "▸ "
	}
	c.Text(r.X, r.Y, mark, cells.Accent)
	end := c.Fit(r.X+2, r.Y, r.W-4, cells.Clean(e.Name), name)
	switch bug := e.bug(); {
	case bug == "":
	case r.X+r.W-end > cells.Width(bug)+4:
		c.Right(r.X+r.W, r.Y, cells.GlyphTrouble+" "+bug, cells.Trouble)
	default: // what it is stands beside
		c.Right(r.X+r.W, r.Y, cells.GlyphTrouble, cells.Trouble)
	}
	b.hits = append(b.hits, browserHit{r, ln.entry, 0})
}

// bug returns the bug that the scenario holds, "" if none.
func (e *Entry) bug() string {
	if e.Expects == "clean" {
		return ""
	}
	return cells.Clean(e.Expects)
}

// drawEntry tells about the entry that is chosen.
func (b *browser) drawEntry(c *cells.Canvas, r cells.Rect) {
	edge := cells.Line
	if b.form.editing {
		edge = cells.Accent
	}
	c.Frame(r, cells.Round, edge)
	in := r.Inset()
	in.X, in.W = in.X+2, min(in.W-4, 84)
	e := b.entry()
	if e == nil {
		c.Center(r.Inset(), r.H/2-1, "no scenario", cells.Dim)
		return
	}
	y := b.drawTitle(c, in, e)
	b.layText(e, in.W, max(2, in.H-(y-in.Y)-b.formHeight(e, in.W)-1))
	for _, l := range b.text[b.read:b.end] {
		c.Text(in.X, y, l.label, cells.Accent)
		c.Text(in.X+l.indent, y, l.text, cells.Plain)
		y++
	}
	switch {
	case b.end < len(b.text):
		c.Right(r.X+r.W-2, r.Y+r.H-1, " space reads on ", cells.Dim)
	case b.read > 0:
		c.Right(r.X+r.W-2, r.Y+r.H-1, " space from the start ", cells.Dim)
	}
	b.drawForm(c, cells.Area(in.X, y+1, in.W, in.Y+in.H-y-1), e)
}

func (b *browser) drawTitle(c *cells.Canvas, in cells.Rect, e *Entry) int {
	y := in.Y
	if in.H >= 18 {
		y++
	}
	for _, l := range cells.Wrap(cells.Clean(e.Title), in.W) {
		c.Text(in.X, y, l, cells.Bright|cells.Bold)
		y++
	}
	x := c.Text(in.X, y, cells.Truncate(cells.Clean(e.Name), in.W), cells.Dim)
	switch bug := e.bug(); {
	case bug != "" && x+cells.Width(bug)+5 <= in.X+in.W:
		x = c.Text(x, y, " · ", cells.Dim)
		x = c.Text(x, y, cells.GlyphTrouble+" "+bug, cells.Trouble)
	case bug == "":
		x = c.Text(x, y, " · ", cells.Dim)
		x = c.Text(x, y, cells.GlyphEnded+" clean", cells.Running)
	}
	if e.Twin != "" && x+cells.Width(e.Twin)+9 < in.X+in.W {
		c.Text(x, y, " · twin: "+cells.Clean(e.Twin), cells.Dim)
	}
	return y + 2
}

// formHeight returns how many lines w cells wide the parameters take, with what stands around them.
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

func (b *browser) drawForm(c *cells.Canvas, r cells.Rect, e *Entry) {
	y := r.Y
	if len(e.Params) > 0 {
		c.Text(r.X, y, "Parameters", cells.Accent)
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
			return
		}
		b.drawParam(c, cells.Area(r.X, y, r.W, 1), e, i, nameW, valueW)
		y++
	}
	b.drawUnderForm(c, r.Lines(y-r.Y, r.H), e)
}

// drawUnderForm says what is wrong with the parameters, all of what the one that is edited means, or what to do.
func (b *browser) drawUnderForm(c *cells.Canvas, r cells.Rect, e *Entry) {
	defer c.Within(r)()
	if b.form.err != nil {
		for i, l := range cells.Wrap(cells.GlyphTrouble+" "+cells.Clean(b.form.err.Error()), r.W) {
			c.Text(r.X, r.Y+i, l, cells.Trouble)
		}
		return
	}
	if r = r.Lines(1, r.H-1); b.form.editing {
		for i, l := range cells.Wrap(cells.Clean(e.Params[b.form.at].Help), r.W) {
			c.Text(r.X, r.Y+i, l, cells.Dim)
		}
		return
	}
	x := c.Text(r.X, r.Y, "enter", cells.Bright|cells.Bold)
	c.Text(x, r.Y, " runs it", cells.Dim)
}

// drawParam draws one parameter: its name, its value in a field, its range and what it is.
func (b *browser) drawParam(c *cells.Canvas, r cells.Rect, e *Entry, i, nameW, valueW int) {
	p := &e.Params[i]
	active := b.form.editing && b.form.at == i
	name := cells.Plain
	if active {
		name = cells.Bright | cells.Bold
	}
	c.Fit(r.X, r.Y, nameW, cells.Clean(p.Name), name)
	field := cells.Area(r.X+nameW+2, r.Y, valueW, 1)
	c.Tint(field, cells.OnSelected)
	value := cells.Clean(b.form.value(e, i))
	st := cells.Plain
	if value != cells.Clean(p.Default) {
		st = cells.Bright | cells.Bold
	}
	if active {
		at := b.form.input.Position()
		if at > valueW-2 {
			_, value = cells.Cut(value, at-valueW+2)
			at = valueW - 2
		}
		b.caret = &point{field.X + 1 + at, r.Y}
	}
	c.Text(field.X+1, r.Y, cells.Truncate(value, valueW-1), st)
	x := field.X + valueW + 2
	if p.Range != "" {
		x = c.Text(x, r.Y, cells.Truncate(cells.Clean(p.Range), r.X+r.W-x), cells.Dim) + 2
	}
	if room := r.X + r.W - x; room >= 8 {
		c.Text(x, r.Y, cells.Truncate(cells.Clean(p.Help), room), cells.Dim)
	}
	b.hits = append(b.hits, browserHit{r, -1, i})
}

// cursor returns where the text cursor is, if text is being typed.
func (b *browser) cursor() (x, y int, ok bool) {
	if b.caret == nil {
		return 0, 0, false
	}
	return b.caret.x, b.caret.y, true
}
