package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// The end of a run shows where the time went: the object with the longest waits comes first.
func TestTimes(t *testing.T) {
	r := in{}.do(t, strings.Join([]string{"run", "barrier", "--format", "text", "--pace", "0", "--times"}, " "))
	if r.code != 0 {
		t.Fatalf("exit code %d: %s", r.code, r.errs)
	}
	_, table, ok := strings.Cut(r.out, "the trace ends\n")
	if !ok || !regexp.MustCompile(`(?m)^\s*waited +times +each +at once +waiting now +for$`).MatchString(table) {
		t.Fatalf("no table at the end:\n%s", table)
	}
	// The first two of the three workers wait at the gate, and none does at the end.
	if !regexp.MustCompile(`(?m)^ *\S+ +2 +\S+ +[12] +0 +gate$`).MatchString(table) {
		t.Errorf("the table does not tell of the waits at the gate:\n%s", table)
	}
	if r := (in{}).do(t, strings.Join([]string{"run", "barrier", "--format", "json", "--times"}, " ")); r.code != int(exit.Usage) {
		t.Errorf("with --format json: exit code %d, want %d", r.code, exit.Usage)
	}
}

// A profile is written as a whole or not at all.
func TestCPUProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpu.pprof")
	if r := (in{}).do(t, strings.Join([]string{"run", "counter", "--format", "text", "--pace", "0", "--cpuprofile", file}, " ")); r.code != 0 {
		t.Fatalf("exit code %d: %s", r.code, r.errs)
	}
	data, err := os.ReadFile(file)
	if err != nil || len(data) < 2 || data[0] != 0x1f || data[1] != 0x8b { // pprof compresses its profiles
		t.Errorf("the profile has %d bytes: %v", len(data), err)
	}
	nowhere := filepath.Join(t.TempDir(), "no", "such", "cpu.pprof")
	if r := (in{}).do(t, strings.Join([]string{"run", "counter", "--format", "text", "--pace", "0", "--cpuprofile", nowhere}, " ")); r.code != int(exit.Trouble) {
		t.Errorf("into a directory that does not exist: exit code %d, want %d", r.code, exit.Trouble)
	}
}
