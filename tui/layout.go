package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// The minimum size of the screen.
const (
	minWidth  = 60
	minHeight = 20
)

// A plan is the layout of the player. A part for which there is no room is empty.
type plan struct {
	header, stage, list, lanes, log, look, source, footer cells.Rect

	wide bool // the list is beside the stage, in a frame
}

// needs are the requirements for a layout.
type needs struct {
	gs, objs int
	panels   int    // objects that have a panel
	list     int    // the width at which the list cuts no name
	look     string // the text of what to look for
	source   bool   // there is source code to show
	code     bool   // the source has an area of its own beside the stage
	driven   bool   // the list shows the possible choices
	footer   int    // the number of lines of the footer; 0 means one
	zoomed   bool   // the timeline has an overview, which takes a line of the log
	events   int    // the number of lines that the log can fill; 0: unknown, and other parts matter more
}

// planFor lays out a screen of w × h cells.
func planFor(w, h int, n needs) plan {
	p := plan{wide: w >= 100 && h >= 24}
	all := cells.Area(0, 0, w, h)
	n.footer = max(1, n.footer)
	p.header, p.footer = all.Row(0), all.Lines(h-n.footer, n.footer)
	w-- // the first column is a margin
	body := cells.Area(1, 1, w, h-1-n.footer)
	n.gs = max(n.gs, 2)
	if p.wide {
		p.divideWide(body, n)
	} else {
		p.divide(body, n)
	}
	if n.zoomed && p.log.H > 2 {
		p.lanes.H++
		below := []*cells.Rect{&p.log, &p.look}
		if p.wide {
			below = append(below, &p.source)
		}
		for _, r := range below {
			r.Y, r.H = r.Y+1, max(0, r.H-1)
		}
	}
	return p
}

// leastLog is the height on a tall screen of a log with few events.
const leastLog = 8

// divideWide lays out body with the list beside the stage.
func (p *plan) divideWide(body cells.Rect, n needs) {
	logH := cells.Clamp(body.H/4, 3, 14)
	if n.source && !n.code {
		logH = cells.Clamp(body.H*30/100, 5, 20)
	} else {
		logH = min(logH, max(leastLog, n.events))
	}
	lanesH := 1 + cells.Clamp(n.gs, 3, max(body.H/4, body.H-40)) // on a tall screen, more lanes matter more than a longer log
	top := body.H - logH - lanesH
	most := max(24, 2*n.gs+8, 12*n.objs)
	if n.driven { // room for panels in two columns, and for the description of a deadlock
		most = max(24, 2*n.gs+8, 10*((n.objs+1)/2)+6)
	}
	if top > most { // give the rest to the log, as far as it has events
		logH = max(logH, min(logH+top-most, n.events))
		top = body.H - lanesH - logH
	}
	codeW := 0
	if n.code {
		codeW = cells.Clamp(body.W*34/100, 50, 96)
		p.source = cells.Area(body.X+body.W-codeW, body.Y, codeW, top)
	}
	listW := n.listWidth(body.W-codeW, top)
	if n.code && body.W+1 < codeBeside { // the source shows the goroutines
		listW = 0
	}
	p.stage = cells.Area(body.X, body.Y, body.W-listW-codeW, top)
	if codeW > 0 { // put the list between source and stage
		p.source.X -= listW
		p.source.X, p.source.W = p.source.X+1, p.source.W-2
	}
	p.list = cells.Area(body.X+body.W-listW, body.Y, listW, top)
	p.lanes = body.Lines(top, lanesH)
	p.log = body.Lines(top+lanesH, logH)
	switch {
	case n.source && !n.code:
		w := body.W / 2
		p.source = p.log.Cols(body.W-w, w)
		h := 1 + lookH
		if n.driven { // no time passes that would show the rest
			h = max(h, 1+min(4, len(cells.Wrap(n.look, w-2))))
		}
		if n.look != "" && p.source.H >= 2*h {
			p.look = p.source.Lines(p.source.H-h, h)
			p.source.H -= h
		}
		p.log.W -= w + 1
	case n.look != "":
		lookW := n.lookWidth(listW, body.W/2, logH-1)
		p.look = p.log.Cols(body.W-lookW, lookW)
		p.log.W -= lookW + 1
	}
}

// listWidth returns the width of the list beside the stage; together they have w × h cells. Long names make it wider, as long as
// panels that do not fit below one another have room beside it.
func (n *needs) listWidth(w, h int) int {
	most := w * 45 / 100
	if n.panels > max(1, h/(stage.MinPanelH+1)) {
		most = min(most, w-2*stage.MinPanelW)
	}
	return cells.Clamp(n.list, cells.Clamp(w*34/100, 40, 64), most)
}

// lookWidth returns the width, from least to most, at which what to look for fits into h lines.
func (n *needs) lookWidth(least, most, h int) int {
	w := least
	for w < most && len(cells.Wrap(n.look, w-2)) > h {
		w++
	}
	return w
}

// lookH is the height of what to look for if there is no room for it beside the log.
const lookH = 2

// divide lays out body with all parts below one another.
func (p *plan) divide(body cells.Rect, n needs) {
	logH := 1
	switch {
	case body.H >= 26:
		logH = 4
	case body.H >= 22:
		logH = 2
	}
	more := (body.H + 2) / 24
	if n.look != "" && !n.driven && body.H >= 22 {
		p.look = body.Lines(body.H-lookH, lookH)
		body.H -= lookH
	}
	rest := body.H - logH
	lanesH := 1 + cells.Clamp(n.gs, 2, rest/6)
	if p.look.H > 0 {
		lanesH = min(lanesH, max(3, rest/6))
	}
	if p.look.H > 0 && n.source { // the source has a line, too
		more--
	}
	listH := 1 + cells.Clamp(n.gs, 2, rest/5+more)
	top := rest - lanesH - listH
	if n.driven { // the choices matter more than past events
		lanesH, listH = 3, 1+cells.Clamp(n.gs, 2, rest*2/5)
		top = rest - lanesH - listH
	}
	p.stage = body.Lines(0, top)
	p.list = body.Lines(top, listH)
	p.lanes = body.Lines(top+listH, lanesH)
	p.log = body.Lines(top+listH+lanesH, logH)
	switch {
	case n.code: // in the place of the stage
		p.source, p.stage = p.stage, cells.Rect{}
	case n.source:
		h := 1
		if body.H >= 30 {
			h = 5
		}
		p.stage.H -= h
		for _, r := range []*cells.Rect{&p.list, &p.lanes, &p.log} {
			r.Y -= h
		}
		p.source = body.Lines(body.H-h, h)
	}
}

// lend gives n more lines to the log: from below, where it takes them from less important parts, or else from the lanes and
// goroutines above, which keep at least one each.
func (p *plan) lend(n int) {
	if p.source.Y == p.log.Y+p.log.H && p.source.H == 1 && n > 0 {
		p.log.H++
		n--
		p.source = cells.Rect{}
	}
	if p.look.H > 0 && p.look.X == p.log.X && p.source.H == 0 && n > 0 {
		h := min(n, p.look.H)
		p.log.H += h
		p.look = cells.Rect{} // a part of it would be misleading
		n -= h
	}
	for _, above := range []struct {
		r    *cells.Rect
		keep int
	}{{&p.lanes, 2}, {&p.list, 2}} {
		h := cells.Clamp(n, 0, max(0, above.r.H-above.keep))
		above.r.H -= h
		if above.r == &p.list {
			p.lanes.Y -= h
		}
		p.log.Y, p.log.H = p.log.Y-h, p.log.H+h
		n -= h
	}
}

// codeBeside is the least width of a screen that shows the source beside the stage and the list.
const codeBeside = 150

// tooSmall says how large the screen must be, as wordily as it fits.
func tooSmall(c *cells.Canvas) {
	r := cells.Area(0, 0, c.W, c.H)
	need := fmt.Sprintf("%d×%d", minWidth, minHeight)
	for _, sentences := range [...][]string{
		{"More room, please.", fmt.Sprintf("turnstile needs %s;", need), fmt.Sprintf("this is %d×%d.", c.W, c.H)},
		{"turnstile needs " + need}, {"needs " + need}, {need},
	} {
		var lines []string
		for _, s := range sentences {
			lines = append(lines, cells.Wrap(s, c.W)...)
		}
		if len(lines) > c.H {
			continue
		}
		for i, s := range lines {
			c.Center(r, (c.H-len(lines))/2+i, s, cells.StyleBright|cells.StyleBold)
		}
		return
	}
}
