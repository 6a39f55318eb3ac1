package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
	_ "github.com/turnstile-go/turnstile/sync2/trace/auto" // the test binary is also the program that is watched
)

// watchedVariable makes the test binary run as the watched program, and says how it ends.
const watchedVariable = "TURNSTILE_TEST_WATCHED"

// watched is the program.
func watched(how string) (code int) {
	if how != "passes" && how != "fails" {
		crash(how)
	}
	var gate sync2.Event
	gate.Set()
	fmt.Println("the program says hello")
	trace.Stop()
	if how == "fails" {
		return 7
	}
	return 0
}

// crash crashes as soon as a reader opens the pipe; until then one goroutine keeps another waiting.
func crash(pipe string) {
	var door sync2.Mutex
	trace.Name(&door, "door")
	door.Lock()
	sync2.Go("visitor", door.Lock)
	if _, err := os.ReadFile(pipe); err != nil {
		panic(err)
	}
	panic("something is badly wrong")
}

// A command is watched to its end, even if it fails or has no trace; its output is neither lost nor mixed with ours.
func TestWatchCommand(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for how, want := range map[string]string{"passes": "", "fails": "exit status 7"} {
		t.Setenv(watchedVariable, how)
		r := in{}.do(t, "watch -- "+exe)
		if r.code != exit.OK || !strings.Contains(r.out, "sets event-1") || !strings.Contains(r.out, "the trace ends") ||
			!strings.Contains(r.errs, "the program says hello\n") || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", how, r)
		}
	}
	for line, want := range map[string]string{
		"watch -- true":                   "true ended without a trace; start the go command itself, as in turnstile watch -- go run -C DIR ./cmd/x, or import github.com/turnstile-go/",
		"watch -- no-such-program":        "no-such-program",
		"watch unix:" + filepath.Dir(exe): "is not a socket",
		"watch unix:/no/such/directory/s": "no such file or directory",
		"watch " + os.DevNull:             "not a turnstile trace",
		"watch --format json -- true":     "--format json: must be one of ui, text",
	} {
		if r := (in{}).do(t, line); r.code == exit.OK || !strings.Contains(r.errs, want) || strings.Count(r.errs, "\n") > 2 {
			t.Errorf("%s: %+v", line, r)
		}
	}
	for _, line := range []string{"watch", "watch a b", "watch a -- b"} {
		if r := (in{}).do(t, line); r.code != exit.Usage {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// While a go command builds, the UI says so; of other commands it does not know whether they build.
func TestWatchSaysWhatIsBuilt(t *testing.T) {
	for line, want := range map[string]string{
		"watch -- go version": "building the program (the first time also the standard library)",
		"watch -- true":       "",
	} {
		if r := (in{terminal: true}).do(t, line); r.ui == nil || r.ui.Preparing != want {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// The note on how a command ended is its panic, if it printed one.
func TestCrashNote(t *testing.T) {
	err := errors.New("exit status 2")
	for said, want := range map[string]string{
		"":           "exit status 2",
		"usage: x\n": "exit status 2",
		"hello\npanic: oh no\n\ngoroutine 1 [running]:\nexit status 2\n": "panic: oh no",
		"fatal error: all goroutines are asleep - deadlock!\n":           "fatal error: all goroutines are asleep - deadlock!",
	} {
		if got := crashNote(said, err); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
