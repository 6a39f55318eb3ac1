//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
)

// A signal ends the test binary too, and leaves nothing behind.
func TestSignalGoesThrough(t *testing.T) {
	t.Parallel()
	dir := module(t, "endless")
	for name, test := range map[string]struct {
		signals []syscall.Signal
		env     []string
		code    int
	}{
		"interrupt":                {signals: []syscall.Signal{syscall.SIGINT}, code: 130},
		"terminate":                {signals: []syscall.Signal{syscall.SIGTERM}, code: 143},
		"interrupt, does not hear": {signals: []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, env: []string{"DEAF=1"}, code: 130},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmp, pidfile := t.TempDir(), filepath.Join(t.TempDir(), "pid")
			cmd := command(t, dir, append(test.env, "PIDFILE="+pidfile, "TMPDIR="+tmp), build(t), "test", "-timeout=10m", ".")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var pid int
			for deadline := time.Now().Add(10 * time.Minute); pid == 0; <-time.After(10 * time.Millisecond) {
				text, _ := os.ReadFile(pidfile)
				if pid, _ = strconv.Atoi(string(text)); time.Now().After(deadline) {
					t.Fatalf("the test does not begin\n%s", &out)
				}
			}
			for _, s := range test.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				<-time.After(200 * time.Millisecond) // or the second may come before the first has been seen
			}
			began, ended := time.Now(), make(chan struct{})
			go func() {
				defer close(ended)
				_ = cmd.Wait()
			}()
			for over := false; !over; {
				select {
				case <-ended:
					over = true
				case <-time.After(procgroup.Grace / 3):
					if len(test.signals) > 1 { // the second has come too early after all
						_ = cmd.Process.Signal(test.signals[1])
					}
				}
			}
			if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(out.String(), "turnstile: stopped: ") {
				t.Errorf("exit code %d, want %d\n%s", code, test.code, &out)
			}
			if took := time.Since(began); took >= procgroup.Grace { // the full grace passed although the processes should have ended
				t.Errorf("it took %v", took)
			}
			for deadline := time.Now().Add(time.Minute); syscall.Kill(pid, 0) == nil; <-time.After(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Errorf("the test binary still runs")
					_ = syscall.Kill(pid, syscall.SIGKILL)
					break
				}
			}
			nothingIn(t, tmp)
		})
	}
}
