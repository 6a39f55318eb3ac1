package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// A tool is one that looks for the same faults in runs as they come.
type tool struct {
	name   string   // and its directory
	build  []string // further arguments of "go test -c"
	test   string
	change change
	finds  *regexp.Regexp // what it prints when it has found something
	exe    string
}

func tools() []*tool {
	return []*tool{
		{name: "goleak", test: goleakTest, change: unmodified, finds: regexp.MustCompile(`found unexpected goroutines`)},
		{name: "go-deadlock", test: deadlockTest, change: goDeadlock, finds: regexp.MustCompile(`POTENTIAL DEADLOCK`)},
		{name: "race", build: []string{"-race"}, test: plainTest, change: unmodified, finds: regexp.MustCompile(`WARNING: DATA RACE|panic: |fatal error: `)},
	}
}

// prepare builds the tests of each tool, in a module of their own.
func prepare(ctx context.Context, dir, goroot string, ps []program, ts []*tool) error {
	if err := module(dir); err != nil {
		return err
	}
	for _, t := range ts {
		if err := write(filepath.Join(dir, t.name), goroot, ps, t.change, t.test); err != nil {
			return err
		}
	}
	if err := goCommand(ctx, dir, append([]string{"get"}, pinned...)...); err != nil {
		return err
	}
	for _, t := range ts {
		t.exe = filepath.Join(dir, t.name+".exe")
		args := append([]string{"test", "-c", "-vet=off", "-o", t.exe}, t.build...)
		if err := goCommand(ctx, dir, append(args, "./"+t.name)...); err != nil {
			return err
		}
	}
	return nil
}

// pinned are the tools that are libraries.
var pinned = []string{"go.uber.org/goleak@v1.3.0", "github.com/sasha-s/go-deadlock@v0.3.9"}

func goCommand(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// count runs a program the given number of times, each in a process of its own, and returns how often the tool found something, or was not
// done after a minute.
func (t *tool) count(ctx context.Context, p *program, runs int) int {
	n := 0
	for range runs {
		if t.run(ctx, p) {
			n++
		}
	}
	return n
}

func (t *tool) run(ctx context.Context, p *program) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.exe, "-test.run=^Test"+p.name+"$")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return t.finds.Match(out) || err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
}
