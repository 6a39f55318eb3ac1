package tui

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A hit is a part of the screen that can be clicked.
type hit struct {
	r    cells.Rect
	pane pane
	g    int64
	obj  trace.ID
	n    int // an event, in the log
	head bool

	group string // a group in the timeline
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

// find returns the last of hits that contains x, y.
func find(hits []hit, x, y int) (hit, bool) {
	for _, h := range slices.Backward(hits) {
		if h.r.Has(x, y) {
			return h, true
		}
	}
	return hit{}, false
}
