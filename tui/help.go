package tui

import "strings"

// help is what ? shows, in the player and in the browser alike.
var help = []struct {
	title string
	keys  []keyHelp
}{
	{"Playing", []keyHelp{
		{"space", "pause, go on; at the end: from the start"}, {"← →", "one event back, one forth"}, {"home end", "first and last event"},
		{"+ −", "faster, slower: 0.1× to 100×"}, {"s", "even steps: every event takes the same time"},
		{"f", "follow the live end"}, {"r", "run again"},
	}},
	{"Looking", []keyHelp{
		{"tab", "next panel: stage, goroutines, timeline, events"}, {"↑ ↓", "choose in the panel"},
		{"enter", "focus: everything else is dimmed"}, {"esc", "focus on nothing"}, {"z Z", "timeline: zoom in, out"},
	}},
	{"Mouse", []keyHelp{
		{"click", "choose and focus"}, {"drag", "on the timeline: move the playhead"}, {"wheel", "step, or scroll"}, {"m", "mouse off and on, to select text"},
	}},
	{"Browser", []keyHelp{
		{"↑ ↓", "choose a scenario, or a parameter"}, {"/", "filter"}, {"tab", "to the parameters and back"}, {"enter", "run"},
	}},
	{"Always", []keyHelp{{"?", "this help"}, {"q", "back, quit"}, {"ctrl+c", "out"}}},
}

var helpLegend = []struct {
	look look
	text string
}{
	{isRunning, "runs"}, {isWaiting, "waits"}, {isReleased, "was just released"}, {isHolding, "holds something"},
	{isGivingUp, "gave up waiting"}, {isFailed, "turned away: broken, failed, stuck"}, {isEnded, "ended"},
}

const helpTime = "What follows each other within microseconds is drawn apart, so that every event is seen: at 1× an event is shown when it " +
	"happened, or a little after the one before it, and the pauses after a burst are that much shorter. All times that are written are the recorded ones."

// helpLines returns the help as lines of at most w cells, each with what stands at its left.
func helpLines(w int) []keyHelp {
	var lines []keyHelp
	for i, part := range help {
		if i > 0 {
			lines = append(lines, keyHelp{})
		}
		lines = append(lines, keyHelp{what: "\x00" + part.title})
		for _, k := range part.keys {
			for j, l := range wrap(k.what, w-12) {
				if j > 0 {
					k.key = ""
				}
				lines = append(lines, keyHelp{k.key, l})
			}
		}
	}
	lines = append(lines, keyHelp{}, keyHelp{what: "\x00Signs"})
	for _, l := range helpLegend {
		glyph, _ := glyphOf(l.look)
		lines = append(lines, keyHelp{glyph, l.text})
	}
	lines = append(lines, keyHelp{what: ""}, keyHelp{what: "\x00Time"})
	for _, l := range wrap(helpTime, w-2) {
		lines = append(lines, keyHelp{what: "\x01" + l})
	}
	return lines
}

// drawHelp draws the help over the screen from line offset on, and returns the offset at which it could be drawn.
func drawHelp(c *canvas, offset int) int {
	w := min(c.w-4, 76)
	lines := helpLines(w - 4)
	h := min(c.h-2, len(lines)+2)
	r := rect{(c.w - w) / 2, (c.h - h) / 2, w, h}
	c.clear(rect{r.x - 1, r.y, r.w + 2, r.h})
	c.frame(r, round, accent)
	c.text(r.x+2, r.y, " help ", accent|bold)
	in := r.inset()
	offset = clamp(offset, 0, len(lines)-in.h)
	for i := range in.h {
		ln := lines[offset+i]
		y := in.y + i
		switch {
		case strings.HasPrefix(ln.what, "\x00"):
			c.text(in.x+1, y, ln.what[1:], accent|bold)
		case strings.HasPrefix(ln.what, "\x01"):
			c.text(in.x+2, y, ln.what[1:], plain)
		default:
			c.text(in.x+2, y, ln.key, bright|bold)
			c.text(in.x+12, y, ln.what, plain)
		}
	}
	if more := len(lines) - in.h - offset; more > 0 {
		c.right(r.x+r.w-2, r.y+r.h-1, " ↓ more ", accent)
	} else {
		c.right(r.x+r.w-2, r.y+r.h-1, " any key closes ", dim)
	}
	return offset
}
