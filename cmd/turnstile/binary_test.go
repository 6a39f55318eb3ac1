//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// The program as a process: its exit codes, what an interrupt leaves behind, and a reader that goes away.
func TestBinary(t *testing.T) {
	binary := build(t)
	t.Run("exit codes", func(t *testing.T) {
		for line, want := range map[string]int{
			"run relock --pace 0": exit.OK, "run relok": exit.Usage, "play " + filepath.Join(t.TempDir(), "none"): exit.Trouble, "--version": exit.OK,
		} {
			if out, code := output(t, exec.CommandContext(t.Context(), binary, strings.Fields(line)...)); code != want {
				t.Errorf("turnstile %s: exit code %d, want %d\n%s", line, code, want, out)
			}
		}
	})
	for name, kill := range map[string]syscall.Signal{"interrupt": syscall.SIGINT, "terminate": syscall.SIGTERM, "kill": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.jsonl")
			if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			checkSignal(t, exec.CommandContext(t.Context(), binary, "run", "barrier", "--pace", "10", "--record", file), file, kill)
			if kill == syscall.SIGKILL { // what was there before stays, and what was recorded is beside it
				if old, err := os.ReadFile(file); string(old) != "before" {
					t.Errorf("killed, it left %q, %v", old, err)
				}
				file = unfinished(file)
			}
			played, code := output(t, exec.CommandContext(t.Context(), binary, "play", file))
			if code != exit.OK || !strings.Contains(played, "worker-3") {
				t.Errorf("the recording played with exit code %d:\n%s", code, played)
			}
			if kill != syscall.SIGKILL && !strings.Contains(played, "the trace ends") {
				t.Errorf("the recording has no end:\n%s", played)
			}
		})
	}
	t.Run("closed pipe", func(t *testing.T) { closePipe(t, exec.CommandContext(t.Context(), binary, "run", "barrier")) })
}

// output runs cmd and returns what it printed and its exit code.
func output(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// begin starts cmd, waits until main waits for the others, and returns the rest of its output.
func begin(t *testing.T, cmd *exec.Cmd) (rest io.ReadCloser, errs *bytes.Buffer) {
	t.Helper()
	errs = new(bytes.Buffer)
	cmd.Stderr = errs
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	cmd.Stdout = w
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if strings.Contains(lines.Text(), "waits for the end of") {
			return r, errs
		}
	}
	_ = cmd.Wait()
	t.Fatalf("it ended before it waited: %v\n%s", cmd.ProcessState, errs)
	return nil, nil
}

// unfinished returns the name of the file that will replace the given one, "" if there is none.
func unfinished(file string) string {
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".*.tmp"))
	return strings.Join(names, "")
}

// checkSignal checks that the signal ends cmd, which records into file, with the exit code for the signal.
func checkSignal(t *testing.T, cmd *exec.Cmd, file string, kill syscall.Signal) {
	t.Helper()
	rest, errs := begin(t, cmd)
	for recorded := []byte(nil); !bytes.Contains(recorded, []byte("worker-3")); { // it may lag behind the output
		recorded, _ = os.ReadFile(unfinished(file))
	}
	if err := cmd.Process.Signal(kill); err != nil {
		t.Fatal(err)
	}
	out, _ := io.ReadAll(rest)
	_ = cmd.Wait()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case kill == syscall.SIGKILL:
		if status.Signal() != kill {
			t.Errorf("killed, and it ended with %v", cmd.ProcessState)
		}
	case cmd.ProcessState.ExitCode() != 128+int(kill):
		t.Errorf("%v: it ended with %v\n%s%s", kill, cmd.ProcessState, out, errs)
	case !strings.HasPrefix(errs.String(), "turnstile: stopped: ") || strings.Count(errs.String(), "\n") != 1:
		t.Errorf("%v: it said %q", kill, errs)
	}
}

// closePipe checks that cmd ends quietly when the reader of its output closes the pipe.
func closePipe(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	rest, errs := begin(t, cmd)
	_ = rest.Close()
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exit.ClosedPipe || errs.Len() > 0 {
		t.Errorf("it ended with %v and said %q", cmd.ProcessState, errs)
	}
}
