package cells

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestCanvasWide(t *testing.T) {
	for _, tt := range []struct {
		what string
		draw func(c *Canvas)
		want string
	}{
		{"a wide character at the edge is left out", func(c *Canvas) { c.Text(0, 0, "abc日", StylePlain) }, "abc\n"},
		{"its left half goes with its right one", func(c *Canvas) { c.Text(0, 0, "日本", StylePlain); c.Text(1, 0, "x", StylePlain) }, " x本\n"},
		{"its right half goes with its left one", func(c *Canvas) { c.Text(0, 0, "日本", StylePlain); c.Text(2, 0, "x", StylePlain) }, "日x\n"},
		{"a wide one over two wide ones", func(c *Canvas) { c.Text(0, 0, "日本", StylePlain); c.Text(1, 0, "語", StylePlain) }, " 語\n"},
		{"nothing outside", func(c *Canvas) {
			c.Text(-2, 0, "abc", StylePlain)
			c.Text(3, 0, "xyz", StylePlain)
			c.Text(0, 1, "no", StylePlain)
		}, "c  x\n"},
		{"nothing outside of the clip", func(c *Canvas) { defer c.Within(Rect{1, 0, 2, 1})(); c.Text(0, 0, "abcd", StylePlain) }, " bc\n"},
		{"marks stay with their letter", func(c *Canvas) { c.Text(0, 0, "e\u0301x", StylePlain) }, "e\u0301x\n"},
	} {
		c := NewCanvas(4, 1)
		tt.draw(c)
		if got := c.String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
		fits(t, c)
	}
}

func TestRender(t *testing.T) {
	draw := func(th *Theme) string {
		c := NewCanvas(20, 1)
		c.Text(0, 0, "● ann", StyleWaiting)
		c.Text(6, 0, "日", StyleTrouble|StyleBold)
		c.Tint(Rect{0, 0, 10, 1}, StyleOnSelected)
		return c.Render(th)
	}
	for _, tt := range []struct {
		what string
		th   *Theme
		want string
	}{
		{"truecolor", NewTheme(PaletteDark, false, colorprofile.TrueColor), "\x1b[0;38;2;240;180;85;48;2;46;53;71m● ann\x1b[0;48;2;46;53;71m \x1b[0;1;38;2;255;107;112;48;2;46;53;71m日\x1b[0;48;2;46;53;71m  \x1b[m"},
		{"256 colors, light", NewTheme(PaletteLight, false, colorprofile.ANSI256), "\x1b[0;38;5;130;48;5;253m● ann\x1b[0;48;5;253m \x1b[0;1;38;5;160;48;5;253m日\x1b[0;48;5;253m  \x1b[m"},
		{"16 colors", NewTheme(PaletteDark, false, colorprofile.ANSI), "\x1b[0;7m● ann\x1b[0;7m \x1b[0;1;7m日\x1b[0;7m  \x1b[m"},
		{"unknown background", NewTheme(PaletteSafe, false, colorprofile.TrueColor), "\x1b[0;7m● ann\x1b[0;7m \x1b[0;1;7m日\x1b[0;7m  \x1b[m"},
		{"no color, ASCII", NewTheme(PaletteDark, true, colorprofile.ASCII), "\x1b[0;7m* ann\x1b[0;7m \x1b[0;1;7m? \x1b[0;7m  \x1b[m"},
	} {
		if got := draw(tt.th); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.what, got, tt.want)
		}
	}
}

// fits fails the test if a line of c is not exactly as wide as c.
func fits(t *testing.T, c *Canvas) {
	t.Helper()
	for y := range c.H {
		n := 0
		for _, l := range c.Row(y) {
			n += Width(l.S)
		}
		if n != c.W {
			t.Errorf("line %d is %d cells wide, want %d", y, n, c.W)
		}
	}
}

// A sketch returns the same columns and draws the same cells as a canvas.
func TestSketch(t *testing.T) {
	type pen interface {
		Text(x, y int, text string, st Style) int
		Fit(x, y, n int, text string, st Style) int
		Right(x, y int, text string, st Style)
		Center(r Rect, i int, text string, st Style)
		Repeat(x, y, n int, ch string, st Style)
		Column(x, y, n int, ch string, st Style)
		Cross(x, y int, ch, other string, st Style)
		Frame(r Rect, b *Border, st Style)
		Bar(r Rect, part float64, st Style)
		Tint(r Rect, st Style)
		Within(r Rect) func()
	}
	draw := func(p pen) (ends [2]int) {
		p.Frame(Area(0, 0, 20, 7), Round, StyleLine)
		p.Column(4, 0, 7, "│", StyleLine)
		p.Cross(4, 3, "─", "│", StyleLine)
		inside := p.Within(Area(1, 1, 18, 5))
		ends[0] = p.Text(5, 1, "日本語 is longer than that", StylePlain)
		inside()
		ends[1] = p.Fit(5, 2, 6, "worker-17", StyleBright|StyleBold)
		p.Right(19, 3, "right", StyleDim)
		p.Center(Area(5, 4, 14, 1), 0, "center", StyleWaiting)
		p.Repeat(5, 5, 30, "━", StyleRunning)
		p.Bar(Area(5, 4, 5, 1), 0.5, StyleHolding)
		p.Tint(Area(0, 2, 20, 1), StyleOnSelected)
		return ends
	}
	c, sketched := NewCanvas(20, 7), NewCanvas(20, 7)
	want := draw(c)
	var s Sketch
	if got := draw(&s); got != want {
		t.Errorf("it ends at %v, want %v", got, want)
	}
	s.Draw(sketched)
	th := NewTheme(PaletteDark, false, colorprofile.TrueColor)
	if got, want := sketched.Render(th), c.Render(th); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s = Sketch{}
	s.Dim(true)
	s.Text(0, 0, "x", StylePlain)
	s.Dim(false)
	s.Text(1, 0, "y", StylePlain)
	s.Draw(sketched)
	if row := sketched.Row(0); row[0].st != StylePlain.dimmed() || row[1].st != StylePlain {
		t.Errorf("dimmed %d and %d", row[0].st, row[1].st)
	}
}
