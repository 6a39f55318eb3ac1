//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/engine"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// fakeEngine puts a program that is called turnstile-engine onto the PATH: it runs the script.
func fakeEngine(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, engine.Name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// The engine gets the arguments of the command line, and its output and failures are ours.
func TestEngine(t *testing.T) {
	fakeEngine(t, `echo "$@"`)
	r := in{}.do(t, "engine --dir data --listen 127.0.0.1:0 --node a --cluster 127.0.0.1:1 --nodes 127.0.0.1:1,127.0.0.1:2")
	if want := "-listen 127.0.0.1:0 -dir data -node a -cluster 127.0.0.1:1 -nodes 127.0.0.1:1,127.0.0.1:2\n"; r.code != exit.OK || r.out != want {
		t.Errorf("%+v, want %q", r, want)
	}
	fakeEngine(t, "echo turnstile-engine: no >&2; exit 2")
	if r := (in{}).do(t, "engine"); r.code != exit.Trouble || r.errs != "turnstile-engine: no\n" {
		t.Errorf("%+v", r)
	}
	for _, line := range []string{"engine extra", "engine --node a", "engine --cluster 127.0.0.1:1", "engine --listen="} {
		if r := (in{}).do(t, line); r.code != exit.Usage {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// A space is watched through the engine's output, and if there is none, the reason is reported.
func TestWatchSpace(t *testing.T) {
	record := filepath.Join(t.TempDir(), "x.jsonl")
	fakeEngine(t, `echo '{"format":"turnstile-trace","version":1}
{"seq":1,"t":0,"kind":"begin"}
{"seq":2,"t":1,"kind":"define-g","g":1,"text":"washer (pid 7)"}
{"seq":3,"t":2,"kind":"log","g":1,"text":"'"$*"'"}
{"seq":4,"t":3,"kind":"end"}'`)
	for _, line := range []string{"watch dist nats://x --space shop --record " + record, "play --format text " + record} {
		r := in{}.do(t, line)
		if r.code != exit.OK || !strings.Contains(r.out, "washer (pid 7)  says: -watch nats://x -format trace -space shop") {
			t.Errorf("%s: %+v", line, r)
		}
	}
	fakeEngine(t, "echo turnstile-engine: dist: no engine answers >&2; exit 2")
	if r := (in{}).do(t, "watch dist nats://x"); r.code != exit.Trouble || r.errs != "turnstile: dist: no engine answers\n" {
		t.Errorf("%+v", r)
	}
	for _, line := range []string{"watch dist nats://x --looks 3", "watch file --space x", "watch dist a b"} {
		if r := (in{}).do(t, line); r.code != exit.Usage {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// A scenario across hosts runs in the engine, or is played from a recording if it cannot.
func TestScenarioAcrossHosts(t *testing.T) {
	const run = "run lease-checked --pace 0 --format text"
	fakeEngine(t, `echo '{"format":"turnstile-trace","version":1}
{"seq":1,"t":0,"kind":"begin"}
{"seq":2,"t":1,"kind":"define-obj","obj":1,"class":"mutex","text":"account"}
{"seq":3,"t":1,"kind":"define-g","g":1,"text":"clerk (pid 7)"}
{"seq":4,"t":2,"kind":"acquire","g":1,"obj":1,"n":1}
{"seq":5,"t":2,"kind":"log","g":1,"text":"'"$*"'"}
{"seq":6,"t":3,"kind":"end"}'
test -z "$FAILS" || { echo turnstile-engine: "$FAILS" >&2; exit 2; }`)
	r := in{}.do(t, run)
	if r.code != exit.OK || !strings.Contains(r.out, "clerk (pid 7)  locks account") || !strings.Contains(r.out, "says: -scenario lease-checked -pace 0") ||
		!strings.Contains(r.out, "clerk (pid 7)  ends") || strings.Contains(r.out, "recording") {
		t.Errorf("%+v", r)
	}
	t.Setenv("FAILS", "the account holds 120")
	if r := (in{}).do(t, run); r.code != exit.Failed || r.errs != "turnstile: lease-checked: the account holds 120\n" {
		t.Errorf("%+v", r)
	}
	fakeEngine(t, "echo turnstile-engine: it cannot be run on this system >&2; exit 4")
	if r := (in{}).do(t, run); r.code != exit.OK || !strings.Contains(r.out, "showing a recording: it cannot be run on this system") ||
		!strings.Contains(r.out, "the account refuses token 1: it has seen 2") {
		t.Errorf("%+v", r)
	}
}

// Without an engine, and without Go to build one, a recording is shown.
func TestScenarioWithoutEngine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := in{}.do(t, "run lease-unchecked --pace 0 --format text")
	if r.code != exit.Failed || !strings.Contains(r.out, "showing a recording: turnstile-engine is neither in turnstile's directory nor on the PATH") ||
		r.errs != "turnstile: lease-unchecked: 100, 20 and 50 are 170, but the account holds 120\n" {
		t.Errorf("%+v", r)
	}
}
