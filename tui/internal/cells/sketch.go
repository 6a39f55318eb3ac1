package cells

// A Sketch is a list of drawing operations, in order. It has the methods of a canvas without needing one: positions are
// known before anything is drawn, and a sketch can be thrown away.
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

// Text draws text from x to the right and returns the column after it.
func (s *Sketch) Text(x, y int, text string, st Style) int {
	s.add(func(c *Canvas) { c.Text(x, y, text, st) })
	return x + Width(text)
}

// Fit draws text within n cells, shortened in the middle if it is longer, and returns the column after it.
func (s *Sketch) Fit(x, y, n int, text string, st Style) int {
	return s.Text(x, y, Shorten(text, n), st)
}

// Right draws text so that it ends before column x.
func (s *Sketch) Right(x, y int, text string, st Style) {
	s.add(func(c *Canvas) { c.Right(x, y, text, st) })
}

// Center draws text in the middle of line i of r, shortened at the end if it is longer.
func (s *Sketch) Center(r Rect, i int, text string, st Style) {
	s.add(func(c *Canvas) { c.Center(r, i, text, st) })
}

// Repeat draws n times the character ch, one cell wide, to the right.
func (s *Sketch) Repeat(x, y, n int, ch string, st Style) {
	s.add(func(c *Canvas) { c.Repeat(x, y, n, ch, st) })
}

// Column draws n times the character ch, one cell wide, downwards.
func (s *Sketch) Column(x, y, n int, ch string, st Style) {
	s.add(func(c *Canvas) { c.Column(x, y, n, ch, st) })
}

// Cross draws ch, or a crossing where other, which is at a right angle to it, is already.
func (s *Sketch) Cross(x, y int, ch, other string, st Style) {
	s.add(func(c *Canvas) { c.Cross(x, y, ch, other, st) })
}

// Frame draws a box around r.
func (s *Sketch) Frame(r Rect, b *Border, st Style) { s.add(func(c *Canvas) { c.Frame(r, b, st) }) }

// Bar draws a bar for the given part, from 0 to 1, and at least a little.
func (s *Sketch) Bar(r Rect, part float64, st Style) { s.add(func(c *Canvas) { c.Bar(r, part, st) }) }

// Tint gives r the background of st and leaves its characters.
func (s *Sketch) Tint(r Rect, st Style) { s.add(func(c *Canvas) { c.Tint(r, st) }) }

// Dim sets whether what follows is out of focus.
func (s *Sketch) Dim(dim bool) { s.add(func(c *Canvas) { c.Dim = dim }) }

// Within draws what follows only inside of r, until the function that it returns is called.
func (s *Sketch) Within(r Rect) func() {
	var restore func()
	s.add(func(c *Canvas) { restore = c.Within(r) })
	return func() { s.add(func(*Canvas) { restore() }) }
}
