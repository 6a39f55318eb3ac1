//go:build turnstile_goroot

package explore

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/bridge"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// In a test binary built with the patched Go, tests are explored if TURNSTILE_TEST says how. Each test is run once in
// the default schedule, with the T made by package testing. If that run had no alternatives, it was everything.
// Otherwise the test is run repeatedly under other schedules, each time with a T of its own that nobody sees.

// tests is the common state of a process's tests; nil if they are not explored.
var tests *testBinary

type testBinary struct {
	cfg     *anytest.Config
	token   *search.Token // of the schedule to replay; nil if none
	module  string        // the path of the main module
	pkg     string        // the import path of the tested package
	vars    *pkgvars.Vars // nil until they are looked up
	reports *os.File
	tested  int // the number of tests run

	atStart   *pkgvars.Image // the package variables before TestMain was called,
	begun     *pkgvars.Image // and before the first test
	stale     bool           // the first run of the last test failed, or left goroutines, which are gone; variables may refer to them
	residents bool           // the program had started goroutines before the first test
	signals   bool           // a goroutine waits for signals
}

func init() {
	cfg, err := anytest.FromEnvironment()
	if err != nil {
		giveUp(err)
	}
	if cfg == nil || !isTestBinary() {
		return
	}
	_ = os.Unsetenv(anytest.Variable) // a process started by a test runs as usual, even the same binary
	b := &testBinary{cfg: cfg}
	text := cfg.Replay
	if text == "" {
		if env := os.Getenv(ReplayVariable); strings.HasPrefix(env, search.TestPrefix) {
			text = env
		}
	}
	if text != "" {
		t, err := search.ParseToken(text)
		if err == nil && t.Package == "" {
			err = errors.New("the token is of a program that was explored, not of a test of ordinary Go")
		}
		if err != nil {
			giveUp(err)
		}
		b.token = &t
	}
	if inCharge = bridge.Install(); !inCharge {
		return // another copy of the explorer, which is linked with the program, is in charge
	}
	rtHeapMinimum(heapOfOne)
	tests = b
	testing.TurnstileRun = b.run
	testing.TurnstileTimeout = cfg.Timeout
	testing.TurnstileFailed = noteFailed
	testing.TurnstileLate = isLate
	testing.TurnstileStart = b.start
	testing.TurnstileSub = nameSub
}

// Bytes to which the heap may grow before garbage is collected. Runs produce garbage, and to collect it whenever it
// exceeds the small heap of most tests would take a third of the time. While tests are run only once, that is twice as much
// as without the explorer, whose own data are more for the collector to mark: a small heap would be marked most of the
// time, and pointers take longer to write meanwhile.
const (
	heapOfOne  = 8 << 20
	heapOfMany = 64 << 20
)

// giveUp ends the process because nothing can be explored.
func giveUp(err error) {
	fmt.Fprintf(os.Stderr, "turnstile: %v\n", err)
	os.Exit(2) //nolint:revive // a test binary that cannot do what it was asked for
}

// isTestBinary reports whether the process runs tests: other programs built with the patched Go run as usual.
func isTestBinary() bool {
	if strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test") {
		return true
	}
	info, ok := debug.ReadBuildInfo()
	return ok && strings.HasSuffix(info.Path, ".test")
}

// start is called when all packages are initialized and before TestMain is called.
func (b *testBinary) start() {
	b.atStart = pkgvars.TakeImage()
}

// buildList holds the paths of the modules of the program.
var buildList = sync.OnceValue(func() (all []string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		all = append(all, strings.TrimSuffix(info.Path, ".test"), info.Main.Path)
		for _, m := range info.Deps {
			all = append(all, m.Path)
		}
	}
	return slices.DeleteFunc(append(all, "command-line-arguments"), func(s string) bool { return s == "" })
})

// below reports whether pkg is a package of module, or its external tests.
func below(pkg, module string) bool {
	pkg = strings.TrimSuffix(pkg, "_test")
	rest, ok := strings.CutPrefix(pkg, module)
	return ok && (rest == "" || rest[0] == '/')
}

// ownPackage is the import path of the package above this one.
var ownPackage = strings.TrimSuffix(engine.Package, "/explore/internal/engine")

// variables finds the variables to restore, on the first call.
func (b *testBinary) variables() *pkgvars.Vars {
	if b.vars == nil {
		b.vars = pkgvars.Find(b.mine, b.atStart, b.begun)
	}
	return b.vars
}

// mine reports whether the variables of a package must be restored. The go command generates package main of a test
// binary, and its variables never change. A tested package has its import path, even if its name is main.
func (b *testBinary) mine(pkg string) bool {
	of := func(m string) bool { return below(pkg, m) }
	return pkg != "" && !below(pkg, ownPackage) && (slices.ContainsFunc(buildList(), of) || slices.ContainsFunc(b.cfg.Modules, of))
}

// ofMain reports whether a function belongs to the main module.
func (b *testBinary) ofMain(function string) bool {
	pkg := pkgvars.PackageOf(function)
	return pkg != "" && (b.module != "" && below(pkg, b.module) || below(pkg, b.pkg))
}

// findResidents reports whether the program started goroutines during package initialization or in TestMain.
func (b *testBinary) findResidents() bool {
	if runtime.NumGoroutine() <= 2 {
		return false // the main goroutine and the test's
	}
	buf := make([]byte, 1<<16)
	for line := range strings.Lines(string(buf[:runtime.Stack(buf, true)])) {
		if by, ok := strings.CutPrefix(line, "created by "); ok && b.mine(pkgvars.PackageOf(by)) {
			return true
		}
	}
	return false
}
