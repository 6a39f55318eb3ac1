//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// Goroutines that wait for each other's locks without contexts cannot be ended, and the sandbox says so. With
// contexts they can.
func TestSandboxCannotEnd(t *testing.T) {
	script := "a := ReentrantLock\nb := ReentrantLock\ngo ann ben\nann: a.Lock()\nben: b.Lock()\nann: b.Lock()\nben: a.Lock()\n"
	if r := (in{stdin: strings.ReplaceAll(script, "Lock()", "LockContext()")}).do(t, "sandbox"); r.code != exit.OK || r.errs != "" {
		t.Errorf("contexts end them, but: %+v", r)
	}
	for _, args := range [][]string{{"sandbox"}, {"sandbox", "--export", filepath.Join(t.TempDir(), "x_test.go")}} {
		cmd := exec.CommandContext(t.Context(), build(t), args...) // a process of its own, in which they may stay
		cmd.Stdin = strings.NewReader(script)
		out, code := output(t, cmd)
		for _, want := range []string{"ann waits in b.Lock(), which nothing can end", "ben waits in a.Lock(), which nothing can end"} {
			if code != exit.Trouble || !strings.Contains(out, want) {
				t.Errorf("%q: exit code %d, %s; want %s", args, code, out, want)
			}
		}
		if len(args) > 1 && !strings.Contains(out, "a test cannot end a wait that nothing ends") {
			t.Errorf("it was exported: %s", out)
		}
	}
}
