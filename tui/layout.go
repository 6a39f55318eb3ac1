package tui

import "fmt"

// The least size of the screen.
const (
	minWidth  = 60
	minHeight = 20
)

// A plan is where the parts of the player stand. Parts for which there is no room are empty.
type plan struct {
	header, stage, list, lanes, log, footer rect

	wide bool // the list stands beside the stage, in a frame
}

// planFor divides a screen of w × h for gs goroutines and objs objects.
func planFor(w, h, gs, objs int) plan {
	p := plan{wide: w >= 100 && h >= 24}
	all := rect{0, 0, w, h}
	p.header, p.footer = all.row(0), all.row(h-1)
	w-- // the first column stays free
	body := rect{1, 1, w, h - 2}
	gs = max(gs, 2)
	if p.wide {
		logH := clamp(body.h/4, 3, 14)
		lanesH := 1 + clamp(gs, 3, body.h/4)
		top := body.h - logH - lanesH
		if most := max(24, 2*gs+8, 12*objs); top > most {
			top = most
			logH = body.h - lanesH - top
		}
		listW := clamp(w*34/100, 40, 64)
		p.stage = rect{body.x, body.y, w - listW, top}
		p.list = rect{body.x + w - listW, body.y, listW, top}
		p.lanes = body.lines(top, lanesH)
		p.log = body.lines(top+lanesH, logH)
		return p
	}
	logH := 1
	switch {
	case body.h >= 26:
		logH = 4
	case body.h >= 22:
		logH = 2
	}
	rest := body.h - logH
	lanesH := 1 + clamp(gs, 2, rest/6)
	listH := 1 + clamp(gs, 2, rest/5+h/24)
	top := rest - lanesH - listH
	p.stage = body.lines(0, top)
	p.list = body.lines(top, listH)
	p.lanes = body.lines(top+listH, lanesH)
	p.log = body.lines(top+listH+lanesH, logH)
	return p
}

func clamp(x, low, high int) int { return max(low, min(x, high)) }

// tooSmall draws how much room is needed, in as many words as there is room for.
func tooSmall(c *canvas) {
	r := rect{0, 0, c.w, c.h}
	need := fmt.Sprintf("%d×%d", minWidth, minHeight)
	for _, sentences := range [...][]string{
		{"More room, please.", fmt.Sprintf("turnstile needs %s;", need), fmt.Sprintf("this is %d×%d.", c.w, c.h)},
		{"turnstile needs " + need}, {"needs " + need}, {need},
	} {
		var lines []string
		for _, s := range sentences {
			lines = append(lines, wrap(s, c.w)...)
		}
		if len(lines) > c.h {
			continue
		}
		for i, s := range lines {
			c.center(r, (c.h-len(lines))/2+i, s, bright|bold)
		}
		return
	}
}
