package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/tui"
)

// startHere are the scenarios with which to begin, in this order.
var startHere = []string{"event", "barrier", "semaphore", "relock", "condition", "dishes", "philosophers-deadlock"}

// stateFile returns the file that records which scenarios the user has seen: below XDG_STATE_HOME or its default. It returns ""
// if neither is known.
func stateFile(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if dir == "" && runtime.GOOS == "windows" {
		dir = getenv("LocalAppData")
	}
	if home := getenv("HOME"); dir == "" && home != "" {
		dir = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(dir) { // as the specification asks for
		return ""
	}
	return filepath.Join(dir, "turnstile", "scenarios.json")
}

// marks records in a file which scenarios the user has seen, and which bugs the user has found.
type marks struct {
	file string // "" if they are not kept

	mu sync.Mutex // one change at a time
}

// A markedScenario is the entry of a scenario in the file.
type markedScenario struct {
	Seen  bool `json:"seen,omitempty"`
	Found bool `json:"found,omitempty"`
}

// read returns the marks in the file.
func (m *marks) read() (map[string]tui.Mark, error) {
	if m.file == "" {
		return nil, nil // nothing is kept
	}
	data, err := os.ReadFile(m.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // likewise
	}
	if err != nil {
		return nil, err // it names the file
	}
	var kept map[string]markedScenario
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, fmt.Errorf("%s: %w", m.file, err)
	}
	all := make(map[string]tui.Mark)
	for name, k := range kept {
		if k.Seen {
			all[name] |= tui.MarkSeen
		}
		if k.Found {
			all[name] |= tui.MarkFound
		}
	}
	return all, nil
}

// add adds a mark to those in the file, which another process may have changed. It does not overwrite a file that it cannot read.
func (m *marks) add(name string, mark tui.Mark) error {
	if m.file == "" {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.read()
	if err != nil {
		return err
	}
	if all == nil {
		all = make(map[string]tui.Mark)
	}
	all[name] |= mark
	kept := make(map[string]markedScenario)
	for name, k := range all {
		kept[name] = markedScenario{Seen: k&tui.MarkSeen != 0, Found: k&tui.MarkFound != 0}
	}
	if err := os.MkdirAll(filepath.Dir(m.file), 0o700); err != nil {
		return err // it names the directory
	}
	f, err := atomicfile.Create(m.file)
	if err != nil {
		return err // it names the file
	}
	defer f.Discard()
	if err := indented(f, kept); err != nil {
		return err
	}
	return f.Commit() // it names the file
}
