package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// Every command reports an error if its output cannot be written.
func TestOutputCannotBeWritten(t *testing.T) {
	binary := build(t)
	dir := t.TempDir()
	recording := filepath.Join(dir, "x.jsonl")
	if err := os.WriteFile(recording, []byte(in{}.do(t, "run counter --pace 0 --format json").out), 0o600); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(in{}.do(t, "check abba-deadlock").out, "turnstile replay ")
	token, _, _ := strings.Cut(after, " ")
	cgo, err := exec.CommandContext(t.Context(), "go", "env", "CGO_ENABLED").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"list", "list --json", "run event --pace 0", "run event --pace 0 --format json", "run counter-unlocked --pace 0",
		"play " + recording, "export " + recording, "export " + recording + " --format text", "export " + recording + " --format mermaid",
		"export " + recording + " --format perfetto", "export " + recording + " --format asciicast", "export event --pace 0",
		"check counter --budget 10", "check abba-deadlock", "replay " + token, "suite event --rounds 1 --schedules 1", "suite event --rounds 1 --schedules 1 --json",
		"hint abba-deadlock", "hint counter", "--help", "run --help", "help run", "--version", "version", "run --version", "completion bash", "completion",
	} {
		for to, want := range map[string]string{">&-": "the standard output is closed", ">/dev/full": "no space left on device"} {
			if to == ">&-" && strings.TrimSpace(string(cgo)) != "1" {
				continue // it cannot be detected
			}
			t.Run(line+" "+to, func(t *testing.T) {
				t.Parallel()
				said, code := output(t, exec.CommandContext(t.Context(), "sh", append([]string{"-c", `exec "$0" "$@" ` + to, binary}, strings.Fields(line)...)...))
				if code != exit.Trouble || !strings.HasPrefix(said, "turnstile: ") || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
					t.Errorf("exit code %d, %s", code, said)
				}
			})
		}
	}
}

// Discarded output is not a write error.
func TestOutputIsThrownAway(t *testing.T) {
	binary := build(t)
	for _, mode := range []int{os.O_WRONLY, os.O_RDWR} {
		null, err := os.OpenFile(os.DevNull, mode, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer null.Close()
		cmd := exec.CommandContext(t.Context(), binary, "list")
		cmd.Stdout = null
		if err := cmd.Run(); err != nil {
			t.Errorf("mode %d: %v", mode, err)
		}
	}
}

// A file keeps its content if there is no room on the disk for the new content.
func TestFullDisk(t *testing.T) {
	binary := build(t)
	for _, line := range []string{"export counter --pace 0 -o FILE", "export counter --pace 0 --format asciicast -o FILE", "run counter --pace 0 --record FILE"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "file")
		if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		limited := append([]string{"-c", `trap "" XFSZ; ulimit -f 1; exec "$0" "$@"`, binary}, strings.Fields(strings.ReplaceAll(line, "FILE", file))...)
		said, code := output(t, exec.CommandContext(t.Context(), "sh", limited...))
		if code != exit.Trouble || !strings.Contains(said, "file too large") {
			t.Errorf("%s: exit code %d\n%s", line, code, said)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != "old" {
			t.Errorf("%s: the file holds %q, %v", line, got, err)
		}
		if in, err := os.ReadDir(dir); err != nil || len(in) != 1 {
			t.Errorf("%s: the directory holds %v, %v", line, in, err)
		}
	}
}

// A long export ends at the first write error.
func TestLongExportCannotBeWritten(t *testing.T) {
	binary := build(t)
	long := filepath.Join(t.TempDir(), "long.jsonl")
	writeLong(t, long)
	for _, format := range []string{"text", "mermaid", "perfetto", "asciicast"} {
		for to, want := range map[string]int{" >/dev/full": exit.Trouble, " | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}": exit.ClosedPipe} {
			t.Run(format+to, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // all of it would take ten minutes as a film
				defer cancel()
				said, code := output(t, exec.CommandContext(ctx, "bash", "-c", `"$0" "$@"`+to, binary, "export", long, "--format", format))
				if code != want {
					t.Errorf("exit code %d, want %d\n%s", code, want, said)
				}
			})
		}
	}
}
