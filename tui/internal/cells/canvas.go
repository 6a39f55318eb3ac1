package cells

import (
	"math"
	"strings"
)

// A Rect is a part of the screen, in cells.
type Rect struct{ X, Y, W, H int }

// Area returns the Rect of w × h cells with its upper left corner at x, y.
func Area(x, y, w, h int) Rect { return Rect{x, y, w, h} }

// Inset returns r without a margin of one cell.
func (r Rect) Inset() Rect { return Rect{r.X + 1, r.Y + 1, max(0, r.W-2), max(0, r.H-2)} }

// Has reports whether r contains the cell at x, y.
func (r Rect) Has(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// Row returns line i of r, counted from 0; it is empty if r has no such line.
func (r Rect) Row(i int) Rect {
	if i < 0 || i >= r.H {
		return Rect{r.X, r.Y, 0, 0}
	}
	return Rect{r.X, r.Y + i, r.W, 1}
}

// Cols returns n columns of r, starting with column i.
func (r Rect) Cols(i, n int) Rect {
	i = min(max(i, 0), r.W)
	return Rect{r.X + i, r.Y, min(max(n, 0), r.W-i), r.H}
}

// Lines returns n lines of r, starting with line i.
func (r Rect) Lines(i, n int) Rect {
	i = min(max(i, 0), r.H)
	return Rect{r.X, r.Y + i, r.W, min(max(n, 0), r.H-i)}
}

// A Cell is one cell of the screen. A character that is two cells wide is in the first; the second is empty.
type Cell struct {
	S  string // the character
	st Style
}

// A Canvas is the buffer into which a frame is drawn. Nothing is drawn outside of the canvas or its clip, so nothing ever wraps.
type Canvas struct {
	W, H  int
	cells []Cell
	clip  Rect
	Dim   bool // draw as out of focus
	out   strings.Builder
}

// NewCanvas returns a blank canvas.
func NewCanvas(w, h int) *Canvas {
	c := &Canvas{}
	c.Reset(w, h)
	return c
}

// Reset clears the canvas and sets its size.
func (c *Canvas) Reset(w, h int) {
	if n := w * h; cap(c.cells) < n {
		c.cells = make([]Cell, n)
	} else {
		c.cells = c.cells[:n]
	}
	c.W, c.H, c.clip, c.Dim = w, h, Rect{0, 0, w, h}, false
	for i := range c.cells {
		c.cells[i] = Cell{S: " "}
	}
}

// Within limits drawing to r until the returned function is called.
func (c *Canvas) Within(r Rect) func() {
	old := c.clip
	x0, y0 := max(old.X, r.X), max(old.Y, r.Y)
	x1, y1 := min(old.X+old.W, r.X+r.W), min(old.Y+old.H, r.Y+r.H)
	c.clip = Rect{x0, y0, max(0, x1-x0), max(0, y1-y0)}
	return func() { c.clip = old }
}

// Put draws one character of w cells, if all of it fits.
func (c *Canvas) Put(x, y int, ch string, w int, st Style) {
	if !c.clip.Has(x, y) || w == 2 && !c.clip.Has(x+1, y) {
		return
	}
	if c.Dim {
		st = st.dimmed()
	}
	i := y*c.W + x
	if st.bg() == 0 {
		st |= c.cells[i].st & bgMask
	}
	if c.cells[i].S == "" && x > 0 { // this is the right half of a wide character; remove its left half, too
		c.cells[i-1].S = " "
	}
	end := i + w
	if end < len(c.cells) && x+w < c.W && c.cells[end].S == "" {
		c.cells[end].S = " "
	}
	c.cells[i] = Cell{ch, st}
	if w == 2 {
		c.cells[i+1] = Cell{"", st}
	}
}

// Text draws s at x, y and returns the column after it.
func (c *Canvas) Text(x, y int, s string, st Style) int {
	for len(s) > 0 {
		ch, w, rest := next(s)
		if w > 0 {
			c.Put(x, y, ch, w, st)
			x += w
		}
		s = rest
	}
	return x
}

// Fit draws s in at most n cells, shortened in the middle, and returns the column after it.
func (c *Canvas) Fit(x, y, n int, s string, st Style) int {
	return c.Text(x, y, Shorten(s, n), st)
}

// Right draws s so that it ends before column x.
func (c *Canvas) Right(x, y int, s string, st Style) { c.Text(x-Width(s), y, s, st) }

// Center draws s in the middle of line i of r, shortened at the end if it does not fit.
func (c *Canvas) Center(r Rect, i int, s string, st Style) {
	line := r.Row(i)
	if line.W == 0 {
		return
	}
	s = Truncate(s, line.W)
	c.Text(line.X+(line.W-Width(s))/2, line.Y, s, st)
}

// Repeat draws the character s, one cell wide, n times to the right.
func (c *Canvas) Repeat(x, y, n int, s string, st Style) {
	for i := range n {
		c.Put(x+i, y, s, 1, st)
	}
}

// Column draws the character s, one cell wide, n times downwards.
func (c *Canvas) Column(x, y, n int, s string, st Style) {
	for i := range n {
		c.Put(x, y+i, s, 1, st)
	}
}

// Fill clears r but keeps its background.
func (c *Canvas) Fill(r Rect) {
	for y := range r.H {
		c.Repeat(r.X, r.Y+y, r.W, " ", StyleNone)
	}
}

// Clear clears r and its background.
func (c *Canvas) Clear(r Rect) {
	for y := max(r.Y, 0); y < min(r.Y+r.H, c.H); y++ {
		for x := max(r.X, 0); x < min(r.X+r.W, c.W); x++ {
			c.cells[y*c.W+x] = Cell{S: " "}
		}
	}
}

// Tint gives r the background of st but keeps its characters.
func (c *Canvas) Tint(r Rect, st Style) {
	for y := max(r.Y, 0); y < min(r.Y+r.H, c.H); y++ {
		for x := max(r.X, 0); x < min(r.X+r.W, c.W); x++ {
			p := &c.cells[y*c.W+x].st
			*p = *p&^bgMask | st&bgMask | st&attrMask
		}
	}
}

// Frame draws a box around r.
func (c *Canvas) Frame(r Rect, b *Border, st Style) {
	if r.W < 2 || r.H < 2 {
		return
	}
	c.Repeat(r.X+1, r.Y, r.W-2, b.top, st)
	c.Repeat(r.X+1, r.Y+r.H-1, r.W-2, b.top, st)
	c.Column(r.X, r.Y+1, r.H-2, b.side, st)
	c.Column(r.X+r.W-1, r.Y+1, r.H-2, b.side, st)
	c.Put(r.X, r.Y, b.corners[0], 1, st)
	c.Put(r.X+r.W-1, r.Y, b.corners[1], 1, st)
	c.Put(r.X, r.Y+r.H-1, b.corners[2], 1, st)
	c.Put(r.X+r.W-1, r.Y+r.H-1, b.corners[3], 1, st)
}

// Bar draws a bar for a fraction from 0 to 1; even the smallest fraction is visible.
func (c *Canvas) Bar(r Rect, part float64, st Style) {
	if r.W < 3 {
		return
	}
	in := r.W - 2
	full := max(1, min(int(math.Round(part*float64(in))), in))
	c.Repeat(r.X, r.Y, 1, "▕", StyleLine)
	c.Repeat(r.X+1, r.Y, full, "█", st)
	c.Repeat(r.X+1+full, r.Y, in-full, "░", StyleLine)
	c.Repeat(r.X+r.W-1, r.Y, 1, "▏", StyleLine)
}

// Cross draws s, or a crossing if the cell contains other, which is at a right angle to it.
func (c *Canvas) Cross(x, y int, s, other string, st Style) {
	if c.clip.Has(x, y) && c.cells[y*c.W+x].S == other {
		s = "┼"
	}
	c.Put(x, y, s, 1, st)
}

// Row returns line y of c.
func (c *Canvas) Row(y int) []Cell { return c.cells[y*c.W : (y+1)*c.W] }

// String returns the text of c, without colors and trailing blanks.
func (c *Canvas) String() string {
	var b strings.Builder
	for y := range c.H {
		var line strings.Builder
		for _, l := range c.Row(y) {
			line.WriteString(l.S)
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// RenderPart returns the cells of line y from column x up to end, with escape sequences.
func (c *Canvas) RenderPart(th *Theme, y, x, end int) string {
	c.out.Reset()
	c.render(th, c.Row(y), x, end)
	return c.out.String()
}

// render writes the cells of line from x up to end.
func (c *Canvas) render(th *Theme, line []Cell, x, end int) {
	var now Style
	for i := x; i < end; i++ {
		l := line[i]
		st := l.st
		if l.S == " " { // a blank has no visible color; with that of the words around it, it needs no sequences
			st &= bgMask | styleReverse | styleUnderline
			if i+1 < end && line[i+1].S != " " && line[i+1].st == now && st == now&(bgMask|styleReverse|styleUnderline) {
				st = now
			}
		}
		if st != now {
			c.out.WriteString(th.sgr(st))
			now = st
		}
		if s := l.S; th.ascii {
			c.out.WriteString(ASCII(s, i+1 < len(line) && line[i+1].S == ""))
		} else {
			c.out.WriteString(s)
		}
	}
	if now != 0 {
		c.out.WriteString("\x1b[m")
	}
}

// Render returns the frame as lines with escape sequences, without invisible trailing blanks.
func (c *Canvas) Render(th *Theme) string {
	c.out.Reset()
	c.out.Grow(len(c.cells) * 2)
	for y := range c.H {
		if y > 0 {
			c.out.WriteByte('\n')
		}
		line := c.Row(y)
		end := len(line)
		for end > 0 && line[end-1].S == " " && line[end-1].st&(bgMask|attrMask) == 0 {
			end--
		}
		c.render(th, line, 0, end)
	}
	return c.out.String()
}
