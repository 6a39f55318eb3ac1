package stage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// However little room there is, the counts show each look.
func TestCountsShowEachLook(t *testing.T) {
	tr := tuitest.NewTrace()
	var seats []seat
	for l := scene.LookEnded; l <= scene.LookFailed; l++ {
		for i := range int(l) {
			name := fmt.Sprintf("worker-%d-%d", l, i)
			seats = append(seats, seat{g: tr.G(name), look: l})
		}
	}
	sc := stillOf(tr)
	for h := 1; h <= 8; h++ {
		st := &stage{sc: sc}
		area := cells.Area(0, 0, 60, h)
		st.counts(area, 1, seats, seating{})
		c := cells.NewCanvas(60, h)
		st.Draw(c)
		st.drawTokens(c, sc, nil)
		for l := scene.LookEnded; l <= scene.LookFailed; l++ {
			if glyph, _ := scene.GlyphOf(l); !strings.Contains(c.String(), glyph) {
				t.Errorf("%d lines: no %s in\n%s", h, glyph, c.String())
			}
		}
	}
}
