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
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// The tests of a binary are explored that was built with a patched Go, if TURNSTILE_TEST says how. Each is run once in the
// order that comes by itself, with the T that package testing has made. If nothing could have come otherwise in that run,
// it was all there is. Or else it is run again and again in other orders, each time with a T of its own that nobody sees.

// tests is what the tests of a process have in common; nil: nobody explores them.
var tests *testBinary

type testBinary struct {
	cfg     *anytest.Config
	token   *search.Token // of the order to be replayed; nil: none
	module  string        // the path of the main module
	pkg     string        // the import path of the tested package
	vars    *vars         // nil: not looked for yet
	reports *os.File
	tested  int // how many tests have been run

	atStart   *image // what the package variables were before TestMain was called,
	begun     *image // and before the first test
	stale     bool   // the last test has left goroutines, which are no more, and variables may tell of them
	residents bool   // the program had started goroutines before the first test
	signals   bool   // a goroutine waits for signals
}

func init() {
	cfg, err := anytest.FromEnvironment()
	if err != nil {
		giveUp(err)
	}
	if cfg == nil || !isTestBinary() {
		return
	}
	_ = os.Unsetenv(anytest.Variable) // a process that a test starts is as ever, even if it is the same binary
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
		return // another copy of the explorer is, which is linked with the program
	}
	tests = b
	testing.TurnstileRun = b.run
	testing.TurnstileFailed = noteFailed
	testing.TurnstileLate = isLate
	testing.TurnstileStart = b.start
	testing.TurnstileSub = nameSub
}

// giveUp ends the process since nothing can be explored.
func giveUp(err error) {
	fmt.Fprintf(os.Stderr, "turnstile: %v\n", err)
	os.Exit(2) //nolint:revive // a test binary that cannot do what it was asked for
}

// isTestBinary reports whether the process runs tests: others that are built with the patched Go run as ever.
func isTestBinary() bool {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasSuffix(info.Path, ".test") {
		return true
	}
	return strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test")
}

// start is called when all packages are initialized and TestMain has not been called.
func (b *testBinary) start() {
	b.atStart = takeImage()
}

// buildList are the paths of the modules that the program consists of.
var buildList = sync.OnceValue(func() (all []string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		all = append(all, strings.TrimSuffix(info.Path, ".test"), info.Main.Path)
		for _, m := range info.Deps {
			all = append(all, m.Path)
		}
	}
	return slices.DeleteFunc(append(all, "main", "command-line-arguments"), func(s string) bool { return s == "" })
})

// below reports whether pkg is a package of module, or its tests in a package of their own.
func below(pkg, module string) bool {
	pkg = strings.TrimSuffix(pkg, "_test")
	rest, ok := strings.CutPrefix(pkg, module)
	return ok && (rest == "" || rest[0] == '/')
}

// ownPackage is the import path of the package above this one.
var ownPackage = strings.TrimSuffix(engine.Package, "/explore/internal/engine")

// variables finds the variables to restore, unless that has been done.
func (b *testBinary) variables() *vars {
	if b.vars == nil {
		b.vars = findVars(b.mine, b.atStart, b.begun)
	}
	return b.vars
}

// mine reports whether the variables of a package have to be restored.
func (b *testBinary) mine(pkg string) bool {
	of := func(m string) bool { return below(pkg, m) }
	return pkg != "" && !below(pkg, ownPackage) && (slices.ContainsFunc(buildList(), of) || slices.ContainsFunc(b.cfg.Modules, of))
}

// ofMain reports whether a function is of the main module.
func (b *testBinary) ofMain(function string) bool {
	pkg := packageOf(function)
	return pkg != "" && (b.module != "" && below(pkg, b.module) || below(pkg, b.pkg))
}

// A goTest is a test that is explored.
type goTest struct {
	b    *testBinary
	t    *testing.T
	fn   func(*testing.T)
	name string // in tokens
	ex   *explorer

	first   bool          // the run is the first, with t itself
	cur     *testing.T    // that of the run
	judged  uint32        // the run whose verdict is known
	raced   bool          // the race detector has told of a race in the run
	skips   bool          // t was skipped
	chose   bool          // the first run had a choice
	steps   int           // of the first run, 0 if it has not come to its end
	took    time.Duration // by the first run
	cpu     time.Duration // that the process had got when it began
	patient bool          // it is the one that comes by itself, which may take longer while the machine is busy
	slow    bool          // that was so long that there is not time for many orders
	warm    bool          // warmUp has been called
	locked  bool          // it has called runtime.LockOSThread
	plain   bool          // it was run where nobody explores, and what came of that is told
	refusal string        // why the test cannot be explored, if it turned out so late
	lasting bool          // tasks went on for long after the test had ended
	failed  failure

	measured struct { // where the program has asked in the run what the runtime does
		pcs [32]uintptr
		n   int
	}

	began      time.Time
	firstBegan time.Time // the run in the order that comes by itself
	deadline   time.Time // of the whole search
	end        time.Time // of the run at hand: one that has not ended by then is cut short
	until      time.Time // of the strategy at hand
	enough     time.Time // after a failure was found
	budget     int
	orders     int
	whole      int       // how many of the orders besides the first have come to their end
	partly     bool      // that orders are given up is no reason to look for shorter ones
	partial    int       // how many of the orders were given up meanwhile,
	longest    int       // after how many steps at most
	told       time.Time // when the progress was last reported
	strategy   string
	early      bool // timers fire early
	tooLong    tooLong
	mostSteps  int  // that an order may have
	countless  bool // an order was too long for all orders to be tried
	leaks      leaks
	known      map[string]bool // what is known of failures: roughly, and exactly
	found      []*found
	notes      []string
	caveats    []string
	shortest   time.Time // when shrinking has to end
}

// A failure says by whom and where a test was failed for the first time in a run.
type failure struct {
	run  uint32
	task string
	pcs  [48]uintptr
	n    int

	measured bool // the program had asked before what the runtime does
}

// findResidents reports whether the program has started goroutines, as its packages were initialized or in TestMain.
func (b *testBinary) findResidents() bool {
	buf := make([]byte, 1<<16)
	for line := range strings.Lines(string(buf[:runtime.Stack(buf, true)])) {
		if by, ok := strings.CutPrefix(line, "created by "); ok && b.mine(packageOf(by)) {
			return true
		}
	}
	return false
}

// current is the test that is explored.
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
		if rtHasFunc(".TestMain") {
			b.begun = takeImage()
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
	current = nil // nothing runs that could be late: or else the test could not be failed
	g.finish(report)
	return true
}

// open makes the explorer of the test.
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

// main is what the main task does in each run.
func (g *goTest) main() {
	if g.first {
		g.cur = g.t
		if g.b.stale && engine.Loose.Load() == 0 {
			g.initialize(g.b.variables().afresh)
		}
		testing.TurnstileBody(g.t, g.fn)
		return
	}
	g.initialize(g.b.vars.restore)
	t := testing.TurnstileNew(g.t)
	g.cur = t
	defer testing.TurnstileDone(t)
	testing.TurnstileBody(t, g.fn)
	if g.ex.x.Anytime {
		bridge.Pause() // a timer may yet fire early, before the run has ended since nobody else goes on
	}
}

// initialize puts the package variables back.
func (g *goTest) initialize(restore func()) {
	g.ex.x.Initializing = true
	restore()
	g.ex.x.Initializing = false
}

// noteFailed is called when the test has been marked as failed, in the goroutine that did so.
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

// nameSub calls the task of a subtest as that is called, and that of a test in a bubble a bubble, with its number.
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

// judge finds out whether the test has failed in the run that has just ended.
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

// atPlace is what package testing puts before a line.
var atPlace = regexp.MustCompile(`^[^\s:]+\.go:\d+: `)

// messageIn returns what a test has printed, without indentation and without the place of the first line.
func messageIn(output []byte) string {
	var lines []string
	for line := range strings.Lines(engine.Shortened(string(output))) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "--- ") {
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		lines[0] = atPlace.ReplaceAllString(lines[0], "")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// guarded explores the test in a goroutine of its own, and returns the result.
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

// untold looks at a test whose first run has failed, which is not told: the run was given up, or excused, or did not do it again. What
// is told of it then is what comes of it where nobody explores.
func (g *goTest) untold(r *anytest.Report) {
	if len(g.found) > 0 || g.plain || g.b.token != nil || g.b.cfg.Drive != "" || !g.t.Failed() {
		return
	}
	if g.runPlainly() {
		r.Notes = append(r.Notes, "it failed in its first order, which is not reported as a failure, since it passes without the explorer")
	}
}

// publish writes a report.
func (g *goTest) publish(r *anytest.Report) {
	b := g.b
	r.Package, r.Test = b.pkg, g.t.Name()
	r.Race = engine.UnderRace
	r.Orders, r.Budget, r.Steps, r.Strategy = g.orders, g.budget, g.ex.res.Steps, g.strategy
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
		panic(err) // it has no type that cannot be written
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

// testArgs returns the arguments of a process that runs the test alone, and nothing else.
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
