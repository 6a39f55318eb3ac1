package scene

import (
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Look is the state of a goroutine as lanes, tokens and lists show it.
type Look uint8

// The looks, by increasing importance where there is room for only one.
const (
	LookAbsent   Look = iota // not started, or ended long ago
	LookEnded                // ended
	LookRunning              // runs, holding nothing
	LookHolding              // runs, holding something
	LookReleased             // released, and has not run since
	LookWaiting              // waits
	LookGivingUp             // gave up waiting
	LookFailed               // released without success, or failed
)

// lookOf returns the look of g.
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

// GlyphOf returns the glyph and style of a look.
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
