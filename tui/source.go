package tui

import (
	"strconv"
	"strings"
)

// The source is shown of what has just happened, or where the goroutine in focus was last, as far as the recording has it.

// maxLook is how many events back it is looked for what a goroutine did last at a known place.
const maxLook = 512

// place returns the goroutine whose place in the source is to be shown, and the position.
func (p *player) place(sc *scene) (g int64, pc uint64) {
	switch {
	case sc.focus.g != 0:
		g = sc.focus.g
	case sc.n > 0:
		g = p.reel.tl.Event(sc.n - 1).G
	}
	for i := sc.n - 1; i >= 0 && sc.n-i < maxLook; i-- {
		ev := p.reel.tl.Event(i)
		if (ev.G == g || g == 0) && ev.PC != 0 && !isSilent(ev.Kind) {
			return ev.G, ev.PC
		}
	}
	return g, 0
}

// drawSource draws the source into r: a heading and the lines around the place, or in one or two lines that line alone.
func (p *player) drawSource(c *canvas, sc *scene, r rect) {
	if r.w == 0 || r.h == 0 {
		return
	}
	g, pc := p.place(sc)
	src := p.reel.tl.Now().SourceAt(pc)
	site, _, _ := strings.Cut(clean(p.reel.tl.Now().Site(pc)), " ")
	if r.h < 3 {
		if len(src.Lines) > 0 {
			x := c.text(r.x+1, r.y, site, accent)
			c.text(x+2, r.y, truncate(line1(src.Lines[src.At-src.First]), r.x+r.w-x-3), bright)
		}
		return
	}
	more := site
	if site != "" && g != 0 {
		more += " · " + sc.name(g)
	}
	heading(c, r, "source", more, false)
	body := r.lines(1, r.h-1)
	if len(src.Lines) == 0 {
		c.text(body.x+1, body.y, truncate("not known here", body.w-1), dim)
		return
	}
	from := clamp(src.At-src.First-(body.h-1)/2, 0, max(0, len(src.Lines)-body.h))
	numberW := len(strconv.Itoa(src.First + len(src.Lines)))
	for i := range min(body.h, len(src.Lines)-from) {
		n, st, mark := src.First+from+i, plain, " "
		row := body.row(i)
		if n == src.At {
			st, mark = bright|bold, "▸"
			c.tint(row, onSelected)
		}
		c.text(row.x, row.y, mark, accent)
		c.right(row.x+1+numberW, row.y, strconv.Itoa(n), dim)
		c.text(row.x+numberW+3, row.y, truncate(untab(src.Lines[from+i]), row.w-numberW-4), st)
	}
}

// line1 returns a line of source without the blanks before it.
func line1(s string) string { return clean(strings.TrimSpace(s)) }

// untab returns a line of source with tabs as blanks.
func untab(s string) string {
	n := len(s) - len(strings.TrimLeft(s, "\t"))
	return strings.Repeat("    ", n) + clean(s[n:])
}
