//go:build turnstile_goroot

package explore

import (
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// work explores the test and fills in the report.
func (g *goTest) work(r *anytest.Report) {
	if g.b.token != nil {
		g.replayToken(r)
		return
	}
	if g.b.cfg.Drive != "" {
		g.driven(r)
		return
	}
	w := search.NewWatched()
	g.firstRun(w, g.mostSteps)
	x := &g.ex.x
	g.leaks.amid(g, w, true)
	shorter, again := false, false // other schedules are known to be shorter; the process has run the test before
	if g.cutByTime() {
		again = true
		if shorter = g.othersEnd(); !shorter && !x.Gone.Load() {
			w = search.NewWatched()
			g.firstAgain(w)
			g.leaks.amid(g, w, false)
		}
	}
	switch {
	case x.Gone.Load():
		return
	case shorter:
		g.chose = true
	case g.cutByTime() || x.Cut && x.Stranded:
		r.Verdict, r.Reason = anytest.Refused, fmt.Sprintf("its first schedule had not ended after %v", time.Since(g.firstBegan).Round(time.Second/10))
		if !x.Stranded {
			g.prepare()
			g.inParts(r, false)
			g.leave()
		}
		return
	case g.skips:
		r.Verdict = anytest.Skipped
		return
	case x.Fault != nil && x.Fault.Kind == engine.FaultPanicked && x.Fault.Message == nested:
		g.uncontrolled(r, "it explores a program itself")
		return
	case x.Fault != nil && g.measures(x.Fault):
		g.uncontrolled(r, "it fails after "+g.measurement()+", and the explorer is part of what is measured there")
		return
	case x.Fault != nil && x.Fault.Kind == engine.FaultCheckFailed && g.lockedThread():
		g.uncontrolled(r, "it fails after runtime.LockOSThread, which does nothing here, since goroutines under exploration share threads")
		return
	case w.Choices() > g.dice() || x.Claims.Timed && (x.Fault != nil || len(x.Tasks) > 1):
		g.chose = true
	}
	if !shorter {
		g.took = time.Since(g.firstBegan)
	}
	g.allot(g.took)
	if !x.Cut && g.b.cfg.Steps == 0 {
		g.admit(2 * len(x.Steps))
	}
	fault := x.Fault
	a := g.attempt(w)
	a.inFirst = !again
	cut := x.Cut || shorter
	pardoned := fault != nil && !shorter && g.pardons(fault) // while the run is known
	if !cut {
		g.steps = len(x.Steps)
	}
	if shorter {
		fault = nil // see othersEnd
	}
	if !g.chose && fault == nil && !cut {
		g.schedules = 1
		r.Verdict = anytest.Exhausted
		g.limits(r)
		return
	}
	g.prepare()
	defer g.leave()
	if !g.slow || fault != nil { // otherwise it would take as long as the first alternative schedule
		if g.refusal = g.warmUp(fault == nil && !cut); g.refusal != "" {
			r.Verdict, r.Reason = anytest.Refused, g.refusal
			return
		}
	}
	x.MaxSteps = g.tooLong.limit
	if (cut || fault != nil) && !shorter {
		g.schedules = 1
	}
	switch {
	case shorter:
		g.note(fmt.Sprintf("the default schedule had not ended after %v", g.took.Round(time.Second/10)))
	case cut && g.slow: // see below
		g.admit(g.mostSteps)
	case cut:
		g.cutShort(a.ds, nil)
	case fault != nil && fault.Kind == engine.FaultLeak:
		g.leaks.ended(g, fault, w)
		g.leaks.some[0].attempt = a
		g.tellFailing()
	case pardoned:
	case fault != nil:
		g.failedRun(fault, a)
	case !g.lasting:
		g.leaks.ended(g, nil, w)
	}
	exhausted := !g.chose && !cut
	if g.chose && !g.done() {
		exhausted = g.strictly() && !shorter
	}
	if cut && g.slow && g.whole == 0 && !shorter && !g.done() { // perhaps none ends
		g.cutShort(a.ds, nil)
	}
	g.tellLeaks()
	switch {
	case g.refusal != "":
		r.Verdict, r.Reason = anytest.Refused, g.refusal
	case !exhausted && g.whole == 0 && fault == nil && len(g.found) == 0 && (cut || g.stopped()):
		r.Verdict, r.Reason = anytest.Refused, g.onlyFirst(cut)
		g.inParts(r, !cut || g.longerFirst())
	default:
		g.verdict(r, exhausted)
	}
}

// dice returns the number of choices in the run about nothing but random numbers and map orders, in a test with only
// one goroutine: like go test, the explorer does not rerun such a test for them.
func (g *goTest) dice() int {
	if x := &g.ex.x; x.Claims.Random != 0 && len(x.Tasks) == 1 {
		return 1
	}
	return 0
}

// once runs the test under a schedule chosen by s.
func (g *goTest) once(s search.Strategy) { g.ex.run(s) }

// prepare determines how package variables can be restored.
func (g *goTest) prepare() {
	rtHeapMinimum(heapOfMany)
	b := g.b
	v := b.variables()
	if engine.Loose.Load() > 0 {
		v.Snapshot()
		v.FallBack(pkgvars.RestoreNothing, "a goroutine of an earlier test may still run, where the explorer has no control")
		return
	}
	v.TryInit()
	if b.residents && v.How() == pkgvars.RestoreByInit { // each run has its own
		engine.UncontrolledReleases = b.signals
		g.ex.x.Claims.Forget()
	}
}

// leave restores the package variables to their values after the first run, unless the goroutines of an abandoned run
// may use them.
func (g *goTest) leave() {
	if !g.ex.x.Gone.Load() && engine.Loose.Load() == 0 {
		g.b.vars.Leave()
	}
}

// strictly tries schedules in which timers fire only when nothing else can happen, and then others if there are timers.
// It reports whether no schedule is left.
func (g *goTest) strictly() bool {
	x := &g.ex.x
	if g.b.cfg.Anytime == "on" {
		return g.stages(g.budget)
	}
	if (g.slow || g.lasting) && g.b.cfg.Strategy == "" {
		g.taste()
	}
	whole := g.until
	if x.Claims.Timed && g.b.cfg.Anytime != "off" {
		g.until = time.Now().Add(time.Until(whole) * 3 / 4) // the rest is for timers that fire early
	}
	all := g.stages(g.budget)
	g.until = whole
	if g.done() || g.b.cfg.Anytime == "off" || !x.Claims.Timed {
		return all
	}
	x.Anytime, g.early = true, true
	more := max(g.budget/4, 1)
	g.budget = g.schedules + more
	g.stages(more)
	x.Anytime, g.early = false, false
	return all
}

// tastes is the maximum number of schedules of a kind that taste tries, and tastePart the divisor of the time for each
// kind.
const (
	tastes    = 10
	tastePart = 20
)

// stages tries the strategies in turn, with n schedules in total, and reports whether no schedule is left.
func (g *goTest) stages(n int) bool {
	o := *g.ex.o
	o.runs = n
	last := g.schedules + n
	dpor := search.NewDPOR(n, o.seed)
	random := func() search.Strategy { return search.NewRandom(o.seed) }
	pct := func(depth int) search.Strategy { return search.NewPCT(o.seed, depth) }
	switch g.b.cfg.Strategy {
	case "random":
		g.stage("random", random(), n, last)
	case "pct":
		g.stage("PCT 2", pct(2), n/3, last)
		g.stage("PCT 3", pct(3), n, last)
	case "dpor":
		return g.stage("DPOR", dpor, n, last)
	default:
		walk := random()
		if len(g.ex.x.Steps) > longRun { // a few random schedules find what most show, when time is short
			g.within(10, func() bool { return g.stage("random", walk, min(n/100, 10), last) })
		}
		if g.lasting { // goroutines that wait forever in the end are found only in schedules that reach it
			long := search.NewPCTFor(g.mostSteps, o.seed, 3)
			g.within(3, func() bool { return g.toTheEnd("PCT 3", long, min(n/100, 100), last) })
		}
		if g.within(5, func() bool { return g.stage("DPOR", dpor, min(n/10, 400), last) }) && !g.early {
			return true // it does not know what timers that fire early depend on
		}
		g.within(3, func() bool { return g.stage("random", walk, n/5, last) })
		g.within(4, func() bool { return g.stage("PCT 2", pct(2), n/10, last) })
		g.within(3, func() bool { return g.stage("PCT 3", pct(3), n/10, last) })
		return g.stage("DPOR", dpor, n, last)
	}
	return false
}

// toTheEnd is stage with schedules that continue after the test has ended, as long as they can.
func (g *goTest) toTheEnd(name string, s search.Strategy, n, last int) bool {
	x, limit := &g.ex.x, g.tooLong.limit
	x.Linger, g.tooLong.limit = 0, g.mostSteps
	defer func() { x.Linger, g.tooLong.limit = lingerFor, limit }()
	return g.stage(name, s, n, last)
}

// within calls try with the given part of the remaining time.
func (g *goTest) within(part time.Duration, try func() bool) bool {
	whole := g.until
	g.until = time.Now().Add(time.Until(whole) / part)
	defer func() { g.until = whole }()
	return try()
}

// stopped reports whether the time is over.
func (g *goTest) stopped() bool { return g.stoppedAt(time.Now()) }

func (g *goTest) stoppedAt(now time.Time) bool {
	return now.After(g.until) || len(g.found) > 0 && now.After(g.enough)
}

// late reports whether the current run must end, wherever it is. While there is nothing to explore it need not.
func (g *goTest) late() bool {
	return g.slow && forLock(g.ex.x.Stuck) || time.Now().After(g.end) && !g.ex.x.Untried.Load() && !(g.patient && g.starved())
}

// starved reports whether the machine is so busy that the process got less than half of the CPU time since the schedule
// began: the first schedule, without which nothing is known, may then take up to four times as long.
func (g *goTest) starved() bool {
	took := time.Since(g.firstBegan)
	cpu, ok := engine.CPUTime()
	return ok && cpu-g.cpu < took/2 && took < 4*g.end.Sub(g.firstBegan)
}

// done reports whether the search is complete.
func (g *goTest) done() bool { return len(g.found) >= mostFound || g.stopped() || g.ex.x.Gone.Load() }

// mostFound is the maximum number of failures reported for a test, and moreTime the time spent looking for others
// after the first.
const (
	mostFound = 5
	moreTime  = 2 * time.Second
)
