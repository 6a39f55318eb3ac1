package tui

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A hit says what a part of the screen is, for the mouse.
type hit struct {
	r    cells.Rect
	pane pane
	g    int64
	obj  trace.ID
	n    int // an event, in the log
	head bool

	crowd string // a group in the timeline
	over  bool   // the overview of the timeline
}

// A pane is one of the panels between which tab moves.
type pane uint8

const (
	onStage pane = iota
	onList
	onLanes
	onLog
	panes
)

// find returns what is at x, y: the last of hits that covers it.
func find(hits []hit, x, y int) (hit, bool) {
	for _, h := range slices.Backward(hits) {
		if h.r.Has(x, y) {
			return h, true
		}
	}
	return hit{}, false
}
