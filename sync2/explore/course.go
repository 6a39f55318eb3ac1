package explore

import (
	"math/bits"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// A course is the part of an exploration that uses one strategy: run after run, until the strategy has nothing left,
// the budget is spent, or a failure is found.
type course struct {
	ex     *explorer
	st     *stage
	s      search.Strategy
	search search.Systematic // s, if it is one
	runs   int               // so far
	cut    int               // the number of latest runs in a row that were too long
	learnt bool              // s has learnt from the last run
}

// outsideShare is the divisor of the default budget for programs whose runs take long because they wait for outside
// input.
const outsideShare = 20

// maxCut is the maximum number of overlong runs in a row before a strategy is abandoned.
const maxCut = 30

// course tries one strategy, and reports whether the exploration is complete.
func (ex *explorer) course(st *stage) bool {
	c := &course{ex: ex, st: st, s: st.make(ex.o)}
	c.search, _ = c.s.(search.Systematic)
	for c.next() {
		if !engine.UnderRace || engine.Patched { // otherwise the epochs would run together
			ex.x.Again = c.again
		}
		ex.run(c.s)
		ex.x.Again = nil
		if ex.x.Gone.Load() || engine.Uncontrolled.Load() != nil {
			return true
		}
		c.learn()
		if ex.o.replayed != nil && !ex.stopped() {
			ex.res.Diverged = ex.o.replayed.Divergence(&ex.x.View)
		}
		if ex.suspect() {
			return true
		}
		if f := ex.x.Shared; f != nil {
			ex.res.Failure = failureOf(f)
			return true
		}
		if c.search != nil && c.search.Difference() != "" && ex.outside() {
			return false // the outside input differs
		}
		if c.search != nil && c.search.Difference() != "" {
			ex.unreliable(c.search.Difference())
			return true
		}
		if ex.x.Fault != nil {
			ex.found(c.s)
			return true
		}
		if c.cut++; !ex.x.Cut {
			c.cut = 0
		} else if c.cut == maxCut {
			return false // no other schedule will reach its end either
		}
		if d := ex.repeat(); d != "" {
			ex.unreliable(d)
			return true
		}
		ex.report()
	}
	return c.covered()
}

// next prepares the next run, and reports whether there is one.
func (c *course) next() bool { return !c.spent(c.ex.res.Runs) && c.begin() }

// spent reports whether the budget is spent after the given number of runs.
func (c *course) spent(runs int) bool {
	all, mine := c.ex.o.runs, c.st.runs
	if c.ex.o.usual && c.ex.outside() {
		all /= outsideShare
		if mine > 0 {
			mine = max(1, mine/outsideShare)
		}
	}
	return mine >= 0 && c.runs >= mine || runs >= all || c.ex.stopped()
}

// begin lets the strategy begin another run, and reports whether it has one.
func (c *course) begin() bool {
	if !c.s.Begin() {
		return false
	}
	c.runs++
	c.learnt = false
	return true
}

// learn lets the strategy learn from the last run.
func (c *course) learn() {
	if c.learnt {
		return
	}
	c.learnt = true
	c.s.End(&c.ex.x.View)
	if c.search != nil {
		c.ex.res.Traces = c.search.Traces()
	}
}

// again is called by the thread that ended a run. If the next run can simply begin, again begins it, and control need
// not return to the exploring goroutine.
func (c *course) again() bool {
	if !c.ordinary() {
		return false
	}
	if c.learn(); c.search != nil && c.search.Difference() != "" || !c.begin() {
		return false
	}
	c.ex.counted()
	if c.runs%256 == 0 {
		runtime.Gosched() // threads hand over to each other past the runtime's scheduler, and other goroutines want to run too
	}
	c.ex.x.Births.Fresh = true
	c.ex.x.Start(c.ex.main)
	return true
}

// ordinary reports whether the run that has just ended, not counted yet, needs no report, and the budget has room for
// another.
func (c *course) ordinary() bool {
	ex, x := c.ex, &c.ex.x
	switch {
	case x.Fault != nil, ex.o.failed != nil && ex.o.failed(), x.Cut, c.cut > 0:
	case x.Gone.Load(), engine.Uncontrolled.Load() != nil, x.Threads.Deep, x.Births.Others > 0, x.Shared != nil:
	case ex.worthRepeating(ex.res.Runs + 1), ex.worthReporting(ex.tries + 1), c.spent(ex.res.Runs + 1):
	default:
		return true
	}
	return false
}

// covered records what the course covered unless it was ended early, and reports whether that is everything.
func (c *course) covered() bool {
	if c.ex.stopped() {
		return true
	}
	if c.search == nil {
		return false
	}
	all, bounded := c.search.Covered()
	if !all && !bounded {
		return false
	}
	res, x := &c.ex.res, &c.ex.x
	res.limit(&x.Claims)
	res.all, res.Timed = all, x.Claims.Timed
	res.Exhausted = all && len(res.Caveats) == 0
	res.Bounded = bounded && len(res.Caveats) == 0
	return true
}

const nondeterministic = "the program does not always do the same under the same schedule; does it depend on time, " +
	"on random numbers, on the order of a map, or on what an earlier run left behind? "

// unreliable makes it the result that the program is not deterministic.
func (ex *explorer) unreliable(difference string) {
	ex.res.Failure = &Failure{Kind: KindBadProgram, Message: nondeterministic + difference}
}

// run runs the program, once or, if nothing needs attention in between, several times.
func (ex *explorer) run(s search.Strategy) {
	x := &ex.x
	x.Strategy = s
	x.Run(ex.main)
	x.Threads.Retire()
	if ex.judge != nil {
		ex.judge()
	}
	if x.Fault == nil && ex.o.failed != nil && ex.o.failed() {
		x.Fault = &engine.Fault{Kind: engine.FaultCheckFailed, Message: testFailed}
	}
	ex.counted()
}

// counted counts the last run.
func (ex *explorer) counted() {
	x := &ex.x
	ex.res.Runs++
	ex.res.Steps += int64(len(x.Steps))
	if x.Cut {
		ex.res.Cut++
	}
	ex.tries++
	x.Beat.Add(1)
}

// worthReporting reports whether to report progress after the given number of runs.
func (ex *explorer) worthReporting(tries int) bool { return ex.o.progress != nil && tries%64 == 0 }

// report reports the progress.
func (ex *explorer) report() {
	if ex.worthReporting(ex.tries) {
		ex.tell(Progress{
			Runs: ex.res.Runs, Budget: ex.o.runs, Steps: ex.res.Steps, Traces: ex.res.Traces,
			Depth: len(ex.x.Steps), Strategy: ex.res.Strategy, Found: ex.best,
		})
	}
}

// tell calls the user's function. If that does not return, the exploration ends.
func (ex *explorer) tell(at Progress) {
	returned := false
	defer func() {
		if !returned {
			ex.quit, ex.thrown = true, recover()
		}
	}()
	ex.o.progress(at)
	returned = true
}

// worthRepeating reports whether to repeat a run, to check determinism: after the first, the second, the fourth and
// so on, which costs next to nothing.
func (ex *explorer) worthRepeating(runs int) bool { return bits.OnesCount(uint(runs)) == 1 }

// repeat repeats the last run and describes the difference, "" if there is none. The results of exploring a
// nondeterministic program are worthless, hence this check: DPOR and DFS by themselves only notice differences in
// common prefixes of their schedules, which is not much.
func (ex *explorer) repeat() string {
	x := &ex.x
	if x.Cut || x.Pruned || ex.o.replays || ex.outside() || !ex.worthRepeating(ex.res.Runs) {
		return ""
	}
	res := ex.res
	defer func() { ex.res = res }()
	t := search.Token{Steps: len(x.Steps), Whole: true}
	t.Hash, t.Samples = x.Digest(search.Stride(t.Steps))
	f := ex.replay(search.DeviationsOf(&x.View))
	if f != nil {
		return "a run passed, and a second one with the same schedule failed with " + failureOf(f).Error()
	}
	if d := t.Divergence(&x.View); d != "" {
		return "two runs with the same schedule differ " + d
	}
	return ""
}
