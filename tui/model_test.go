package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// A fakeSession delivers the events of a trace at their times.
type fakeSession struct {
	began  time.Time
	events []trace.Event

	mu      sync.Mutex
	next    int
	err     error
	stopped bool
}

func (s *fakeSession) Drain(buf []trace.Event) []trace.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.next < len(s.events) && time.Duration(s.events[s.next].Time) <= time.Since(s.began) {
		buf = append(buf, s.events[s.next])
		s.next++
	}
	return buf
}

func (s *fakeSession) Done() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped || s.next == len(s.events)
}

func (s *fakeSession) Err() error { return s.err }

func (s *fakeSession) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// testConfig is a Config with two scenarios.
func testConfig() *Config {
	return &Config{
		Entries: []Entry{
			{
				Name: "barrier-abort", Title: "Someone calls it off", Category: "Primitives", Expects: "clean",
				Lesson:  "The barrier has room for four, three come, and main calls the meeting off. All three learn why, and Reset makes the barrier whole.",
				LookFor: "the gate, which splinters, and the three that turn back",
				Params:  []Param{{"workers", "how many come", "3", "1 … 64"}, {"pace", "how slowly it goes", "1", "0 … 10"}},
			},
			{Name: "semaphore", Title: "A pool of two", Category: "Primitives", Expects: "clean", Lesson: "Never more than two are active.", Params: []Param{{"permits", "", "2", "1 … 16"}}},
			{Name: "philosophers-deadlock", Title: "Five forks", Category: "Classic problems", Expects: "deadlock", Lesson: "Everybody takes the left fork first.", Twin: "philosophers-order"},
		},
		Check: func(_ string, params map[string]string) error {
			if v, ok := params["workers"]; ok && len(v) > 2 {
				return fmt.Errorf("workers: %s is not in 1 … 64", v)
			}
			return nil
		},
		Background: BackgroundDark,
	}
}

// A driver does for a model what Bubble Tea does: it runs the model's commands and passes their results back.
type driver struct {
	t    *testing.T
	m    *model
	msgs chan tea.Msg
	quit bool
}

func drive(t *testing.T, cfg *Config, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, m: newModel(t.Context(), cfg), msgs: make(chan tea.Msg, 64)}
	d.run(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		select {
		case d.msgs <- cmd():
		case <-d.t.Context().Done():
		}
	}()
}

// send passes msg to the model.
func (d *driver) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.QuitMsg:
		d.quit = true
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
	default:
		_, cmd := d.m.Update(msg)
		d.run(cmd)
		d.m.View()
	}
}

// key presses the keys with the given names.
func (d *driver) key(names ...string) {
	codes := map[string]rune{
		"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
	}
	for _, name := range names {
		k := tea.Key{Code: codes[name]}
		switch {
		case name == "ctrl+c":
			k = tea.Key{Code: 'c', Mod: tea.ModCtrl}
		case name == "shift+tab":
			k = tea.Key{Code: tea.KeyTab, Mod: tea.ModShift}
		case k.Code == 0:
			k = tea.Key{Code: []rune(name)[0], Text: name}
		}
		d.send(tea.KeyPressMsg(k))
	}
}

// wait lets the bubble's time pass.
func (d *driver) wait(long time.Duration) {
	over := time.After(long)
	for {
		select {
		case msg := <-d.msgs:
			d.send(msg)
		case <-over:
			synctest.Wait()
			for len(d.msgs) > 0 {
				d.send(<-d.msgs)
			}
			return
		}
	}
}

// stop lets running commands end, and ignores their results.
func (d *driver) stop() { <-time.After(time.Second) }

// screen returns the screen as text without styles.
func (d *driver) screen() string {
	d.m.frame()
	tuitest.Fits(d.t, &d.m.c)
	return d.m.c.String()
}

func (d *driver) want(words ...string) {
	d.t.Helper()
	s := d.screen()
	for _, w := range words {
		if !strings.Contains(s, w) {
			d.t.Errorf("the screen does not say %q:\n%s", w, s)
		}
	}
}

func (d *driver) wantNot(words ...string) {
	d.t.Helper()
	s := d.screen()
	for _, w := range words {
		if strings.Contains(s, w) {
			d.t.Errorf("the screen says %q:\n%s", w, s)
		}
	}
}

// TestProgram goes through the whole program: the browser, a live session, steps back and forth, running again, and quitting.
func TestProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		var sessions []*fakeSession
		var started []map[string]string
		cfg.Start = func(name string, params map[string]string) (Session, error) {
			s := &fakeSession{began: time.Now(), events: tuitest.AbortTrace().Events, err: errors.New(name + ": the invariant failed")}
			sessions, started = append(sessions, s), append(started, params)
			return s, nil
		}
		d := drive(t, cfg, 120, 36)
		d.want("Someone calls it off", "3 scenarios", "Classic problems", "1 … 64")
		d.key("tab", "0", "0")
		d.want("workers: 300 is not in 1 … 64")
		d.key("enter")
		if len(sessions) > 0 {
			t.Fatal("a scenario was started with a parameter that is out of range")
		}
		d.key("backspace", "backspace", "backspace", "2", "enter")
		d.wait(10 * ms)
		d.want("Waiting for the first event", "● live")
		d.wait(740 * ms)
		d.want("● live", "2 of 4 have arrived; two are missing", "waits for start-line")
		if len(started) != 1 || started[0]["workers"] != "2" || len(started[0]) != 1 {
			t.Errorf("started with %v, want only workers=2", started)
		}
		d.wait(5 * time.Second)
		d.want("■ ended", "✗ failed", "barrier-abort: the invariant failed", "broken by main: order canceled")
		if d.m.ticking {
			t.Error("there are ticks although nothing moves")
		}

		d.key("home")
		for range 5 {
			d.key("right")
			d.wait(time.Second)
		}
		d.want("‖ paused", "3 of 4 have arrived; one is missing")
		before := d.screen()
		d.key("right")
		d.wait(time.Second)
		d.want("broken by main")
		d.key("left")
		d.wait(time.Second)
		if after := d.screen(); after != before {
			t.Errorf("a step forward and one back changed the screen from\n%s\nto\n%s", before, after)
		}

		d.key("r")
		d.wait(100 * ms)
		if len(sessions) != 2 || !sessions[0].stopped {
			t.Error("the scenario was not stopped and started again")
		}
		d.key("q")
		d.wait(100 * ms)
		if !sessions[1].stopped {
			t.Error("the session still runs after its player was left")
		}
		d.want("scenarios", "Someone calls it off")
		d.key("q")
		d.wait(100 * ms)
		if !d.quit {
			t.Error("q in the browser does not quit")
		}
	})
}

func TestBrowserFilter(t *testing.T) {
	d := drive(t, testConfig(), 80, 24)
	d.key("/", "d", "e", "a", "d")
	d.want("/ dead", "1 of 3 scenarios", "Five forks", "philosophers-deadlock", "✗ deadlock")
	d.wantNot("Someone calls it off")
	d.key("l", "o", "x")
	d.want("nothing matches", "no scenario")
	d.key("enter", "enter") // the parameter is invalid
	if d.m.player != nil {
		t.Error("enter ran something although nothing matched")
	}
	d.key("esc")
	d.want("3 scenarios", "barrier-abort", "Five forks")
}

// t goes to the twin, even if a filter hides it, and back; without a twin it does nothing.
func TestBrowserTwin(t *testing.T) {
	cfg := testConfig()
	cfg.Entries = append(cfg.Entries, Entry{Name: "philosophers-order", Title: "One is left-handed", Category: "Classic problems", Expects: "clean", Twin: "philosophers-deadlock"})
	d := drive(t, cfg, 80, 24)
	d.key("t")
	d.want("▸   Someone calls it off", "barrier-abort")
	d.key("/", "f", "i", "v", "e", "enter", "t")
	d.want("▸   One is left-handed", "philosophers-order", "4 scenarios")
	d.key("t")
	d.want("▸   Five forks", "philosophers-deadlock")
}

// If lesson and what to look for do not fit, space shows the next page, and after the last one the first.
func TestBrowserReadsOn(t *testing.T) {
	cfg := testConfig()
	cfg.Entries[0].Lesson = strings.Repeat("first of all ", 20) + strings.Repeat("and then ", 20)
	cfg.Entries[0].LookFor = strings.Repeat("whoever waits ", 12) + "to the very end"
	cfg.Entries[1].Lesson, cfg.Entries[1].LookFor = "secondly "+cfg.Entries[0].Lesson, cfg.Entries[0].LookFor
	d := drive(t, cfg, 80, 24)
	d.want("first of all", "space more")
	d.wantNot("Look for", "the very end")
	pages := 0
	for seen := ""; !strings.Contains(seen, "the very end"); pages++ {
		if pages > 5 {
			t.Fatalf("what to look for is not shown:\n%s", seen)
		}
		d.key("space")
		seen = d.screen()
	}
	d.want("Look for", "whoever waits", "space from the start")
	d.key("space")
	d.want("first of all", "space more")
	d.key("space", "down")
	d.want("secondly") // another entry begins with its first page
	d.send(tea.WindowSizeMsg{Width: 120, Height: 36})
	d.want("first of all", "the very end")
	d.wantNot("space more", "space from the start")
}

// The footer shows the keys for hints and the twin if the entry has these, even in 80 columns.
func TestBrowserKeys(t *testing.T) {
	cfg := testConfig()
	cfg.Entries[0].Expects, cfg.Entries[0].Hints = "deadlock", []string{"look"}
	d := drive(t, cfg, 80, 24)
	d.want("i hints")
	d.wantNot("t twin")
	d.key("down")
	d.wantNot("i hints")
	cfg.Entries[0].Twin = "its-twin"
	d = drive(t, cfg, 100, 24)
	d.want("i hints", "t twin")
}

// While text is typed, the footer shows the keys that apply then.
func TestBrowserTyping(t *testing.T) {
	d := drive(t, testConfig(), 80, 24)
	d.want("Primitives 2", "Classic problems 1", "q quit")
	d.key("/", "a")
	d.want("esc show all")
	d.wantNot("q quit")
	d.key("esc", "tab")
	d.want("esc back", "how many come")
	d.wantNot("q quit")
	d.key("down")
	d.want("how slowly it goes")
	d.key("esc")
	d.want("q quit")
}

// A list that is longer than the screen can be paged through, and shows where there is more.
func TestBrowserPages(t *testing.T) {
	cfg := testConfig()
	for i := range 80 {
		cfg.Entries = append(cfg.Entries, Entry{Name: fmt.Sprintf("extra-%02d", i), Category: "Primitives", Expects: "clean"})
	}
	d := drive(t, cfg, 80, 24)
	d.want("Primitives 82", "↓ more")
	d.wantNot("↑ more", "extra-20")
	d.key("pgdown", "pgdown")
	d.want("↑ more", "↓ more", "extra-20")
	d.key("end")
	d.want("↑ more", "▸   Five forks")
	d.wantNot("↓ more")
	d.key("home")
	d.want("▸   Someone calls it off", "Primitives 82", "↓ more")
}

func TestStartFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Start = func(string, map[string]string) (Session, error) { return nil, errors.New("a trace is already running") }
		d := drive(t, cfg, 80, 24)
		d.key("enter")
		d.wait(100 * ms)
		d.want("a trace is already running", "barrier-abort")
		cfg.Entries, cfg.Run = nil, "barrier-abort"
		d = drive(t, cfg, 80, 24)
		d.wait(100 * ms)
		d.stop()
		if !d.quit || d.m.fatal == nil {
			t.Error("without a browser, a scenario that does not start does not end the program")
		}
	})
}

// playback returns a driver whose player is paused at the end of tr.
func playback(t *testing.T, tr *tuitest.Trace, w, h int) *driver {
	cfg := &Config{Open: &Playback{Title: "a-recording", Events: tr.Events}, Background: BackgroundDark}
	d := drive(t, cfg, w, h)
	d.key("end", "space")
	return d
}

func TestSpeedAndSteps(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	for range 20 {
		d.key("-")
	}
	d.want("0.1×")
	for range 20 {
		d.key("+")
	}
	d.want("100×", "○ recorded")
	d.key("home", "right", "right", "right")
	n := d.m.player.scene().N
	d.key("s")
	d.want("≡ 100×")
	if got := d.m.player.scene().N; got != n {
		t.Errorf("even steps moved from event %d to %d", n, got)
	}
	d.key("s")
	if got := d.m.player.scene().N; got != n {
		t.Errorf("recorded time moved from event %d to %d", n, got)
	}
}

// While nothing happens, the time in the header continues, in a unit that suits the length of the trace.
func TestLiveTime(t *testing.T) {
	p := newPlayer("quiet", 1, false)
	p.live, p.follow = true, true
	p.add(tuitest.NewTrace("main").Events)
	p.advance(3 * time.Second)
	if h := p.head(p.scene()); h.time != "3.000 s" {
		t.Errorf("after three seconds in which nothing happened it is %s", h.time)
	}
}

func TestFocus(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	d.key("home", "down", "down", "enter")
	g := d.m.player.focus.G
	if name := d.m.player.scene().Name(g); name != "worker-1" {
		t.Errorf("the third line but one is %q, want worker-1", name)
	}
	if !strings.Contains(d.m.frame(), ";2") {
		t.Error("nothing is dimmed")
	}
	d.key("esc")
	if !d.m.player.focus.None() {
		t.Error("esc does not end the focus")
	}
	d.key("shift+tab", "down", "enter")
	if d.m.player.focus.Obj == 0 {
		t.Error("enter on the stage does not focus an object")
	}
}

func TestMouse(t *testing.T) {
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	area := d.m.player.columns()
	d.send(tea.MouseClickMsg{X: area.X, Y: area.Y, Button: tea.MouseLeft})
	if p := d.m.player.pos; p != 0 {
		t.Errorf("a click on the beginning of the timeline goes to %s", p)
	}
	d.send(tea.MouseMotionMsg{X: area.X + area.W, Y: 0, Button: tea.MouseLeft})
	if p := d.m.player.pos; p != d.m.player.end() {
		t.Errorf("dragging the playhead to the end of the timeline goes to %s, want %s", p, d.m.player.end())
	}
	d.send(tea.MouseReleaseMsg{})
	d.send(tea.MouseMotionMsg{X: area.X, Y: 0})
	if d.m.player.pos == 0 {
		t.Error("the playhead still follows the mouse after the button was released")
	}
	d.send(tea.MouseWheelMsg{X: 10, Y: 5, Button: tea.MouseWheelUp})
	if d.m.player.pos >= d.m.player.end() {
		t.Error("the wheel does not step back")
	}
	d.screen()
	for _, h := range d.m.player.hits {
		if h.pane == onList && h.g != 0 {
			d.send(tea.MouseClickMsg{X: h.r.X, Y: h.r.Y, Button: tea.MouseLeft})
			if d.m.player.focus.G != h.g {
				t.Error("a click on a goroutine does not focus it")
			}
			break
		}
	}
	if d.m.View().MouseMode == tea.MouseModeNone {
		t.Error("the mouse is off")
	}
	d.key("m")
	if d.m.View().MouseMode != tea.MouseModeNone {
		t.Error("m does not turn the mouse off")
	}
}

func TestHelp(t *testing.T) {
	for _, size := range []cells.Rect{{W: 60, H: 20}, {W: 120, H: 36}, {W: 200, H: 60}} {
		d := playback(t, tuitest.AbortTrace(), size.W, size.H)
		d.key("?")
		d.want("help", "Playing")
		for range 100 {
			d.key("down")
		}
		d.want("any key closes")
		d.key("x")
		d.wantNot("any key closes")
	}
}

func TestTooSmall(t *testing.T) {
	for _, size := range []cells.Rect{{W: 59, H: 20}, {W: 60, H: 19}, {W: 24, H: 4}, {W: 20, H: 4}, {W: 12, H: 2}, {W: 200, H: 1}, {W: 5, H: 1}, {W: 1, H: 1}, {}} {
		d := playback(t, tuitest.AbortTrace(), size.W, size.H)
		if s := d.screen(); size.W >= 5 && !strings.Contains(s, "60×20") {
			t.Errorf("at %d×%d it does not say how much room it needs:\n%s", size.W, size.H, s)
		}
	}
}

// TestEverySize draws every screen at many sizes; text outside of its place would cause a line of the wrong width, or a panic.
func TestEverySize(t *testing.T) {
	traces := []*tuitest.Trace{tuitest.AbortTrace(), tuitest.SemaphoreTrace(), tuitest.NewTrace()}
	for _, tr := range traces {
		d := playback(t, tr, 60, 20)
		for w := 60; w <= 210; w += 7 {
			for h := 20; h <= 64; h += 4 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				d.screen()
			}
		}
	}
	d := drive(t, testConfig(), 60, 20)
	for w := 60; w <= 210; w += 7 {
		for h := 20; h <= 64; h += 4 {
			d.send(tea.WindowSizeMsg{Width: w, Height: h})
			d.screen()
		}
	}
}

var screenSizes = []cells.Rect{{W: 60, H: 20}, {W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}}

// TestScreen has golden files of whole screens: in the middle of a recording, and of the browser.
func TestScreen(t *testing.T) {
	for _, size := range screenSizes {
		t.Run(fmt.Sprintf("player/%dx%d", size.W, size.H), func(t *testing.T) {
			var b strings.Builder
			for _, tr := range []*tuitest.Trace{tuitest.AbortTrace(), tuitest.SemaphoreTrace()} {
				d := playback(t, tr, size.W, size.H)
				d.key("home", "right", "right", "right", "right", "right")
				d.m.player.ease, d.m.player.easing = stage.SlideFor/2, false
				b.WriteString(d.screen())
			}
			golden.RequireEqual(t, b.String())
		})
		t.Run(fmt.Sprintf("browser/%dx%d", size.W, size.H), func(t *testing.T) {
			d := drive(t, testConfig(), size.W, size.H)
			golden.RequireEqual(t, d.screen())
		})
	}
}

// TestScreenStyles has golden files of screens with escape sequences.
func TestScreenStyles(t *testing.T) {
	for _, tt := range []struct {
		name    string
		bg      Background
		profile colorprofile.Profile
		change  func(*Config)
	}{
		{"dark", BackgroundDark, colorprofile.TrueColor, func(*Config) {}},
		{"light", BackgroundLight, colorprofile.TrueColor, func(*Config) {}},
		{"dark-256", BackgroundDark, colorprofile.ANSI256, func(*Config) {}},
		{"light-16", BackgroundLight, colorprofile.ANSI, func(*Config) {}},
		{"no-color", BackgroundDark, colorprofile.TrueColor, func(c *Config) { c.NoColor = true }},
		{"ascii", BackgroundDark, colorprofile.TrueColor, func(c *Config) { c.ASCII, c.NoColor = true, true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := &Config{Open: &Playback{Title: "a-recording", Events: tuitest.AbortTrace().Events}, Background: tt.bg}
			tt.change(cfg)
			d := drive(t, cfg, 80, 24)
			d.send(tea.ColorProfileMsg{Profile: tt.profile})
			d.key("space", "home", "right", "right", "right", "right", "down", "down", "enter")
			golden.RequireEqual(t, d.m.frame())
		})
	}
}

func TestBackground(t *testing.T) {
	for in, want := range map[string]Background{"15;0": BackgroundDark, "0;15": BackgroundLight, "0;default;15": BackgroundLight, "": BackgroundAuto, "x;y": BackgroundAuto, "1;99": BackgroundAuto} {
		if got := backgroundOf(in); got != want {
			t.Errorf("backgroundOf(%q) = %d, want %d", in, got, want)
		}
	}
}

// The view for a large room has only the stage, with large tokens, nothing faint, and a sentence about the last event.
func TestProjector(t *testing.T) {
	tr := tuitest.AbortTrace()
	n := slices.IndexFunc(tr.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindArrive && ev.G == tr.Gs["worker-3"] })
	d := playback(t, tr, 120, 36)
	p := d.m.player
	p.seek(p.rec.Clock().PosOf(n + 2))
	before := d.screen()
	d.key("P")
	d.want("start-line · Barrier of", "worker-3 waits for start-line")
	d.wantNot(" goroutines ", "timeline", " events ", "? help")
	large := 0
	for _, tok := range stage.LayOut(&scene.Scene{State: p.scene().State, History: p.scene().History, Clock: p.rec.Clock(), Objects: p.rec.Objects(), Large: true}, cells.Area(1, 0, 119, 33), 0).Tokens {
		if tok.H == 5 {
			large++
		}
	}
	if large < 3 {
		t.Errorf("%d tokens are large:\n%s", large, d.screen())
	}
	if s, faint := d.m.frame(), d.m.th.Contrast(); strings.Contains(s, d.m.c.Render(d.m.th)) || s != d.m.c.Render(faint) {
		t.Error("it is drawn in the default colors")
	}
	d.key("P")
	if after := d.screen(); after != before {
		t.Errorf("after going back, the screen is\n%s\nwant\n%s", after, before)
	}
}

const ms = time.Millisecond
