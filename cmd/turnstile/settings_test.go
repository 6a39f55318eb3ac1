package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/tui"
)

// withSettings returns an environment in which the settings are text.
func withSettings(t *testing.T, text string) (env map[string]string, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "turnstile", "config")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"XDG_CONFIG_HOME": dir}, file
}

// The settings apply unless a flag overrides them.
func TestSettings(t *testing.T) {
	env, _ := withSettings(t, "# mine\nbackground = light\n high-contrast=true\nspeed = 2\n\nkey pause = p ctrl+p\nkey zoom-in = +\nkey faster = f5\n")
	r := in{terminal: true, env: env}.do(t, "--speed 5")
	if r.ui == nil {
		t.Fatalf("code %d, %s", r.code, r.errs)
	}
	if c := r.ui; c.Background != tui.BackgroundLight || !c.HighContrast || c.Speed != 5 || c.ASCII || len(c.Keys) != 3 || !slices.Equal(c.Keys["pause"], []string{"p", "ctrl+p"}) {
		t.Errorf("the UI got %+v", c)
	}
	if r := (in{terminal: true, env: map[string]string{"XDG_CONFIG_HOME": t.TempDir()}}).do(t, ""); r.code != exit.OK || len(r.ui.Keys) != 0 {
		t.Errorf("without a file: code %d, %s", r.code, r.errs)
	}
}

// An error in the settings is reported, with its position, before anything is shown. Commands that show nothing ignore it.
func TestBadSettings(t *testing.T) {
	for _, tt := range []struct{ text, line, want string }{
		{"background = dark\nbackgruond = dark", ":2", `no setting is called "backgruond"; the settings are ascii, background, high-contrast`},
		{"background = red", ":1", "--background red: must be auto, dark or light"},
		{"ascii = maybe", ":1", `"maybe" is neither true nor false`},
		{"speed = fast", ":1", `speed: "fast" is not a number`},
		{"speed = 1000", ":1", "out of range"},
		{"dark", ":1", `"dark" is not a setting: settings are name = value, or key name = keys`},
		{"key dance = d", ":1", `no action is called "dance"; the actions are pause, `},
		{"key pause = ctrl+", ":1", `pause: no key is called "ctrl+"`},
		{"key pause = q", "", `"q" is a key of both pause and quit`},
		{"key pause = 1", "", "digits choose which goroutine runs next"},
		{"key quit =", "", "quit must have a key"},
		{"key pause = p\nkey pause = x", ":2", "the keys for pause are given twice"},
	} {
		env, file := withSettings(t, tt.text)
		r := in{terminal: true, env: env}.do(t, "")
		if r.code != exit.Usage || r.ui != nil || !strings.Contains(r.errs, file+tt.line+": ") || !strings.Contains(r.errs, tt.want) {
			t.Errorf("%q: code %d, %s", tt.text, r.code, r.errs)
		}
		if r := (in{env: env}).do(t, "list"); r.code != exit.OK {
			t.Errorf("%q: list needs it: %s", tt.text, r.errs)
		}
	}
}
