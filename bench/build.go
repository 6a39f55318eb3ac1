package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// own returns this program.
var own = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		fatal(err)
	}
	return exe
})

// unwatched returns this program built without the hook that watches the primitives.
var unwatched = sync.OnceValue(func() string {
	return build("unwatched", ".", "build", "-tags", "turnstile_nohook", ".")
})

// raced returns this program built with the race detector.
var raced = sync.OnceValue(func() string { return build("raced", ".", "build", "-race", ".") })

// tuiTest returns the test program of package tui.
var tuiTest = sync.OnceValue(func() string { return build("tui", "..", "test", "-c", "./tui") })

// exploreTest returns the test program of package explore.
var exploreTest = sync.OnceValue(func() string { return build("explore", "..", "test", "-c", "./sync2/explore") })

// built is the directory of what was built; "" if nothing was.
var built string

// build runs the go command with the given arguments, the second of which is the directory, and returns what it built.
func build(name, dir, verb string, args ...string) string {
	if built == "" {
		var err error
		if built, err = os.MkdirTemp("", "turnstile-bench"); err != nil {
			fatal(err)
		}
	}
	exe := filepath.Join(built, name+".exe")
	cmd := exec.Command("go", append([]string{verb, "-o", exe}, args...)...) //nolint:noctx // it is our own program, and has no other end than its own
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		fatal(fmt.Errorf("cannot build %s (run this in the bench directory): %w", name, err))
	}
	return exe
}

func removeBuilt() {
	if built != "" {
		_ = os.RemoveAll(built)
	}
}
