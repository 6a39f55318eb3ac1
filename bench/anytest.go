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
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
)

// anytestRows are of "turnstile test". They need the go command, which builds what they measure; the standard library is
// built once, and not within a sample.
func anytestRows() []row {
	rows := []row{
		{what: "a run of kernel size, with a T of its own", least: true, counts: 20, goals: []goal{atMost(1e9/150_000, "ns")}, who: []contender{
			{name: "turnstile test", take: func(int) sample { return kernelRuns(patchedKernel(), 100_000) }},
		}},
		{what: "the same, under the race detector", least: true, counts: 10, goals: []goal{atMost(1e9/15_000, "ns")}, who: []contender{
			{name: "turnstile test -race", take: func(int) sample { return kernelRuns(patchedKernelRace(), 30_000) }},
		}},
		{what: "a package, more than go test, when warm", unit: "ms", goals: []goal{atMost(300, "ms")}, who: []contender{
			{name: "turnstile test", take: func(int) sample { return warm() }},
		}},
		{what: "a test without concurrency", unit: "ms", least: true, counts: 30, who: []contender{
			{name: "turnstile test", take: func(int) sample { return serial(patchedSerial(), &anytest.Config{}) }},
			{name: "go test", max: 1.05, take: func(int) sample { return serial(plainSerial(), nil) }},
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

// layouts is the number of programs that there are of the same source where a few percent matter. Each has its functions in another
// order in memory, on which the time of an operation depends by that much.
const layouts = 6

// std returns the program of benchmarks of the standard library, and patchedStd the same with the patched one, each time in the
// next layout, and so do plainSerial and patchedSerial of a test. The others are the tests of which there are rows.
var (
	std = inTurns(func(layout string) string {
		return build("std"+layout, ".", "test", "-ldflags=-randlayout="+layout, "-c", "./testdata/std")
	})
	patchedStd = inTurns(func(layout string) string {
		return buildPatched("patchedstd"+layout, "-ldflags=-randlayout="+layout, "./testdata/std")
	})
	plainSerial = inTurns(func(layout string) string {
		return build("serial"+layout, ".", "test", "-ldflags=-randlayout="+layout, "-c", "./testdata/serial")
	})
	patchedSerial = inTurns(func(layout string) string {
		return buildPatched("patchedserial"+layout, "-ldflags=-randlayout="+layout, "./testdata/serial")
	})
	patchedKernel     = sync.OnceValue(func() string { return buildPatched("patchedkernel", "./testdata/kernel") })
	patchedKernelRace = sync.OnceValue(func() string { return buildPatched("patchedkernelrace", "-race", unraced, "./testdata/kernel") })
)

// buildPatched builds a test as "turnstile test" does.
func buildPatched(name string, args ...string) string {
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
	return build(name, ".", "test", append([]string{"-tags", "turnstile_goroot", "-c"}, args...)...)
}

// inTurns returns a function that returns the programs of all layouts in turns, which build builds, given the number of a layout.
func inTurns(build func(layout string) string) func() string {
	programs := sync.OnceValue(func() (all []string) {
		for i := range layouts {
			all = append(all, build(strconv.Itoa(i+1)))
		}
		return all
	})
	n := 0
	return func() string {
		n++
		return programs()[n%layouts]
	}
}

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

var ordersPass = regexp.MustCompile(`([0-9]+) schedules pass`)

// unraced has the race detector not look at the explorer, as in "turnstile test -race".
const unraced = "-gcflags=internal/turnstile/...=-race=false"

// kernelRuns is of the given number of runs of a test, without what the process takes besides: with the race detector, to begin and to end
// takes as long as thousands of runs.
func kernelRuns(exe string, n int) sample {
	few := n / 10
	long, short := kernelTime(exe, n), kernelTime(exe, few)
	return sample{Value: float64((long - short).Nanoseconds()) / float64(n-few), Bytes: -1}
}

func kernelTime(exe string, n int) time.Duration {
	took, out := processorTime(exe, &anytest.Config{Runs: n, Time: time.Minute, Strategy: "random", Verbose: true})
	if found := ordersPass.FindStringSubmatch(out); found == nil || found[1] != strconv.Itoa(n) {
		fatal(fmt.Errorf("there were not %d schedules:\n%s", n, out))
	}
	return took
}

// serial is of a test that is explored as cfg says, or not explored if that is nil.
func serial(exe string, cfg *anytest.Config) sample {
	took, _ := processorTime(exe, cfg)
	return sample{Value: float64(took.Microseconds()) / 1000, Bytes: -1}
}

// processorTime runs a test, and returns for how long the processor worked for its process, which waits for nothing and has one
// processor at most: where others use the machine, the clock says how much they do. It also returns what is printed.
func processorTime(exe string, cfg *anytest.Config) (time.Duration, string) {
	cmd := exec.Command(exe, "-test.v", "-test.paniconexit0") //nolint:noctx // it is our own program, and has no other end than its own
	cmd.Env = append(os.Environ(), oneProc...)
	if cfg != nil {
		cmd.Env = append(cmd.Env, anytest.Variable+"="+cfg.String())
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		fatal(fmt.Errorf("%s: %w\n%s", exe, err, out))
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), string(out)
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

func goTest(pkg string) {
	var out bytes.Buffer
	cmd := exec.Command("go", "test", "-count=1", pkg) //nolint:noctx // it has no other end than its own
	cmd.Env = append(os.Environ(), oneProc...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		fatal(fmt.Errorf("go test: %w\n%s", err, out.String()))
	}
}
