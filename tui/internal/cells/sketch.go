package cells

// A Sketch is a list of drawing operations. It has the methods of a Canvas but does not need one: positions are known before
// anything is drawn, and a sketch can be discarded.
type Sketch struct {
	strokes []func(c *Canvas)
}

func (s *Sketch) add(stroke func(c *Canvas)) { s.strokes = append(s.strokes, stroke) }

// Draw draws the sketch on c.
func (s *Sketch) Draw(c *Canvas) {
	for _, stroke := range s.strokes {
		stroke(c)
	}
}

// Text draws text at x, y and returns the column after it.
func (s *Sketch) Text(x, y int, text string, st Style) int {
	s.add(func(c *Canvas) { c.Text(x, y, text, st) })
	return x + Width(text)
}

// Fit draws text in at most n cells, shortened in the middle, and returns the column after it.
func (s *Sketch) Fit(x, y, n int, text string, st Style) int {
	return s.Text(x, y, Shorten(text, n), st)
}

// Right draws text so that it ends before column x.
func (s *Sketch) Right(x, y int, text string, st Style) {
	s.add(func(c *Canvas) { c.Right(x, y, text, st) })
}

// Center draws text in the middle of line i of r, shortened at the end if it does not fit.
func (s *Sketch) Center(r Rect, i int, text string, st Style) {
	s.add(func(c *Canvas) { c.Center(r, i, text, st) })
}

// Repeat draws the character ch, one cell wide, n times to the right.
func (s *Sketch) Repeat(x, y, n int, ch string, st Style) {
	s.add(func(c *Canvas) { c.Repeat(x, y, n, ch, st) })
}

// Column draws the character ch, one cell wide, n times downwards.
func (s *Sketch) Column(x, y, n int, ch string, st Style) {
	s.add(func(c *Canvas) { c.Column(x, y, n, ch, st) })
}

// Cross draws ch, or a crossing if the cell contains other, which is at a right angle to it.
func (s *Sketch) Cross(x, y int, ch, other string, st Style) {
	s.add(func(c *Canvas) { c.Cross(x, y, ch, other, st) })
}

// Frame draws a box around r.
func (s *Sketch) Frame(r Rect, b *Border, st Style) { s.add(func(c *Canvas) { c.Frame(r, b, st) }) }

// Bar draws a bar for a fraction from 0 to 1; even the smallest fraction is visible.
func (s *Sketch) Bar(r Rect, part float64, st Style) { s.add(func(c *Canvas) { c.Bar(r, part, st) }) }

// Tint gives r the background of st but keeps its characters.
func (s *Sketch) Tint(r Rect, st Style) { s.add(func(c *Canvas) { c.Tint(r, st) }) }

// Dim sets whether subsequent operations draw as out of focus.
func (s *Sketch) Dim(dim bool) { s.add(func(c *Canvas) { c.Dim = dim }) }

// Within limits subsequent operations to r until the returned function is called.
func (s *Sketch) Within(r Rect) func() {
	var restore func()
	s.add(func(c *Canvas) { restore = c.Within(r) })
	return func() { s.add(func(*Canvas) { restore() }) }
}
