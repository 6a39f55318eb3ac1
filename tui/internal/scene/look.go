package scene

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Look is what a goroutine looks like at a moment, as the lanes, tokens and lists tell it.
type Look uint8

// The looks, by how much they matter where there is room for one only.
const (
	LookAbsent   Look = iota // not started, or ended long ago
	LookEnded                // ended
	LookRunning              // runs, holding nothing
	LookHolding              // runs, holding something
	LookReleased             // released, and has not run since
	LookWaiting              // waits
	LookGivingUp             // gave up waiting
	LookFailed               // released without success
)

// lookOf returns what g looks like.
func lookOf(g *timeline.Goroutine) Look {
	switch {
	case g == nil:
		return LookAbsent
	case g.Status == timeline.StatusEnded:
		return LookEnded
	case g.Status == timeline.StatusWaiting:
		return LookWaiting
	case g.Status == timeline.StatusReleased && g.Failed:
		return LookFailed
	case g.Last.Kind == trace.KindFail:
		return LookFailed
	case g.Status == timeline.StatusReleased:
		return LookReleased
	case g.Status == timeline.StatusGaveUp:
		return LookGivingUp
	case len(g.Holds) > 0:
		return LookHolding
	default:
		return LookRunning
	}
}

// GlyphOf returns the glyph of a look and the style in which it is drawn.
func GlyphOf(l Look) (string, cells.Style) {
	switch l {
	case LookWaiting:
		return cells.GlyphWaiting, cells.StyleWaiting
	case LookHolding:
		return cells.GlyphHolding, cells.StyleHolding
	case LookReleased:
		return cells.GlyphReleased, cells.StyleReleased
	case LookGivingUp:
		return cells.GlyphGaveUp, cells.StyleTrouble
	case LookFailed:
		return cells.GlyphTrouble, cells.StyleTrouble
	case LookEnded:
		return cells.GlyphEnded, cells.StyleEnded
	default:
		return cells.GlyphRunning, cells.StyleRunning
	}
}
