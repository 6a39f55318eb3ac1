package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// blankRows returns the maximum number of consecutive blank rows of a screen.
func blankRows(screen string) int {
	most, n := 0, 0
	for line := range strings.SplitSeq(strings.TrimRight(screen, "\n"), "\n") {
		if n++; strings.TrimSpace(line) != "" {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// No view leaves a large part of a large screen empty, even if little has happened so far.
func TestRowsAreUsed(t *testing.T) {
	sizes := []cells.Rect{{W: 80, H: 24}, {W: 160, H: 50}, {W: 200, H: 60}}
	check := func(t *testing.T, d *driver, size cells.Rect, name string) {
		t.Helper()
		screen := d.screen()
		if n := blankRows(screen); n > max(5, size.H/6) {
			t.Errorf("%s, %d×%d: %d rows in a row are empty:\n%s", name, size.W, size.H, n, screen)
		}
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			for _, view := range []string{"", "v", "w", "t"} {
				for name, tr := range map[string]*tuitest.Trace{"barrier": tuitest.AbortTrace(), "source": recordedTest(), "many": mixedTrace()} {
					d := inPlayer(t, tr.Events, size.W, size.H)
					d.key("end")
					if view != "" {
						d.key(view)
					}
					d.settle()
					d.m.player.advance(time.Second)
					check(t, d, size, name+" "+view)
				}
			}
			d := drive(t, testConfig(), size.W, size.H)
			check(t, d, size, "browser")
			d = drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: forkTrace(false).Events}, {Title: "bad", Events: forkTrace(true).Events}}}, size.W, size.H)
			check(t, d, size, "pair")
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.Drive, cfg.Driver = "barrier-abort", func(string, map[string]string) (Driver, error) {
					return &fakeDriver{search: make(chan struct{})}, nil
				}
				d := drive(t, cfg, size.W, size.H)
				for _, k := range []string{"1", "S", "esc", "C"} {
					d.wait(time.Second)
					d.key(k)
					check(t, d, size, "drive "+k)
				}
				d.key("ctrl+c")
				d.stop()
			})
			synctest.Test(t, func(t *testing.T) {
				fake := newFakeSandbox()
				d := drive(t, &Config{Sandbox: func() (Sandbox, error) { return fake, nil }}, size.W, size.H)
				d.wait(100 * ms)
				d.key("esc")
				fake.changed <- struct{}{}
				d.wait(time.Second)
				check(t, d, size, "sandbox")
				d.key("1")
				check(t, d, size, "sandbox 1")
				d.key("esc", "q")
				d.stop()
			})
		})
	}
}
