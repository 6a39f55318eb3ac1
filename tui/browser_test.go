package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// Entries to begin with come first, in order. Entries seen and bugs found are marked, including those of earlier sessions.
func TestBrowserMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.First = []string{"philosophers-deadlock", "semaphore"}
		cfg.Marks = map[string]Mark{"semaphore": MarkSeen, "philosophers-deadlock": MarkFound}
		kept := make(chan string, 8)
		cfg.Mark = func(name string, m Mark) error {
			kept <- name
			if m != MarkSeen {
				t.Errorf("%s: mark %d", name, m)
			}
			return errors.New("the disk is full")
		}
		cfg.Start = func(string, map[string]string) (Session, error) {
			return &fakeSession{began: time.Now(), events: tuitest.AbortTrace().Events}, nil
		}
		d := drive(t, cfg, 120, 36)
		d.want("Start here 1 of 2 seen", "▸   Five forks", "✓ deadlock", "  ✓ A pool of two", "Primitives 1", "✓ deadlock, found")
		if s := d.screen(); strings.Index(s, "Five forks") > strings.Index(s, "A pool of two") {
			t.Errorf("they are not in their order:\n%s", s)
		}
		d.key("end")
		d.wantNot("✓ Someone calls it off")
		d.key("enter")
		d.wait(5 * time.Second)
		d.want("Your progress cannot be saved: the disk is full")
		d.key("q")
		d.wait(100 * ms)
		d.want("▸ ✓ Someone calls it off")
		if got := <-kept; got != "barrier-abort" || len(kept) > 0 {
			t.Errorf("%s was kept, and %d more", got, len(kept))
		}
	})
}

// The list counts seen entries among those it shows, and the description of an edited parameter is shown once.
func TestBrowserSaysOnce(t *testing.T) {
	cfg := testConfig()
	cfg.First = []string{"philosophers-deadlock", "semaphore"}
	cfg.Marks = map[string]Mark{"semaphore": MarkSeen, "philosophers-deadlock": MarkSeen}
	d := drive(t, cfg, 200, 60)
	d.want("Start here 2 of 2 seen")
	d.key("/", "f", "i", "v", "e")
	d.want("Start here 1 of 1 seen")
	d.key("enter", "tab")
	e := d.m.browser.entry()
	for at := range e.Params {
		help := e.Params[at].Help
		if n := strings.Count(d.screen(), help); help != "" && n != 1 {
			t.Errorf("%q is shown %d times:\n%s", help, n, d.screen())
		}
		d.key("down")
	}
}

// A walker is a driver of random runs.
type walker struct {
	Driver
	walks func(seed uint64) (*Moment, error)
}

func (w walker) GoOn(_ context.Context, _ []int, seed uint64) (*Moment, error) { return w.walks(seed) }

// If there is room, the browser shows a moment of the selected entry: of several runs, the one in which most goroutines wait.
func TestBrowserStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		asked := make(map[string]int)
		cfg.Driver = func(name string, _ map[string]string) (Driver, error) {
			asked[name]++
			if name == "semaphore" {
				return nil, errors.New("it needs the real clock")
			}
			return walker{walks: func(seed uint64) (*Moment, error) {
				if seed == 3 {
					return &Moment{Events: tuitest.AbortTrace().Events}, nil
				}
				return &Moment{Events: tuitest.NewTrace("main").Events}, nil
			}}, nil
		}
		d := drive(t, cfg, 120, 36)
		d.wantNot("snapshot")
		d.wait(time.Second)
		d.want("snapshot", "start-line · Barrier of 4", "◐ worker-3", "3 of 4 have arrived")
		d.key("down")
		d.wait(time.Second)
		d.wantNot("snapshot")
		d.key("up")
		d.wait(time.Second)
		d.want("snapshot")
		if asked["barrier-abort"] != 2 || asked["semaphore"] != 2 { // for the still, and for the key d
			t.Errorf("asked for %v", asked)
		}
		d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		d.wantNot("snapshot")
	})
}

// H leaves the parameters, and so does ← at the beginning of a field.
func TestLeaveParameters(t *testing.T) {
	d := drive(t, testConfig(), 80, 24)
	for _, leave := range [][]string{{"h"}, {"esc"}, {"left", "left"}} {
		d.key("tab")
		d.want("esc back")
		d.key(leave...)
		d.want("q quit")
	}
	if got := d.m.browser.form.value(d.m.browser.entry(), 0); got != "3" {
		t.Errorf("workers has become %s", got)
	}
}

// Everything that looks like a button can be clicked: the keys in the footer, the play state, and texts in frames.
func TestButtons(t *testing.T) {
	click := func(d *driver, words string) {
		t.Helper()
		lines := strings.Split(d.screen(), "\n")
		for y, l := range lines {
			if i := strings.LastIndex(l, words); i >= 0 {
				d.send(tea.MouseClickMsg{X: cells.Width(l[:i]), Y: y, Button: tea.MouseLeft})
				return
			}
		}
		t.Fatalf("there is no %q on the screen:\n%s", words, d.screen())
	}
	d := playback(t, tuitest.AbortTrace(), 200, 60)
	d.key("home")
	n := d.m.player.scene().N
	click(d, "→ step")
	if got := d.m.player.scene().N; got <= n {
		t.Errorf("a click on → leads from event %d to %d", n, got)
	}
	click(d, "←")
	if got := d.m.player.scene().N; got != n {
		t.Errorf("and one on ← to %d", got)
	}
	click(d, "‖ paused")
	if !d.m.player.playing {
		t.Error("a click on paused does not resume playback")
	}
	click(d, "? help")
	d.want("─ help ─", "any key closes")
	click(d, "any key closes")
	d.wantNot("─ help ─")

	cfg := testConfig()
	cfg.Entries[0].Lesson = strings.Repeat("first of all ", 20) + strings.Repeat("and then ", 40)
	cfg.Entries[0].Expects, cfg.Entries[0].Hints = "deadlock", []string{"look at the gate", "look harder"}
	ran := false
	cfg.Start = func(string, map[string]string) (Session, error) {
		ran = true
		return nil, errors.New("no")
	}
	d = drive(t, cfg, 80, 24)
	click(d, "space more")
	d.wantNot("first of all")
	click(d, "i hints")
	click(d, "i the next hint")
	d.want("look harder")
	d.key("esc")
	click(d, "enter runs it")
	if d.m.player == nil && !ran {
		t.Error("a click on enter runs nothing")
	}
}

// All keys in the footers of the player and the browser exist.
func TestKeysHaveNames(t *testing.T) {
	all := playerKeys(true, true, true)
	all = append(all, endedKeys(true, true)...)
	all = append(all, browserKeys(&Entry{Hints: []string{"x"}, Twin: "y"}, true)...)
	all = append(all, drivingKeys(&driveState{})...)
	for _, k := range all {
		for _, name := range keysIn(k.key) {
			msg, ok := keyCalled(name)
			if !ok {
				t.Errorf("no key is called %q", name)
			} else if again, _ := keyCalled(msg.String()); again.String() != msg.String() {
				t.Errorf("%q is %q, and that is %q", name, msg.String(), again.String())
			}
		}
	}
	for _, name := range []string{"", "ctrl+", "no", "日本", " "} {
		if msg, ok := keyCalled(name); ok {
			t.Errorf("%q is %q", name, msg.String())
		}
	}
}

// The help begins with the keys of the current screen.
func TestHelpBeginsHere(t *testing.T) {
	for want, d := range map[string]*driver{
		helpBrowser: drive(t, testConfig(), 80, 24),
		"Playing":   playback(t, tuitest.SemaphoreTrace(), 80, 24),
	} {
		d.key("?")
		d.want("help", want)
		for _, part := range help {
			if part.title != want && strings.Contains(d.screen(), "│  "+part.title) && strings.Index(d.screen(), "│  "+part.title) < strings.Index(d.screen(), "│  "+want) {
				t.Errorf("%s comes before %s", part.title, want)
			}
		}
	}
	m := new(model)
	for want, p := range map[string]*player{helpSandbox: {sandbox: new(sandboxUI)}, helpDriving: {driven: new(driveState)}} {
		if m.player = p; m.helpFirst() != want {
			t.Errorf("%q first, not %q", m.helpFirst(), want)
		}
		if first := helpKeys(50, m.helpFirst())[0][0].text; first != want {
			t.Errorf("%q first, not %q", first, want)
		}
	}
}

// The help has columns of similar height, and no part is split.
func TestHelpColumns(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		parts := append(helpKeys(50, ""), helpSigns(50)...)
		columns := inColumns(parts, n)
		longest, all := 0, 0
		for _, c := range columns {
			longest, all = max(longest, len(c)), all+len(c)
			if !c[0].title {
				t.Errorf("%d columns: one begins with %q", n, c[0].text)
			}
		}
		tallest := 0
		for _, p := range parts {
			tallest = max(tallest, len(p))
		}
		if len(columns) != n || longest > all/n+tallest {
			t.Errorf("%d columns are %d, the longest of %d lines of %d in all", n, len(columns), longest, all)
		}
	}
}

// Names in the log are bold, so that a name that is a verb is not taken for one.
func TestNamesInLog(t *testing.T) {
	tr := tuitest.NewTrace("fails").Object("fails", trace.ClassFuture, 0, "")
	tr.Say(trace.KindSettle, "fails", "fails", 4, "fails: task").Say(trace.KindLog, "fails", "", 0, "so be it")
	p := newPlayer("names", 1, true)
	p.add(tr.Events)
	p.finish(nil)
	p.seek(p.end())
	c := cells.NewCanvas(120, 36)
	p.draw(c, "", cells.StylePlain)
	s := c.Render(cells.NewTheme(cells.PaletteDark, false, colorprofile.ASCII))
	const want = "\x1b[0;1mfails\x1b[m  \x1b[0mfails\x1b[m \x1b[0;1mfails\x1b[0m: fails: task"
	if !strings.Contains(s, want) {
		t.Errorf("no %q in\n%q", want, s)
	}
}

func TestIndexWord(t *testing.T) {
	for _, tt := range []struct {
		s, word string
		from    int
		want    int
	}{
		{"fails fails: fails", "fails", 6, 6}, {"fails fails", "fails", 0, 0}, {"waits for a", "a", 6, 10}, {"waits for the end of ann", "ann", 6, 21},
		{"waits for fork-11", "fork-1", 6, -1}, {"locks m", "", 0, -1}, {"m is a mutex", "m", 0, 0}, {"locks", "locks", 6, -1},
	} {
		if got := indexWord(tt.s, tt.word, tt.from); got != tt.want {
			t.Errorf("%q in %q from %d: %d, want %d", tt.word, tt.s, tt.from, got, tt.want)
		}
	}
}

// keyMust returns the key called name.
func keyMust(t *testing.T, name string) tea.KeyPressMsg {
	t.Helper()
	k, ok := keyCalled(name)
	if !ok {
		t.Fatalf("no key is called %q", name)
	}
	return k
}
