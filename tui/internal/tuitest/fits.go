package tuitest

import (
	"testing"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Fits fails the test if a line of c is not exactly as wide as c.
func Fits(t *testing.T, c *cells.Canvas) {
	t.Helper()
	for y := range c.H {
		n := 0
		for _, l := range c.Row(y) {
			n += cells.Width(l.S)
		}
		if n != c.W {
			t.Errorf("line %d is %d cells wide, want %d", y, n, c.W)
		}
	}
}
