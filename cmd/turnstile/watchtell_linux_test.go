package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// Programs without our packages are instrumented when they are built, and watched until they end in any way.
func TestWatchGo(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" || testing.Short() {
		t.Skip("programs do not tell here, or the standard library may have to be built")
	}
	t.Chdir(filepath.Join("testdata", "watched"))
	file := filepath.Join(t.TempDir(), "x.jsonl")
	requests := fmt.Sprint(nightly.Or(40, 300)) // of each client of the server, which has ten
	for name, test := range map[string]struct{ out, errs []string }{
		"pipeline": {
			[]string{"out main.go:11 is a channel without a buffer", "main starts numbers.func1", "squares main.go:38 is a channel with room for 2",
				"main receives from squares main.go:38", "receives from out main.go:11", "numbers.func1 closes out main.go:11"},
			[]string{"true\n"},
		},
		"deadlock": {
			[]string{"main.func1 locks a.mu main.go:15", "waits for a.mu main.go:15#2", "the trace ends"},
			[]string{"all goroutines are asleep", "exit status 1"},
		},
		"server": {
			[]string{"limit main.go:41 is a channel with room for 4", "c.mu main.go:22 for reading", "unlocks c.mu main.go:22", "c.serve", "waits for network"},
			[]string{requests + "0 requests", "exit status 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := in{}.do(t, "watch --record "+file+" -- go run ./"+name+" "+requests)
			text := strings.Join(strings.Fields(r.out), " ")
			for _, want := range test.out {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			for _, want := range test.errs {
				if !strings.Contains(r.errs, want) {
					t.Errorf("it does not print %q:\n%s", want, r.errs)
				}
			}
			if r.code != exit.OK {
				t.Errorf("the code is %d", r.code)
			}
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			events, err := tracefile.Read(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			now := timeline.New(events...)
			for i, e := range now.Errors() {
				if i < 5 {
					t.Errorf("event %d: %v", e.Position, e.Err)
				}
			}
			if deadlocks := now.Now().Deadlocks(); (len(deadlocks) > 0) != (name == "deadlock") {
				t.Errorf("deadlocks: %v", deadlocks)
			}
			if t.Failed() {
				t.Logf("%.5000s", r.out)
			}
		})
	}
}

// A go command that only builds has no trace, which is no error, and what it built can be watched.
func TestWatchGoBuild(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" || testing.Short() {
		t.Skip("programs do not tell here, or the standard library may have to be built")
	}
	t.Chdir(filepath.Join("testdata", "watched"))
	program := filepath.Join(t.TempDir(), "pipeline")
	if r := (in{}).do(t, "watch -- go build -o "+program+" ./pipeline"); r.code != exit.OK || r.out != "" || !strings.Contains(r.errs, "can be watched now") {
		t.Errorf("it builds: %+v", r)
	}
	if r := (in{}).do(t, "watch -- "+program); r.code != exit.OK || !strings.Contains(r.out, "is a channel without a buffer") {
		t.Errorf("it runs: %+v", r)
	}
	if r := (in{}).do(t, "watch -- go build ./missing"); r.code != exit.Trouble || !strings.Contains(r.errs, "go build ./missing: exit status 1") {
		t.Errorf("it does not build: %+v", r)
	}
}
