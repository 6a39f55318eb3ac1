package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// A job takes one sample in a process of its own.
type job func() sample

// work does the job of the given name, or takes a sample of the row of that name, and prints it.
func work(name string, slice time.Duration) error {
	var s sample
	if do, ok := jobs()[name]; ok {
		s = do()
	} else {
		rows, err := choose("^" + regexp.QuoteMeta(name) + "$")
		if err != nil {
			return err
		}
		m := meter{c: rows[0].who[0], p: runtime.GOMAXPROCS(0), slice: slice}
		s = m.take()
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// inProcess takes a sample with the program exe in a new process.
func inProcess(exe, name string, p int) sample {
	cmd := exec.CommandContext(context.Background(), exe, "-worker", name) //nolint:gosec // it is this program, built here
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(p))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		fatal(fmt.Errorf("%s: %w", name, err))
	}
	var s sample
	if err := json.Unmarshal(out, &s); err != nil {
		fatal(fmt.Errorf("%s: %w", name, err))
	}
	return s
}

// own returns this program.
var own = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		fatal(err)
	}
	return exe
})

var built string // directory of what unwatched has built

// unwatched returns this program built without the hook that watches the primitives.
var unwatched = sync.OnceValue(func() string {
	var err error
	if built, err = os.MkdirTemp("", "turnstile-bench"); err != nil {
		fatal(err)
	}
	exe := filepath.Join(built, "unwatched.exe")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-tags", "turnstile_nohook", "-o", exe, ".") //nolint:gosec // the path is ours
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		fatal(fmt.Errorf("cannot build without the hook (run this in the bench directory): %w", err))
	}
	return exe
})

func removeBuilt() {
	if built != "" {
		_ = os.RemoveAll(built)
	}
}

// fatal ends the program: a table with holes would not be understood.
func fatal(err error) {
	removeBuilt()
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
