// Package conform holds small programs of ordinary Go, in a module of its own below testdata, and checks that they
// have the same outcomes with the installed Go, with the private one, and under the explorer. It has tests only.
package conform

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
)

// outcomesVariable tells the programs the file descriptor to which they write their outcomes; see their package want.
const outcomesVariable = "CONFORM_OUTCOMES"

// raceEnvironment makes programs built for the race detector exit at once. Otherwise each waits for a second, in case
// a remaining goroutine still races, though the explorer leaves none running.
const raceEnvironment = "GORACE=atexit_sleep_ms=0"

// hanging is the time limit for exploring a program whose exploration is meant to end by the number of schedules. A
// shorter limit would end it on a slow machine before the interesting schedules have run.
const hanging = 5 * time.Minute

// programs is the directory of the module.
var programs = filepath.Join("testdata", "programs")

// A builder builds the test binaries of the programs.
type builder struct {
	private bool // with the Go that contains the explorer
	tells   bool // with the Go that reports what programs do
	race    bool
	moved   bool // from a copy in another directory, with no directory's name in the binary
}

// built holds the binaries built so far, for other tests that need them.
var built struct {
	sync.Mutex
	dir  string
	root string
	bins map[string]string
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "conform-")
	if err != nil {
		panic(err)
	}
	built.dir, built.bins = dir, map[string]string{}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// privateRoot returns the private GOROOT.
func privateRoot(ctx context.Context) (string, error) {
	if built.root == "" {
		var err error
		if built.root, err = makeRoot(ctx, goroot.Make); err != nil {
			return "", err
		}
	}
	return built.root, nil
}

// makeRoot returns a GOROOT for the current Go.
func makeRoot(ctx context.Context, of func(ctx context.Context, from, cache string) (*goroot.Root, error)) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	cache, err := goroot.Cache()
	if err != nil {
		return "", err
	}
	r, err := of(ctx, strings.TrimSpace(string(out)), cache)
	if err != nil {
		return "", err
	}
	return r.Dir, nil
}

// build returns the test binary of a package of the programs.
func (b builder) build(t testing.TB, pkg string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	ctx := t.Context()
	key := fmt.Sprint(b, pkg)
	if bin := built.bins[key]; bin != "" {
		return bin
	}
	bin := filepath.Join(built.dir, fmt.Sprint(len(built.bins)), pkg+".test"+exe())
	name, args := "go", []string{"test", "-c", "-vet=off", "-o", bin}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, anytest.Variable+"=") })
	if b.tells {
		root, err := makeRoot(ctx, goroot.MakeTelling)
		if err != nil {
			t.Fatal(err)
		}
		name, env = filepath.Join(root, "bin", "go"+exe()), append(env, "GOROOT="+root, "GOTOOLCHAIN=local")
	}
	if b.private {
		root, err := privateRoot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		name, env = filepath.Join(root, "bin", "go"+exe()), append(env, "GOROOT="+root, "GOTOOLCHAIN=local")
		args = append(args, "-tags=turnstile_goroot", "-gcflags=all=-d=ssa/intrinsics/off")
		std, err := goroot.Standard(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range std {
			args = append(args, "-gcflags="+pattern+"=")
		}
		explorer := "-gcflags=internal/turnstile/...=-dwarf=false"
		if b.race {
			explorer += " -race=false"
		}
		args = append(args, explorer)
	}
	if b.race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, name, append(args, "./"+pkg)...)
	cmd.Dir, cmd.Env = programs, env
	if b.moved {
		cmd.Dir = filepath.Join(filepath.Dir(bin), "copy")
		if err := os.CopyFS(cmd.Dir, os.DirFS(programs)); err != nil {
			t.Fatal(err)
		}
		cmd.Args = slices.Insert(cmd.Args, 2, "-trimpath")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	built.bins[key] = bin
	return bin
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// A result is the result of running a test binary.
type result struct {
	err      error
	output   string
	outcomes map[string]map[int]int // of each test: the number of times it had each outcome, by the outcome's index among those allowed
	allowed  map[string]int         // the number of allowed outcomes
	reports  []anytest.Report       // the last report on each test
}

// run runs a test binary. With a configuration it explores.
func run(t testing.TB, bin string, config *anytest.Config, env []string, args ...string) *result {
	t.Helper()
	return runUntil(t.Context(), t, bin, config, env, args...)
}

// runUntil is like run, but kills the binary when ctx is done.
func runUntil(ctx context.Context, t testing.TB, bin string, config *anytest.Config, env []string, args ...string) *result {
	t.Helper()
	dir, err := filepath.Abs(programs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, bin, append([]string{"-test.timeout=10m", "-test.paniconexit0"}, args...)...)
	cmd.Dir = filepath.Join(dir, strings.TrimSuffix(filepath.Base(bin), ".test"+exe()))
	cmd.Env = append(append(os.Environ(), raceEnvironment), env...)
	cmd.WaitDelay = 10 * time.Second
	r := &result{outcomes: map[string]map[int]int{}, allowed: map[string]int{}}
	reports := ""
	if config != nil {
		c := *config
		reports = filepath.Join(t.TempDir(), "reports")
		c.Report = reports
		cmd.Env = append(cmd.Env, anytest.Variable+"="+c.String())
	}
	var wait sync.WaitGroup
	if runtime.GOOS != "windows" {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.ExtraFiles = []*os.File{out}
		cmd.Env = append(cmd.Env, outcomesVariable+"=3")
		wait.Go(func() { r.read(in) })
		defer wait.Wait()
		defer out.Close()
	}
	var buf bytes.Buffer
	cmd.Stdout, cmd.Stderr = &buf, &buf
	r.err = cmd.Run()
	r.output = buf.String()
	if reports != "" {
		r.reports = readReports(t, reports)
	}
	return r
}

// read reads outcomes until the last writer has closed the pipe.
func (r *result) read(in io.ReadCloser) {
	defer in.Close()
	for s := bufio.NewScanner(in); s.Scan(); {
		f := strings.Fields(s.Text())
		if len(f) != 3 {
			continue
		}
		i, _ := strconv.Atoi(f[1])
		r.allowed[f[0]], _ = strconv.Atoi(f[2])
		if r.outcomes[f[0]] == nil {
			r.outcomes[f[0]] = map[int]int{}
		}
		r.outcomes[f[0]][i]++
	}
}

// readReports returns the last report of each test, in the order of the tests.
func readReports(t testing.TB, path string) []anytest.Report {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("no reports: %v", err)
		return nil
	}
	var all []anytest.Report
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var r anytest.Report
		if err := d.Decode(&r); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("reports: %v\n%s", err, b)
		}
		i := slices.IndexFunc(all, func(o anytest.Report) bool { return o.Test == r.Test })
		if i < 0 {
			all = append(all, r)
		} else {
			all[i] = r
		}
	}
}

// tail returns the end of a text.
func tail(s string) string {
	const most = 6000
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return s
}
