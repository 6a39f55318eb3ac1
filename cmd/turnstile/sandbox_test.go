package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/tui"
)

const sandboxScript = `
# two at a semaphore of one
pool := NewSemaphore(1)
go ann ben
ann: pool.Acquire()
ben: pool.Acquire()
expect ben waits
ann: pool.Release()
expect ben ready
`

// A script runs line by line, and the result of each is printed; the session is recorded and becomes a test.
func TestSandboxScript(t *testing.T) {
	dir := t.TempDir()
	record, export := filepath.Join(dir, "s.jsonl"), filepath.Join(dir, "s_test.go")
	r := in{stdin: sandboxScript}.do(t, "sandbox --record "+record+" --export "+export+" --test TestTwo")
	want := `pool := sync2.NewSemaphore(1)
sync2.Go("ann", …)
sync2.Go("ben", …)
ann: pool.Acquire()
ann: → returns
ben: pool.Acquire()
ben: ◐ pool.Acquire() waits, number 1 in the queue
ann: pool.Release()
ann: → returns
ben: → pool.Acquire() returns
`
	if r.code != exit.OK || r.out != want || r.errs != "" {
		t.Errorf("%+v, want\n%s", r, want)
	}
	if r := (in{}).do(t, "play "+record); r.code != exit.OK || !strings.Contains(r.out, "ben         is released by ann") || strings.Contains(r.out, "ben ends") {
		t.Errorf("the recording tells %+v", r)
	}
	text, err := os.ReadFile(export)
	if err != nil || !strings.Contains(string(text), "func TestTwo(t *testing.T)") {
		t.Error(string(text), err)
	}
}

// An exported test compiles and passes in another module, and fails there if the primitive behaves differently.
func TestSandboxExport(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the go command")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if r := (in{stdin: sandboxScript}).do(t, "sandbox --export "+filepath.Join(dir, "pool_test.go")); r.code != exit.OK {
		t.Fatal(r)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/turnstile-go/turnstile"
	mod := "module example.com/pool\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
	for name, text := range map[string]string{"go.mod": mod, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", ".")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil {
		t.Fatal(out, err)
	}
	file := filepath.Join(dir, "pool_test.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "NewSemaphore(1)", "NewSemaphore(2)", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(); err == nil || !strings.Contains(out, "does not wait") {
		t.Error("with another semaphore it passes", out, err)
	}
}

func TestSandboxRefuses(t *testing.T) {
	for script, want := range map[string]struct {
		code int
		text string
	}{
		"go ann\nann: pool.Acquire()":            {exit.Usage, "line 2: pool is not defined"},
		"pool := NewSemaphore":                   {exit.Usage, "it takes permits"},
		"pool := NewSemaphore(x)":                {exit.Usage, `"x" is not an integer`},
		"pool := Semaphore":                      {exit.Usage, "there is no Semaphore; available are"},
		"what":                                   {exit.Usage, "is not a command"},
		"go ann\ngo ann":                         {exit.Usage, "ann already exists"},
		"go func":                                {exit.Usage, "cannot be a name"},
		"go ann\nann: return":                    {exit.Usage, "is not running a function"},
		"go ann\nmu := Mutex\nann: mu.Acquire()": {exit.Usage, "mu has no method Acquire; its type is Mutex"},
		"go ann\nmu := Mutex\nann: mu.LockTimeout(soon)":        {exit.Usage, "not a duration"},
		"go ann\ncancel ann":                                    {exit.Usage, "not in a call whose context"},
		"go ann\nexpect ann waits":                              {exit.Failed, "expect: ann is ready"},
		"pool := NewSemaphore(1)\nexpect pool.Available() is 2": {exit.Failed, "is 1, want 2"},
	} {
		if r := (in{stdin: script}).do(t, "sandbox"); r.code != want.code || !strings.Contains(r.errs, want.text) {
			t.Errorf("%q: %+v, want %+v", script, r, want)
		}
	}
	for line, want := range map[string]string{
		"sandbox --test x":           "followed by a capital letter",
		"sandbox --export x.go":      "must end in _test.go",
		"sandbox a b":                "accepts at most 1 arg",
		"sandbox --test Testlower":   "followed by a capital letter",
		"sandbox /no/such/script.go": "no such file",
	} {
		if r := (in{}).do(t, line); r.code == exit.OK || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// In a terminal the sandbox is shown, and its events are drained as they happen.
func TestSandboxShown(t *testing.T) {
	dir := t.TempDir()
	export := filepath.Join(dir, "x_test.go")
	r := in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		s, err := cfg.Sandbox()
		if err != nil {
			return err
		}
		defer s.Stop()
		for _, line := range []string{"mu := Mutex", "go ann ben", "ann: mu.Lock()", "ben: mu.Lock()"} {
			if err := s.Do(line); err != nil {
				return err
			}
		}
		st := s.Look()
		if len(st.Hands) != 2 || !st.Hands[0].Ready || st.Hands[1].Ready || st.Hands[1].In != "mu.Lock()" {
			t.Errorf("the hands are %+v", st.Hands)
		}
		if last := st.Said[len(st.Said)-1]; last.Sort != tui.SaidWaits || last.Who != "ben" {
			t.Errorf("at last it said %+v", last)
		}
		if events := s.Drain(nil); len(events) < 5 {
			t.Errorf("there are %d events", len(events))
		}
		if found := s.Complete("ann: unl"); len(found) == 0 || found[0].Line != "ann: mu.Unlock()" {
			t.Errorf("for unl there is %+v", found)
		}
		if !s.Changed(ctx) {
			t.Error("nothing has changed")
		}
		said, err := s.Export()
		if err != nil || !strings.Contains(said, "x_test.go") {
			return errors.Join(errors.New(said), err)
		}
		s.Stop()
		if !s.Done() || s.Err() != nil {
			t.Errorf("it has not ended, or with %v", s.Err())
		}
		return nil
	}}.do(t, "sandbox --export "+export)
	if r.code != exit.OK || r.errs != "" {
		t.Error(r.code, r.errs)
	}
}
