package tui

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// drivable returns a Config in which programs can be driven if their labels begin with "good", and with tokens that end in
// "good".
func drivable(fake *fakeDriver) *Config {
	cfg := testConfig()
	cfg.Driver = func(string, map[string]string) (Driver, error) { return fake, nil }
	cfg.Program = func(text string) (*Program, error) {
		if !strings.HasPrefix(text, "good") && !strings.HasSuffix(text, "good") {
			return nil, errors.New("it needs the real clock")
		}
		p := &Program{Name: "philosophers-deadlock", Driver: fake}
		if strings.HasPrefix(text, "s2") {
			p.Token = text
		}
		return p, nil
	}
	return cfg
}

// A token pasted into the browser or a player is opened at its first step; anything else is an error that says so.
func TestPasteToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := new(fakeDriver)
		d := drive(t, drivable(fake), 120, 36)
		paste := func(text string) {
			d.send(tea.PasteMsg{Content: text})
			d.wait(3 * time.Second)
		}
		d.wait(time.Second)
		paste("hello\nworld")
		d.want("The pasted text is not a token: tokens begin with s2x or s2y.", "scenarios")
		paste(" \n")
		d.want("Nothing was pasted.")
		paste("s2xAgood s2xBgood")
		d.want("Several tokens were pasted; paste one.")
		paste("s2xA")
		d.want("it needs the real clock", "scenarios")
		paste("  turnstile replay s2xAgood  \n")
		d.want("philosophers-deadlock · you decide, step 0", "steps · 0 of 2")
		d.key("q")
		d.wait(time.Second)
		d.want("scenarios")
		d.key("/") // while text is typed
		paste("semaphore")
		d.want("A pool of two")
		d.wantNot("not a token")
		d.stop()
	})
}

// D drives the program of a recording, with its schedule if it has one, and q returns to the recording. If the program is
// unknown, d says so.
func TestDriveRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct{ label, want string }{
			{"good n=3", "you decide, step 0"}, {"s2xgood", "steps · 0 of 2"},
			{"", "it does not name its program"}, {"bad", "it needs the real clock"},
		} {
			fake := new(fakeDriver)
			cfg := drivable(fake)
			cfg.Entries = nil
			events := tuitest.SemaphoreTrace().Events
			if events[0].Kind != trace.KindBegin {
				events = append([]trace.Event{{Seq: 1, Kind: trace.KindBegin}}, events...)
			}
			events[0].Text = test.label
			cfg.Open = &Playback{Title: "a-recording", Events: events}
			d := drive(t, cfg, 120, 36)
			d.wait(time.Second)
			good := strings.Contains(test.label, "good")
			if got := strings.Contains(d.screen(), "d drive"); got != good {
				t.Errorf("%q: d is offered: %t\n%s", test.label, got, d.screen())
			}
			d.key("d")
			d.wait(3 * time.Second)
			d.want(test.want)
			if good {
				d.want("q back")
				d.key("q")
				d.wait(time.Second)
			}
			d.want("a-recording")
			d.key("q")
			d.wait(time.Second)
			if !d.quit {
				t.Errorf("%q: q does not quit", test.label)
			}
			d.stop()
		}
	})
}

// Leaving a driven run ends its search.
func TestDriveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeDriver{search: make(chan struct{})}
		d := drive(t, drivable(fake), 80, 24)
		d.wait(time.Second)
		d.key("d")
		d.wait(3 * time.Second)
		d.key("F")
		d.wait(time.Second)
		d.key("q")
		synctest.Wait()
		d.want("scenarios")
		if fake.ended != 1 {
			t.Error("the search was not stopped")
		}
		d.stop()
	})
}
