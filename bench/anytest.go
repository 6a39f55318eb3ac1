package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/bench/internal/command"
	"github.com/turnstile-go/turnstile/internal/goroot"
)

// anytestRows are of "turnstile test". They need the go command, which builds what they measure; the standard library is
// built once, and not within a sample.
func anytestRows() []row {
	rows := []row{
		{what: "a run of kernel size, with a T of its own", goals: []goal{atMost(1e9/150_000, "ns")}, who: []contender{
			{name: "turnstile test", take: func(int) sample { return kernelRuns(300_000) }},
		}},
		{what: "the same, under the race detector", goals: []goal{atMost(1e9/15_000, "ns")}, who: []contender{
			{name: "turnstile test -race", take: func(int) sample { return kernelRuns(30_000, "-race") }},
		}},
		{what: "a package, more than go test, when warm", unit: "ms", goals: []goal{atMost(300, "ms")}, who: []contender{
			{name: "turnstile test", take: func(int) sample { return warm() }},
		}},
		{what: "a test without concurrency", unit: "ms", who: []contender{
			{name: "turnstile test", take: func(int) sample { return serial(explored) }},
			{name: "go test", max: 1.05, take: func(int) sample { return serial(plainly) }},
		}},
	}
	for _, b := range stdBenchmarks {
		rows = append(rows, row{what: "patched std without an explorer, " + b.name, least: true, who: []contender{
			{name: "patched", take: fastest(patchedStd, "Benchmark"+b.name, b.rounds, 40, 1)},
			{name: "std", max: 1.02, take: fastest(std, "Benchmark"+b.name, b.rounds, 40, 1)},
		}})
	}
	for i := range rows {
		rows[i].part = "test"
		if rows[i].procs = []int{1}; strings.HasSuffix(rows[i].what, "Contended") {
			rows[i].procs = []int{2}
		}
	}
	return rows
}

// stdBenchmarks are those of what the patches of the standard library pass through, in rounds that take about a millisecond.
var stdBenchmarks = []struct {
	name   string
	rounds int
}{
	{"Channel", 2000},
	{"Buffered", 20_000},
	{"Select", 6000},
	{"Mutex", 50_000},
	{"Contended", 40_000},
	{"RWMutex", 20_000},
	{"Go", 2000},
	{"Once", 20_000},
	{"Atomic", 70_000},
	{"Pointer", 50_000},
	{"Value", 50_000},
	{"Pool", 50_000},
	{"Map", 70_000},
	{"MapStore", 20_000},
	{"Context", 4000},
	{"Timer", 5000},
	{"Now", 20_000},
}

// std returns the program of benchmarks of the standard library, and patchedStd the same with the patched one.
var (
	std        = sync.OnceValue(func() string { return build("std", ".", "test", "-c", "./testdata/std") })
	patchedStd = sync.OnceValue(func() string {
		goroot, err := privateRoot()
		if err != nil {
			fatal(err)
		}
		own, had := os.LookupEnv("GOROOT")
		_ = os.Setenv("GOROOT", goroot)
		defer func() {
			if _ = os.Unsetenv("GOROOT"); had {
				_ = os.Setenv("GOROOT", own)
			}
		}()
		return build("patchedstd", ".", "test", "-tags", "turnstile_goroot", "-c", "./testdata/std")
	})
)

// privateRoot makes the private GOROOT, or finds the one of the user.
func privateRoot() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	r, err := goroot.Make(context.Background(), runtime.GOROOT(), filepath.Join(cache, "turnstile", "goroot")) //nolint:staticcheck // it is the go command's that built this
	if err != nil {
		return "", err
	}
	return r.Dir, nil
}

// turnstile is the program, which has run once, so that the standard library is built.
var turnstile = sync.OnceValue(func() *command.Command {
	_ = std() // makes the directory
	c, err := command.Build(context.Background(), built)
	if err != nil {
		fatal(err)
	}
	c.Test(context.Background(), ".", nil, "-runs=10", "./testdata/kernel")
	return c
})

// oneProc is the environment of what is measured: where others use the machine, who has more threads gets more of it.
var oneProc = []string{"GOMAXPROCS=1"}

// kernelRuns is of the given number of runs of a test, as the command says itself how long they took.
func kernelRuns(n int, args ...string) sample {
	args = append(args, "-strategy=random", fmt.Sprint("-runs=", n), "-time=1m", "./testdata/kernel")
	r := turnstile().Test(context.Background(), ".", oneProc, args...)
	if r.Err != nil || len(r.Reports) == 0 {
		fatal(fmt.Errorf("turnstile test: %w\n%s", r.Err, r.Output))
	}
	last := r.Reports[len(r.Reports)-1]
	if last.Orders < n {
		fatal(fmt.Errorf("turnstile test: %d orders, not %d\n%s", last.Orders, n, r.Output))
	}
	return sample{Value: float64(last.Elapsed.Nanoseconds()) / float64(last.Orders), Bytes: -1}
}

// warm is of how much longer the command takes for a package than go test.
func warm() sample {
	turnstile()
	start := time.Now()
	goTest("./testdata/kernel")
	plain := time.Since(start)
	start = time.Now()
	if r := turnstile().Test(context.Background(), ".", oneProc, "-runs=1", "./testdata/kernel"); r.Err != nil {
		fatal(fmt.Errorf("turnstile test: %w\n%s", r.Err, r.Output))
	}
	return sample{Value: float64((time.Since(start) - plain).Microseconds()) / 1000, Bytes: -1}
}

func goTest(pkg string) string {
	var out bytes.Buffer
	cmd := exec.Command("go", "test", "-count=1", pkg) //nolint:noctx // it has no other end than its own
	cmd.Env = append(os.Environ(), oneProc...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		fatal(fmt.Errorf("go test: %w\n%s", err, out.String()))
	}
	return out.String()
}

func plainly() string { return goTest("./testdata/serial") }

func explored() string {
	r := turnstile().Test(context.Background(), ".", oneProc, "-count=1", "./testdata/serial")
	if r.Err != nil {
		fatal(fmt.Errorf("turnstile test: %w\n%s", r.Err, r.Output))
	}
	return r.Output
}

var okLine = regexp.MustCompile(`(?m)^ok\s+\S+\s+([0-9.]+)s`)

// serial is of how long the process of a test took, as the go command says.
func serial(test func() string) sample {
	out := test()
	found := okLine.FindStringSubmatch(out)
	if found == nil {
		fatal(fmt.Errorf("it does not say how long it took:\n%s", out))
	}
	s, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		fatal(err)
	}
	return sample{Value: 1000 * s, Bytes: -1}
}
