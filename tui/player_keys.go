package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
)

// press handles a key for the player alone.
func (p *player) press(k tea.KeyPressMsg) {
	b := &bindings
	if p.finder != nil && !key.Matches(k, b.findNext, b.findBefore) {
		p.finder.shown = false
	}
	if p.counting && p.pressStats(k) {
		return
	}
	switch {
	case p.pane == onLanes && key.Matches(k, b.faster, b.zoomIn), key.Matches(k, b.zoomIn):
		p.lanes.ZoomHead(true)
	case p.pane == onLanes && key.Matches(k, b.slower, b.zoomOut), key.Matches(k, b.zoomOut):
		p.lanes.ZoomHead(false)
	case key.Matches(k, b.panLeft):
		p.lanes.Pan(-0.25)
	case key.Matches(k, b.panRight):
		p.lanes.Pan(0.25)
	case key.Matches(k, b.real):
		p.lanes.ChangeAxis()
	case key.Matches(k, b.graph):
		p.graph.on, p.counting = !p.graph.on || p.counting, false
	case key.Matches(k, b.pause):
		p.toggle()
	case key.Matches(k, b.forth):
		p.step(true)
	case key.Matches(k, b.back):
		p.step(false)
	case key.Matches(k, b.first):
		p.seek(p.rec.Clock().PosOf(p.rec.Next(0)))
	case key.Matches(k, b.last):
		p.seek(p.end())
	case key.Matches(k, b.faster):
		p.faster(1)
	case key.Matches(k, b.slower):
		p.faster(-1)
	case key.Matches(k, b.even):
		p.evenSteps()
	case key.Matches(k, b.follow):
		p.followLive()
	case key.Matches(k, b.projector):
		p.projector = !p.projector
	default:
		p.say = p.goAbout(k)
	}
}

// goAbout handles the keys that go somewhere other than to the next event. It returns a message, or "".
func (p *player) goAbout(k tea.KeyPressMsg) string {
	b := &bindings
	switch {
	case key.Matches(k, b.find):
		p.ask(asksWords, "")
	case key.Matches(k, b.jump):
		p.ask(asksMoment, "")
	case key.Matches(k, b.findNext, b.findBefore):
		way := 1
		if key.Matches(k, b.findBefore) {
			way = -1
		}
		if !p.findNext(way) {
			return "There is no search yet; / starts one."
		}
	case key.Matches(k, b.nextEvent):
		return p.nextOfFocus(1)
	case key.Matches(k, b.eventBefore):
		return p.nextOfFocus(-1)
	case key.Matches(k, b.nextTrouble):
		return p.nextTrouble(1)
	case key.Matches(k, b.troubleBefore):
		return p.nextTrouble(-1)
	case key.Matches(k, b.mark):
		return p.mark()
	case key.Matches(k, b.toMark):
		return p.nextMark()
	case key.Matches(k, b.source) && !p.live && !p.rec.Timeline.Now().HasSource():
		return "The source locations of these events are not known."
	case key.Matches(k, b.source):
		p.toggleSource()
	case key.Matches(k, b.stats):
		p.toggleStats()
	case key.Matches(k, b.export) && !p.canExport:
		return "Nothing can be exported here; use turnstile export."
	case key.Matches(k, b.export) && p.rec.Len() == 0:
		return "There is nothing to export yet."
	case key.Matches(k, b.export):
		p.ask(asksFile, p.exportName())
	case key.Matches(k, b.only):
		return p.onlyFocus()
	default:
		return p.move(k)
	}
	return ""
}

// move handles the keys that move the cursor and set the focus. It returns a message, or "".
func (p *player) move(k tea.KeyPressMsg) string {
	b := &bindings
	switch {
	case key.Matches(k, b.tab):
		p.pane = (p.pane + 1) % panes
		p.choose(0)
	case key.Matches(k, b.backTab):
		p.pane = (p.pane + panes - 1) % panes
		p.choose(0)
	case key.Matches(k, b.up):
		p.choose(-1)
	case key.Matches(k, b.down):
		p.choose(1)
	case key.Matches(k, b.pageUp):
		p.choose(-max(1, p.list.rows-1))
	case key.Matches(k, b.pageDown):
		p.choose(max(1, p.list.rows-1))
	case key.Matches(k, b.enter):
		return p.enter()
	case key.Matches(k, b.escape):
		p.focus = scene.Focus{}
	}
	return ""
}

// choose moves the cursor of the current pane by n. In the log it moves the playhead.
func (p *player) choose(n int) {
	switch p.pane {
	case onStage:
		if p.graph.on {
			p.graph.offset += n
			return
		}
		p.chooseObj(n)
	case onLanes:
		p.lanes.Cursor = p.curG
		p.lanes.Move(p.scene(), n)
		p.curG = p.lanes.Cursor
	case onLog:
		for ; n > 0; n-- {
			p.step(true)
		}
		for ; n < 0; n++ {
			p.step(false)
		}
	default:
		p.chooseG(n)
	}
}

func (p *player) chooseG(n int) {
	gs := scene.AliveFirst(p.rec.Now().Goroutines(), p.list.rows)
	if len(gs) == 0 {
		return
	}
	p.curG = gs[stepFrom(gs, n, func(g *timeline.Goroutine) bool { return g.ID == p.curG })].ID
}

// chooseObj moves the cursor among the objects on the stage.
func (p *player) chooseObj(n int) {
	objects := p.rec.Objects()
	if len(objects) == 0 {
		return
	}
	p.curO = objects[stepFrom(objects, n, func(o *timeline.Object) bool { return o.ID == p.curO })].ID
}

// stepFrom returns the index n after that of the chosen element, clamped to the bounds of all; 0 if none is chosen.
func stepFrom[T any](all []T, n int, chosen func(T) bool) int {
	if i := slices.IndexFunc(all, chosen); i >= 0 {
		return cells.Clamp(i+n, 0, len(all)-1)
	}
	return 0
}

// enter focuses what is under the cursor, or clears the focus if it is focused already. It returns a message, or "".
func (p *player) enter() string {
	var f scene.Focus
	if p.pane == onLanes && p.lanes.ToggleCurrent() {
		return ""
	}
	switch p.pane {
	case onStage:
		f.Obj = p.curO
	case onLog:
		f.G = p.rec.Now().Last().G
	default:
		f.G = p.curG
	}
	if f.None() {
		return nothingChosen
	}
	p.setFocus(f)
	return ""
}

const nothingChosen = "Choose something with tab and ↑ ↓, then press enter."

func (p *player) setFocus(f scene.Focus) {
	if p.focus == f {
		f = scene.Focus{}
	}
	p.focus = f
	if f.G != 0 {
		p.curG = f.G
	}
	if f.Obj != 0 {
		p.curO = f.Obj
	}
}

// click handles a click of the left button at x, y.
func (p *player) click(x, y int) {
	if p.counting && p.stats.Has(x, y) {
		if p.stats.Click(x, y) {
			p.toPeak()
		}
		return
	}
	h, ok := find(p.hits, x, y)
	if !ok {
		return
	}
	p.pane = h.pane
	switch {
	case h.over:
		p.drag, p.dragOver = true, true
		p.dragTo(x)
	case h.head:
		p.drag, p.dragOver = true, false
		p.dragTo(x)
	case h.group != "":
		p.lanes.Toggle(h.group)
	case h.n > 0:
		p.playing = false
		p.seek(p.rec.Clock().PosOf(h.n))
	case h.g != 0:
		p.setFocus(scene.Focus{G: h.g})
	case h.obj != 0:
		p.setFocus(scene.Focus{Obj: h.obj})
	}
}

// dragTo moves the playhead to column x of the screen.
func (p *player) dragTo(x int) {
	if p.dragOver {
		p.seek(p.lanes.OverviewPosAt(x))
		return
	}
	p.seek(p.lanes.PosAt(x))
}

// wheel handles the mouse wheel: it steps, zooms the timeline at the pointer, or scrolls the list under the pointer. Aside means
// a horizontal wheel.
func (p *player) wheel(x, y int, down, aside bool) {
	n := -1
	if down {
		n = 1
	}
	h, ok := find(p.hits, x, y)
	switch {
	case p.counting && p.stats.Has(x, y):
		p.stats.Choose(n)
	case ok && h.pane == onLanes && aside:
		p.lanes.Pan(float64(n) / 10)
	case aside:
	case ok && h.pane == onLanes:
		p.lanes.ZoomAt(x, !down)
	case ok && h.pane == onStage && p.graph.on:
		p.graph.offset += n
	case ok && h.pane == onList:
		p.pane = onList
		p.chooseG(n)
	default:
		p.step(down)
	}
}
