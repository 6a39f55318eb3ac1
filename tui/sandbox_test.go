package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A fakeSandbox has a semaphore, and goroutines ann and ben that can be told to acquire it.
type fakeSandbox struct {
	fakeSession

	lines   []string
	changed chan struct{}
	state   SandboxState
	failure error
}

func newFakeSandbox() *fakeSandbox {
	s := &fakeSandbox{changed: make(chan struct{}, 1)}
	s.began = time.Now()
	s.events = slices.Concat(tuitest.SemaphoreTrace().Events, []trace.Event{{Kind: trace.KindEnd, Seq: 1000, Time: int64(time.Hour)}})
	s.state.Hands = []Hand{{Name: "worker-1", G: 2, Ready: true}, {Name: "worker-2", G: 3, In: "pool.Acquire()"}, {Name: "worker-3", G: 4, Ready: true, In: "once.Do(func)"}}
	return s
}

func (s *fakeSandbox) Do(line string) error {
	s.lines = append(s.lines, line)
	s.state.Said = append(s.state.Said, Said{"worker-1", line, SaidCommand}, Said{"worker-1", "returns", SaidOutcome})
	return s.failure
}

func (s *fakeSandbox) Changed(ctx context.Context) bool {
	select {
	case <-s.changed:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *fakeSandbox) Look() SandboxState { return s.state }

func (s *fakeSandbox) Complete(text string) []Suggestion {
	var found []Suggestion
	for _, line := range []string{"worker-1: pool.Acquire()", "worker-1: pool.Release()", "go ann", "pool := NewSemaphore(1)"} {
		if strings.HasPrefix(line, strings.TrimSpace(text)) {
			shown := strings.TrimPrefix(line, "worker-1: ")
			found = append(found, Suggestion{line, shown, "what it does"})
		}
	}
	return found
}

func (s *fakeSandbox) Export() (string, error) { return "Wrote the session as a test: x_test.go", nil }

// In the sandbox, goroutines are told what to do by their digits, by completions and by typing.
func TestSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeSandbox()
		d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return fake, nil }}, 120, 36)
		d.wait(100 * ms)
		d.want("what should happen?", "go ann", "enter run", "esc close")
		d.key("esc")
		fake.changed <- struct{}{}
		d.wait(2 * time.Second)
		d.want("● live", "pool", "1 worker-1", "your command?", "2 worker-3", "in once.Do(func)", "n make an object", "q quit")
		d.key("3") // there is no such goroutine
		d.wantNot("what should")
		d.key("1")
		d.want("what should worker-1 do?", "pool.Acquire()", "pool.Release()", "▸ worker-1:")
		d.key("down", "enter")
		d.wait(time.Second)
		d.want("worker-1: pool.Release()", "→ returns")
		d.key("1", "down", "tab")
		d.want("▸ worker-1: pool.Release()")
		d.key("backspace", "backspace", "7", ")", "enter")
		d.wait(time.Second)
		d.key("2")
		d.want("what should worker-3 do?")
		d.key("x", "enter") // there are no completions, so the input itself is executed
		d.wait(time.Second)
		d.key("g", "up", "up")
		d.want("▸ worker-1: pool.Release7)")
		d.key("esc", "n", "esc", "c")
		d.want("▸ cancel")
		d.key("esc", "E")
		d.wait(time.Second)
		d.want("Wrote the session as a test: x_test.go")
		d.send(tea.PasteMsg{Content: "go ben"})
		d.want("▸ go ben")
		fake.failure = errors.New("there is a ben already")
		d.key("enter")
		d.wait(time.Second)
		d.want("there is a ben already")
		want := []string{"worker-1: pool.Release()", "worker-1: pool.Release7)", "worker-3: x", "go ben"}
		if !slices.Equal(fake.lines, want) {
			t.Errorf("executed %q, want %q", fake.lines, want)
		}
		d.key("r")
		if d.at() > 1 || !d.m.player.playing {
			t.Errorf("r leads to event %d, playing: %v", d.at(), d.m.player.playing)
		}
		d.key("q")
		d.wait(time.Second)
		if !d.quit {
			t.Error("q does not quit")
		}
		d.m.io.close()
		if !fake.Done() {
			t.Error("the sandbox was not stopped")
		}
		d.stop()
	})
}

// The help of a sandbox lists what its keys do there, and nothing else.
func TestSandboxHelp(t *testing.T) {
	var text strings.Builder
	for _, part := range helpKeys(70, helpSandbox) {
		for _, l := range part {
			text.WriteString(l.key + " " + l.text + "\n")
		}
	}
	for _, want := range []string{"n make an object", "N previous match", ": type a command", "r play the session from its start"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, other := range []string{"next match", "go to an event", "run again", "a hint", helpDriving, helpBrowser} {
		if strings.Contains(text.String(), other) {
			t.Errorf("the help of a sandbox has %q", other)
		}
	}
}

// The input line and the log fit at every size.
func TestSandboxSizes(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {200, 60}} {
		synctest.Test(t, func(t *testing.T) {
			fake := newFakeSandbox()
			d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return fake, nil }}, size[0], size[1])
			d.wait(2 * time.Second)
			d.want("what should happen?", "pool := NewSemaphore(1)")
			d.key("down", "enter")
			d.wait(2 * time.Second)
			d.want("→ returns", "1 worker-1")
			d.stop()
		})
	}
}

func TestSandboxFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return nil, errors.New("a trace runs already") }}, 80, 24)
		d.wait(time.Second)
		if !d.quit || d.m.fatal == nil {
			t.Error("the UI continues without a sandbox")
		}
		d.stop()
	})
}

// Completions can be clicked: the first click selects one, the second executes it. A click on a digit in the list acts like the
// key.
func TestSandboxMouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeSandbox()
		d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return s, nil }}, 120, 36)
		d.wait(time.Second)
		click := func(text string) {
			t.Helper()
			x, y := d.place(text)
			d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
			d.wait(time.Second)
		}
		s.changed <- struct{}{}
		d.wait(time.Second)
		d.key("esc")
		click("your command?")
		d.want("what should worker-1 do?")
		click("pool.Release()")
		if len(s.lines) != 0 {
			t.Errorf("one click executed %q", s.lines)
		}
		click("pool.Release()")
		if want := []string{"worker-1: pool.Release()"}; !slices.Equal(s.lines, want) {
			t.Errorf("executed %q, want %q", s.lines, want)
		}
		d.key(":", "g")
		d.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
		d.want("▸ g")
		d.stop()
	})
}

// What is typed after a typed command is the next command, unless esc was pressed or a key began the line.
func TestSandboxTypesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeSandbox()
		d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return fake, nil }}, 80, 24)
		d.wait(100 * ms)
		for _, line := range []string{"gate := NewBarrier(2)", "go ann ben", "ann: gate.Wait()"} {
			d.key(strings.Split(line, "")...)
			d.key("enter")
			d.wait(time.Second)
			d.want("▸ type the next command", "esc keys")
		}
		if want := []string{"gate := NewBarrier(2)", "go ann ben", "ann: gate.Wait()"}; !slices.Equal(fake.lines, want) {
			t.Errorf("executed %q, want %q", fake.lines, want)
		}
		fake.changed <- struct{}{}
		d.wait(time.Second)
		d.key("1")
		d.want("what should worker-1 do?")
		d.key("down", "enter")
		d.wait(time.Second)
		d.wantNot("type the next command")
		d.key(":", "x", "enter")
		d.wait(time.Second)
		d.want("type the next command")
		d.key("esc")
		d.wantNot("type the next command")
		d.want("n make an object")
		d.key("q")
		d.wait(time.Second)
		if !d.quit {
			t.Error("q does not quit")
		}
		d.stop()
	})
}

// The input line is open at first, so the key that opens it does nothing; but a command that begins with it can be typed.
func TestSandboxFirstKey(t *testing.T) {
	for _, c := range []struct{ keys, want string }{{"n", "▸ "}, {"ngo", "▸ go"}, {"new", "▸ new"}, {"nn", "▸ n"}, {"gn", "▸ gn"}} {
		synctest.Test(t, func(t *testing.T) {
			fake := newFakeSandbox()
			d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return fake, nil }}, 80, 24)
			d.wait(100 * ms)
			d.key(strings.Split(c.keys, "")...)
			d.want(c.want + strings.Repeat(" ", 8))
			d.key("esc", "q")
			d.wait(time.Second)
			d.m.io.close()
			d.stop()
		})
	}
}
