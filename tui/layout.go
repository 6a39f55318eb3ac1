package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// The least size of the screen.
const (
	minWidth  = 60
	minHeight = 20
)

// A plan is where the parts of the player stand. Parts for which there is no room are empty.
type plan struct {
	header, stage, list, lanes, log, look, source, footer cells.Rect

	wide bool // the list stands beside the stage, in a frame
}

// needs is what has to be shown.
type needs struct {
	gs, objs int
	panels   int    // objects that have a panel
	list     int    // the width of the list in which no name is cut
	look     string // what to look for
	source   bool   // there is source to be shown, instead of that
	code     bool   // … and it has a place of its own beside the stage
	driven   bool   // the list tells what can be done next
	footer   int    // the lines of the footer, 0: one
	zoomed   bool   // the timeline has an overview, for which it gets a line of the log
	events   int    // how many lines the log can fill; 0: nobody knows, and other things matter more
}

// planFor divides a screen of w × h.
func planFor(w, h int, n needs) plan {
	p := plan{wide: w >= 100 && h >= 24}
	all := cells.Area(0, 0, w, h)
	n.footer = max(1, n.footer)
	p.header, p.footer = all.Row(0), all.Lines(h-n.footer, n.footer)
	w-- // the first column stays free
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

// leastLog is how many lines the log gets where there is little to tell, if there are many lines on the screen.
const leastLog = 8

// divideWide divides body with the list beside the stage, and what to look for below the list.
func (p *plan) divideWide(body cells.Rect, n needs) {
	logH := cells.Clamp(body.H/4, 3, 14)
	if n.source && !n.code {
		logH = cells.Clamp(body.H*30/100, 5, 20)
	} else {
		logH = min(logH, max(leastLog, n.events))
	}
	lanesH := 1 + cells.Clamp(n.gs, 3, max(body.H/4, body.H-40)) // with many lines, more lanes rather than more of the log
	top := body.H - logH - lanesH
	most := max(24, 2*n.gs+8, 12*n.objs)
	if n.driven { // the stage has its panels beside one another, and a few lines for a deadlock
		most = max(24, 2*n.gs+8, 10*((n.objs+1)/2)+6)
	}
	if top > most { // the rest is for the log, as far as it has so much to tell
		logH = max(logH, min(logH+top-most, n.events))
		top = body.H - lanesH - logH
	}
	codeW := 0
	if n.code {
		codeW = cells.Clamp(body.W*34/100, 50, 96)
		p.source = cells.Area(body.X+body.W-codeW, body.Y, codeW, top)
	}
	listW := n.listWidth(body.W-codeW, top)
	if n.code && body.W+1 < codeBeside { // their signs are in the source
		listW = 0
	}
	p.stage = cells.Area(body.X, body.Y, body.W-listW-codeW, top)
	if codeW > 0 { // between the two
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
		if n.driven { // where no time goes by that would show the rest
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

// listWidth returns how wide the list is beside the stage, of w columns in all; both are h high. Long names make it wider,
// as long as there is room for the panels beside it that cannot stand below one another.
func (n *needs) listWidth(w, h int) int {
	most := w * 45 / 100
	if n.panels > max(1, h/(stage.MinPanelH+1)) {
		most = min(most, w-2*stage.MinPanelW)
	}
	return cells.Clamp(n.list, cells.Clamp(w*34/100, 40, 64), most)
}

// lookWidth returns in how many columns what to look for has room within h lines; from least to most.
func (n *needs) lookWidth(least, most, h int) int {
	w := least
	for w < most && len(cells.Wrap(n.look, w-2)) > h {
		w++
	}
	return w
}

// lookH is the height of what to look for where it has no room beside the log.
const lookH = 2

// divide divides body with everything below one another.
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
	if p.look.H > 0 && n.source { // which has a line, too
		more--
	}
	listH := 1 + cells.Clamp(n.gs, 2, rest/5+more)
	top := rest - lanesH - listH
	if n.driven { // the choices matter more than the past
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

// lend gives the log n more lines, below it from what is less urgent, or else above it from lanes and goroutines, of which
// one each stays.
func (p *plan) lend(n int) {
	if p.source.Y == p.log.Y+p.log.H && p.source.H == 1 && n > 0 {
		p.log.H++
		n--
		p.source = cells.Rect{}
	}
	if p.look.H > 0 && p.look.X == p.log.X && p.source.H == 0 && n > 0 {
		h := min(n, p.look.H)
		p.log.H += h
		p.look = cells.Rect{} // a part of it would be something else
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

// codeBeside is from how many columns on the source stands beside the stage and the list.
const codeBeside = 150

// tooSmall draws how much room is needed, in as many words as there is room for.
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
