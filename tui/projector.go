package tui

import (
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// drawProjector draws the player for an audience at the back of a large room: only the stage with large tokens, or the wait-for
// graph, and one sentence about the last event.
func (p *player) drawProjector(c *cells.Canvas, message string, style cells.Style) {
	const below = 3
	const wrapLoss = 20 // the cells that the first of two lines may leave empty, because words are not broken
	sc := p.scene()
	sc.Large = true
	p.hits, p.buttons = p.hits[:0], nil
	if stage := cells.Area(1, 0, c.W-1, c.H-below); p.graph.on {
		p.drawGraph(c, sc, stage)
	} else {
		p.drawStage(c, sc, plan{stage: stage})
	}
	row := cells.Area(0, c.H-below+1, c.W, 1)
	if message == "" {
		message, style = p.verdict(sc, 2*(c.W-4)-wrapLoss)
	}
	if message == "" {
		message, style = p.justHappened(sc), cells.StyleBright|cells.StyleBold
	}
	if p.prompt != nil {
		p.prompt.draw(c, cells.Area(0, c.H-1, c.W, 1))
		return
	}
	for i, s := range wording.InLines(message, c.W-4, 2) {
		c.Center(cells.Area(row.X+2, row.Y+i, row.W-4, 1), 0, s, style)
	}
}

// justHappened describes the last visible event.
func (p *player) justHappened(sc *scene.Scene) string {
	ns := recent(&p.rec.Timeline, sc.N, 1, scene.Focus{})
	if len(ns) == 0 {
		return "nothing has happened yet"
	}
	return p.log.sentence(&p.rec.Timeline, ns[0])
}
