package tui

import (
	"slices"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// The parts of the help that come first where they apply.
const (
	helpDriving = "Driving (d)"
	helpSandbox = "Sandbox"
	helpBrowser = "Browser"
)

// help is the text of the help screen.
var help = []struct {
	title string
	keys  []keyHelp
}{
	{"Playing", []keyHelp{
		{"space", "pause or resume; at the end, start over"}, {"← →", "one event back, forward"}, {"home end", "first and last event"},
		{"+ −", "faster, slower: 0.1× to 100×"}, {"s", "even steps: the same time for every event"},
		{"f", "follow the live end"}, {"r", "run again; play a recording from its start"},
	}},
	{"Looking", []keyHelp{
		{"tab", "next panel"}, {"↑ ↓", "choose in the panel"},
		{"enter", "focus: everything else is dimmed"}, {"esc", "clear focus"}, {"w", "the wait-for graph, in place of the stage"}, {"P", "only the stage, for a projector; again to return"},
	}},
	{"Timeline", []keyHelp{
		{"z Z", "zoom in, out; also + and − in this panel"}, {"< >", "scroll left, right; also shift and ← →"}, {"x", "recorded time, and back to play time"},
		{"enter", "on a group: open it, close it"},
	}},
	{"Finding", []keyHelp{
		{"/", "find words, or a regular expression after //"}, {"n N", "next match, previous match"}, {":", "go to an event 14, a time 1.2s, a part 50%"},
		{"] [", "next, previous event of the focus"}, {"} {", "next, previous problem"}, {"b '", "mark an event; to the next mark"}, {"o", "log: only the focus, or everything"},
		{"v", "the source, and which goroutine is at which line"}, {"t", "statistics and warnings; s sorts, enter leads to the longest"}, {"e", "export this view to a file"},
	}},
	{helpDriving, []keyHelp{
		{"1 … 9", "run this goroutine next"}, {"← →", "undo; redo, or make the default choice"}, {"home end", "to the beginning, to your last choice"},
		{"a", "run the rest at random"}, {"F", "look for a failure from here"}, {"y", "copy this schedule's token; paste one to replay it"},
		{"S T", "this schedule's steps, the schedules tried; enter goes there"}, {"C", "your schedule beside the shortest failing one"},
	}},
	{helpSandbox, []keyHelp{
		{"1 … 9", "let this goroutine call something"}, {"n", "make an object"}, {"g", "start a goroutine"}, {"c", "cancel the context of a blocked call"},
		{"E", "write the session as a Go test"}, {":", "type a command"}, {"↑ ↓ tab", "in the line: choose a command, or edit it"},
	}},
	{"Mouse", []keyHelp{
		{"click", "choose and focus"}, {"drag", "on the timeline: move the playhead"}, {"wheel", "step, or scroll; on the timeline zoom, with shift pan"}, {"m", "turn the mouse off, to select text, or on"},
	}},
	{helpBrowser, []keyHelp{
		{"↑ ↓", "choose a scenario, or a parameter"}, {"/", "filter"}, {"space", "scroll the text, if it does not fit"}, {"t", "to the twin: the bug, or its fix"}, {"tab", "to the parameters and back"}, {"enter", "run"}, {"d", "choose which goroutine runs next"},
	}},
	{"Always", []keyHelp{{"i", "a hint; again: the next one, finally a failing schedule"}, {"?", "this help"}, {"q ctrl+c", "back or quit; quit"}, {"ctrl+z", "suspend"}}},
}

var helpLegend = []struct {
	look scene.Look
	text string
}{
	{scene.LookRunning, "runs"}, {scene.LookWaiting, "waits"}, {scene.LookReleased, "was just released"}, {scene.LookHolding, "holds something"},
	{scene.LookGivingUp, "gave up waiting"}, {scene.LookFailed, "turned away: broken, failed, stuck"}, {scene.LookEnded, "ended"},
}

// inSandbox has what the help shows in a sandbox in place of keys that do something else or nothing there; nothing if it is empty.
var inSandbox = map[string]keyHelp{
	"n N": {"N", "previous match"}, ":": {}, "r": {"r", "play the session from its start"}, "i": {},
}

const helpTime = "Events that are microseconds apart are drawn apart, so that you see each one: at 1× an event appears when it happened, or a " +
	"little after the one before it, and the pause after a burst is that much shorter. Times on the screen are the recorded ones."

// A helpLine is one line of the help.
type helpLine struct {
	key, text string
	st        cells.Style // the style of key
	title     bool
}

// helpKeys returns the parts of the help, in lines of at most w cells. The part with the title first comes first. If that is
// the sandbox, what does not work there is left out.
func helpKeys(w int, first string) (parts [][]helpLine) {
	for _, part := range help {
		if first == helpSandbox && (part.title == helpDriving || part.title == helpBrowser) {
			continue
		}
		lines := []helpLine{{text: part.title, title: true}}
		here := realmPlayer
		switch part.title {
		case helpBrowser:
			here = realmBrowser
		case helpSandbox:
			here = realmSandbox
		case "Always":
			here = realmAny
		}
		keys := part.keys
		if first == helpSandbox && part.title != helpSandbox {
			keys = keysInSandbox(keys)
		}
		for _, k := range shownAll(keys, here) {
			for j, l := range cells.Wrap(k.what, w-10) {
				if j > 0 {
					k.key = ""
				}
				lines = append(lines, helpLine{key: k.key, text: l, st: cells.StyleBright | cells.StyleBold})
			}
		}
		if part.title == first {
			parts = slices.Insert(parts, 0, lines)
		} else {
			parts = append(parts, lines)
		}
	}
	return parts
}

// keysInSandbox returns keys as they are in a sandbox.
func keysInSandbox(keys []keyHelp) []keyHelp {
	var all []keyHelp
	for _, k := range keys {
		if other, ok := inSandbox[k.key]; ok {
			k = other
		}
		if k.key != "" {
			all = append(all, k)
		}
	}
	return all
}

// helpFirst returns the title of the part of the help that applies to the current screen; "" if that is the first one.
func (m *model) helpFirst() string {
	switch {
	case m.player == nil && m.pair == nil:
		return helpBrowser
	case m.player != nil && m.player.driven != nil:
		return helpDriving
	case m.player != nil && m.player.sandbox != nil:
		return helpSandbox
	}
	return ""
}

// helpSigns returns the legend of the signs and lanes, and the explanation of time, in lines of at most w cells.
func helpSigns(w int) (parts [][]helpLine) {
	signs := []helpLine{{text: "Signs", title: true}}
	for _, l := range helpLegend {
		glyph, st := scene.GlyphOf(l.look)
		signs = append(signs, helpLine{key: glyph, text: l.text, st: st})
	}
	time := []helpLine{{text: "Time", title: true}}
	for _, l := range cells.Wrap(helpTime, w) {
		time = append(time, helpLine{text: l})
	}
	return [][]helpLine{signs, {
		{text: "Timeline", title: true},
		{cells.LaneRunning + cells.LaneRunning, "runs", cells.StyleRunning, false},
		{cells.LaneWaiting + cells.LaneWaiting, "waits", cells.StyleWaiting, false},
		{cells.LaneHolding + cells.LaneHolding, "runs and holds something", cells.StyleHolding, false},
		{cells.LaneStuck + cells.LaneStuck, "waits and holds something", cells.StyleWaiting, false},
		{cells.Level(1, 4) + cells.Level(3, 4) + cells.Level(4, 4), "the number of waiters in a group", cells.StyleWaiting, false},
		{"╮╰▸", "has just woken a goroutine", cells.StyleReleased, false},
		{cells.LaneAbsent + cells.LaneAbsent, "not started, or ended", cells.StyleLine, false},
	}, time}
}

// inColumns divides parts, in order and without splitting them, into n columns whose longest is as short as possible.
func inColumns(parts [][]helpLine, n int) [][]helpLine {
	fill := func(h int) (columns [][]helpLine) {
		for _, part := range parts {
			last := len(columns) - 1
			if last >= 0 && len(columns[last])+1+len(part) <= h {
				columns[last] = append(append(columns[last], helpLine{}), part...)
			} else {
				columns = append(columns, slices.Clone(part))
			}
		}
		return columns
	}
	h := 0
	for _, part := range parts {
		h = max(h, len(part))
	}
	for len(fill(h)) > n {
		h++
	}
	return fill(h)
}

// drawHelp draws the help over the screen, scrolled by offset lines, with the part called first at the top. It returns the
// offset, limited to the length of the help, and the buttons.
func drawHelp(c *cells.Canvas, offset int, first string) (int, []button) {
	const least, most, gap, edge = 48, 60, 3, 6
	n := cells.Clamp((c.W-edge-2+gap)/(least+gap), 1, 3)
	w := cells.Clamp((c.W-edge-2+gap)/n-gap, 10, most)
	if n == 1 {
		w = cells.Clamp(c.W-edge-4, 10, 70)
	}
	columns := inColumns(append(helpKeys(w, first), helpSigns(w)...), n)
	longest := 0
	for _, lines := range columns {
		longest = max(longest, len(lines))
	}
	all := len(columns)*(w+gap) - gap + edge
	h := min(c.H-2, longest+2)
	r := cells.Area((c.W-all)/2, (c.H-h)/2, all, h)
	c.Clear(cells.Area(r.X-1, r.Y, r.W+2, r.H))
	c.Frame(r, cells.Round, cells.StyleAccent)
	c.Text(r.X+2, r.Y, " help ", cells.StyleAccent|cells.StyleBold)
	in := r.Inset()
	offset = cells.Clamp(offset, 0, longest-in.H)
	for i, lines := range columns {
		helpColumn(c, cells.Area(in.X+2+i*(w+gap), in.Y, w, in.H), lines, offset)
	}
	foot, key := " any key closes ", "esc"
	if longest-in.H-offset > 0 {
		key = keyNow("↓", realmAny)
		foot = " " + key + " more "
	}
	x, y := r.X+r.W-2, r.Y+r.H-1
	c.Right(x, y, foot, cells.StyleDim)
	return offset, []button{{cells.Area(x-cells.Width(foot), y, cells.Width(foot), 1), key}}
}

func helpColumn(c *cells.Canvas, r cells.Rect, lines []helpLine, offset int) {
	for i, l := range lines[min(offset, len(lines)):] {
		y := r.Y + i
		switch {
		case i >= r.H:
			return
		case l.title:
			c.Text(r.X, y, l.text, cells.StyleAccent|cells.StyleBold)
		case l.key == "" && l.st == cells.StyleNone:
			c.Text(r.X, y, l.text, cells.StylePlain)
		default:
			c.Text(r.X, y, l.key, l.st)
			c.Text(r.X+10, y, cells.Truncate(l.text, r.W-10), cells.StylePlain)
		}
	}
}
