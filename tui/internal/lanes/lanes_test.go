package lanes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

const ms = time.Millisecond

// newRecording returns a recording of the events of t.
func newRecording(t *tuitest.Trace) *scene.Recording {
	r := scene.NewRecording()
	r.Add(t.Events)
	return r
}

// rest is the time that tokens on the stage slide: after that the player stands still.
const rest = 260 * ms

// at returns the scene at pos, after everything has come to rest.
func at(r *scene.Recording, pos time.Duration) *scene.Scene {
	sc := r.Scene(pos, rest)
	sc.Now = min(sc.Now, r.Timeline.End())
	return sc
}

// atEnd returns the scene after the last event of t.
func atEnd(t *tuitest.Trace) *scene.Scene {
	r := newRecording(t)
	return at(r, r.Clock().End())
}

// chosen returns the names of the rows of l.
func (l *Lanes) chosen(sc *scene.Scene) (names []string) {
	for i := range l.rows {
		if r := &l.rows[i]; r.group != nil {
			names = append(names, r.label())
		} else {
			names = append(names, sc.Name(r.g.ID))
		}
	}
	return names
}

func TestLaneChoice(t *testing.T) {
	workers := tuitest.NewTrace("main").Object("pool", trace.ClassSemaphore, 2, "")
	for i := range 16 {
		workers.G(fmt.Sprintf("worker-%d", i+1))
	}
	workers.Do(trace.KindAcquire, "worker-12", "pool", 1).Block("worker-3", "pool", "Acquire", 2)
	workers.Add(trace.Event{Kind: trace.KindLog, G: workers.Gs["worker-9"], Text: "here"})
	cycle := tuitest.NewTrace("ann", "bob", "yan", "zoe")
	for i, name := range []string{"ann", "bob", "yan", "zoe"} {
		cycle.Object(fmt.Sprintf("m-%d", i), trace.ClassMutex, 0, "").Do(trace.KindAcquire, name, fmt.Sprintf("m-%d", i), 1)
	}
	cycle.Block("yan", "m-3", "Lock", 1).Block("zoe", "m-2", "Lock", 1).Add(trace.Event{Kind: trace.KindLog, G: cycle.Gs["bob"], Text: "here"})
	few := tuitest.NewTrace("zoe", "ann", "worker-10", "worker-9")
	for _, c := range []struct {
		name string
		tr   *tuitest.Trace
		rows int
		set  func(l *Lanes, sc *scene.Scene)
		want string
	}{
		{"room for all: in order of appearance", few, 4, nil, "zoe ann worker-10 worker-9"},
		{"by name, with numbers in order", few, 3, nil, "zoe ann worker-9"},
		{"a group, a holder, and the goroutine that acts", workers, 4, nil, "main worker-* ×16 worker-12|worker-9"},
		{"with more room, more in order of name", workers, 8, nil, "main worker-* ×16 worker-1 worker-2 worker-3 worker-12|worker-9 worker-4"},
		{"the one in focus", workers, 4, func(_ *Lanes, sc *scene.Scene) { sc.Focus.G = workers.Gs["worker-16"] }, "worker-* ×16|worker-12 worker-16|worker-9"},
		{"the goroutines at the object in focus", workers, 5, func(_ *Lanes, sc *scene.Scene) { sc.Focus.Obj = workers.Objs["pool"] }, "worker-* ×16|worker-3 worker-12|worker-9 main"},
		{"the one under the cursor", workers, 4, func(l *Lanes, _ *scene.Scene) { l.Active, l.Cursor = true, workers.Gs["worker-5"] }, "worker-* ×16|worker-5 worker-12|worker-9"},
		{"an open group first", workers, 6, func(l *Lanes, _ *scene.Scene) { l.open = map[string]bool{"worker-*": true} }, "worker-* ×16|worker-1 worker-2 worker-12|worker-9 worker-3"},
		{"one row", workers, 1, nil, "worker-12"},
		{"two rows", workers, 2, nil, "worker-12|worker-9"},
		{"a cycle before those that hold something", cycle, 3, nil, "yan zoe|bob"},
		{"the cycle before the others", tuitest.ForksTrace(3, true), 3, nil, "philosopher-1 philosopher-2|philosopher-3"},
	} {
		sc := atEnd(c.tr)
		var l Lanes
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
			t.Errorf("%s: choose returned %d lanes, but %d of %d rows are lanes", c.name, shown, n, len(l.rows))
		}
	}
}

// Goroutines that act are shown in the last rows, so that the others stay where they are.
func TestLanesStay(t *testing.T) {
	tr := tuitest.NewTrace("main")
	for i := range 16 {
		tr.G(fmt.Sprintf("worker-%d", i+1))
	}
	var before []string
	for i := range 16 {
		tr.Add(trace.Event{Kind: trace.KindLog, G: tr.Gs[fmt.Sprintf("worker-%d", (i*7)%16+1)], Text: "here"})
		sc := atEnd(tr)
		var l Lanes
		l.choose(sc, sc.State.Goroutines(), 8)
		now := l.chosen(sc)
		if before != nil && !slices.Equal(before[:6], now[:6]) {
			t.Errorf("rows %v, and one event earlier %v", now, before)
		}
		if actor := sc.Name(sc.State.Last().G); !slices.Contains(now, actor) {
			t.Errorf("%s acts, but is not among %v", actor, now)
		}
		before = now
	}
}

// No label of the ruler occurs twice at any zoom.
func TestRulerLabels(t *testing.T) {
	long := tuitest.NewTrace("main").Object("pool", trace.ClassSemaphore, 1, "")
	long.Now = 123 * time.Second
	for range 200 {
		long.After(1234567*time.Nanosecond).Do(trace.KindAcquire, "main", "pool", 1).Do(trace.KindRelease, "main", "pool", 1)
	}
	for _, tr := range []*tuitest.Trace{tuitest.AbortTrace(), long} {
		for _, recorded := range []bool{false, true} {
			for _, even := range []bool{false, true} {
				r := newRecording(tr)
				r.Even = even
				sc := at(r, r.Clock().End()*2/3)
				l := Lanes{real: recorded}
				for range 40 {
					c := cells.NewCanvas(140, 6)
					l.Draw(c, sc, cells.Area(0, 0, 140, 6))
					line := strings.NewReplacer(cells.Playhead, " ", "real time", "").Replace(strings.Split(c.String(), "\n")[0])
					labels := strings.Split(line[8:], "  ")
					seen := make(map[string]bool)
					for _, s := range labels {
						if s = strings.TrimSpace(s); s != "" && seen[s] {
							t.Errorf("recorded time %v, even steps %v, %v visible: %q occurs twice in %q", recorded, even, l.part, s, line)
						}
						seen[s] = true
					}
					l.ZoomHead(true)
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

// In recorded time a column holds the events of its time, however far apart they are in play time.
func TestRealTimeOfBurst(t *testing.T) {
	r := newRecording(tuitest.ThousandTrace())
	sc := at(r, r.Clock().End()/2)
	a := axisOf(sc, true)
	if got := a.count(a.at); got != sc.N {
		t.Errorf("at the playhead there are %d events, want %d", got, sc.N)
	}
	if got := a.count(a.pos(0)); got != r.Clock().CountAt(0) {
		t.Errorf("at the beginning there are %d events", got)
	}
}

// wokenTrace is the trace of an Event for which two goroutines wait, one above and one below the goroutine that sets it.
func wokenTrace() *tuitest.Trace {
	t := tuitest.NewTrace("main", "worker-1", "worker-2", "worker-3").Object("door", trace.ClassEvent, 0, "")
	t.Block("worker-1", "door", "Wait", 1).Block("worker-3", "door", "Wait", 1).After(2 * time.Second)
	return t.Do(trace.KindSet, "worker-2", "door", 2).Wake("worker-1", "door", "worker-2").Wake("worker-3", "door", "worker-2")
}

// laneShots are the moments for which there are golden files, and how the timeline is set then.
var laneShots = []struct {
	name  string
	trace func() *tuitest.Trace
	set   func(l *Lanes, sc *scene.Scene)
	event int // counted from the last one
}{
	{"deadlock", func() *tuitest.Trace { return tuitest.ForksTrace(5, true) }, nil, 0},
	{"barrier", tuitest.AbortTrace, nil, 4},
	{"semaphore", tuitest.SemaphoreTrace, nil, 2},
	{"group", tuitest.ThousandTrace, nil, 800},
	{"group-open", tuitest.ThousandTrace, func(l *Lanes, _ *scene.Scene) { l.Toggle("worker-*") }, 800},
	{"group-zoomed", tuitest.ThousandTrace, func(l *Lanes, _ *scene.Scene) { l.part = time.Second }, 800},
	{"woken", wokenTrace, nil, 0},
	{"woken-at-the-edge", wokenTrace, func(l *Lanes, sc *scene.Scene) { l.part, l.from = time.Second, sc.Clock.End()-time.Second }, 0},
	{"real-time", tuitest.AbortTrace, func(l *Lanes, _ *scene.Scene) { l.real = true }, 4},
	{"empty", func() *tuitest.Trace { return tuitest.NewTrace() }, nil, 0},
}

func TestLanes(t *testing.T) {
	for _, shot := range laneShots {
		t.Run(shot.name, func(t *testing.T) {
			r := newRecording(shot.trace())
			sc := at(r, r.Clock().PosOf(r.Len()-shot.event))
			var b strings.Builder
			for _, size := range []cells.Rect{{W: 59, H: 3}, {W: 79, H: 4}, {W: 119, H: 9}, {W: 199, H: 15}} {
				var l Lanes
				if shot.set != nil {
					shot.set(&l, sc)
				}
				c := cells.NewCanvas(size.W, size.H)
				l.Draw(c, sc, size)
				tuitest.Fits(t, c)
				fmt.Fprintf(&b, "%d×%d:\n%s", size.W, size.H, c)
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

// A lane shows by its pattern, and not only by its color, that a goroutine holds something while it waits.
func TestHoldsAndWaits(t *testing.T) {
	c := cells.NewCanvas(100, 6)
	new(Lanes).Draw(c, atEnd(tuitest.ForksTrace(3, true)), cells.Area(0, 0, 100, 6))
	for y, line := range strings.Split(c.Render(cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)), "\n")[1:] {
		if y < 4 && strings.Contains(line, "%%%") == (y == 0) {
			t.Errorf("line %d: %s", y, line)
		}
	}
}

// In recorded time a column stands for its time: the playhead is at the column of the time that the scene shows, and a position on the
// screen leads to the time that it is labeled with.
func TestRecordedTime(t *testing.T) {
	r := newRecording(tuitest.ThousandTrace())
	sc := at(r, r.Clock().End()/3)
	l := Lanes{real: true}
	l.Draw(cells.NewCanvas(120, 6), sc, cells.Area(0, 0, 120, 6))
	if got, want := l.valueAt(l.column(l.ax.at)), sc.Now; (got - want).Abs() > (l.to-l.from)/time.Duration(l.area.W) {
		t.Errorf("the playhead is at %v, want %v", got, want)
	}
	if got, want := at(r, l.PosAt(l.area.X+l.area.W/2)).Now, l.valueAt(l.area.W/2); (got - want).Abs() > 2*ms {
		t.Errorf("the column of %v leads to %v", want, got)
	}
}
