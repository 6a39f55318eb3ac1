package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// mostGraphName is the maximum width of a name if there is little room.
const mostGraphName = 20

// A graph is the wait-for graph, which the player can show in place of the stage: the cycles, the chains that lead into them, and
// all other chains.
type graph struct {
	on     bool
	offset int // the first line shown

	waits *timeline.Waits // the graph after event n of rec
	rec   *scene.Recording
	n     int
}

// A graphLine is a line of the graph.
type graphLine struct {
	indent int
	parts  []graphPart
}

// A graphPart is a text, or the name of goroutine g.
type graphPart struct {
	text string
	st   cells.Style
	g    int64
}

// drawGraph draws the wait-for graph into r.
func (p *player) drawGraph(c *cells.Canvas, sc *scene.Scene, r cells.Rect) {
	gr := &p.graph
	if gr.waits == nil || gr.rec != p.rec || gr.n != sc.N {
		gr.waits, gr.rec, gr.n = sc.State.Waits(), p.rec, sc.N
	}
	p.shown = p.shown[:0]
	p.hits = append(p.hits, hit{r: r, pane: onStage})
	edge := cells.StyleLine
	if p.pane == onStage {
		edge = cells.StyleAccent
	}
	if len(gr.waits.Cycle) > 0 {
		edge = cells.StyleTrouble
	}
	c.Frame(r, cells.Round, edge)
	x := c.Text(r.X+1, r.Y, " wait-for graph ", cells.StyleBright|cells.StyleBold)
	if said := gr.sums(); said != "" {
		c.Text(x, r.Y, "· "+wording.Abridged(said, r.X+r.W-x-4)+" ", cells.StyleDim)
	}
	in := r.Inset()
	in = cells.Area(in.X+1, in.Y, in.W-2, in.H)
	lines := gr.lines(sc, in.W, sc.State.Words().WholeParts)
	if len(lines) > in.H {
		lines = gr.lines(sc, in.W, sc.State.Words().Parts)
	}
	if len(lines) > in.H {
		lines = slices.DeleteFunc(lines, func(l graphLine) bool { return len(l.parts) == 0 })
	}
	gr.offset = cells.Clamp(gr.offset, 0, max(0, len(lines)-in.H))
	for i, ln := range lines[gr.offset:min(len(lines), gr.offset+in.H)] {
		p.drawGraphLine(c, sc, in.Row(i), ln)
	}
	if more := len(lines) - gr.offset - in.H; more > 0 {
		c.Right(r.X+r.W-2, r.Y+r.H-1, fmt.Sprintf(" ↓ %d more ", more), cells.StyleDim)
	}
}

// drawGraphLine draws ln into r.
func (p *player) drawGraphLine(c *cells.Canvas, sc *scene.Scene, r cells.Rect, ln graphLine) {
	x := r.X + ln.indent
	for _, part := range ln.parts {
		c.Dim = part.g != 0 && sc.Focus.G != 0 && sc.Focus.G != part.g
		end := c.Text(x, r.Y, cells.Truncate(part.text, r.X+r.W-x), part.st)
		if part.g != 0 {
			p.hits = append(p.hits, hit{r: cells.Area(x, r.Y, end-x, 1), pane: onStage, g: part.g})
		}
		x = end
	}
	c.Dim = false
}

// sums returns the number of waiting goroutines, and the number of those that wait forever.
func (gr *graph) sums() string {
	w := gr.waits
	waiting := len(w.Cycle)
	seen := make(map[int64]bool)
	for i := range w.Chains {
		c := &w.Chains[i]
		for _, l := range c.Links {
			if l.For != 0 && !w.Cycle[l.G] && !seen[l.G] {
				seen[l.G] = true
				waiting++
			}
		}
		waiting += len(c.Alike)
	}
	var said []string
	if waiting > 0 {
		said = append(said, fmt.Sprintf("%d wait", waiting))
	}
	if n := len(w.Cycle); n > 0 {
		said = append(said, fmt.Sprintf("%d in a cycle", n))
	}
	if n := len(w.Hanging); n > 0 {
		said = append(said, fmt.Sprintf("%d stuck behind it", n))
	}
	return strings.Join(said, " · ")
}

// The sections of the graph, after the cycles.
const (
	becauseOfCycle = iota
	neverWoken
	byOne
	byAny
	sections
)

var sectionTitles = [sections]string{"Stuck behind the cycle", "Cannot be woken", "Waiting", "Waiting for any goroutine"}

// section returns the section of c, which is not a cycle.
func section(c *timeline.Chain) int {
	switch {
	case c.Loop >= 0 && c.Stuck:
		return becauseOfCycle
	case c.Stuck:
		return neverWoken
	case len(c.Links) > 1:
		return byOne
	default:
		return byAny
	}
}

// lines returns the lines of the graph at a width of w columns; parts returns the parts of a chain to show.
func (gr *graph) lines(sc *scene.Scene, w int, parts func(*timeline.Chain) []timeline.ChainPart) []graphLine {
	var lines []graphLine
	head := func(title string, st cells.Style) {
		if len(lines) > 0 {
			lines = append(lines, graphLine{})
		}
		lines = append(lines, graphLine{parts: []graphPart{{text: title, st: st}}})
	}
	now := -1
	for i := range gr.waits.Chains {
		c := &gr.waits.Chains[i]
		if c.Loop == 0 && c.Stuck {
			head(cycleTitle(c), cells.StyleTrouble|cells.StyleBold)
			lines = append(lines, gr.cycle(sc, c, w)...)
			continue
		}
		if k := section(c); k != now {
			now = k
			st := cells.StyleDim
			if k <= neverWoken {
				st = cells.StyleTrouble | cells.StyleBold
			}
			head(sectionTitles[k], st)
		}
		lines = append(lines, gr.chain(sc, parts(c), w)...)
	}
	if len(lines) == 0 {
		lines = append(lines, graphLine{parts: []graphPart{{text: "No goroutine waits.", st: cells.StylePlain}}})
	}
	return lines
}

func cycleTitle(c *timeline.Chain) string {
	switch n := len(c.Links); {
	case c.Presumed:
		return fmt.Sprintf("A cycle of %d, if only earlier users can wake them", n)
	case n == 1:
		return "Deadlock: a goroutine waits for itself"
	default:
		return fmt.Sprintf("Deadlock: a cycle of %d", n)
	}
}

// mostInCycle is the maximum number of members of a cycle that are shown.
const mostInCycle = 24

// cycle returns the lines of a cycle: each goroutine waits for the one below it, and the last for the first.
func (gr *graph) cycle(sc *scene.Scene, c *timeline.Chain, w int) []graphLine {
	links := c.Links
	more := 0
	if len(links) > mostInCycle {
		more = len(links) - mostInCycle + 1
	}
	nameW := 0
	for _, l := range links[:len(links)-more] {
		nameW = max(nameW, cells.Width(sc.Name(l.G)))
	}
	nameW = min(nameW, mostGraphName, w/3)
	var lines []graphLine
	for i, l := range links {
		if more > 0 && i >= mostInCycle-1 && i < len(links)-1 {
			if i == mostInCycle-1 {
				lines = append(lines, graphLine{2, []graphPart{{text: "│  ", st: cells.StyleTrouble}, {text: fmt.Sprintf("… and %d more", more-1), st: cells.StyleDim}}})
			}
			continue
		}
		ring := "│  "
		switch {
		case len(links) == 1:
			ring = "↩  "
		case i == 0:
			ring = "╭▸ "
		case i == len(links)-1:
			ring = "╰─ "
		}
		parts := []graphPart{{text: ring, st: cells.StyleTrouble}, gr.name(sc, l.G, nameW)}
		pad := strings.Repeat(" ", max(0, nameW-cells.Width(cells.Shorten(sc.Name(l.G), nameW))))
		said := cells.Clean(sc.State.Words().WaitsFor(l.G))
		if how := cells.Clean(sc.State.Words().Blocks(l.G, l.Holds)); how != "" {
			said = how + ", " + said
		}
		lines = append(lines, graphLine{2, append(parts, graphPart{text: pad + "  " + said, st: cells.StylePlain})})
	}
	return lines
}

// name returns the name of goroutine g with its sign, in at most n cells.
func (gr *graph) name(sc *scene.Scene, g int64, n int) graphPart {
	look := sc.Look(sc.State.Goroutine(g))
	glyph, st := scene.GlyphOf(look)
	if gr.waits.Cycle[g] {
		glyph, st = scene.GlyphOf(scene.LookFailed)
	}
	if gr.waits.Hanging[g] {
		st = cells.StyleTrouble
	}
	return graphPart{glyph + " " + cells.Shorten(sc.Name(g), n), st | cells.StyleBold, g}
}

// chain returns the lines of a chain, broken before arrows.
func (gr *graph) chain(sc *scene.Scene, parts []timeline.ChainPart, w int) []graphLine {
	const indent, further = 2, 6
	var hops [][]graphPart
	hop := []graphPart{}
	for _, part := range parts {
		if part.G != 0 {
			hop = append(hop, gr.name(sc, part.G, max(mostGraphName, w/4)))
			continue
		}
		for i, s := range strings.Split(part.Text, " → ") {
			if i > 0 {
				hops = append(hops, hop)
				hop, s = nil, "→ "+s
			}
			if s = cells.Clean(s); s != "" {
				hop = append(hop, graphPart{text: s, st: cells.StylePlain})
			}
		}
	}
	hops = append(hops, hop)
	lines := []graphLine{{indent: indent}}
	used := indent
	for i, hop := range hops {
		n := 0
		for _, part := range hop {
			n += cells.Width(part.text)
		}
		last := &lines[len(lines)-1]
		switch {
		case i > 0 && used+1+n > w:
			lines = append(lines, graphLine{indent: further})
			last, used = &lines[len(lines)-1], further
		case i > 0:
			last.parts = append(last.parts, graphPart{text: " "})
			used++
		}
		last.parts = append(last.parts, hop...)
		used += n
	}
	return lines
}
