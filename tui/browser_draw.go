package tui

import (
	"fmt"
	"strconv"
)

// draw draws the browser on all of c.
func (b *browser) draw(c *canvas, message string, st style) {
	b.hits, b.caret = b.hits[:0], nil
	all := rect{0, 0, c.w, c.h}
	b.drawHeader(c, all.row(0))
	body := rect{1, 1, c.w - 1, c.h - 2}
	listW := clamp(c.w*2/5, 24, 46)
	b.drawList(c, body.cols(0, listW))
	b.drawEntry(c, body.cols(listW, body.w-listW))
	footer(c, all.row(c.h-1), b.keys(), message, st)
}

func (b *browser) drawHeader(c *canvas, r rect) {
	c.tint(r, onBar)
	x := c.text(r.x+1, r.y, "turnstile", accent|bold)
	if r.w >= 80 {
		c.text(x, r.y, "  goroutines that wait for each other, made visible", dim)
	}
	count := strconv.Itoa(len(b.entries)) + " scenarios"
	if len(b.entries) == 1 {
		count = "1 scenario"
	}
	if len(b.found) != len(b.entries) {
		count = fmt.Sprintf("%d of %s", len(b.found), count)
	}
	c.right(r.x+r.w-1, r.y, count, plain)
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

func (b *browser) drawList(c *canvas, r rect) {
	edge := line
	if !b.form.editing {
		edge = accent
	}
	c.frame(r, round, edge)
	c.text(r.x+1, r.y, " scenarios ", bright|bold)
	in := r.inset()
	in.x, in.w = in.x+1, in.w-2
	if b.filtering || b.filter.Value() != "" {
		b.drawFilter(c, in.row(0))
		in = in.lines(2, in.h-2)
	}
	b.page = in.h
	lines, at := b.lines()
	if len(lines) == 0 {
		c.text(in.x, in.y, truncate("nothing matches; esc shows all", in.w), dim)
		return
	}
	top := at
	if at == 1 {
		top = 0 // with its category
	}
	b.offset = max(min(b.offset, top), at-in.h+1)
	b.offset = clamp(b.offset, 0, max(0, len(lines)-in.h))
	for i, ln := range lines[b.offset:min(len(lines), b.offset+in.h)] {
		b.drawLine(c, in.row(i), ln)
	}
	if b.offset > 0 {
		c.right(r.x+r.w-2, r.y, " ↑ more ", dim)
	}
	if b.offset+in.h < len(lines) {
		c.right(r.x+r.w-2, r.y+r.h-1, " ↓ more ", dim)
	}
}

func (b *browser) drawFilter(c *canvas, r rect) {
	x := c.text(r.x, r.y, "/ ", accent|bold)
	c.text(x, r.y, truncate(clean(b.filter.Value()), r.w-3), bright)
	if b.filtering {
		b.caret = &point{min(x+b.filter.Position(), r.x+r.w-1), r.y}
	}
}

func (b *browser) drawLine(c *canvas, r rect, ln listLine) {
	if ln.entry < 0 {
		if ln.count > 0 {
			count := strconv.Itoa(ln.count)
			x := c.text(r.x, r.y, truncate(clean(ln.category), r.w-width(count)-1), accent)
			c.text(x+1, r.y, count, dim)
		}
		return
	}
	e := &b.entries[b.found[ln.entry]]
	name, mark := plain, "  "
	if ln.entry == b.at {
		c.tint(r, onSelected)
		name, mark = bright|bold, "▸ "
	}
	c.text(r.x, r.y, mark, accent)
	end := c.fit(r.x+2, r.y, r.w-4, clean(e.Name), name)
	switch bug := e.bug(); {
	case bug == "":
	case r.x+r.w-end > width(bug)+4:
		c.right(r.x+r.w, r.y, glyphTrouble+" "+bug, trouble)
	default: // what it is stands beside
		c.right(r.x+r.w, r.y, glyphTrouble, trouble)
	}
	b.hits = append(b.hits, browserHit{r, ln.entry, 0})
}

// bug returns the bug that the scenario holds, "" if none.
func (e *Entry) bug() string {
	if e.Expects == "clean" {
		return ""
	}
	return clean(e.Expects)
}

// drawEntry tells about the entry that is chosen.
func (b *browser) drawEntry(c *canvas, r rect) {
	edge := line
	if b.form.editing {
		edge = accent
	}
	c.frame(r, round, edge)
	in := r.inset()
	in.x, in.w = in.x+2, min(in.w-4, 84)
	e := b.entry()
	if e == nil {
		c.center(r.inset(), r.h/2-1, "no scenario", dim)
		return
	}
	y := b.drawTitle(c, in, e)
	b.layText(e, in.w, max(2, in.h-(y-in.y)-b.formHeight(e, in.w)-1))
	for _, l := range b.text[b.read:b.end] {
		c.text(in.x, y, l.label, accent)
		c.text(in.x+l.indent, y, l.text, plain)
		y++
	}
	switch {
	case b.end < len(b.text):
		c.right(r.x+r.w-2, r.y+r.h-1, " space reads on ", dim)
	case b.read > 0:
		c.right(r.x+r.w-2, r.y+r.h-1, " space from the start ", dim)
	}
	b.drawForm(c, rect{in.x, y + 1, in.w, in.y + in.h - y - 1}, e)
}

func (b *browser) drawTitle(c *canvas, in rect, e *Entry) int {
	y := in.y
	if in.h >= 18 {
		y++
	}
	for _, l := range wrap(clean(e.Title), in.w) {
		c.text(in.x, y, l, bright|bold)
		y++
	}
	x := c.text(in.x, y, truncate(clean(e.Name), in.w), dim)
	switch bug := e.bug(); {
	case bug != "" && x+width(bug)+5 <= in.x+in.w:
		x = c.text(x, y, " · ", dim)
		x = c.text(x, y, glyphTrouble+" "+bug, trouble)
	case bug == "":
		x = c.text(x, y, " · ", dim)
		x = c.text(x, y, glyphEnded+" clean", running)
	}
	if e.Twin != "" && x+width(e.Twin)+9 < in.x+in.w {
		c.text(x, y, " · twin: "+clean(e.Twin), dim)
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
		h += len(wrap(b.form.err.Error(), w))
	case b.form.editing:
		h += len(wrap(e.Params[b.form.at].Help, w))
	}
	return h
}

func (b *browser) drawForm(c *canvas, r rect, e *Entry) {
	y := r.y
	if len(e.Params) > 0 {
		c.text(r.x, y, "Parameters", accent)
		y++
	}
	nameW, valueW := 4, 7
	for i := range e.Params {
		nameW = max(nameW, width(clean(e.Params[i].Name)))
		valueW = max(valueW, width(b.form.value(e, i))+2)
	}
	nameW, valueW = min(nameW, 16), min(valueW, 14)
	for i := range e.Params {
		if y >= r.y+r.h {
			return
		}
		b.drawParam(c, rect{r.x, y, r.w, 1}, e, i, nameW, valueW)
		y++
	}
	b.drawUnderForm(c, r.lines(y-r.y, r.h), e)
}

// drawUnderForm says what is wrong with the parameters, all of what the one that is edited means, or what to do.
func (b *browser) drawUnderForm(c *canvas, r rect, e *Entry) {
	defer c.within(r)()
	if b.form.err != nil {
		for i, l := range wrap(glyphTrouble+" "+clean(b.form.err.Error()), r.w) {
			c.text(r.x, r.y+i, l, trouble)
		}
		return
	}
	if r = r.lines(1, r.h-1); b.form.editing {
		for i, l := range wrap(clean(e.Params[b.form.at].Help), r.w) {
			c.text(r.x, r.y+i, l, dim)
		}
		return
	}
	x := c.text(r.x, r.y, "enter", bright|bold)
	c.text(x, r.y, " runs it", dim)
}

// drawParam draws one parameter: its name, its value in a field, its range and what it is.
func (b *browser) drawParam(c *canvas, r rect, e *Entry, i, nameW, valueW int) {
	p := &e.Params[i]
	active := b.form.editing && b.form.at == i
	name := plain
	if active {
		name = bright | bold
	}
	c.fit(r.x, r.y, nameW, clean(p.Name), name)
	field := rect{r.x + nameW + 2, r.y, valueW, 1}
	c.tint(field, onSelected)
	value := clean(b.form.value(e, i))
	st := plain
	if value != clean(p.Default) {
		st = bright | bold
	}
	if active {
		at := b.form.input.Position()
		if at > valueW-2 {
			_, value = cut(value, at-valueW+2)
			at = valueW - 2
		}
		b.caret = &point{field.x + 1 + at, r.y}
	}
	c.text(field.x+1, r.y, truncate(value, valueW-1), st)
	x := field.x + valueW + 2
	if p.Range != "" {
		x = c.text(x, r.y, truncate(clean(p.Range), r.x+r.w-x), dim) + 2
	}
	if room := r.x + r.w - x; room >= 8 {
		c.text(x, r.y, truncate(clean(p.Help), room), dim)
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
