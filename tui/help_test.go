package tui

import (
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// All characters of the help have ASCII counterparts. The canvas is high enough for all of it.
func TestHelpInASCII(t *testing.T) {
	c := cells.NewCanvas(120, 100)
	if _, foot := drawHelp(c, 0, ""); foot[0].key != "esc" {
		t.Fatal("there is no room for all of the help")
	}
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

// The help can be scrolled by lines and by half screens, and any other key closes it.
func TestHelpScrolls(t *testing.T) {
	d := drive(t, testConfig(), 80, 24)
	d.key("?")
	d.want("─ help ─", "to the twin", "↓ more")
	d.key("pgdown", "pgdown")
	d.want("─ help ─", "↓ more")
	d.wantNot("to the twin")
	d.key("pgup", "up", "pgup")
	d.want("to the twin")
	d.key("x")
	d.wantNot("─ help ─")
}
