package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/tui"
)

// The record of what the user has seen is below XDG_STATE_HOME, or its default, and never in a directory relative to the
// working directory.
func TestStateFile(t *testing.T) {
	for _, tt := range []struct{ state, home, want string }{
		{"/state", "/home/ann", "/state/turnstile/scenarios.json"}, {"", "/home/ann", "/home/ann/.local/state/turnstile/scenarios.json"}, {"state", "/home/ann", ""}, {"", "", ""},
	} {
		env := map[string]string{"XDG_STATE_HOME": filepath.FromSlash(tt.state), "HOME": filepath.FromSlash(tt.home)}
		if !filepath.IsAbs(filepath.FromSlash("/state")) {
			t.Skip("there are no such paths here")
		}
		if got := stateFile(func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("state %q, home %q: %q, want %q", tt.state, tt.home, got, tt.want)
		}
	}
}

// The UI marks scenarios that were seen and bugs that were found, and restores the marks the next time.
func TestMarks(t *testing.T) {
	state := t.TempDir()
	env := map[string]string{"XDG_STATE_HOME": state}
	r := in{terminal: true, env: env}.do(t, "")
	for _, name := range startHere {
		if _, err := scenarios.Find(name); err != nil {
			t.Error(err)
		}
	}
	if len(r.ui.First) != 7 || len(r.ui.Marks) != 0 {
		t.Fatalf("at first %v, %v", r.ui.First, r.ui.Marks)
	}
	for _, m := range []struct {
		name string
		mark tui.Mark
	}{{"event", tui.MarkSeen}, {"abba-deadlock", tui.MarkFound | tui.MarkSeen}, {"event", tui.MarkSeen}} {
		if err := r.ui.Mark(m.name, m.mark); err != nil {
			t.Fatal(err)
		}
	}
	r = in{terminal: true, env: env}.do(t, "")
	if got := r.ui.Marks; len(got) != 2 || got["event"] != tui.MarkSeen || got["abba-deadlock"] != tui.MarkSeen|tui.MarkFound {
		t.Errorf("then %v", got)
	}

	// A file that is something else is left alone, and the UI works without.
	file := filepath.Join(state, "turnstile", "scenarios.json")
	if err := os.WriteFile(file, []byte("my diary"), 0o600); err != nil {
		t.Fatal(err)
	}
	r = in{terminal: true, env: env}.do(t, "")
	if err := r.ui.Mark("event", tui.MarkSeen); r.code != exit.OK || len(r.ui.Marks) != 0 || err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("code %d, marks %v, %v", r.code, r.ui.Marks, err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "my diary" {
		t.Errorf("it has become %q, %v", data, err)
	}
	if r := (in{terminal: true}).do(t, ""); r.ui.Mark("event", tui.MarkSeen) != nil {
		t.Error("without a place it is an error to keep nothing")
	}
}
