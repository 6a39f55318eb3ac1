package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// forksTape is a dinner of n philosophers, each of whom has taken one fork; main waits for the first of them. The last one
// takes the second fork only at the end, if closed.
func forksTape(n int, closed bool) *tuitest.Tape {
	t := tuitest.NewTape("main")
	name := func(i int) string { return fmt.Sprintf("philosopher-%d", i%n+1) }
	fork := func(i int) string { return fmt.Sprintf("fork-%d", i%n+1) }
	for i := range n {
		t.Object(fork(i), trace.ClassMutex, 0, "")
	}
	for i := range n {
		t.G(name(i))
	}
	t.Objs["end"] = 99
	t.Add(trace.Event{Kind: trace.KindDefineObj, Obj: 99, Class: trace.ClassGoroutine, N: t.Gs[name(0)], Text: name(0)})
	for i := range n {
		t.After(100*ms).Do(trace.KindAcquire, name(i), fork(i), 1)
	}
	t.Block("main", "end", "Join", 1)
	for i := range n {
		if i < n-1 || closed {
			t.After(100*ms).Block(name(i), fork(i+1), "Lock", 1)
		}
	}
	return t.After(300 * ms).Add(trace.Event{Kind: trace.KindEnd})
}

// chosen returns what the rows of l are called.
func (l *lanes) chosen(sc *scene.Scene) (names []string) {
	for i := range l.rows {
		if r := &l.rows[i]; r.crowd != nil {
			names = append(names, r.label())
		} else {
			names = append(names, sc.Name(r.g.ID))
		}
	}
	return names
}

func TestLaneChoice(t *testing.T) {
	workers := tuitest.NewTape("main").Object("pool", trace.ClassSemaphore, 2, "")
	for i := range 16 {
		workers.G(fmt.Sprintf("worker-%d", i+1))
	}
	workers.Do(trace.KindAcquire, "worker-12", "pool", 1).Block("worker-3", "pool", "Acquire", 2)
	workers.Add(trace.Event{Kind: trace.KindLog, G: workers.Gs["worker-9"], Text: "here"})
	cycle := tuitest.NewTape("ann", "bob", "yan", "zoe")
	for i, name := range []string{"ann", "bob", "yan", "zoe"} {
		cycle.Object(fmt.Sprintf("m-%d", i), trace.ClassMutex, 0, "").Do(trace.KindAcquire, name, fmt.Sprintf("m-%d", i), 1)
	}
	cycle.Block("yan", "m-3", "Lock", 1).Block("zoe", "m-2", "Lock", 1).Add(trace.Event{Kind: trace.KindLog, G: cycle.Gs["bob"], Text: "here"})
	few := tuitest.NewTape("zoe", "ann", "worker-10", "worker-9")
	for _, c := range []struct {
		name string
		tape *tuitest.Tape
		rows int
		set  func(l *lanes, sc *scene.Scene)
		want string
	}{
		{"all have room: as they came", few, 4, nil, "zoe ann worker-10 worker-9"},
		{"by name: as people count", few, 3, nil, "zoe ann worker-9"},
		{"a group, a holder, and who acts", workers, 4, nil, "main worker-* ×16 worker-12|worker-9"},
		{"with more room, more by name", workers, 8, nil, "main worker-* ×16 worker-1 worker-2 worker-3 worker-12|worker-9 worker-4"},
		{"the one in focus", workers, 4, func(_ *lanes, sc *scene.Scene) { sc.Focus.G = workers.Gs["worker-16"] }, "worker-* ×16|worker-12 worker-16|worker-9"},
		{"who has to do with the object in focus", workers, 5, func(_ *lanes, sc *scene.Scene) { sc.Focus.Obj = workers.Objs["pool"] }, "worker-* ×16|worker-3 worker-12|worker-9 main"},
		{"the one under the cursor", workers, 4, func(l *lanes, _ *scene.Scene) { l.active, l.cursor = true, workers.Gs["worker-5"] }, "worker-* ×16|worker-5 worker-12|worker-9"},
		{"an open group first", workers, 6, func(l *lanes, _ *scene.Scene) { l.open = map[string]bool{"worker-*": true} }, "worker-* ×16|worker-1 worker-2 worker-12|worker-9 worker-3"},
		{"one row", workers, 1, nil, "worker-12"},
		{"two rows", workers, 2, nil, "worker-12|worker-9"},
		{"a cycle before those that hold something", cycle, 3, nil, "yan zoe|bob"},
		{"the cycle before the others", forksTape(3, true), 3, nil, "philosopher-1 philosopher-2|philosopher-3"},
	} {
		sc := atEnd(c.tape)
		var l lanes
		if c.set != nil {
			c.set(&l, sc)
		}
		gs := sc.State.Goroutines()
		shown := l.choose(sc, gs, c.rows)
		got := strings.Join(l.chosen(sc), " ")
		if want := strings.ReplaceAll(c.want, "|", " "); got != want {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
		if n := len(slices.DeleteFunc(slices.Clone(l.rows), func(r laneRow) bool { return r.g == nil })); n != shown || len(l.rows) != min(c.rows, len(gs)) {
			t.Errorf("%s: it says %d lanes, and %d of %d rows are", c.name, shown, n, len(l.rows))
		}
	}
}

// Whoever acts is seen in the last rows, so that the others stay where they are.
func TestLanesStay(t *testing.T) {
	tp := tuitest.NewTape("main")
	for i := range 16 {
		tp.G(fmt.Sprintf("worker-%d", i+1))
	}
	var before []string
	for i := range 16 {
		tp.Add(trace.Event{Kind: trace.KindLog, G: tp.Gs[fmt.Sprintf("worker-%d", (i*7)%16+1)], Text: "here"})
		sc := atEnd(tp)
		var l lanes
		l.choose(sc, sc.State.Goroutines(), 8)
		now := l.chosen(sc)
		if before != nil && !slices.Equal(before[:6], now[:6]) {
			t.Errorf("%v, and before that %v", now, before)
		}
		if actor := sc.Name(sc.State.Last().G); !slices.Contains(now, actor) {
			t.Errorf("%s acts, and is not among %v", actor, now)
		}
		before = now
	}
}

// No label of the ruler is there twice, however far it is zoomed.
func TestRulerLabels(t *testing.T) {
	long := tuitest.NewTape("main").Object("pool", trace.ClassSemaphore, 1, "")
	long.Now = 123 * time.Second
	for range 200 {
		long.After(1234567*time.Nanosecond).Do(trace.KindAcquire, "main", "pool", 1).Do(trace.KindRelease, "main", "pool", 1)
	}
	for _, tp := range []*tuitest.Tape{abortTape(), long} {
		for _, exact := range []bool{false, true} {
			for _, even := range []bool{false, true} {
				p := newPlayer("", 1, true)
				p.add(tp.Events)
				p.finish(nil)
				p.reel.Even = even
				p.seek(p.end() * 2 / 3)
				p.lanes.real = exact
				for range 40 {
					c := cells.NewCanvas(140, 6)
					p.lanes.draw(c, p.scene(), cells.Area(0, 0, 140, 6), nil)
					l := &p.lanes
					line := strings.NewReplacer(cells.Playhead, " ", "real time", "").Replace(strings.Split(c.String(), "\n")[0])
					labels := strings.Split(line[8:], "  ")
					seen := make(map[string]bool)
					for _, s := range labels {
						if s = strings.TrimSpace(s); s != "" && seen[s] {
							t.Errorf("real %v, even %v, %v: %q is there twice in %q", exact, even, l.part, s, line)
						}
						seen[s] = true
					}
					l.zoomHead(true)
				}
			}
		}
	}
}

func TestLabel(t *testing.T) {
	for _, c := range []struct {
		t, step time.Duration
		want    string
	}{
		{0, time.Second, "0"}, {20 * time.Second, 10 * time.Second, "20 s"}, {1500 * ms, 500 * ms, "1.5 s"}, {1000 * ms, 500 * ms, "1 s"},
		{123456780 * time.Microsecond, 20 * time.Microsecond, "123456.78 ms"}, {123456789 * time.Microsecond, time.Microsecond, "123456.789 ms"},
		{2 * time.Microsecond, 500 * time.Nanosecond, "2 µs"}, {2500 * time.Nanosecond, 500 * time.Nanosecond, "2.5 µs"},
	} {
		if got := label(c.t, c.step); got != c.want {
			t.Errorf("%v by %v: %q, want %q", c.t, c.step, got, c.want)
		}
	}
}

// What is under the pointer stays there when the wheel zooms, and with shift it moves.
func TestZoomAtPointer(t *testing.T) {
	d := playback(t, abortTape(), 120, 36)
	d.screen()
	l := &d.m.player.lanes
	x := l.area.X + l.area.W/3
	was := l.valueAt(x - l.area.X)
	for range 3 {
		d.send(tea.MouseWheelMsg{X: x, Y: l.area.Y + 1, Button: tea.MouseWheelUp})
		d.screen()
	}
	if got := l.valueAt(x - l.area.X); l.part == 0 || (got-was).Abs() > l.part/time.Duration(l.area.W) {
		t.Errorf("at the pointer is %v, was %v, of %v", got, was, l.part)
	}
	from := l.from
	d.send(tea.MouseWheelMsg{X: x, Y: l.area.Y + 1, Button: tea.MouseWheelDown, Mod: tea.ModShift})
	if d.screen(); l.from <= from {
		t.Errorf("shift and the wheel leave it at %v", l.from)
	}
	d.send(tea.MouseWheelMsg{X: x, Y: l.area.Y + 1, Button: tea.MouseWheelLeft})
	if d.screen(); l.from != from {
		t.Errorf("and back it is at %v, not %v", l.from, from)
	}
	for range 3 {
		d.send(tea.MouseWheelMsg{X: x, Y: l.area.Y + 1, Button: tea.MouseWheelDown})
		d.screen()
	}
	if l.part != 0 {
		t.Errorf("as often back it shows %v", l.part)
	}
}

// The playhead stays in sight as it plays and steps, but not if the user looks elsewhere.
func TestZoomFollows(t *testing.T) {
	d := playback(t, abortTape(), 120, 36)
	p := d.m.player
	d.key("home", "z", "z", "z")
	for p.pos < p.end() {
		d.key("right")
		if d.screen(); !p.lanes.at(p.pos) {
			t.Fatalf("the playhead, at %v, is not within %v of %v", p.pos, p.lanes.part, p.lanes.from)
		}
		if n := p.reel.Clock().Count(p.pos); p.reel.Next(n) == 0 {
			break
		}
	}
	for range 32 {
		d.key("<")
		d.screen()
	}
	if p.lanes.from != 0 {
		t.Errorf("it does not go to the beginning but to %v", p.lanes.from)
	}
	d.key("left")
	if d.screen(); !p.lanes.at(p.pos) {
		t.Error("a step does not bring the playhead back")
	}
	d.key("Z", "Z", "Z")
	if d.screen(); p.lanes.part != 0 {
		t.Errorf("Z as often as z shows %v", p.lanes.part)
	}
}

// In recorded time a column is a time, and the playhead stands where it is said to.
func TestRealTime(t *testing.T) {
	d := playback(t, abortTape(), 120, 36)
	p := d.m.player
	d.key("home", "right", "right", "right", "x")
	d.want("real time")
	l := &p.lanes
	if got, want := l.valueAt(l.column(l.ax.at)), p.scene().Now; (got - want).Abs() > (l.to-l.from)/time.Duration(l.area.W) {
		t.Errorf("the playhead stands at %v, and it is %v", got, want)
	}
	d.send(tea.MouseClickMsg{X: l.area.X + l.area.W/2, Y: l.area.Y, Button: tea.MouseLeft})
	if got, want := p.scene().Now, l.valueAt(l.area.W/2); (got - want).Abs() > ms {
		t.Errorf("a click at %v goes to %v", want, got)
	}
	d.key("z", "x", "x")
	if d.screen(); l.part == 0 || !l.at(l.ax.at) {
		t.Errorf("to play time and back it shows %v from %v", l.part, l.from)
	}
	d.key("x")
	if got := lanesOf(d); strings.Contains(got, "real time") {
		t.Errorf("x again leaves it at\n%s", got)
	}
}

// In recorded time a column has the events of that time, however far apart play time draws them.
func TestRealTimeOfBurst(t *testing.T) {
	p := newPlayer("", 1, true)
	p.add(thousand().Events)
	p.finish(nil)
	p.seek(p.end() / 2)
	sc := p.scene()
	a := axisOf(sc, true)
	if got := a.count(a.at); got != sc.N {
		t.Errorf("at the playhead there are %d events, want %d", got, sc.N)
	}
	if got := a.count(a.pos(0)); got != p.reel.Clock().CountAt(0) {
		t.Errorf("at the beginning there are %d events", got)
	}
}

// Groups open and close with enter and with a click, and the cursor reaches each of their lanes.
func TestGroups(t *testing.T) {
	tp := tuitest.NewTape("main")
	for i := range 40 {
		tp.G(fmt.Sprintf("worker-%d", i+1))
	}
	d := playback(t, tp, 120, 36)
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
		if h.crowd != "" {
			d.send(tea.MouseClickMsg{X: h.r.X, Y: h.r.Y, Button: tea.MouseLeft})
			break
		}
	}
	d.want("▾ worker-* ×40")
}

// lanesOf returns the timeline as it is drawn.
func lanesOf(d *driver) string {
	p := d.m.player
	lines := strings.Split(d.screen(), "\n")
	return strings.Join(lines[p.lanes.area.Y:p.lanes.area.Y+p.lanes.area.H], "\n")
}

// wokenTape is an event at which two wait, above and below the one that sets it.
func wokenTape() *tuitest.Tape {
	t := tuitest.NewTape("main", "worker-1", "worker-2", "worker-3").Object("door", trace.ClassEvent, 0, "")
	t.Block("worker-1", "door", "Wait", 1).Block("worker-3", "door", "Wait", 1).After(2 * time.Second)
	return t.Do(trace.KindSet, "worker-2", "door", 2).Wake("worker-1", "door", "worker-2").Wake("worker-3", "door", "worker-2")
}

// laneShots are moments of which there are pictures of the timeline, and how it is looked at.
var laneShots = []struct {
	name  string
	tape  func() *tuitest.Tape
	set   func(p *player)
	event int // from the end
}{
	{"deadlock", func() *tuitest.Tape { return forksTape(5, true) }, nil, 0},
	{"barrier", abortTape, nil, 4},
	{"semaphore", semaphoreTape, nil, 2},
	{"crowd", thousand, nil, 800},
	{"crowd-open", thousand, func(p *player) { p.lanes.toggle("worker-*") }, 800},
	{"crowd-zoomed", thousand, func(p *player) { p.lanes.part = time.Second }, 800},
	{"woken", wokenTape, nil, 0},
	{"woken-at-the-edge", wokenTape, func(p *player) { p.lanes.part, p.lanes.from = time.Second, p.end()-time.Second }, 0},
	{"real-time", abortTape, func(p *player) { p.lanes.real = true }, 4},
	{"empty", func() *tuitest.Tape { return tuitest.NewTape() }, nil, 0},
}

func TestLanes(t *testing.T) {
	for _, shot := range laneShots {
		t.Run(shot.name, func(t *testing.T) {
			p := newPlayer("", 1, true)
			p.add(shot.tape().Events)
			p.finish(nil)
			p.seek(p.reel.Clock().PosOf(p.reel.Len() - shot.event))
			var b strings.Builder
			for _, size := range []cells.Rect{{W: 59, H: 3}, {W: 79, H: 4}, {W: 119, H: 9}, {W: 199, H: 15}} {
				p.lanes = lanes{}
				if shot.set != nil {
					shot.set(p)
				}
				c := cells.NewCanvas(size.W, size.H)
				p.lanes.draw(c, p.scene(), size, nil)
				tuitest.Fits(t, c)
				fmt.Fprintf(&b, "%d×%d:\n%s", size.W, size.H, c)
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

// A lane says with its pattern, and not only with its color, that somebody holds something while it waits.
func TestHoldsAndWaits(t *testing.T) {
	p := newPlayer("", 1, true)
	p.add(forksTape(3, true).Events)
	p.finish(nil)
	p.seek(p.end())
	c := cells.NewCanvas(100, 6)
	p.lanes.draw(c, p.scene(), cells.Area(0, 0, 100, 6), nil)
	for y, line := range strings.Split(c.Render(cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)), "\n")[1:] {
		if y < 4 && strings.Contains(line, "%%%") == (y == 0) {
			t.Errorf("line %d: %s", y, line)
		}
	}
}

// atEnd returns the scene after the last event.
func atEnd(t *tuitest.Tape) *scene.Scene {
	r := scene.NewReel()
	r.Add(t.Events)
	return r.Scene(r.Clock().End(), stage.SlideFor)
}
