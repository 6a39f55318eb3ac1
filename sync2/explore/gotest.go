//go:build turnstile_goroot

package explore

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/bridge"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
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
	stale     bool           // the last test left goroutines, which are gone, and variables may refer to them
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
	tests = b
	testing.TurnstileRun = b.run
	testing.TurnstileFailed = noteFailed
	testing.TurnstileLate = isLate
	testing.TurnstileStart = b.start
	testing.TurnstileSub = nameSub
}

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

// A goTest is a test under exploration.
type goTest struct {
	b    *testBinary
	t    *testing.T
	fn   func(*testing.T)
	name string // in tokens
	ex   *explorer

	first   bool          // this is the first run, with t itself
	cur     *testing.T    // the T of the run
	judged  uint32        // the run whose verdict is known
	raced   bool          // the race detector reported a race in the run
	skips   bool          // t was skipped
	chose   bool          // the first run had a choice
	steps   int           // of the first run, 0 if it has not ended
	took    time.Duration // by the first run
	cpu     time.Duration // the CPU time of the process when it began
	patient bool          // this is the default schedule, which may take longer while the machine is busy
	slow    bool          // that took so long that there is no time for many schedules
	warm    bool          // warmUp has been called
	locked  bool          // it called runtime.LockOSThread
	plain   bool          // it was run without the explorer, and that result is reported
	refusal string        // why the test cannot be explored, if found out only later
	lasting bool          // tasks ran for long after the test had ended
	failed  failure

	measured struct { // where the program asked the runtime for measurements in the run
		pcs [32]uintptr
		n   int
	}

	began      time.Time
	firstBegan time.Time // the run under the default schedule
	deadline   time.Time // of the whole search
	end        time.Time // of the current run, which is cut short if it has not ended by then
	until      time.Time // of the current strategy
	enough     time.Time // after a failure was found
	budget     int
	schedules  int
	whole      int       // the number of schedules besides the first that ended
	partly     bool      // abandoned schedules are no reason to look for shorter ones
	partial    int       // the number of schedules abandoned meanwhile,
	longest    int       // and the largest number of steps of those
	told       time.Time // when the progress was last reported
	strategy   string
	early      bool // timers fire early
	tooLong    tooLong
	mostSteps  int  // the maximum number of steps in a schedule
	countless  bool // a schedule was too long for all schedules to be tried
	leaks      leaks
	known      map[string]bool // identities of the failures found: coarse and exact
	found      []*found
	notes      []string
	caveats    []string
	shortest   time.Time // when shrinking must end
}

// A failure records which task failed a test first in a run, and where.
type failure struct {
	run  uint32
	task string
	pcs  [48]uintptr
	n    int

	measured bool // the program had asked the runtime for measurements before
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

// current is the test being explored.
var current *goTest

// run runs a test, and reports whether it did.
func (b *testBinary) run(t *testing.T, fn func(*testing.T)) bool {
	if hook.Explored() != nil || current != nil {
		return false
	}
	b.pkg, b.module = testing.TurnstileNames(t)
	below := strings.TrimPrefix(strings.TrimSuffix(b.pkg, "_test"), b.module)
	place.SetModule(b.module, strings.TrimSuffix(workingDir, filepath.FromSlash(below))) // the tests of a package run in its directory
	if b.token != nil && search.TokenName(t.Name()) != b.token.Name {
		t.Skip("the token is of another test")
	}
	if b.tested == 0 {
		b.residents = b.findResidents()
		b.begun = b.atStart
		if testing.TurnstileHasMain(t) {
			b.begun = pkgvars.TakeImage()
		}
	}
	g := &goTest{b: b, t: t, fn: fn, name: search.TokenName(t.Name()), began: time.Now(), known: make(map[string]bool)}
	g.open()
	current = g
	defer func() { current, engine.Mine = nil, nil }()
	report := g.guarded()
	g.untold(report)
	g.publish(report)
	b.tested++
	current = nil // nothing that could be late runs; otherwise the test could not be failed
	g.finish(report)
	return true
}

// open creates the explorer of the test.
func (g *goTest) open() {
	cfg := g.b.cfg
	o := &options{runs: cfg.Runs, seed: cfg.Seed, bound: -1}
	g.budget = cfg.Runs
	limit := cfg.Time
	if g.budget == 0 {
		g.budget = defaultRuns
		if testing.Short() {
			g.budget = shortRuns
		}
	}
	if limit == 0 {
		limit = defaultTime
		if testing.Short() {
			limit = shortTime
		}
	}
	if o.seed == 0 {
		o.seed = 1
	}
	o.runs = g.budget
	g.deadline = g.began.Add(limit)
	g.until, g.end = g.deadline, g.deadline
	g.ex = &explorer{o: o, name: g.t.Name(), main: g.main, judge: g.judge}
	if g.mostSteps = cfg.MostSteps; g.mostSteps == 0 {
		g.mostSteps = mostGoSteps
	}
	g.tooLong.limit = min(firstSteps, g.mostSteps)
	if cfg.Steps > 0 {
		g.tooLong.limit = cfg.Steps
	}
	x := &g.ex.x
	x.Patient, x.Placed, x.Prompt, x.Natural, x.Crowded, x.Linger = true, true, true, true, true, lingerFor
	x.MaxSteps = g.tooLong.limit
	x.Anytime = cfg.Anytime == "on"
	x.Enough = g.late
	x.Forever = func() []*engine.Task { return bridge.StuckForever(x) }
	engine.Mine = g.b.ofMain
	bridge.Name(g.b.pkg, g.t.Name())
	rtLocked()
}

const (
	defaultTime = 10 * time.Second
	shortTime   = 2 * time.Second
	firstSteps  = 2_000
	mostGoSteps = 2_000_000
	lingerFor   = 1_000 // steps
)

// main is the main task of each run.
func (g *goTest) main() {
	if g.first {
		g.cur = g.t
		if g.b.stale && engine.Loose.Load() == 0 {
			g.initialize(g.b.variables().RestoreAfresh)
		}
		testing.TurnstileBody(g.t, g.fn)
		return
	}
	g.initialize(g.b.vars.Restore)
	t := testing.TurnstileNew(g.t)
	g.cur = t
	defer testing.TurnstileDone(t)
	testing.TurnstileBody(t, g.fn)
	if g.ex.x.Anytime {
		bridge.Pause() // a timer may still fire early, before the run ends for lack of other tasks
	}
}

// initialize restores the package variables.
func (g *goTest) initialize(restore func()) {
	g.ex.x.Initializing = true
	restore()
	g.ex.x.Initializing = false
}

// noteFailed is called when the test has been marked as failed, by the goroutine that did so.
//
//go:norace
func noteFailed() {
	g := current
	if g == nil || g.failed.run == g.ex.x.Runs {
		return
	}
	f := &g.failed
	f.run = g.ex.x.Runs
	f.n = runtime.Callers(3, f.pcs[:])
	f.measured = rtHasMeasured()
	f.task = ""
	if t := engine.Current(); t != nil {
		f.task = t.Name
	}
}

// nameSub names the task of a subtest after the subtest, and that of a bubble "bubble" with a number.
//
//go:norace
func nameSub(name string) {
	if t := engine.Current(); t != nil {
		if i := strings.IndexByte(t.Name, '#'); i > 0 && name == "bubble" {
			name += t.Name[i:]
		}
		t.Name, t.OfTest = name, true
	}
}

// judge determines whether the test has failed in the run that has just ended.
func (g *goTest) judge() {
	x := &g.ex.x
	if g.judged == x.Runs {
		return
	}
	g.judged = x.Runs
	x.Gather()
	g.measured.n = rtMeasuredAt(g.measured.pcs[:])
	if g.cur == nil {
		return
	}
	failed, skipped, output := testing.TurnstileState(g.cur)
	g.skips = skipped
	if g.raced = raceErrors() > 0; g.raced && (g.b.token == nil || x.Fault == nil && !failed) {
		x.Fault = &engine.Fault{Kind: engine.FaultRace, Message: "two unordered accesses to the same memory"}
		return
	}
	if !failed || x.Cut || x.Pruned || x.Fault != nil && x.Fault.Kind != engine.FaultLeak {
		return
	}
	f := &engine.Fault{Kind: engine.FaultCheckFailed, Message: messageIn(output), Task: g.failed.task}
	if g.failed.run == x.Runs {
		f.Place = x.Site(g.failed.pcs[:g.failed.n])
	}
	if f.Message == "" {
		f.Message = "the test was failed"
	}
	x.Fault = f
}

// atPlace matches the position that package testing puts before a line.
var atPlace = whenNeeded(`^[^\s:]+\.go:\d+: `)

// messageIn returns the output of a test, without indentation and without the position of the first line.
func messageIn(output []byte) string {
	var lines []string
	for line := range strings.Lines(engine.Shortened(string(output))) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "--- ") {
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		lines[0] = atPlace().ReplaceAllString(lines[0], "")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// guarded explores the test in a goroutine of its own, and returns the report.
func (g *goTest) guarded() *anytest.Report {
	exploring.Lock()
	defer exploring.Unlock()
	x := &g.ex.x
	x.Open()
	defer x.Close()
	report := new(anytest.Report)
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.Attach()
		defer x.Detach()
		defer x.Threads.Stop()
		g.work(report)
	}()
	rtHide(true) // it waits for the explorer
	f := x.Await(done)
	rtHide(false)
	if f != nil {
		g.b.stale = true
		report = &anytest.Report{Verdict: anytest.Refused, Reason: f.Message}
	}
	if f := engine.Foreign.Swap(nil); f != nil && report.Verdict != anytest.Failed {
		report.Verdict, report.Reason = anytest.Refused, f.Message
	}
	return report
}

// untold handles a test whose failed first run is not reported, since the run was abandoned or excused, or did not
// repeat. Instead, the result of running the test without the explorer is reported.
func (g *goTest) untold(r *anytest.Report) {
	if len(g.found) > 0 || g.plain || g.b.token != nil || g.b.cfg.Drive != "" || !g.t.Failed() {
		return
	}
	if g.runPlainly() {
		r.Notes = append(r.Notes, "it failed in its first schedule, which is not reported as a failure, since it passes without the explorer")
	}
}

// publish writes a report.
func (g *goTest) publish(r *anytest.Report) {
	b := g.b
	r.Package, r.Test = b.pkg, g.t.Name()
	r.Race = engine.UnderRace
	r.Orders, r.Budget, r.Steps, r.Strategy = g.schedules, g.budget, g.ex.res.Steps, g.strategy
	r.Partial = g.partial
	r.Elapsed = time.Since(g.began)
	b.write(r)
}

// write appends a report to the file that the command reads.
func (b *testBinary) write(r *anytest.Report) {
	if b.cfg.Report == "" {
		return
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // all of its types can be encoded
	}
	if b.reports == nil {
		f, err := os.OpenFile(b.cfg.Report, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintf(os.Stderr, "turnstile: %v\n", err)
			b.cfg.Report = ""
			return
		}
		b.reports = f
	}
	_, _ = b.reports.Write(append(text, '\n'))
}

// finish reports the result to the test.
func (g *goTest) finish(r *anytest.Report) {
	t := g.t
	out := t.Output()
	for _, f := range g.found {
		if !g.b.cfg.Confirm {
			fmt.Fprintf(out, "explore: %s", f.text())
		}
	}
	if g.b.cfg.Verbose || r.Verdict == anytest.Refused || len(g.found) > 0 {
		fmt.Fprintf(out, "explore: %s\n", verdictLine(r))
		for _, n := range r.Notes {
			fmt.Fprintf(out, "explore: note: %s\n", n)
		}
	}
	if len(g.found) > 0 {
		t.FailNow()
	}
	if g.skips {
		t.SkipNow()
	}
}

// testArgs returns the arguments of a process that runs only this test.
func (g *goTest) testArgs() []string {
	args := []string{"-test.run=^" + regexp.QuoteMeta(g.t.Name()) + "$", "-test.timeout=" + g.confirmFor().String(), "-test.paniconexit0"}
	for _, name := range []string{"short", "parallel", "cpu", "fullpath"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != f.DefValue {
			args = append(args, "-test."+name+"="+f.Value.String())
		}
	}
	for i := 1; i < len(os.Args); i++ {
		if a := os.Args[i]; !strings.HasPrefix(strings.TrimPrefix(a, "-"), "-test.") && !strings.HasPrefix(a, "-test.") {
			return append(args, os.Args[i:]...)
		}
	}
	return args
}
