//go:build turnstile_goroot

package explore

import (
	"path/filepath"
	"runtime"
	"strings"
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
}

// A failure records which task failed a test first in a run, and where.
type failure struct {
	run  uint32
	task string
	pcs  [48]uintptr
	n    int

	measured bool // the program had asked the runtime for measurements before
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
	g.progress() // the first schedule may take long
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
	x.Unplaced = g.examined
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
	if f := engine.Uncontrolled.Swap(nil); f != nil && report.Verdict != anytest.Failed {
		report.Verdict, report.Reason = anytest.Refused, f.Message
	}
	return report
}
