// Package command runs "turnstile test" for the tables of this module.
package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// A Command is the program turnstile, built from this repository.
type Command struct {
	exe string
	dir string // for the files of reports
	n   int
}

// Build builds the program in dir. The working directory must be that of module bench.
func Build(ctx context.Context, dir string) (*Command, error) {
	c := &Command{exe: filepath.Join(dir, "turnstile.exe"), dir: dir}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", c.exe, "./cmd/turnstile")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot build turnstile (run this in the bench directory): %w\n%s", err, out)
	}
	return c, nil
}

// A Result is the result of one call of "turnstile test".
type Result struct {
	Reports []anytest.Report // the last of each test, in the order in which they began
	Output  string
	Elapsed time.Duration
	Err     error // the command failed, which it does also if a test fails
}

// Test runs "turnstile test" in the module at dir with the given arguments and additional environment variables.
func (c *Command) Test(ctx context.Context, dir string, env []string, args ...string) *Result {
	c.n++
	file := filepath.Join(c.dir, fmt.Sprintf("report-%d.jsonl", c.n))
	cmd := exec.CommandContext(ctx, c.exe, append([]string{"test", "-report", file}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	r := &Result{Err: cmd.Run()}
	r.Elapsed, r.Output = time.Since(start), out.String()
	reports, err := read(file)
	r.Reports = reports
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.Err = errors.Join(r.Err, err)
	}
	return r
}

// read returns the last report of each test. A line that was cut off, by the end of a process, is not one.
func read(file string) ([]anytest.Report, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []anytest.Report
	index := make(map[string]int)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r anytest.Report
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			continue
		}
		key := fmt.Sprint(r.Package, " ", r.Test, " ", r.Race)
		if i, ok := index[key]; ok {
			all[i] = r
		} else {
			index[key] = len(all)
			all = append(all, r)
		}
	}
	return all, lines.Err()
}

// Tail returns the last n lines of text.
func Tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Explore explores tests of one package, given in the order in which they run, with the given arguments of "turnstile
// test". If a process ends before its tests do, the test that was running has no report, and the following ones are
// explored in another process; Explore then calls lost.
func (c *Command) Explore(ctx context.Context, dir, pkg string, tests, env, args []string, lost func(test string, r *Result)) map[string]*anytest.Report {
	done := make(map[string]*anytest.Report)
	undone := func(test string) bool { return done[test] == nil }
	for rest := tests; len(rest) > 0 && ctx.Err() == nil; {
		r := c.Test(ctx, dir, env, append(slices.Clone(args), "-run=^("+strings.Join(rest, "|")+")$", pkg)...)
		running := ""
		for i := range r.Reports {
			if rep := &r.Reports[i]; rep.Verdict != anytest.Running {
				done[rep.Test] = rep
			} else {
				running = rep.Test
			}
		}
		culprit := slices.Index(rest, running)
		if culprit < 0 {
			culprit = slices.IndexFunc(rest, undone)
		}
		if culprit < 0 {
			break
		}
		lost(rest[culprit], r)
		rest = slices.DeleteFunc(slices.Delete(slices.Clone(rest), culprit, culprit+1), func(t string) bool { return !undone(t) })
	}
	return done
}
