package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/lanes"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// scene returns the scene at the playhead.
func (p *player) scene() *scene.Scene {
	keep := scene.Focus{}
	if p.log.only {
		keep = p.focus
	}
	p.log.ahead(&p.rec.Timeline, p.rec.Clock().Count(p.pos), keep, p.rec.Cursor)
	sc := p.rec.Scene(p.pos, p.ease)
	sc.Still, sc.Focus, sc.Back = p.still, p.focus, p.back
	if p.driven != nil && p.driven.now != nil && len(p.driven.now.Before) > 0 {
		sc.Step = func(at time.Duration) int { return p.driven.now.stepOf(p.rec.CountAt(at) - 1) }
	}
	if !p.live {
		sc.Now = min(sc.Now, p.rec.Timeline.End())
	}
	return sc
}

// draw draws the player on all of c.
func (p *player) draw(c *cells.Canvas, footerText string, footerStyle cells.Style) {
	if p.projector {
		p.drawProjector(c, footerText, footerStyle)
		return
	}
	sc := p.scene()
	all := p.rec.Timeline.Now() // the end, so that the panels keep their sizes during playback
	need := p.needs(all, c.W, c.H)
	need.code = p.codeIn(c.W, all)
	pl := planFor(c.W, c.H, need)
	p.codeIs, p.narrow = need.code, !pl.wide
	titled := pl.log.H > 1
	if !pl.wide {
		pl.lend(p.log.needs(sc, &p.rec.Timeline, pl.log.W) - max(1, pl.log.H-1))
	}
	p.hits = p.hits[:0]
	p.buttons = append(p.buttons[:0], p.head(sc).draw(c, pl.header)...)
	if p.graph.on && pl.stage.H == 0 {
		pl.stage, pl.source = pl.source, cells.Rect{}
	}
	listFrom := p.list.offset
	folded := p.graph.on && !pl.wide && !need.driven && pl.list.Y == pl.stage.Y+pl.stage.H
	if folded { // the graph repeats most of the list
		h := max(0, pl.list.H-2)
		pl.stage.H, pl.list.Y, pl.list.H = pl.stage.H+h, pl.list.Y+h, pl.list.H-h
	}
	switch {
	case p.counting:
	case p.graph.on:
		p.drawGraph(c, sc, pl.stage)
	default:
		p.drawStage(c, sc, pl)
	}

	p.fillList(sc)
	if !p.counting {
		p.hits = p.list.draw(c, sc, pl.list, pl.wide, p.hits)
		if p.prompt == nil && (p.sandbox == nil || !p.sandbox.open) { // otherwise digits are text
			p.buttons = append(p.buttons, p.list.buttons...)
		}
	}
	if folded {
		p.list.offset = listFrom
	}
	p.drawLanes(c, sc, pl.lanes)
	if p.counting {
		top := pl.stage
		if !pl.wide {
			top.H = pl.lanes.Y - top.Y
		}
		top.W = c.W - top.X
		p.stats.Draw(c, top, &p.rec.Timeline, p.live)
	}
	p.drawLog(c, sc, pl, titled)
	p.drawLook(c, pl.look)
	switch {
	case p.counting && pl.source.Y < pl.lanes.Y:
	case p.sandbox != nil:
		p.sandbox.drawSaid(c, pl.source)
	default:
		p.drawSource(c, sc, pl.source)
	}

	if p.prompt != nil {
		p.prompt.draw(c, pl.footer)
		return
	}
	p.drawFooter(c, sc, pl, footerText, footerStyle)
	if p.driven != nil && p.driven.now != nil && p.driven.view != viewNone {
		p.driven.drawView(c, cells.Area(0, pl.header.Y+1, c.W, pl.footer.Y-pl.header.Y-1), p)
		p.buttons = append(slices.DeleteFunc(p.buttons, func(b button) bool { return b.r.Y > pl.header.Y && b.r.Y < pl.footer.Y }), p.driven.buttons...)
	}
	if p.sandbox != nil {
		p.sandbox.draw(c)
	}
}

// drawLanes draws the timeline into r.
func (p *player) drawLanes(c *cells.Canvas, sc *scene.Scene, r cells.Rect) {
	p.lanes.Active, p.lanes.Cursor, p.lanes.Playing = p.pane == onLanes, p.curG, p.playing
	for _, h := range p.lanes.Draw(c, sc, r) {
		p.hits = append(p.hits, hit{r: h.Area, pane: onLanes, g: h.G, group: h.Group, head: h.Part == lanes.Columns, over: h.Part == lanes.Overview})
	}
}

// fillList sets what the list shows besides sc.
func (p *player) fillList(sc *scene.Scene) {
	p.list.active, p.list.cursor = p.pane == onList, p.curG
	p.list.next = p.nextWords(sc)
	if p.list.choices = nil; p.driven != nil && p.driven.now != nil && sc.N == p.rec.Len() {
		p.list.choices = p.driven.now.Choices
	}
	if p.sandbox != nil && p.end()-p.pos < 2*maxLag {
		p.list.choices = p.sandbox.choices()
	}
}

// drawLog draws the log; while the user drives, with the table of steps.
func (p *player) drawLog(c *cells.Canvas, sc *scene.Scene, pl plan, titled bool) {
	p.log.active, p.log.next = p.pane == onLog, ""
	p.log.found, p.log.marks = nil, p.marks
	if p.finder != nil && p.finder.shown {
		p.log.found = p.finder
	}
	if p.list.next != "" && !pl.wide {
		p.log.next = "next: " + p.list.next
	}
	r := pl.log
	if p.driven != nil && p.driven.now != nil && r.H > 4 {
		table := r
		if r.W >= stepsBeside {
			table = r.Cols(0, r.W/2)
		}
		p.driven.drawTable(c, table)
		if r = r.Cols(table.W+1, r.W-table.W-1); r.W < 1 {
			return
		}
	}
	p.hits = p.log.draw(c, sc, &p.rec.Timeline, r, titled, p.hits)
}

// stepsBeside is the least width of a log that has the table of steps beside it.
const stepsBeside = 130

// drawFooter draws the keys and a message: text, or else the most important one.
func (p *player) drawFooter(c *cells.Canvas, sc *scene.Scene, pl plan, text string, st cells.Style) {
	keys := playerKeys(p.playing, p.hints, p.drivable)
	if p.pane == onLanes {
		keys = laneKeys(p.playing, p.lanes.Recorded())
	}
	deciding := false
	if p.driven != nil {
		keys = drivingKeys(p.driven)
		if text == "" {
			if text, st, deciding = p.driven.driving(); deciding && sc.Deadlock != "" {
				text = cells.GlyphTrouble + " deadlock; " + text
			}
		}
	}
	if p.sandbox != nil {
		keys, deciding = sandboxKeys(p.sandbox), true
		switch {
		case text != "":
		case p.sandbox.busy:
			text = "…"
		case p.sandbox.again:
			text, st = "▸ type the next command", cells.StyleAccent|cells.StyleBold
		}
	}
	if text == "" {
		text, st = p.said(sc)
	}
	if text == "" && !deciding && !p.counting {
		if text, st = p.verdict(sc, c.W-30); text != "" && !p.live && p.driven == nil {
			keys = endedKeys(p.hints, p.drivable)
		}
		if text == "" && p.note != "" && !p.recorded { // until there is a verdict
			text, st = cells.Clean(p.note), cells.StylePlain
		}
	}
	if p.counting {
		keys = slices.Clone(statsKeys)
	}
	if p.page {
		keys = nil
	} else if p.last && (p.sandbox == nil || !p.sandbox.open && !p.sandbox.again) {
		keys[len(keys)-1].what = "quit"
	}
	here := realmPlayer
	if p.sandbox != nil {
		here = realmSandbox
	}
	p.buttons = append(p.buttons, footer(c, pl.footer, shownAll(keys, here), text, st)...)
}

// said returns the response to the last key, or the state of a search or of preparations.
func (p *player) said(sc *scene.Scene) (string, cells.Style) {
	switch {
	case p.say != "":
		return p.say, cells.StylePlain
	case p.finder != nil && p.finder.shown:
		return p.finder.status(sc.N, p.rec.Len())
	case p.making != "" && p.live && p.rec.Len() == 0:
		return p.making + " …", cells.StyleAccent | cells.StyleBold
	default:
		return "", cells.StylePlain
	}
}

// liveLog is the height of a running program's log on a tall screen.
const liveLog = 28

// wideKeys is the least width of a screen on which the keys for driving fit into one line.
const wideKeys = 150

// needs returns what a screen of w × h cells has to show of s.
func (p *player) needs(s *timeline.State, w, h int) needs {
	n := needs{gs: len(s.Goroutines()), list: listNeeds(s), look: cells.Clean(p.lookFor), source: s.HasSource() || p.sandbox != nil, driven: p.driven != nil || p.sandbox != nil, zoomed: p.lanes.Zoomed()}
	n.panels = len(p.rec.Objects()) // other objects have no panel
	n.objs = n.panels
	switch { // independent of the playhead, so that the layout stays the same
	case p.driven != nil:
		n.events = h/6 + 2 // few, since the number of events to come is unknown
	case p.sandbox != nil:
	case p.recorded:
		n.events = p.rec.Told + 4 // with the heading, and some lines for events that take two
	default: // the number of events to come is unknown
		n.events = liveLog
	}
	if p.driven != nil {
		n.gs = max(n.gs, p.driven.most)
		if w < wideKeys && h >= minHeight+2 {
			n.footer = 2
		}
	}
	return n
}

// codeIn reports whether the source has an area of its own on a screen of w columns.
func (p *player) codeIn(w int, s *timeline.State) bool {
	if w < codeBeside || !s.HasSource() {
		return p.code
	}
	return !p.code
}

func (p *player) drawStage(c *cells.Canvas, sc *scene.Scene, pl plan) {
	if pl.stage.H == 0 {
		return
	}
	cursor := trace.ID(0)
	if p.pane == onStage {
		cursor = p.curO
	}
	p.hits = append(p.hits, hit{r: pl.stage, pane: onStage})
	l := p.slider.Draw(c, sc, pl.stage, cursor, p.rec.At)
	p.shown = append(p.shown[:0], l.Spots...)
	for _, s := range slices.Concat(l.Spots, l.Asides) {
		p.hits = append(p.hits, hit{r: s.Area, pane: onStage, obj: s.Obj})
	}
	for i := range l.Tokens {
		t := &l.Tokens[i]
		p.hits = append(p.hits, hit{r: cells.Area(t.X, t.Y, t.W, t.H), pane: onStage, g: t.G})
	}
}

// nextWords describes the next event, if it has arrived.
func (p *player) nextWords(sc *scene.Scene) string {
	n := p.rec.Next(sc.N)
	if n == 0 {
		return ""
	}
	return p.log.nextLine(&p.rec.Timeline, n, sc.State, sc.N)
}

// head returns the contents of the header.
func (p *player) head(sc *scene.Scene) *header {
	h := &header{title: p.title, play: "▶", state: "playing", speed: wording.SpeedName(p.speed), n: sc.N, of: p.rec.Len(), time: wording.Stamp(sc.Now, max(sc.Now, p.rec.Timeline.End()))}
	switch {
	case p.atEnd():
		h.play, h.state = "■", "ended"
	case !p.playing:
		h.play, h.state = "‖", "paused"
	}
	if p.page {
		h.play, h.state, h.speed = "", "", ""
	}
	if p.driven != nil {
		h.title, h.speed = p.driven.title(p.title), ""
		if p.atEnd() {
			h.play, h.state = "‖", "ready"
		}
	}
	if p.rec.Even && p.driven == nil {
		h.speed = "≡ " + h.speed
	}
	switch behind := p.end() - p.pos; {
	case p.driven != nil:
	case p.recorded:
		h.source, h.sourceSt = cells.PermitUsed+" recorded", cells.StyleDim
	case p.live && behind < 2*maxLag:
		h.source, h.sourceSt = "● live", cells.StyleRunning|cells.StyleBold
	case p.live:
		h.source, h.sourceSt = "● live, behind", cells.StyleWaiting
	case p.err != nil:
		h.source, h.sourceSt = cells.GlyphTrouble+" failed", cells.StyleTrouble|cells.StyleBold
	case p.watched:
		h.source, h.sourceSt = "■ over", cells.StyleDim
	default:
		h.source, h.sourceSt = cells.GlyphEnded+" finished", cells.StyleRunning
	}
	if p.watched && p.live && p.rate > 0 {
		h.source += fmt.Sprintf(", %s a second", brief(int64(p.rate)))
	}
	if lost := p.rec.Timeline.Now().Lost(); lost > 0 {
		h.source, h.sourceSt = h.source+fmt.Sprintf(", %s lost", brief(lost)), cells.StyleWaiting
	}
	if gone := p.rec.Gone; gone > 0 {
		h.source += fmt.Sprintf(", first %s not kept", brief(int64(gone)))
	}
	return h
}

// brief formats n in about five cells.
func brief(n int64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 10_000:
		return fmt.Sprintf("%dk", n/1000)
	}
	return strconv.FormatInt(n, 10)
}
