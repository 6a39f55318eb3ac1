package explore

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A Result is the result of an exploration.
type Result struct {
	Runs      int      // schedules tried
	Steps     int64    // operations in all of them
	Traces    int      // distinct traces among the schedules that DPOR tried: equivalence classes under reordering of independent operations
	Exhausted bool     // every possible schedule was tried, and none failed
	Bounded   bool     // every schedule within the bound of Preemptions was tried, and none failed
	Caveats   []string // why neither is claimed although all were tried, such as "ann did nothing that can be ordered"
	Timed     bool     // waits with a timeout gave up only when no task could run; see AnyTime
	Cut       int      // runs that were abandoned because they were too long
	Stopped   bool     // the context of Until ended first
	Strategy  string   // the strategy that found the failure, or the last one
	Diverged  string   // where a replayed program diverged from the run that the token records; "" if it did not
	Failure   *Failure // nil if none was found

	all     bool   // every possible schedule was tried
	outside string // why the program is not deterministic for a given schedule; "" if it is
}

// String returns a summary of what was covered, such as "exhausted: 37 traces".
func (r *Result) String() string {
	s := r.covered()
	if !strings.Contains(s, r.outside) {
		s += "; " + r.outside
	}
	return s
}

func (r *Result) covered() string {
	switch {
	case r.Failure != nil && r.Failure.Kind == KindBadToken:
		return "nothing was replayed"
	case r.Diverged != "":
		return "the token's schedule could not be followed: the run diverged " + r.Diverged + "; the program has changed, or does not always do the same"
	case r.Strategy == "replay" && r.Stopped:
		return "stopped before the schedule had ended"
	case r.Strategy == "replay" && r.Failure == nil:
		return "replayed, and nothing failed"
	case r.Strategy == "replay":
		return "replayed"
	case r.Failure != nil && r.Runs == 0: // the first run did not reach its end
		return r.Failure.Kind.String() + " found"
	case r.Failure != nil:
		return fmt.Sprintf("%s found after %s, by %s", r.Failure.Kind, count(r.Runs, "schedule"), r.Strategy)
	}
	s := count(r.Runs, "schedule")
	if r.Traces > 0 && r.all {
		s = count(r.Traces, "trace")
	}
	switch caveats := strings.Join(r.Caveats, "; "); {
	case r.Exhausted && r.Timed:
		return "exhausted: " + s + ", with timeouts that end only when nothing else can happen"
	case r.Exhausted:
		return "exhausted: " + s
	case r.all && caveats != "":
		return s + ", and there are no others; not exhausted, since " + caveats
	case r.Bounded:
		return s + ", all schedules with that few preemptions"
	case caveats != "":
		return s + ", not exhausted; " + caveats
	}
	s += ", not exhausted"
	if r.Cut > 0 {
		s += fmt.Sprintf(", %d of them given up as too long", r.Cut)
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Progress describes the progress of an exploration.
type Progress struct {
	Runs     int
	Budget   int
	Steps    int64
	Traces   int
	Depth    int // of the last run, in operations
	Strategy string
	Found    string // the failure that was found and whose schedule is being shortened; "" if there is none yet
}

// An explorer is one exploration.
type explorer struct {
	o          *options
	name       string
	main       func() // the main task's function
	x          engine.Execution
	common     common
	blocked    []blockedTask // the tasks of the recorded run that wait forever, with their operations
	res        Result
	untraced   bool // a recording is not sent to a trace, which takes long
	endless    bool // the failure is a livelock,
	suspicions int  // the number of runs that seemed to start goroutines outside the explorer

	judge func() // examines a run that has ended, and may find a fault; nil: the engine's verdict stands

	quit   bool         // the user's progress function has panicked, or ended the goroutine
	thrown any          // the value it panicked with; nil if it ended the goroutine
	walk   *search.Walk // the walk that found the failure; nil if none did, or its schedule could be shortened
	tries  int          // all runs, including those that shorten a schedule
	best   string
}

// exploring is held by the only exploration of the process, since there is only one hook into the primitives.
var exploring sync.Mutex

// nested is the panic of a program under exploration that explores.
const nested = "explore: a program under exploration cannot explore"

// Explore explores a program: it runs the program repeatedly, each time under a different schedule, until it fails or
// the budget is used up. The program must create everything that it uses, and must be deterministic for a given
// schedule. The name becomes part of the token of a failure.
//
// Only one program is explored at a time; concurrent calls of Explore wait. Explore panics if it is called by a program
// under exploration.
func Explore(name string, program func(*E), opts ...Option) *Result {
	if hook.Explored() != nil {
		panic(nested)
	}
	takeCharge(name)
	o := newOptions(opts)
	if o.replays {
		st, err := replayStage(o, name)
		if err != nil {
			return &Result{Strategy: "replay", Failure: &Failure{Kind: KindBadToken, Message: err.Error()}}
		}
		o.stages = []stage{st}
	}
	return (&explorer{o: o, name: name}).open(program, (*explorer).explore)
}

// open explores the program by calling work.
func (ex *explorer) open(program func(*E), work func(*explorer)) *Result {
	exploring.Lock()
	defer exploring.Unlock()
	o := ex.o
	ex.main = func() {
		e := newE(&ex.x, &ex.common)
		program(e)
		e.ended()
	}
	ex.x.MaxSteps, ex.x.Anytime, ex.x.Enough = o.maxSteps, o.anytime, ex.stopped
	defer debug.SetMaxStack(limitStack())
	ex.x.Open()
	defer ex.x.Close()
	return ex.guarded(work)
}

// guarded calls work in a goroutine of its own. If that hangs, because a task waits for something outside the
// explorer's control, it is abandoned, and the failure says where.
func (ex *explorer) guarded(work func(*explorer)) *Result {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ex.x.Attach()
		defer ex.x.Detach()
		defer ex.x.Threads.Stop()
		work(ex)
	}()
	if f := ex.x.Await(done); f != nil {
		ex.x.Finish()
		return &Result{Failure: failureOf(f)}
	}
	if c := &ex.x.Claims; c.Outside != "" {
		ex.res.caveat("it is " + unrepeatable(c))
		ex.res.outside = unrepeatable(c)
	}
	if f := engine.Uncontrolled.Swap(nil); f != nil {
		ex.res.Failure = failureOf(f)
	}
	switch {
	case ex.quit && ex.thrown != nil:
		panic(ex.thrown)
	case ex.quit:
		runtime.Goexit()
	}
	return &ex.res
}

// stopped reports whether the user has stopped the exploration.
func (ex *explorer) stopped() bool {
	if ex.quit {
		return true
	}
	select {
	case <-ex.o.until:
		return true
	default:
		return false
	}
}

// maxStack is the maximum size of a task's stack, so that endless recursion is reported soon: the runtime ends the
// process and says where. Reaching the usual limit of 1 GB would take ten times as long or more.
const maxStack = 64 << 20

// limitStack limits all stacks of the process to maxStack, and returns the previous limit.
func limitStack() int {
	before := debug.SetMaxStack(maxStack)
	if before < maxStack {
		debug.SetMaxStack(before)
	}
	return before
}

// explore tries the stages in turn.
func (ex *explorer) explore() {
	defer func() { ex.res.Stopped = ex.stopped() && !ex.res.Exhausted && ex.res.Failure == nil }()
	for i := range ex.o.stages {
		st := &ex.o.stages[i]
		ex.res.Strategy = st.name
		if ex.course(st) {
			return
		}
	}
}

// found records and shrinks the failure of the last run.
func (ex *explorer) found(s search.Strategy) {
	runs, steps := ex.res.Runs, ex.res.Steps
	defer func() { ex.res.Runs, ex.res.Steps = runs, steps }()
	f := ex.x.Fault
	ds := search.DeviationsOf(&ex.x.View)
	if f.Message == testFailed { // permanently: whether a shorter schedule also fails it cannot be seen
		ex.recorded(ds, f)
		return
	}
	ex.endless = f.Kind == engine.FaultLivelock
	again := ex.replay(ds)
	for n := 1; n < replaysOutside && ex.outside() && !ex.same(f, again) && !ex.stopped(); n++ {
		again = ex.replay(ds)
	}
	if !ex.same(f, again) {
		ex.differs(f, again)
		return
	}
	short := ds
	if !ex.endless && !ex.o.replays { // with fewer deviations not every task would get a turn
		short = search.Shorten(ds, &shortening{ex, f, ex.res.Steps + maxShrinkSteps, time.Now().Add(shortenOutside)})
	}
	if w, ok := search.WalkOf(s); ok && (ex.endless || len(short) > longestList) {
		ex.walk = &w
	} else {
		ds = short
	}
	for n := 1; n < replaysOutside && ex.outside() && !ex.stopped(); n++ {
		if ex.recorded(ds, f); ex.res.Failure.Token != "" {
			return
		}
	}
	ex.recorded(ds, f)
}

// Limits for a program that waits for outside input: its runs take long and may not repeat.
const (
	replaysOutside = 5               // the maximum number of replays until a failure is found again
	shortenOutside = 5 * time.Second // the time spent looking for a shorter schedule
)

// outside reports whether the program waits for outside input.
func (ex *explorer) outside() bool { return ex.x.Claims.Outside != "" }

// same reports whether a run failed as another run of the same schedule did.
func (ex *explorer) same(f, again *engine.Fault) bool {
	if ex.outside() {
		return again != nil && f.ID() == again.ID()
	}
	return f.Again(again)
}

// differs makes it the result that a run failed, and a second run of the same schedule did not, or failed differently.
func (ex *explorer) differs(f, again *engine.Fault) {
	if !ex.outside() {
		ex.res.Failure = diverged(f, again)
		return
	}
	ex.res.Failure = failureOf(f)
	ex.res.Failure.Message += "; the same schedule did not lead to it again"
}

// testFailed is the message of a failure of which only the test has the details.
var testFailed = func() string {
	by := "by itself"
	if engine.UnderRace {
		by += ", or has the data race that is reported above"
	}
	return "the program failed the test " + by + "; E.Check and E.Fail would have reported the schedule"
}()

// recorded records the failure of the schedule given by the deviations, which should be that of first, and makes it the
// result.
func (ex *explorer) recorded(ds []search.Deviation, first *engine.Fault) {
	f := ex.record(func() *engine.Fault { return ex.replay(ds) }, nil)
	if f.id() != first.ID() {
		ex.differs(first, ex.x.Fault)
		return
	}
	ex.res.Failure = f
	t := search.Token{Name: search.TokenName(ex.name), Anytime: ex.o.anytime, Endless: ex.endless, Deviations: ds, Steps: len(ex.x.Steps)}
	if ex.walk != nil {
		t.Walk, t.Deviations = ex.walk, nil
	}
	t.Hash, t.Samples = ex.x.Digest(search.Stride(t.Steps))
	ex.res.Failure.Token = t.String()
	ex.res.Failure.Deviations = len(ds)
}

// replay runs the program under the schedule given by the deviations, and returns its fault.
func (ex *explorer) replay(ds []search.Deviation) *engine.Fault {
	s := search.NewReplay(ds, ex.endless)
	s.Begin()
	defer func(f func() bool) { ex.x.Enough = f }(ex.x.Enough)
	ex.x.Enough = nil // claims about part of the runs may be wrong
	ex.run(s)
	return ex.x.Fault
}

func diverged(f, again *engine.Fault) *Failure {
	what := "none"
	if again != nil {
		what = failureOf(again).Error()
	}
	return &Failure{Kind: KindBadProgram, Task: f.Task, Message: fmt.Sprintf("%sfirst it failed with %s, and under the same schedule a second time with %s",
		nondeterministic, failureOf(f).Error(), what)}
}
