package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/tui"
)

// The user's settings are in a file with lines such as
//
//	# appearance
//	background = dark
//	high-contrast = true
//
//	# keys, any number for an action
//	key pause = p space
//
// Flags take precedence over the file.

// configFile returns the file with the user's settings: below XDG_CONFIG_HOME or its default. It returns "" if neither is known.
func configFile(getenv func(string) string) string {
	dir := getenv("XDG_CONFIG_HOME")
	if dir == "" && runtime.GOOS == "windows" {
		dir = getenv("AppData")
	}
	if home := getenv("HOME"); dir == "" && home != "" {
		dir = filepath.Join(home, ".config")
	}
	if !filepath.IsAbs(dir) { // as the specification asks for
		return ""
	}
	return filepath.Join(dir, "turnstile", "config")
}

// readSettings reads the file. It sets the fields of l whose flags were not given, and returns the keys. The file may be missing.
func (l *look) readSettings(file string) (tui.Keys, error) {
	if file == "" {
		return nil, nil // no keys
	}
	f, err := os.Open(file) //nolint:gosec // it is the user's
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // likewise
	}
	if err != nil {
		return nil, err // it names the file
	}
	defer func() { _ = f.Close() }()
	keys := make(tui.Keys)
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if err := l.setting(lines.Text(), keys); err != nil {
			return nil, fmt.Errorf("%s:%d: %s", file, n, plainText(err))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := keys.Check(); err != nil {
		return nil, fmt.Errorf("%s: %s", file, plainText(err))
	}
	return keys, nil
}

// plainText returns the text of err without the name of its package.
func plainText(err error) string {
	return safetext.Line(strings.TrimPrefix(err.Error(), "tui: "))
}

// setting applies a line of the file.
func (l *look) setting(line string, keys tui.Keys) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if rest, isKey := strings.CutPrefix(name, "key "); ok && isKey {
		name = strings.TrimSpace(rest)
		if keys[name] != nil {
			return fmt.Errorf("the keys for %s are given twice", name)
		}
		if keys[name] = strings.Fields(value); len(keys[name]) == 0 {
			keys[name] = []string{}
		}
		if !slices.Contains(tui.Actions(), name) {
			return fmt.Errorf("no action is called %q; the actions are %s", name, strings.Join(tui.Actions(), ", "))
		}
		one := tui.Keys{name: keys[name]}
		if err := one.Check(); err != nil && strings.Contains(err.Error(), "no key") {
			return err // it says all
		}
		return nil
	}
	set, known := l.settings()[name]
	switch {
	case !ok:
		return fmt.Errorf("%q is not a setting: settings are name = value, or key name = keys", line)
	case !known:
		return fmt.Errorf("no setting is called %q; the settings are %s", name, strings.Join(slices.Sorted(maps.Keys(l.settings())), ", "))
	case l.changed != nil && l.changed(name):
		return nil
	}
	return set(value)
}

// settings returns the settings that the file may have: the flags of the commands that may show the UI.
func (l *look) settings() map[string]func(string) error {
	yes := func(b *bool) func(string) error {
		return func(value string) (err error) {
			if *b, err = strconv.ParseBool(value); err != nil {
				return fmt.Errorf("%q is neither true nor false", value)
			}
			return nil
		}
	}
	return map[string]func(string) error{
		"ascii": yes(&l.ascii), "no-color": yes(&l.noColor), "high-contrast": yes(&l.highContrast),
		"reduced-motion": yes(&l.reducedMotion), "no-mouse": yes(&l.noMouse),
		"background": func(value string) error {
			l.background = value
			return l.check()
		},
		"speed": func(value string) (err error) {
			if l.speed, err = strconv.ParseFloat(value, 64); err != nil {
				return fmt.Errorf("speed: %q is not a number", value)
			}
			return l.check()
		},
	}
}
