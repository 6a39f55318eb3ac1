package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// inPlayer returns a driver whose player is at the beginning of events.
func inPlayer(t *testing.T, events []trace.Event, w, h int) *driver {
	t.Helper()
	cfg := testConfig()
	cfg.Open = &Playback{Title: "trace", Events: events, Step: true}
	return drive(t, cfg, w, h)
}

// enter types keys and presses enter.
func (d *driver) enter(keys string) {
	for _, r := range keys {
		d.key(string(r))
	}
	d.key("enter")
	d.settle()
}

// settle lets the player finish all long work.
func (d *driver) settle() {
	for d.m.player.work() {
	}
}

// at returns the number of the event at the playhead.
func (d *driver) at() int { return d.m.player.rec.Clock().Count(d.m.player.pos) }

// said returns the sentence of the event at the playhead.
func (d *driver) said() string {
	return d.m.player.log.sentence(&d.m.player.rec.Timeline, d.at())
}

// Words and regular expressions are found in both directions, and the search wraps around.
func TestFind(t *testing.T) {
	d := inPlayer(t, tuitest.AbortTrace().Events, 120, 36)
	d.key("n")
	d.want("There is no search yet")
	for _, test := range []struct{ keys, event, status string }{
		{"/WORKER-2", "", "“WORKER-2” was not found"}, // capital letters matter
		{"/worker-2", "worker-2 arrives at start-line, 2nd of 4", "“worker-2”: 1 of 4"},
		{"/order canceled", "main breaks start-line", "1 of 4"},
		{"//worker-[13] ends", "worker-1 ends", "1 of 2"},
	} {
		d.enter(test.keys)
		if !strings.HasPrefix(d.said(), test.event) {
			t.Errorf("%s leads to %q, want %q", test.keys, d.said(), test.event)
		}
		d.want(test.status)
	}
	for _, step := range []struct{ key, event string }{
		{"n", "worker-3 ends"}, {"n", "worker-1 ends"}, {"N", "worker-3 ends"}, {"N", "worker-1 ends"},
	} {
		d.key(step.key)
		if d.settle(); d.said() != step.event {
			t.Errorf("%s leads to %q, want %q", step.key, d.said(), step.event)
		}
	}
	if d.m.player.curG != 2 {
		t.Errorf("goroutine %d is chosen, want the one that was found", d.m.player.curG)
	}
	d.enter("//(")
	d.want("invalid regular expression")
	d.key("esc", "/", "x", "backspace", "backspace")
	if d.m.player.prompt != nil {
		t.Error("the prompt is still open")
	}
}

// Long work is done in slices, can be stopped, and continues where it was.
func TestFindSlices(t *testing.T) {
	tr := tuitest.NewTrace("main", "ann")
	tr.Object("m", trace.ClassMutex, 0, "")
	for range 2 * workSlice {
		tr.Do(trace.KindAcquire, "main", "m", 1).Do(trace.KindRelease, "main", "m", 0)
	}
	tr.Say(trace.KindLog, "ann", "", 0, "the needle")
	d := inPlayer(t, tr.Events, 80, 24)
	p := d.m.player
	d.key("/", "n", "e", "e", "d", "l", "e", "enter")
	d.want("looking for “needle”: 0 %", "esc cancels")
	p.work()
	d.want("looking for “needle”: 24 %")
	if at := d.at(); at > 1 {
		t.Errorf("the playhead is at event %d before the match was found", at)
	}
	d.key("esc")
	d.wantNot("looking for")
	if p.work() || p.finder.at != workSlice {
		t.Errorf("after esc it has looked at %d events", p.finder.at)
	}
	d.key("n")
	d.settle()
	if d.said() != "ann says: the needle" && !strings.Contains(d.said(), "the needle") {
		t.Errorf("found %q", d.said())
	}
}

// The playhead goes to the given position, or an error says why not.
func TestJump(t *testing.T) {
	d := inPlayer(t, tuitest.SemaphoreTrace().Events, 120, 36)
	all := d.m.player.rec.Len()
	for keys, want := range map[string]int{":7": 7, ":100%": all, ":400ms": 8} {
		if d.enter(keys); d.at() != want || d.m.player.prompt != nil {
			t.Errorf("%s leads to event %d, want %d", keys, d.at(), want)
		}
	}
	for keys, want := range map[string]string{":99": "event 99 is out of range, must be 0 … 16", ":1h": "out of range", ":120%": "a part must be 0% … 100%", ":soon": "must be an event such as 14"} {
		d.enter(keys)
		d.want(want)
		d.key("esc")
	}
}

// ] and [ go through the events of the focus, } and { through the problems, ' through the marks.
func TestSkip(t *testing.T) {
	d := inPlayer(t, tuitest.AbortTrace().Events, 120, 36)
	d.key("enter")
	d.want(nothingChosen)
	d.key("]")
	d.want("Nothing is in focus")
	d.m.player.focus.G = 3 // worker-2
	for _, want := range []string{"worker-2 arrives", "worker-2 is turned away", "worker-2 ends"} {
		if d.key("]"); !strings.HasPrefix(d.said(), want) && !strings.Contains(d.said(), "worker-2") {
			t.Errorf("] leads to %q, want %q", d.said(), want)
		}
	}
	for d.key("]"); d.at() < d.m.player.rec.Len() && d.m.player.say == ""; {
		d.key("]")
	}
	d.want("There is no event of worker-2 after this one.")
	d.key("home", "[")
	d.want("There is no event of worker-2 before this one.")

	d.key("}")
	if !strings.HasPrefix(d.said(), "main breaks start-line") {
		t.Errorf("} leads to %q", d.said())
	}
	d.key("}")
	if !strings.Contains(d.said(), "worker-1") {
		t.Errorf("} then leads to %q", d.said())
	}
	d.key("{", "{")
	d.want("Nothing went wrong before this event.")

	d.key("'")
	d.want("There are no marks")
	broken := d.at()
	d.key("b", "home", "right", "b", "end", "'")
	d.want("Mark 1 of 2", cells.Mark)
	if d.key("'"); d.at() != broken {
		t.Errorf("' leads to event %d, want %d", d.at(), broken)
	}
	d.key("b")
	d.want("is no longer marked")

	d.m.player.focus.G = 4
	d.key("end", "o")
	d.want("The log shows only what is in focus.")
	if _, log, _ := strings.Cut(d.screen(), " events "); strings.Contains(log, "worker-2") || !strings.Contains(log, "worker-3") {
		t.Errorf("the log is not only of worker-3:\n%s", log)
	}
}

// The player while text is typed, found and marked, and while the statistics and the source are shown.
func TestViews(t *testing.T) {
	tr := recordedTest()
	for _, view := range []struct {
		name   string
		events []trace.Event
		keys   []string
	}{
		{"find", tuitest.AbortTrace().Events, []string{"/", "w", "o", "r", "enter", "b"}},
		{"typing", tuitest.AbortTrace().Events, []string{"/", "g", "a", "t"}},
		{"wrong", tuitest.AbortTrace().Events, []string{":", "x", "enter"}},
		{"objects", contended().Events, []string{"end", "t"}},
		{"goroutines", contended().Events, []string{"end", "t", "tab", "down"}},
		{"warnings", contended().Events, []string{"end", "t", "tab", "tab"}},
		{"source", tr.Events, []string{"right", "right", "v"}},
	} {
		for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
			t.Run(fmt.Sprintf("%s/%dx%d", view.name, size.W, size.H), func(t *testing.T) {
				d := inPlayer(t, view.events, size.W, size.H)
				for _, k := range view.keys {
					d.key(k)
					d.settle()
				}
				d.m.player.advance(time.Second)
				golden.RequireEqual(t, d.screen())
			})
		}
	}
}

// contended is a trace with contention and warnings.
func contended() *tuitest.Trace {
	t := tuitest.NewTrace("main", "ann", "ben", "cid")
	t.Object("a", trace.ClassMutex, 0, "").Object("b", trace.ClassMutex, 0, "").Object("pool", trace.ClassSemaphore, 1, "").Object("changed", trace.ClassCond, 0, "a")
	for i := range 6 {
		held := 10 * ms
		if i == 4 {
			held = 400 * ms
		}
		t.After(ms).Do(trace.KindAcquire, "ann", "a", 1).Do(trace.KindAcquire, "ann", "b", 1)
		t.After(held).Do(trace.KindRelease, "ann", "b", 0).Do(trace.KindRelease, "ann", "a", 0)
	}
	t.Do(trace.KindAcquire, "ben", "b", 1).Do(trace.KindAcquire, "ben", "a", 1)
	t.After(ms).Do(trace.KindNotify, "ben", "changed", 0)
	t.After(20*ms).Block("cid", "a", "Lock", 1)
	t.After(30*ms).Do(trace.KindRelease, "ben", "a", 0).Wake("cid", "a", "ben").Do(trace.KindAcquire, "cid", "a", 1).Do(trace.KindResume, "cid", "a", 0)
	t.Do(trace.KindRelease, "cid", "a", 0).Do(trace.KindRelease, "ben", "b", 0)
	t.Do(trace.KindAcquire, "ann", "pool", 1).Block("ben", "pool", "Acquire", 1).After(5*ms).Block("cid", "pool", "Acquire", 1)
	t.After(200*ms).Do(trace.KindGiveUp, "cid", "pool", int64(trace.ReasonTimedOut))
	t.Do(trace.KindExit, "cid", "", 0)
	return t.After(50 * ms).Add(trace.Event{Kind: trace.KindEnd})
}

// Enter goes from the statistics to the event at which the selected line was at its maximum, and s sorts.
func TestStatsLead(t *testing.T) {
	d := inPlayer(t, contended().Events, 120, 36)
	d.key("t")
	d.settle()
	d.want("objects 3", "goroutines 4", "warnings 6", "sorted by total", "pool", "0.26 s+")
	d.key("s", "s")
	d.want("sorted by waits")
	d.key("pgdown", "enter") // no goroutine has waited for b
	if d.m.player.counting {
		t.Error("the statistics are still shown")
	}
	d.want("The longest hold of b ends here", "28/49")
	d.key("t", "tab", "tab", "down", "down", "down", "enter")
	d.want("ben notifies changed while no goroutine waits")
	d.key("t", "up", "enter")
	d.want("ann takes a before b, and ben takes b before a")
	d.key("t", "tab", "up", "up", "up", "enter")
	d.want("The longest wait for pool has not ended yet.")
}
