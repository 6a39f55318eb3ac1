package tui

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// bugConfig is testConfig with hints to the bug of its last scenario, and a failing schedule that is found after a second.
func bugConfig(t *testing.T, shortest func(ctx context.Context) (*Playback, error)) *Config {
	t.Helper()
	cfg := testConfig()
	e := &cfg.Entries[0]
	e.Expects, e.Twin = "deadlock", ""
	e.Hints = []string{"Look at who waits.", "Look at who holds what the other waits for.", "Take the locks in one order."}
	cfg.Shortest = func(ctx context.Context, name string, _ map[string]string, tried func(n, of int)) (*Playback, error) {
		tried(7, 100)
		if name != e.Name {
			t.Errorf("asked for the schedule of %s, want %s", name, e.Name)
		}
		select {
		case <-time.After(time.Second):
			return shortest(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return cfg
}

// In the browser, each press of the key shows another hint, and finally the failing schedule.
func TestHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := tuitest.AbortTrace()
		cfg := bugConfig(t, func(context.Context) (*Playback, error) {
			return &Playback{Title: "the schedule", Events: tr.Events, Err: errors.New("deadlock: all wait")}, nil
		})
		d := drive(t, cfg, 100, 30)
		d.key("i")
		d.want("hints: "+cfg.Entries[0].Name, "Look at who waits.", "the next hint, 2 of 3")
		d.wantNot("one order")
		d.key("i")
		d.want("Look at who waits.", "holds what the other", "the next hint, 3 of 3")
		d.key("x") // the hints seen are shown again
		d.wantNot("Look at who waits.")
		d.key("i")
		d.want("holds what the other", "the next hint, 3 of 3")
		d.key("i")
		d.want("Take the locks in one order.", "watch a schedule that fails")
		d.key("i")
		d.want("Looking for the shortest schedule", "any key closes")
		d.wait(200 * time.Millisecond)
		d.want("7 of 100 schedules tried")
		d.wait(2 * time.Second)
		d.want("› the schedule")
		d.wantNot("hints:")
		d.key("end")
		d.want("deadlock: all wait")
		d.key("i")
		d.want("recordings do not")
		d.key("q")
		d.want("scenarios", "enter runs it")
		d.stop()
	})
}

// Closing the hints ends the search for the failing schedule.
func TestHintsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := false
		cfg := bugConfig(t, func(context.Context) (*Playback, error) { return nil, errors.New("was not stopped") })
		shortest := cfg.Shortest
		cfg.Shortest = func(ctx context.Context, name string, params map[string]string, tried func(n, of int)) (*Playback, error) {
			pb, err := shortest(ctx, name, params, tried)
			stopped = ctx.Err() != nil
			return pb, err
		}
		d := drive(t, cfg, 100, 30)
		d.key("i", "i", "i", "i")
		d.want("Looking for")
		d.key("esc")
		d.wait(2 * time.Second)
		d.wantNot("hints:", "was not stopped", "Looking for")
		if !stopped {
			t.Error("the search was not stopped")
		}
		d.key("i", "i")
		d.want("Looking for") // the search starts again
		d.wait(2 * time.Second)
		d.want("was not stopped")
		d.key("i")
		d.want("was not stopped")
		d.key("ctrl+c")
		d.stop()
	})
}

// In the player, the running scenario is stopped before the search for its failing schedule.
func TestHintsInPlayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *fakeSession
		cfg := bugConfig(t, func(context.Context) (*Playback, error) {
			if !s.Done() {
				t.Error("the scenario runs while its schedule is searched for")
			}
			return &Playback{Title: "the schedule", Events: tuitest.AbortTrace().Events}, nil
		})
		cfg.Start = func(string, map[string]string) (Session, error) {
			s = &fakeSession{began: time.Now(), events: tuitest.AbortTrace().Events}
			s.events = append(s.events, s.events[len(s.events)-1])
			s.events[len(s.events)-1].Time = int64(time.Hour)
			return s, nil
		}
		d := drive(t, cfg, 100, 30)
		d.key("enter")
		d.wait(100 * ms)
		d.want("i hints")
		d.key("i", "i", "i", "i")
		d.want("Looking for")
		d.wait(3 * time.Second)
		d.want("› the schedule")
		d.wantNot("i hints") // recordings have no hints
		d.key("q")
		d.stop()
	})
}

// The footer names the key at the end, too, but only if there are hints.
func TestHintsKeyInFooter(t *testing.T) {
	for _, bug := range []string{"clean", "deadlock"} {
		for _, width := range []int{80, 120, 200} {
			synctest.Test(t, func(t *testing.T) {
				cfg := bugConfig(t, nil)
				cfg.Entries[0].Expects = bug
				cfg.Start = func(string, map[string]string) (Session, error) {
					return &fakeSession{began: time.Now(), events: tuitest.AbortTrace().Events}, nil
				}
				d := drive(t, cfg, width, 30)
				named := d.want
				if bug == "clean" {
					named = d.wantNot
				}
				d.key("enter")
				d.wait(100 * ms)
				named("i hints")
				d.wait(time.Minute)
				named("i hints")
				d.key("q")
				d.stop()
			})
		}
	}
}

func TestHintsOfCleanScenario(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Entries[0].Expects, cfg.Entries[0].Twin = "clean", "its-twin"
		d := drive(t, cfg, 120, 30)
		d.key("i")
		d.want("has no bug. Its twin, its-twin, has one.")
		d.wantNot("hints:")
		d.stop()
	})
}

// The hints fit into the smallest screen.
func TestHintsEverySize(t *testing.T) {
	for _, size := range []cells.Rect{{W: minWidth, H: minHeight}, {W: 80, H: 24}, {W: 200, H: 60}} {
		cfg := bugConfig(t, nil)
		cfg.Entries[0].Hints[2] = "A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. "
		d := drive(t, cfg, size.W, size.H)
		d.key("i", "i", "i")
		d.want("hints:", "A hint that")
	}
}
