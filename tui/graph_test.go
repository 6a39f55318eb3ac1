package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// lostTrace is the trace of a Cond that is notified before a goroutine waits for it.
func lostTrace() *tuitest.Trace {
	t := tuitest.NewTrace("main", "baker", "customer")
	t.Object("shop", trace.ClassMutex, 0, "").Object("bell", trace.ClassCond, 0, "shop")
	t.Objs["end"] = 99
	t.Add(trace.Event{Kind: trace.KindDefineObj, Obj: 99, Class: trace.ClassGoroutine, N: t.Gs["baker"], Text: "baker"})
	t.Do(trace.KindNotify, "customer", "bell", 0).Do(trace.KindExit, "customer", "", 0)
	t.Block("baker", "bell", "Wait", 1).Block("main", "end", "Join", 1)
	return t
}

// mixedTrace has every kind of chain: two cycles, and goroutines that wait because of one, for one that has ended, for one that
// runs, and for anyone.
func mixedTrace() *tuitest.Trace {
	t := tuitest.ForksTrace(4, true)
	t.Object("a", trace.ClassMutex, 0, "").Object("b", trace.ClassMutex, 0, "").Object("till", trace.ClassMutex, 0, "")
	t.Object("pool", trace.ClassSemaphore, 2, "").Object("door", trace.ClassEvent, 0, "")
	t.Do(trace.KindAcquire, "ann", "a", 1).Do(trace.KindAcquire, "ben", "b", 1).Block("ann", "b", "Lock", 1).Block("ben", "a", "Lock", 1)
	t.Block("eve", "fork-1", "Lock", 1)
	t.Do(trace.KindAcquire, "customer", "till", 1).Do(trace.KindExit, "customer", "", 0).Block("next-customer", "till", "Lock", 1)
	t.Do(trace.KindAcquire, "worker-1", "pool", 1).Do(trace.KindAcquire, "worker-2", "pool", 1)
	for i := range 12 {
		t.Block(fmt.Sprintf("worker-%d", i+3), "pool", "Acquire", 1)
	}
	return t.Block("guest", "door", "Wait", 1)
}

func graphOf(t *testing.T, tr *tuitest.Trace, w, h int) *driver {
	t.Helper()
	d := playback(t, tr, w, h)
	d.key("end", "w")
	return d
}

func TestGraph(t *testing.T) {
	for _, c := range []struct {
		name string
		tr   *tuitest.Trace
	}{
		{"deadlock", tuitest.ForksTrace(5, true)}, {"lost-wakeup", lostTrace()}, {"mixed", mixedTrace()}, {"no-waiters", tuitest.NewTrace("main")}, {"large-cycle", tuitest.ForksTrace(40, true)},
	} {
		for _, size := range screenSizes {
			t.Run(fmt.Sprintf("%s/%dx%d", c.name, size.W, size.H), func(t *testing.T) {
				golden.RequireEqual(t, graphOf(t, c.tr, size.W, size.H).screen())
			})
		}
	}
}

// The graph scrolls, a click on a name focuses it, and w returns to the stage.
func TestGraphKeys(t *testing.T) {
	d := playback(t, mixedTrace(), 80, 24)
	d.key("end")
	before := d.screen()
	d.key("w")
	d.want("wait-for graph", "22 wait · 6 in a cycle · 2 stuck behind it", "Deadlock: a cycle of 4", "more ")
	d.wantNot("Waiting for any goroutine")
	d.key("shift+tab")
	for range 60 {
		d.key("down")
	}
	d.want("Waiting for any goroutine", "guest → door")
	d.wantNot("Deadlock: a cycle of 4")
	for range 60 {
		d.key("up")
	}
	d.send(tea.MouseWheelMsg{X: 10, Y: 5, Button: tea.MouseWheelDown})
	if d.screen(); d.m.player.graph.offset != 1 {
		t.Errorf("the wheel goes to line %d", d.m.player.graph.offset)
	}
	for _, h := range d.m.player.hits {
		if h.pane == onStage && h.g != 0 {
			d.send(tea.MouseClickMsg{X: h.r.X, Y: h.r.Y, Button: tea.MouseLeft})
			if d.m.player.focus.G != h.g {
				t.Error("a click on a name does not focus it")
			}
			break
		}
	}
	d.key("P")
	d.want("philosopher-1  holds fork-1")
	d.wantNot(" goroutines ")
	d.key("P", "t", "w")
	d.want("wait-for graph")
	d.key("esc", "tab", "w")
	if after := d.screen(); after != before {
		t.Errorf("after going back, the screen is\n%s\nwant\n%s", after, before)
	}
}

// The graph of five philosophers and the goroutines that wait for them fits on a small screen, together with what to look for and
// the source.
func TestGraphFits(t *testing.T) {
	tr := tuitest.ForksTrace(5, true)
	for i := range tr.Events {
		tr.Events[i].PC = 1
	}
	tr.Events = append([]trace.Event{{Kind: trace.KindDefinePC, PC: 1, N: 82, Text: "philosophers.go:82 main.dine\n\tsecond.Lock()"}}, tr.Events...)
	d := playback(t, tr, 80, 24)
	d.m.player.lookFor = lookText
	d.key("end", "w")
	d.want("a cycle of 5", "philosopher-5  holds fork-5", "main → end of", "look for", "philosophers.go:82")
	d.wantNot("more ")
}

// Nothing in the graph is cut, and nothing is shown only by a color.
func TestGraphIsWhole(t *testing.T) {
	for _, size := range screenSizes {
		d := graphOf(t, mixedTrace(), size.W, size.H)
		p := d.m.player
		c := cells.NewCanvas(size.W, 60)
		p.drawGraph(c, p.scene(), cells.Area(0, 0, size.W, 60))
		tuitest.Fits(t, c)
		if got := c.String(); strings.Contains(got, "…") || !strings.Contains(got, "12 more") && !strings.Contains(got, "11 more") {
			t.Errorf("%d columns:\n%s", size.W, got)
		}
		if got := c.Render(cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)); strings.ContainsFunc(got, func(r rune) bool { return r > '~' }) || strings.Contains(got, "?") {
			t.Errorf("%d columns, in ASCII:\n%s", size.W, got)
		}
	}
}
