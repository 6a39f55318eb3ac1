package tui

import (
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Everything that the help draws has an ASCII counterpart.
func TestHelpInASCII(t *testing.T) {
	c := cells.NewCanvas(120, 40)
	drawHelp(c, 0, "")
	for y := range c.H {
		for _, l := range c.Row(y) {
			if cells.ASCII(l.S, false) == "?" && l.S != "?" {
				t.Errorf("line %d: %q has no counterpart", y, l.S)
			}
		}
	}
	for _, r := range c.Render(cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)) {
		if r > '~' {
			t.Fatalf("%q in ASCII mode", r)
		}
	}
}
