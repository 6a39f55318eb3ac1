package tui

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestCanvasWide(t *testing.T) {
	for _, tt := range []struct {
		what string
		draw func(c *canvas)
		want string
	}{
		{"a wide character at the edge is left out", func(c *canvas) { c.text(0, 0, "abc日", plain) }, "abc\n"},
		{"its left half goes with its right one", func(c *canvas) { c.text(0, 0, "日本", plain); c.text(1, 0, "x", plain) }, " x本\n"},
		{"its right half goes with its left one", func(c *canvas) { c.text(0, 0, "日本", plain); c.text(2, 0, "x", plain) }, "日x\n"},
		{"a wide one over two wide ones", func(c *canvas) { c.text(0, 0, "日本", plain); c.text(1, 0, "語", plain) }, " 語\n"},
		{"nothing outside", func(c *canvas) { c.text(-2, 0, "abc", plain); c.text(3, 0, "xyz", plain); c.text(0, 1, "no", plain) }, "c  x\n"},
		{"nothing outside of the clip", func(c *canvas) { defer c.within(rect{1, 0, 2, 1})(); c.text(0, 0, "abcd", plain) }, " bc\n"},
		{"marks stay with their letter", func(c *canvas) { c.text(0, 0, "e\u0301x", plain) }, "e\u0301x\n"},
	} {
		c := newCanvas(4, 1)
		tt.draw(c)
		if got := text(c); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
		fits(t, c)
	}
}

func TestRender(t *testing.T) {
	draw := func(th *theme) string {
		c := newCanvas(20, 1)
		c.text(0, 0, "● ann", waiting)
		c.text(6, 0, "日", trouble|bold)
		c.tint(rect{0, 0, 10, 1}, onSelected)
		return c.render(th)
	}
	for _, tt := range []struct {
		what string
		th   *theme
		want string
	}{
		{"truecolour", newTheme(DarkBackground, false, colorprofile.TrueColor), "\x1b[0;38;2;240;180;85;48;2;46;53;71m● ann\x1b[0;48;2;46;53;71m \x1b[0;1;38;2;255;107;112;48;2;46;53;71m日\x1b[0;48;2;46;53;71m  \x1b[m"},
		{"256 colours, light", newTheme(LightBackground, false, colorprofile.ANSI256), "\x1b[0;38;5;130;48;5;253m● ann\x1b[0;48;5;253m \x1b[0;1;38;5;160;48;5;253m日\x1b[0;48;5;253m  \x1b[m"},
		{"16 colours", newTheme(DarkBackground, false, colorprofile.ANSI), "\x1b[0;7m● ann\x1b[0;7m \x1b[0;1;7m日\x1b[0;7m  \x1b[m"},
		{"unknown background", newTheme(AutoBackground, false, colorprofile.TrueColor), "\x1b[0;7m● ann\x1b[0;7m \x1b[0;1;7m日\x1b[0;7m  \x1b[m"},
		{"no colour, ASCII", newTheme(DarkBackground, true, colorprofile.ASCII), "\x1b[0;7m* ann\x1b[0;7m \x1b[0;1;7m? \x1b[0;7m  \x1b[m"},
	} {
		if got := draw(tt.th); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.what, got, tt.want)
		}
	}
}

// TestASCII checks that everything the UI itself draws has an ASCII counterpart.
func TestASCII(t *testing.T) {
	th := newTheme(DarkBackground, true, colorprofile.ASCII)
	for _, roll := range rolls {
		if roll.name == "names" {
			continue
		}
		for _, s := range roll.shots() {
			c := newCanvas(79, 11)
			var sl slider
			sl.drawStage(c, s.scene, rect{0, 0, 79, 11}, 0, nil)
			drawHelp(c, 0)
			for i, l := range c.cells {
				if ascii(l.s, false) == "?" && l.s != "?" {
					t.Errorf("%s, %s: cell %d: %q has no counterpart", roll.name, s.what, i, l.s)
				}
			}
			for _, r := range c.render(th) {
				if r > '~' {
					t.Fatalf("%s, %s: %q in ASCII mode", roll.name, s.what, r)
				}
			}
		}
	}
}
