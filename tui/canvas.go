package tui

import "strings"

// A rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

// inset returns r without a border of one cell.
func (r rect) inset() rect { return rect{r.x + 1, r.y + 1, max(0, r.w-2), max(0, r.h-2)} }

// has reports whether the cell at x, y belongs to r.
func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// row returns line i of r, counted from 0, as a rect of its own; it is empty if r has no such line.
func (r rect) row(i int) rect {
	if i < 0 || i >= r.h {
		return rect{r.x, r.y, 0, 0}
	}
	return rect{r.x, r.y + i, r.w, 1}
}

// cols returns the n columns of r that begin with column i.
func (r rect) cols(i, n int) rect {
	i = min(max(i, 0), r.w)
	return rect{r.x + i, r.y, min(max(n, 0), r.w-i), r.h}
}

// lines returns the n lines of r that begin with line i.
func (r rect) lines(i, n int) rect {
	i = min(max(i, 0), r.h)
	return rect{r.x, r.y + i, r.w, min(max(n, 0), r.h-i)}
}

// A cell is one place of the screen. A character that is two cells wide stands in the first; the second is empty.
type cell struct {
	s  string
	st style
}

// A canvas is the buffer into which a frame is drawn. What lies outside of it, or outside of its clip, is not drawn, so
// nothing ever wraps. The nil canvas is good for finding out where things would be.
type canvas struct {
	w, h  int
	cells []cell
	clip  rect
	dim   bool // what is drawn now is not in focus
	out   strings.Builder
}

// newCanvas returns a blank canvas.
func newCanvas(w, h int) *canvas {
	c := &canvas{}
	c.reset(w, h)
	return c
}

// reset blanks the canvas and gives it a size.
func (c *canvas) reset(w, h int) {
	if n := w * h; cap(c.cells) < n {
		c.cells = make([]cell, n)
	} else {
		c.cells = c.cells[:n]
	}
	c.w, c.h, c.clip, c.dim = w, h, rect{0, 0, w, h}, false
	for i := range c.cells {
		c.cells[i] = cell{s: " "}
	}
}

// within draws only inside of r until the function that it returns is called.
func (c *canvas) within(r rect) func() {
	if c == nil {
		return func() {}
	}
	old := c.clip
	x0, y0 := max(old.x, r.x), max(old.y, r.y)
	x1, y1 := min(old.x+old.w, r.x+r.w), min(old.y+old.h, r.y+r.h)
	c.clip = rect{x0, y0, max(0, x1-x0), max(0, y1-y0)}
	return func() { c.clip = old }
}

// put draws one character, w cells wide, if all of it fits.
func (c *canvas) put(x, y int, ch string, w int, st style) {
	if !c.clip.has(x, y) || w == 2 && !c.clip.has(x+1, y) {
		return
	}
	if c.dim {
		st = st.dimmed()
	}
	i := y*c.w + x
	if st.bg() == 0 {
		st |= c.cells[i].st & bgMask
	}
	if c.cells[i].s == "" && x > 0 { // the right half of a wide character: its left half goes, too
		c.cells[i-1].s = " "
	}
	end := i + w
	if end < len(c.cells) && x+w < c.w && c.cells[end].s == "" {
		c.cells[end].s = " "
	}
	c.cells[i] = cell{ch, st}
	if w == 2 {
		c.cells[i+1] = cell{"", st}
	}
}

// text draws s from x to the right and returns the column after it.
func (c *canvas) text(x, y int, s string, st style) int {
	if c == nil {
		return x + width(s)
	}
	for len(s) > 0 {
		ch, w, rest := next(s)
		if w > 0 {
			c.put(x, y, ch, w, st)
			x += w
		}
		s = rest
	}
	return x
}

// fit draws s within n cells, shortened in the middle if it is longer, and returns the column after it.
func (c *canvas) fit(x, y, n int, s string, st style) int {
	return c.text(x, y, shorten(s, n), st)
}

// right draws s so that it ends before column x.
func (c *canvas) right(x, y int, s string, st style) { c.text(x-width(s), y, s, st) }

// center draws s in the middle of line i of r, shortened at the end if it is longer.
func (c *canvas) center(r rect, i int, s string, st style) {
	line := r.row(i)
	if line.w == 0 {
		return
	}
	s = truncate(s, line.w)
	c.text(line.x+(line.w-width(s))/2, line.y, s, st)
}

// repeat draws n times the character s, one cell wide, to the right.
func (c *canvas) repeat(x, y, n int, s string, st style) {
	if c == nil {
		return
	}
	for i := range n {
		c.put(x+i, y, s, 1, st)
	}
}

// column draws n times the character s, one cell wide, downwards.
func (c *canvas) column(x, y, n int, s string, st style) {
	if c == nil {
		return
	}
	for i := range n {
		c.put(x, y+i, s, 1, st)
	}
}

// fill blanks r and leaves its background.
func (c *canvas) fill(r rect) {
	for y := range r.h {
		c.repeat(r.x, r.y+y, r.w, " ", none)
	}
}

// clear blanks r and its background.
func (c *canvas) clear(r rect) {
	for y := max(r.y, 0); y < min(r.y+r.h, c.h); y++ {
		for x := max(r.x, 0); x < min(r.x+r.w, c.w); x++ {
			c.cells[y*c.w+x] = cell{s: " "}
		}
	}
}

// tint gives r the background of st and leaves its characters.
func (c *canvas) tint(r rect, st style) {
	if c == nil {
		return
	}
	for y := max(r.y, 0); y < min(r.y+r.h, c.h); y++ {
		for x := max(r.x, 0); x < min(r.x+r.w, c.w); x++ {
			p := &c.cells[y*c.w+x].st
			*p = *p&^bgMask | st&bgMask | st&attrMask
		}
	}
}

// frame draws a box around r with a title in its upper edge.
func (c *canvas) frame(r rect, b *border, st style) {
	if c == nil || r.w < 2 || r.h < 2 {
		return
	}
	c.repeat(r.x+1, r.y, r.w-2, b.top, st)
	c.repeat(r.x+1, r.y+r.h-1, r.w-2, b.top, st)
	c.column(r.x, r.y+1, r.h-2, b.side, st)
	c.column(r.x+r.w-1, r.y+1, r.h-2, b.side, st)
	c.put(r.x, r.y, b.corners[0], 1, st)
	c.put(r.x+r.w-1, r.y, b.corners[1], 1, st)
	c.put(r.x, r.y+r.h-1, b.corners[2], 1, st)
	c.put(r.x+r.w-1, r.y+r.h-1, b.corners[3], 1, st)
}

// render returns the frame as lines with escape sequences, and without spaces that would not be seen at their ends.
func (c *canvas) render(th *theme) string {
	c.out.Reset()
	c.out.Grow(len(c.cells) * 2)
	for y := range c.h {
		if y > 0 {
			c.out.WriteByte('\n')
		}
		line := c.cells[y*c.w : (y+1)*c.w]
		end := len(line)
		for end > 0 && line[end-1].s == " " && line[end-1].st&(bgMask|attrMask) == 0 {
			end--
		}
		var now style
		for i, l := range line[:end] {
			st := l.st
			if l.s == " " { // a blank has no colour of its own: between words that of the words saves two sequences
				st &= bgMask | reverse | underline
				if i+1 < end && line[i+1].s != " " && line[i+1].st == now && st == now&(bgMask|reverse|underline) {
					st = now
				}
			}
			if st != now {
				c.out.WriteString(th.sgr(st))
				now = st
			}
			if s := l.s; th.ascii {
				c.out.WriteString(ascii(s, i+1 < len(line) && line[i+1].s == ""))
			} else {
				c.out.WriteString(s)
			}
		}
		if now != 0 {
			c.out.WriteString("\x1b[m")
		}
	}
	return c.out.String()
}
