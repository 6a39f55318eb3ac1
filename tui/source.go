package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// The source view shows the line of the last event, or the last known line of the goroutine in focus, if the recording has the
// source.

// maxLook is the number of past events in which the source view looks for the line of a goroutine.
const maxLook = 512

// isAct reports whether ev happened at a line of the source.
func isAct(ev *trace.Event) bool {
	return ev.PC != 0 && ev.Kind != trace.KindDefinePC && ev.Kind != trace.KindWatch
}

// place returns the goroutine whose line is shown, and its program counter.
func (p *player) place(sc *scene.Scene) (g int64, pc uint64) {
	switch {
	case sc.Focus.G != 0:
		g = sc.Focus.G
	case sc.N > 0:
		g = p.rec.Timeline.Event(sc.N - 1).G
	}
	for i := sc.N - 1; i >= 0 && sc.N-i < maxLook; i-- {
		ev := p.rec.Timeline.Event(i)
		if (ev.G == g || g == 0) && isAct(&ev) {
			return ev.G, ev.PC
		}
	}
	return g, 0
}

// toggleSource shows or hides the source. What covers it goes away: the statistics, and on a small screen the graph.
func (p *player) toggleSource() {
	covered := p.counting || p.graph.on && p.narrow
	if p.counting = false; p.narrow {
		p.graph.on = false
	}
	if !covered || !p.codeIs {
		p.code = !p.code
	}
}

// drawSource draws the source into r: a heading and the lines around the place, or if there is little room, only the line itself.
func (p *player) drawSource(c *cells.Canvas, sc *scene.Scene, r cells.Rect) {
	if r.W == 0 || r.H == 0 {
		return
	}
	g, pc := p.place(sc)
	src := p.rec.Timeline.Now().SourceAt(pc)
	full := cells.Clean(p.rec.Timeline.Now().Site(pc))
	site, _, _ := strings.Cut(full, " ")
	if r.H < 3 {
		if len(src.Lines) > 0 {
			x := c.Text(r.X+1, r.Y, site, cells.StyleAccent)
			c.Text(x+2, r.Y, cells.Truncate(line1(src.Lines[src.At-src.First]), r.X+r.W-x-3), cells.StyleBright)
		}
		return
	}
	more := site
	if site != "" && g != 0 {
		more += " · " + sc.Name(g)
	}
	heading(c, r, "source", more, false)
	p.drawCode(c, sc, r.Lines(1, r.H-1), src, full)
}

// drawCode draws the lines of src around its position, which is site, with the signs of the goroutines that are at them.
func (p *player) drawCode(c *cells.Canvas, sc *scene.Scene, body cells.Rect, src timeline.Source, site string) {
	if len(src.Lines) == 0 {
		for i, s := range cells.Wrap(noSource(src, site), body.W-2) {
			if i < body.H {
				c.Text(body.X+1, body.Y+i, s, cells.StyleDim)
			}
		}
		return
	}
	if src.Changed && body.H > 2 {
		c.Text(body.X+1, body.Y, cells.Truncate("The file has changed since; the lines may not match.", body.W-1), cells.StyleWaiting)
		body = body.Lines(1, body.H-1)
	}
	from := cells.Clamp(src.At-src.First-(body.H-1)/2, 0, max(0, len(src.Lines)-body.H))
	numberW := len(strconv.Itoa(src.First + len(src.Lines)))
	at := p.atLines(sc, site)
	for i := range min(body.H, len(src.Lines)-from) {
		n, st, mark := src.First+from+i, cells.StylePlain, " "
		row := body.Row(i)
		if n == src.At {
			st, mark = cells.StyleBright|cells.StyleBold, "▸"
			c.Tint(row, cells.StyleOnSelected)
		}
		c.Text(row.X, row.Y, mark, cells.StyleAccent)
		c.Right(row.X+1+numberW, row.Y, strconv.Itoa(n), cells.StyleDim)
		x := row.X + numberW + 2
		p.drawSigns(c, sc, cells.Area(x, row.Y, atLineW, 1), at[n])
		x += atLineW + 1
		room := row.X + row.W - x - 1
		end := c.Text(x, row.Y, cells.Truncate(untab(src.Lines[from+i]), room), st)
		p.drawWho(c, sc, cells.Area(end+2, row.Y, row.X+row.W-end-3, 1), at[n])
	}
}

// noSource returns why there are no lines.
func noSource(src timeline.Source, site string) string {
	switch {
	case src.File != "":
		return "The file cannot be read: " + cells.Clean(src.File)
	case site == "":
		return "The source location is not known."
	}
	return "The recording does not include the source."
}

// atLineW is the width of the signs of the goroutines at a line.
const atLineW = 3

// atLines returns the goroutines at each line of the file of site, according to their last known positions.
func (p *player) atLines(sc *scene.Scene, site string) map[int][]*timeline.Goroutine {
	file, _, pkg := splitSite(site)
	pcs := make(map[int64]uint64)
	events := p.rec.Timeline.Events()
	for i := sc.N - 1; i >= 0 && sc.N-i < maxLook; i-- {
		if ev := &events[i]; isAct(ev) && pcs[ev.G] == 0 {
			pcs[ev.G] = ev.PC
		}
	}
	at := make(map[int][]*timeline.Goroutine)
	for _, g := range sc.State.Goroutines() {
		pc := g.Last.PC
		if pc == 0 {
			pc = pcs[g.ID]
		}
		if pc == 0 || g.Status == timeline.StatusEnded {
			continue
		}
		if f, line, in := splitSite(cells.Clean(p.rec.Timeline.Now().Site(pc))); f == file && in == pkg && line > 0 {
			at[line] = append(at[line], g)
		}
	}
	return at
}

// splitSite splits a site, such as "bank.go:17 bank.(*account).pay", into file, line and package.
func splitSite(site string) (file string, line int, pkg string) {
	place, fn, _ := strings.Cut(site, " ")
	i := strings.LastIndexByte(place, ':')
	if i < 0 {
		return "", 0, ""
	}
	line, _ = strconv.Atoi(place[i+1:]) // 0 if there is none
	pkg, _, _ = strings.Cut(fn, ".")
	return place[:i], line, pkg
}

// drawSigns draws the signs of gs into r, or the first sign and their number if they do not fit.
func (p *player) drawSigns(c *cells.Canvas, sc *scene.Scene, r cells.Rect, gs []*timeline.Goroutine) {
	for i, g := range gs {
		glyph, st := scene.GlyphOf(sc.Look(g))
		if i == 0 && len(gs) > r.W {
			c.Text(r.X, r.Y, glyph, st)
			c.Text(r.X+1, r.Y, cells.Truncate(strconv.Itoa(len(gs)), r.W-1), cells.StyleDim)
			return
		}
		c.Dim = sc.Dims(g.ID)
		c.Text(r.X+i, r.Y, glyph, st)
		c.Dim = false
	}
}

// drawWho draws the names of the goroutines at a line, as far as they fit.
func (p *player) drawWho(c *cells.Canvas, sc *scene.Scene, r cells.Rect, gs []*timeline.Goroutine) {
	x := r.X
	for i, g := range gs {
		name, more := sc.Name(g.ID), ""
		if i < len(gs)-1 {
			more = fmt.Sprintf(" +%d", len(gs)-1-i)
		}
		if x+cells.Width(name)+cells.Width(more) > r.X+r.W {
			if i > 0 {
				c.Text(x, r.Y, fmt.Sprintf("+%d", len(gs)-i), cells.StyleDim)
			}
			return
		}
		_, st := scene.GlyphOf(sc.Look(g))
		x = c.Text(x, r.Y, name, st) + 1
	}
}

// line1 returns a line of source without indentation.
func line1(s string) string { return cells.Clean(strings.TrimSpace(s)) }

// untab returns a line of source with its indentation as blanks.
func untab(s string) string {
	n := len(s) - len(strings.TrimLeft(s, "\t"))
	return strings.Repeat("    ", n) + cells.Clean(s[n:])
}
