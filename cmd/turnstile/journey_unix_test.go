//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A watched program that crashes is shown up to its last event, and its message is not lost.
func TestJourneyCrash(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable() // the test binary is also the program that is watched
	if err != nil {
		t.Fatal(err)
	}
	signal := filepath.Join(t.TempDir(), "signal")
	if err := syscall.Mkfifo(signal, 0o600); err != nil {
		t.Fatal(err)
	}
	j := travel(t, "watch", "--", "env", watchedVariable+"="+signal, exe)
	j.await("● live", "holds door", "waits for door")
	if err := os.WriteFile(signal, nil, 0o600); err != nil { // opens it, for which the program waits
		t.Fatal(err)
	}
	j.await("■ over", "✗ panic: something is badly wrong", "holds door")
	j.press("q")
	j.await("panic: something is badly wrong", "ended with status 0.")
}
