package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the program, which tests that need it share.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// build returns the path of the program, which it has built.
func build(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "turnstile"); built.err != nil { //nolint:usetesting // all tests share it
			return
		}
		var out []byte
		if out, built.err = exec.CommandContext(t.Context(), "go", "build", "-o", built.dir, ".").CombinedOutput(); built.err != nil {
			t.Logf("%s", out)
		}
	})
	if built.err != nil {
		t.Fatalf("go build: %v", built.err)
	}
	return filepath.Join(built.dir, "turnstile")
}
