package tui

import (
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
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
func (p *player) drawSource(c *cells.Canvas, sc *scene, r cells.Rect) {
	if r.W == 0 || r.H == 0 {
		return
	}
	g, pc := p.place(sc)
	src := p.reel.tl.Now().SourceAt(pc)
	site, _, _ := strings.Cut(cells.Clean(p.reel.tl.Now().Site(pc)), " ")
	if r.H < 3 {
		if len(src.Lines) > 0 {
			x := c.Text(r.X+1, r.Y, site, cells.Accent)
			c.Text(x+2, r.Y, cells.Truncate(line1(src.Lines[src.At-src.First]), r.X+r.W-x-3), cells.Bright)
		}
		return
	}
	more := site
	if site != "" && g != 0 {
		more += " · " + sc.name(g)
	}
	heading(c, r, "source", more, false)
	body := r.Lines(1, r.H-1)
	if len(src.Lines) == 0 {
		c.Text(body.X+1, body.Y, cells.Truncate("not known here", body.W-1), cells.Dim)
		return
	}
	from := clamp(src.At-src.First-(body.H-1)/2, 0, max(0, len(src.Lines)-body.H))
	numberW := len(strconv.Itoa(src.First + len(src.Lines)))
	for i := range min(body.H, len(src.Lines)-from) {
		n, st, mark := src.First+from+i, cells.Plain, " "
		row := body.Row(i)
		if n == src.At {
			st, mark = cells.Bright|cells.Bold, "▸"
			c.Tint(row, cells.OnSelected)
		}
		c.Text(row.X, row.Y, mark, cells.Accent)
		c.Right(row.X+1+numberW, row.Y, strconv.Itoa(n), cells.Dim)
		c.Text(row.X+numberW+3, row.Y, cells.Truncate(untab(src.Lines[from+i]), row.W-numberW-4), st)
	}
}

// line1 returns a line of source without the blanks before it.
func line1(s string) string { return cells.Clean(strings.TrimSpace(s)) }

// untab returns a line of source with tabs as blanks.
func untab(s string) string {
	n := len(s) - len(strings.TrimLeft(s, "\t"))
	return strings.Repeat("    ", n) + cells.Clean(s[n:])
}
