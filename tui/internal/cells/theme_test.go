package cells

import (
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// luminance returns the relative luminance of a color as defined by WCAG.
func luminance(rgb uint32) float64 {
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func ratio(a, b uint32) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// With high contrast, all text has enough contrast to the page, the bars and a selected line.
func TestHighContrast(t *testing.T) {
	for _, on := range []struct {
		palette Palette
		page    uint32
	}{{PaletteDark, 0x14161c}, {PaletteLight, 0xfcfcfa}} {
		th := NewTheme(on.palette, false, colorprofile.TrueColor).Contrast()
		pages := []uint32{on.page}
		for _, g := range th.grounds {
			pages = append(pages, g.rgb)
		}
		for role := StylePlain; role < styleRoles; role++ {
			want := 7.0
			if role == StyleLine {
				want = 4.5
			}
			for i, page := range pages {
				if i > 0 {
					want = min(want, 4.5)
				}
				if i == 3 && role != StyleTrouble && role != StyleBright || i > 0 && role == StyleLine { // used there
					continue
				}
				if got := ratio(th.paints[role].rgb, page); got < want {
					t.Errorf("palette %d, role %d on #%06x: contrast %.1f, want %.1f", on.palette, role, page, got, want)
				}
			}
		}
	}
}

// If the background is unknown, text has the terminal's default color, and only frames are gray.
func TestUnknownBackground(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI} {
		th := NewTheme(PaletteSafe, false, profile)
		for role, want := range map[Style]string{StylePlain: "\x1b[0m", StyleBright: "\x1b[0;1m", StyleDim: "\x1b[0;2m", StyleEnded: "\x1b[0;2m", StyleLine: "\x1b[0;90m", StyleWaiting: "\x1b[0;33m"} {
			if got := th.sgr(role); got != want {
				t.Errorf("%v: role %d is %q, want %q", profile, role, got, want)
			}
		}
	}
	c := NewCanvas(10, 1)
	c.Text(0, 0, "faint", StyleDim)
	if s := c.Render(NewTheme(PaletteSafe, false, colorprofile.TrueColor).Contrast()); strings.Contains(s, ";2") {
		t.Errorf("with high contrast something is faint: %q", s)
	}
}
