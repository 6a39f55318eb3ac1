package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// columns returns the area of the columns of the timeline on the screen.
func (p *player) columns() cells.Rect {
	return p.hits[slices.IndexFunc(p.hits, func(h hit) bool { return h.head })].r
}

// visible returns the play times of the first and last column of the timeline.
func (p *player) visible() (from, to time.Duration) {
	area := p.columns()
	return p.lanes.PosAt(area.X), p.lanes.PosAt(area.X + area.W)
}

// The wheel zooms the timeline around the pointer, and scrolls it if shift is held.
func TestZoomAtPointer(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	d.screen()
	p := d.m.player
	l, area := &p.lanes, p.columns()
	x := area.X + area.W/3
	was := l.PosAt(x)
	for range 3 {
		d.send(tea.MouseWheelMsg{X: x, Y: area.Y + 1, Button: tea.MouseWheelUp})
		d.screen()
	}
	from, to := p.visible()
	if got := l.PosAt(x); !l.Zoomed() || (got-was).Abs() > (to-from)/time.Duration(area.W) {
		t.Errorf("at the pointer is %v, want %v; %v … %v is visible", got, was, from, to)
	}
	d.send(tea.MouseWheelMsg{X: x, Y: area.Y + 1, Button: tea.MouseWheelDown, Mod: tea.ModShift})
	d.screen()
	if now, _ := p.visible(); now <= from {
		t.Errorf("shift and the wheel scroll from %v to %v", from, now)
	}
	d.send(tea.MouseWheelMsg{X: x, Y: area.Y + 1, Button: tea.MouseWheelLeft})
	d.screen()
	if now, _ := p.visible(); now != from {
		t.Errorf("scrolled back to %v, want %v", now, from)
	}
	for range 3 {
		d.send(tea.MouseWheelMsg{X: x, Y: area.Y + 1, Button: tea.MouseWheelDown})
		d.screen()
	}
	if l.Zoomed() {
		t.Error("zooming out as often as in leaves the timeline zoomed")
	}
}

// The playhead stays visible while it plays and steps, unless the user scrolls away.
func TestZoomFollows(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	p := d.m.player
	sees := func() bool {
		d.screen()
		from, to := p.visible()
		return from <= p.pos && p.pos <= to
	}
	d.key("home", "z", "z", "z")
	for p.pos < p.end() {
		d.key("right")
		if !sees() {
			from, to := p.visible()
			t.Fatalf("the playhead is at %v, but %v … %v is visible", p.pos, from, to)
		}
		if n := p.rec.Clock().Count(p.pos); p.rec.Next(n) == 0 {
			break
		}
	}
	for range 32 {
		d.key("<")
		d.screen()
	}
	if from, _ := p.visible(); from != 0 || sees() {
		t.Errorf("< scrolls to %v, want 0, without the playhead", from)
	}
	d.key("left")
	if !sees() {
		t.Error("a step does not bring the playhead back")
	}
	d.key("Z", "Z", "Z")
	if d.screen(); p.lanes.Zoomed() {
		t.Error("Z as often as z leaves the timeline zoomed")
	}
}

// The timeline changes to recorded time and back; what is visible stays so.
func TestRecordedTime(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	p := d.m.player
	d.key("home", "right", "right", "right", "x")
	d.want("real time")
	area := p.columns()
	x := area.X + area.W/2
	want := p.lanes.PosAt(x)
	d.send(tea.MouseClickMsg{X: x, Y: area.Y, Button: tea.MouseLeft})
	if p.pos != want {
		t.Errorf("a click goes to %v, want %v", p.pos, want)
	}
	d.key("z", "x", "x")
	d.screen()
	if from, to := p.visible(); !p.lanes.Zoomed() || p.pos < from || p.pos > to {
		t.Errorf("to play time and back shows %v … %v, and the playhead is at %v", from, to, p.pos)
	}
	d.key("x")
	if got := lanesOf(d); strings.Contains(got, "real time") {
		t.Errorf("x again leaves it at\n%s", got)
	}
}

// Enter and a click open and close a group, and the cursor reaches each of its lanes.
func TestGroups(t *testing.T) {
	tr := tuitest.NewTrace("main")
	for i := range 40 {
		tr.G(fmt.Sprintf("worker-%d", i+1))
	}
	d := playback(t, tr, 120, 36)
	d.want("▸ worker-* ×40", "of 41 lanes")
	d.key("tab")
	for range 3 {
		if d.m.player.pane != onLanes {
			d.key("tab")
		}
	}
	d.key("up", "down", "enter")
	d.want("▾ worker-* ×40")
	for i := range 40 {
		d.key("down")
		if name := fmt.Sprintf("worker-%d ", i+1); !strings.Contains(lanesOf(d), name) {
			t.Fatalf("%d rows below the group, and no %s in\n%s", i+1, name, lanesOf(d))
		}
	}
	for range 40 {
		d.key("up")
	}
	d.key("enter")
	d.want("▸ worker-* ×40")
	for _, h := range d.m.player.hits {
		if h.group != "" {
			d.send(tea.MouseClickMsg{X: h.r.X, Y: h.r.Y, Button: tea.MouseLeft})
			break
		}
	}
	d.want("▾ worker-* ×40")
}

// lanesOf returns the timeline on the screen.
func lanesOf(d *driver) string {
	lines := strings.Split(d.screen(), "\n")
	area := d.m.player.columns()
	return strings.Join(lines[area.Y:area.Y+area.H], "\n")
}
