package tui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A fakeDriver drives two goroutines that each lock a mutex twice; the goroutine that first reaches four operations fails.
type fakeDriver struct {
	calls  []string
	search chan struct{} // closing it makes Search return
	ended  int           // searches stopped
}

func (d *fakeDriver) At(_ context.Context, made []int) (*Moment, error) {
	d.calls = append(d.calls, fmt.Sprint("at ", made))
	m := &Moment{Made: made, Events: []trace.Event{{Seq: 1, Kind: trace.KindBegin}}}
	add := func(ev trace.Event) {
		ev.Seq, ev.Time = uint64(len(m.Events))+1, int64(len(m.Events))*1000
		m.Events = append(m.Events, ev)
	}
	add(trace.Event{Kind: trace.KindDefineG, G: 1, Text: "ann"})
	add(trace.Event{Kind: trace.KindDefineG, G: 2, Text: "ben"})
	for i, c := range made {
		add(trace.Event{Kind: trace.KindDefineObj, Obj: trace.ID(i + 1), Class: trace.ClassMutex, Text: fmt.Sprintf("lock-%d", i+1)})
		add(trace.Event{Kind: trace.KindAcquire, G: int64(c + 1), Obj: trace.ID(i + 1), N: 1})
		m.Before = append(m.Before, len(m.Events)-1)
		m.Steps = append(m.Steps, Step{Who: []string{"ann", "ben"}[c], What: fmt.Sprintf("Lock lock-%d", i+1), Where: "dir/main.go:7"})
	}
	if len(made) == 4 {
		m.Err = errors.New("four is too many")
		return m, nil
	}
	next := fmt.Sprintf("Lock lock-%d", len(made)+1)
	m.Choices = []Choice{{G: 1, Name: "ann", What: next, Where: "dir/main.go:7"}, {G: 2, Name: "ben", What: next, Where: "dir/main.go:9", Default: true}}
	return m, nil
}

func (d *fakeDriver) GoOn(ctx context.Context, made []int, seed uint64) (*Moment, error) {
	d.calls = append(d.calls, fmt.Sprint("go on ", made, seed))
	for len(made) < 4 {
		made = append(slices.Clone(made), 1)
	}
	return d.At(ctx, made)
}

func (d *fakeDriver) Search(ctx context.Context, made []int, tried func(n, of int)) (*Moment, error) {
	d.calls = append(d.calls, fmt.Sprint("search ", made))
	tried(64, 5000)
	select {
	case <-d.search:
		return nil, nil
	case <-ctx.Done():
		d.ended++
		return nil, context.Cause(ctx)
	}
}

func (d *fakeDriver) Replay(ctx context.Context, token string) (*Moment, error) {
	d.calls = append(d.calls, "replay "+token)
	return d.At(ctx, []int{0, 1})
}

func (d *fakeDriver) Token(context.Context, []int) (string, error) { return "s2xABC", nil }

func TestDrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeDriver{search: make(chan struct{})}
		cfg := testConfig()
		cfg.Drive, cfg.Driver = "barrier-abort", func(string, map[string]string) (Driver, error) { return fake, nil }
		d := drive(t, cfg, 120, 36)
		settle := func() { d.wait(3 * time.Second) }
		settle()
		d.want("you decide, step 0", "1 ann", "Lock lock-1", "main.go:7", "2 ben", "two can run: which?")
		d.wantNot("dir/main.go")
		d.key("2")
		settle()
		d.want("step 1", "lock-1", "Lock lock-2", "ben is inside")
		d.key("1")
		settle()
		d.want("step 2", "Lock lock-3", "ann is inside")
		d.key("left")
		settle()
		d.want("step 1", "Lock lock-2")
		d.wantNot("ann is inside")
		d.key("right")
		settle()
		d.want("step 2", "ann is inside")
		d.key("home")
		settle()
		d.want("step 0")
		d.key("end")
		settle()
		d.want("step 2")
		d.key("9", "3") // there are no such choices
		settle()
		d.want("step 2")
		d.key("y")
		settle()
		d.want("turnstile replay s2xABC")
		d.key("F")
		d.wait(time.Second)
		d.want("looking for a failure from here; esc cancels: 64 of 5000 schedules tried")
		d.key("1") // not while the command runs
		settle()
		d.key("esc")
		settle()
		d.want("Stopped.", "step 2")
		close(fake.search)
		d.key("F")
		settle()
		d.want("No failure was found from here.", "step 2")
		d.key("a")
		settle()
		d.want("step 4", "four is too many")
		d.key("1", "right")
		settle()
		d.want("step 4")
		d.key("left")
		settle()
		d.want("step 3", "two can run")
		want := []string{
			"at []", "at [1]", "at [1 0]", "at [1]", "at [1 0]", "at []", "at [1 0]", "search [1 0]", "search [1 0]", "go on [1 0] 1", "at [1 0 1 1]", "at [1 0 1]",
		}
		if !slices.Equal(fake.calls, want) {
			t.Errorf("the driver was asked for %q, want %q", fake.calls, want)
		}
		d.key("q") // this was what the command line asked for
		settle()
		if !d.quit {
			t.Error("q does not quit")
		}
		d.stop()
	})
}

// In the browser, d drives the selected scenario, and in the player the current one; q leads back.
func TestDriveFromBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Driver = func(string, map[string]string) (Driver, error) { return new(fakeDriver), nil }
		d := drive(t, cfg, 120, 36)
		d.wait(time.Second)
		for range 2 {
			d.key("d")
			d.wait(3 * time.Second)
			d.want("you decide, step 0", "q back")
			d.key("q")
			d.wait(time.Second)
			d.want("scenarios")
		}
		d.stop()
	})
}

// A token leads to the end of its schedule, from which one can go back; all choices are visible at every size.
func TestDriveToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		d := drive(t, &Config{Drive: "x", Token: "s2xT", Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}, 80, 24)
		d.wait(3 * time.Second)
		d.want("step 2", "1 ann", "2 ben")
		d.key("left")
		d.wait(3 * time.Second)
		d.want("step 1")
		d.stop()
	})
}

func TestDriveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return nil, errors.New("it needs the real clock") }}, 80, 24)
		d.wait(time.Second)
		if !d.quit || d.m.fatal == nil {
			t.Error("the UI continues although nothing can be driven")
		}
		d.stop()
	})
}

// If asked for, the schedule of a token is shown from its first step, beside all steps; a pasted token is replayed to its end.
func TestDriveFromStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		cfg := &Config{Drive: "x", Token: "s2xT", FromStart: true, Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}
		d := drive(t, cfg, 120, 36)
		d.wait(3 * time.Second)
		d.want("step 0", "steps · 0 of 2", "1 ann", "Lock lock-1", "2 ben", "Lock lock-2")
		d.key("right")
		d.wait(3 * time.Second)
		d.want("step 1", "steps · 1 of 2", "ann is inside")
		d.key("end")
		d.wait(3 * time.Second)
		d.want("step 2", "steps · 2 of 2")
		d.key("home")
		d.wait(3 * time.Second)
		d.send(tea.PasteMsg{Content: "turnstile replay s2xOther\n"})
		d.wait(3 * time.Second)
		d.want("step 2")
		d.send(tea.PasteMsg{Content: "what is this"})
		d.want("not a token")
		want := []string{"replay s2xT", "at [0 1]", "at []", "at [0]", "at [0 1]", "at []", "replay s2xOther", "at [0 1]"}
		if !slices.Equal(fake.calls, want) {
			t.Errorf("the driver was asked for %q, want %q", fake.calls, want)
		}
		d.stop()
	})
}

// The schedules tried are a tree. Enter goes to any moment in it, from which other choices can be made.
func TestDriveTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}, 80, 24)
		settle := func() { d.wait(3 * time.Second) }
		settle()
		for _, k := range []string{"1", "1", "1", "1", "left", "left", "2", "T"} {
			d.key(k)
			settle()
		}
		d.want("the schedules tried so far: one ended", "the beginning", "4  ann  Lock lock-4  ✗ four is too many", "▸    3  └ ben  Lock lock-3")
		d.key("home", "down")
		d.key("enter")
		settle()
		d.want("step 1", "Lock lock-2")
		d.key("T")
		d.want("▸    1  ann")
		d.key("esc")
		d.wantNot("the schedules tried")
		d.key("2")
		settle()
		d.key("T")
		d.want("└ ben  Lock lock-2", "└ ben  Lock lock-3")
		d.stop()
	})
}

// When a scenario fails as expected, the schedule is shown beside the shortest known one with the same parameters.
func TestDriveBesideShortest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Driver = func(string, map[string]string) (Driver, error) { return new(fakeDriver), nil }
		cfg.Drive, cfg.RunParams = "philosophers-deadlock", map[string]string{"philosophers": "3"}
		asked := 0
		cfg.Shortest = func(_ context.Context, name string, params map[string]string, _ func(n, of int)) (*Playback, error) {
			asked++
			if params["philosophers"] != "3" {
				t.Errorf("searched with the parameters %v", params)
			}
			return &Playback{Title: name, Steps: []Step{{"ann", "Lock left", "x.go:1", "waits"}, {"ben", "Lock right", "", ""}}}, nil
		}
		d := drive(t, cfg, 120, 36)
		d.wait(3 * time.Second)
		for _, k := range []string{"1", "2", "1", "1"} {
			d.key(k)
			d.wait(3 * time.Second)
		}
		d.want("yours: 4 steps, 2 switches", "the shortest found: 2 steps, 1 switch", "Lock left   waits x.go:1", "Lock lock-4")
		d.key("esc")
		d.wantNot("yours: 4")
		d.want("four is too many")
		d.key("C")
		d.want("yours: 4 steps")
		d.want("how it ends")
		d.key("esc", "left")
		d.wait(3 * time.Second)
		d.key("C")
		d.want("yours: 3 steps", "after step 3") // it has not ended
		d.wantNot("how it ends")
		d.key("esc", "1")
		d.wait(3 * time.Second)
		d.wantNot("yours: 4") // it opens by itself only once
		if asked != 1 {
			t.Errorf("searched for the shortest schedule %d times", asked)
		}
		d.stop()
	})
}

// If the failing schedule is a recording without steps, this is said, and its end is shown where there is room.
func TestDriveBesideRecording(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
		synctest.Test(t, func(t *testing.T) {
			cfg := testConfig()
			cfg.Driver = func(string, map[string]string) (Driver, error) { return new(fakeDriver), nil }
			cfg.Drive = "philosophers-deadlock"
			cfg.Shortest = func(context.Context, string, map[string]string, func(n, of int)) (*Playback, error) {
				return &Playback{Events: forkTrace(true).Events}, nil
			}
			d := drive(t, cfg, size.W, size.H)
			for range 4 {
				d.wait(3 * time.Second)
				d.key("1")
			}
			d.wait(3 * time.Second)
			d.want("yours: 4 steps", "a failing run, recorded without its", "✗ deadlock: ann holds fork-1")
			d.stop()
		})
	}
}

// The two schedules are one above the other if rows do not fit into half of the screen. Then no row is cut, and both scroll if
// they are too long.
func TestDriveShortestBelow(t *testing.T) {
	steps := make([]Step, 14)
	for i := range steps {
		steps[i] = Step{"philosopher-1", fmt.Sprintf("LockContext fork-%d", i+1), "dir/philosophers.go:82", "waits"}
	}
	for size, last := range map[cells.Rect]int{{W: 80, H: 24}: 12, {W: 120, H: 36}: 14, {W: 200, H: 60}: 14} {
		synctest.Test(t, func(t *testing.T) {
			cfg := testConfig()
			cfg.Driver = func(string, map[string]string) (Driver, error) { return new(fakeDriver), nil }
			cfg.Drive = "philosophers-deadlock"
			cfg.Shortest = func(context.Context, string, map[string]string, func(n, of int)) (*Playback, error) {
				return &Playback{Steps: steps, Events: forkTrace(true).Events}, nil
			}
			d := drive(t, cfg, size.W, size.H)
			for range 4 {
				d.wait(3 * time.Second)
				d.key("1")
			}
			d.wait(3 * time.Second)
			for i := range last {
				d.want(fmt.Sprintf("%2d philosopher-1  %-19s  waits philosophers.go:82", i+1, steps[i].What))
			}
			_, mine := d.place("yours: 4 steps")
			if _, y := d.place("the shortest found: 14 steps"); (y == mine) != (size.W == 200) {
				t.Errorf("%v: yours is in line %d, the shortest in line %d:\n%s", size, mine, y, d.screen())
			}
			if size.W > 80 {
				d.want("how it ends", "ann is inside")
			} else {
				d.want("· 1–12")
			}
			d.key("end")
			d.want("14 philosopher-1  LockContext fork-14  waits philosophers.go:82", "yours: 4 steps")
			d.stop()
		})
	}
}

// A slowDriver is a fakeDriver that takes a second for each moment.
type slowDriver struct{ fakeDriver }

func (d *slowDriver) At(ctx context.Context, made []int) (*Moment, error) {
	select {
	case <-time.After(time.Second):
		return d.fakeDriver.At(ctx, made)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Keys typed during a step are executed after it, in order. Esc drops them, and so does a digit without a choice.
func TestDriveAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(slowDriver)
		d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}, 120, 36)
		d.key("1", "2") // before anything is shown
		d.wait(500 * time.Millisecond)
		d.want("2 keys typed ahead, esc clears")
		d.wait(9 * time.Second)
		d.want("step 2", "Lock lock-3")
		d.key("1", "left", "left", "T")
		d.wait(9 * time.Second)
		d.want("the schedules tried so far", "▸    1  ann", "step 1")
		d.key("T", "2", "1", "1")
		d.wait(500 * time.Millisecond)
		d.want("2 keys typed ahead")
		d.key("tab") // this is not for driving
		d.key("esc")
		d.wait(9 * time.Second)
		d.want("Stopped.", "step 1")
		d.key("2", "3", "1", "1")
		d.wait(9 * time.Second)
		d.want("There is no 3 at step 2. Dropped: 2 keys after it.", "step 2")
		d.key("1", "1", "1", "left") // the second one leads to the end
		d.wait(9 * time.Second)
		d.want("step 4", "four is too many")
		want := []string{"at []", "at [0]", "at [0 1]", "at [0 1 0]", "at [0 1]", "at [0]", "at [0 1]", "at [0 1 0]", "at [0 1 0 0]"}
		if !slices.Equal(fake.calls, want) {
			t.Errorf("the driver was asked for %q, want %q", fake.calls, want)
		}
		d.stop()
	})
}

// The table of steps is a view if it has no place of its own; enter, or a click on the selected step, goes there.
func TestDriveSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}, 80, 24)
		settle := func() { d.wait(3 * time.Second) }
		settle()
		for _, k := range []string{"1", "2", "1", "left"} {
			d.key(k)
			settle()
		}
		d.key("S")
		d.want("steps · 2 of 3", "0 the beginning", "1 ann   Lock lock-1  main.go:7", "▸   2 ben   Lock lock-2", "3 ann   Lock lock-3", "enter go there")
		d.key("up", "enter")
		settle()
		d.want("you decide, step 1 ", "Lock lock-2")
		d.key("S")
		d.want("steps · 1 of 3")
		x, y := d.place("Lock lock-3")
		d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		d.want("steps · 1 of 3")
		d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		settle()
		d.want("you decide, step 3 ", "Lock lock-4")
		d.key("S")
		d.send(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
		d.key("enter")
		settle()
		d.want("you decide, step 2 ")
		x, y = d.place("Lock lock-3 · main.go:9")
		d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) // a click on what a goroutine would do makes the choice
		settle()
		d.want("you decide, step 3 ", "ben is inside")
		d.stop()
	})
}

// Beside the table of steps is the stage after the selected one, even if that was undone.
func TestDrivePreview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return fake, nil }}, 200, 60)
		for _, k := range []string{"1", "2", "1", "left"} {
			d.wait(3 * time.Second)
			d.key(k)
		}
		d.wait(3 * time.Second)
		d.want("─ steps · 2 of 3 ", "─ events ") // side by side
		if _, y := d.place("─ steps"); !strings.Contains(strings.Split(d.screen(), "\n")[y], "─ events") {
			t.Errorf("the events are not beside the steps:\n%s", d.screen())
		}
		asked := len(fake.calls)
		d.key("S")
		d.want("after step 2", "ann is inside", "ben is inside", " free ")
		d.key("up")
		d.want("after step 1", "ann is inside")
		d.wantNot("ben is inside")
		d.key("up")
		d.want("at the beginning")
		d.wantNot("ann is inside")
		d.key("end")
		d.want("after step 3", "ben is inside", "locks lock-3")
		d.wantNot(" free ")
		if len(fake.calls) != asked {
			t.Errorf("the driver was asked for %q to show what is known", fake.calls[asked:])
		}
		d.key("esc", "home")
		d.wait(3 * time.Second)
		d.key("2") // a different schedule
		d.wait(3 * time.Second)
		d.key("S")
		d.want("after step 1", "ben is inside")
		d.key("up")
		d.want("at the beginning")
		d.stop()
	})
}

// A waitingDriver is at a moment at which ben waits for what ann holds.
type waitingDriver struct{ fakeDriver }

func (d *waitingDriver) At(context.Context, []int) (*Moment, error) {
	tr := tuitest.NewTrace("ann", "ben")
	tr.Object("lock", trace.ClassMutex, 0, "")
	n := len(tr.Events)
	tr.After(1000).Do(trace.KindAcquire, "ann", "lock", 1).After(1000).Block("ben", "lock", "Lock", 1)
	return &Moment{
		Made: []int{0, 0}, Before: []int{n, n + 1}, Events: tr.Events, Choices: []Choice{{G: 1, Name: "ann", What: "Unlock lock", Default: true}},
		Steps: []Step{{Who: "ann", What: "Lock lock"}, {Who: "ben", What: "Lock lock", Note: "waits"}},
	}, nil
}

// For a waiting goroutine, the list names the holder of what it waits for, and the step since when, if there is room.
func TestDriveSaysWhoHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for size, want := range map[[2]int][]string{
			{80, 24}: {"waits for lock · held by ann since step 1 · waiting since step 2"}, {120, 36}: {"waits for lock", "held by ann since step 1"},
		} {
			d := drive(t, &Config{Drive: "x", Driver: func(string, map[string]string) (Driver, error) { return new(waitingDriver), nil }}, size[0], size[1])
			d.wait(3 * time.Second)
			d.want(want...)
			d.stop()
		}
	})
	for room, want := range map[int]string{
		80: "held by philosopher-1 since step 4 · waiting since step 5", 40: "held by philosopher-1 since step 4",
		30: "held by philosopher-1, step 4", 26: "by philosopher-1, step 4",
	} {
		if got := wording.Fewer("held by philosopher-1 since step 4 · waiting since step 5", room); got != want {
			t.Errorf("in %d cells it is %q, want %q", room, got, want)
		}
	}
}

// place returns the position of text on the screen.
func (d *driver) place(text string) (x, y int) {
	d.t.Helper()
	for y, line := range strings.Split(d.screen(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return cells.Width(before), y
		}
	}
	d.t.Fatalf("%q is not on the screen:\n%s", text, d.screen())
	return 0, 0
}

// An object that was on the stage keeps its place when the user goes back, and when another schedule begins with other objects.
func TestDriveKeepsPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeDriver{search: make(chan struct{})}
		cfg := testConfig()
		cfg.Drive, cfg.Driver = "barrier-abort", func(string, map[string]string) (Driver, error) { return fake, nil }
		d := drive(t, cfg, 80, 24)
		go1 := func(keys ...string) map[string]cells.Rect {
			d.key(keys...)
			d.wait(3 * time.Second)
			d.screen()
			at := make(map[string]cells.Rect)
			for i, o := range d.m.player.rec.Objects() {
				at[o.Name] = d.m.player.shown[i].Area
			}
			return at
		}
		d.wait(3 * time.Second)
		two := go1("2", "1")
		for _, keys := range [][]string{{"left"}, {"left"}, {"right"}} {
			if got := go1(keys...); !maps.Equal(got, two) {
				t.Errorf("after %v the objects are at %v, want %v", keys, got, two)
			}
			if keys[0] == "left" {
				d.want("not there yet")
			}
		}
	})
}
