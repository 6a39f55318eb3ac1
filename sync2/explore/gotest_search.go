//go:build turnstile_goroot

package explore

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// work explores the test, and makes the report.
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
	shorter, again := false, false // it is known that other orders are; the process has run the test before
	if g.cutByTime() {
		again = true
		if shorter = g.othersEnd(); !shorter && !x.Gone.Load() {
			w = search.NewWatched()
			g.firstAgain(w)
		}
	}
	switch {
	case x.Gone.Load():
		return
	case shorter:
		g.chose = true
	case g.cutByTime() || x.Cut && x.Stranded:
		r.Verdict, r.Reason = anytest.Refused, fmt.Sprintf("its first order had not ended after %v", time.Since(g.firstBegan).Round(time.Second/10))
		if !x.Stranded {
			g.prepare()
			g.inParts(r, false)
			g.leave()
		}
		return
	case g.skips:
		r.Verdict = anytest.Exhausted
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
	ds := search.DeviationsOf(&x.View)
	cut := x.Cut || shorter
	pardoned := fault != nil && !shorter && g.pardons(fault) // as long as the run is known
	if !cut {
		g.steps = len(x.Steps)
	}
	if shorter {
		fault = nil // see othersEnd
	}
	if !g.chose && fault == nil && !cut {
		g.orders = 1
		r.Verdict = anytest.Exhausted
		g.limits(r)
		return
	}
	g.prepare()
	defer g.leave()
	if !g.slow || fault != nil { // or else it would take as long as the first order that is another one
		if g.refusal = g.warmUp(fault == nil && !cut); g.refusal != "" {
			r.Verdict, r.Reason = anytest.Refused, g.refusal
			return
		}
	}
	x.MaxSteps = g.tooLong.limit
	if (cut || fault != nil) && !shorter {
		g.orders = 1
	}
	switch {
	case shorter:
		g.note(fmt.Sprintf("the default order had not ended after %v", g.took.Round(time.Second/10)))
	case cut && g.slow: // see below
		g.admit(g.mostSteps)
	case cut:
		g.cutShort(ds, nil)
	case fault != nil && fault.Kind == engine.FaultLeak:
		g.leaks.ended(g, fault)
		g.leaks.some[0].ds, g.leaks.some[0].first = ds, !again
		g.tellFailing()
	case pardoned:
	case fault != nil:
		g.failedRun(fault, ds, nil, !again)
	case !g.lasting:
		g.leaks.ended(g, nil)
	}
	exhausted := !g.chose && !cut
	if g.chose && !g.done() {
		exhausted = g.strictly() && !shorter
	}
	if cut && g.slow && g.whole == 0 && !shorter && !g.done() { // perhaps none comes to an end
		g.cutShort(ds, nil)
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

// cutByTime reports whether the last run was ended since it took too long, and not since it had too many steps or waits for what
// comes from outside.
func (g *goTest) cutByTime() bool {
	x := &g.ex.x
	return x.Cut && !x.Stranded && len(x.Steps) < g.mostSteps && g.late() && !x.Gone.Load()
}

// firstPart is what part of the time that a first order may take it gets before others are tried.
const firstPart = 3

// othersEnd tries orders that are chosen at random, for about as long as the first one has taken, which had not come to its end by
// then, and reports whether one of them has: an order may be much longer than others, as where a loop goes on until somebody
// comes between.
func (g *goTest) othersEnd() bool {
	limit := g.tooLong
	g.took, g.slow = time.Since(g.firstBegan), true
	g.end = time.Now().Add(g.took)
	g.until = g.end
	g.prepare()
	g.admit(g.mostSteps)
	g.stage("random", search.NewRandom(g.tasteSeed()), mostOthers, g.orders+mostOthers)
	g.until = g.deadline
	if g.whole > 0 || len(g.found) > 0 {
		return true
	}
	g.orders, g.tooLong = 0, limit
	g.leave()
	return false
}

// mostOthers is how many orders othersEnd tries at most.
const mostOthers = 3

// tasteSeed is the seed of the random orders that are tried before others.
func (g *goTest) tasteSeed() uint64 { return g.ex.o.seed + 1<<60 }

// firstAgain runs the test once more in the order that comes by itself, for as long as a first order may take.
func (g *goTest) firstAgain(s search.Strategy) {
	x := &g.ex.x
	x.MaxSteps = g.mostSteps
	g.awaitFirst(max(g.deadline.Sub(g.began), defaultTime))
	s.Begin()
	g.once(s)
	x.MaxSteps = g.tooLong.limit
	g.patient, g.lasting = false, x.Lingered
	g.deadline = g.deadline.Add(g.firstBegan.Sub(g.began))
	g.until = g.deadline
}

// awaitFirst lets the order that comes by itself, which is to be run, take so long, and longer while the machine is busy.
func (g *goTest) awaitFirst(long time.Duration) {
	g.patient, g.firstBegan = true, time.Now()
	g.cpu, _ = engine.CPUTime()
	g.end = g.firstBegan.Add(long)
}

// onlyFirst says why nothing is known but of the first order.
func (g *goTest) onlyFirst(cut bool) string {
	after := time.Since(g.began).Round(time.Second / 10)
	if cut { // the first, by the number of its steps
		return fmt.Sprintf("no order had ended after %d steps", g.mostSteps)
	}
	return fmt.Sprintf("no order but the default one, which passes, had ended after %v; a longer -time may help", after)
}

// allot says how long the search may go on, now that the first order has taken so long: until another one can have come to its
// end, at least.
func (g *goTest) allot(took time.Duration) {
	g.took, g.end = took, g.deadline
	if g.slow = took > g.deadline.Sub(g.began)/slowPart; !g.slow {
		return
	}
	now := time.Now()
	if end := now.Add(2 * took); end.After(g.end) {
		g.end = end
	}
	if until := now.Add(took / 2); until.After(g.until) {
		g.until = until
	}
}

// slowPart is such that there is not time for many orders if the first takes longer than that part of it.
const slowPart = 16

// dice returns how many of the choices of the run were about nothing but random numbers and the orders of maps, in a test
// that has only one goroutine: such a test is not run again for that, as go test does not either.
func (g *goTest) dice() int {
	if x := &g.ex.x; x.Claims.Random != 0 && len(x.Tasks) == 1 {
		return 1
	}
	return 0
}

// firstRun runs the test once, with its own T, for as many steps at most.
func (g *goTest) firstRun(s search.Strategy, steps int) {
	x := &g.ex.x
	g.first = true
	g.b.signals = engine.Strangers
	engine.Strangers = engine.Strangers || g.b.residents
	x.MaxSteps = steps
	g.awaitFirst(cmp.Or(g.b.cfg.First, max(g.deadline.Sub(g.began), defaultTime)/firstPart))
	s.Begin()
	g.once(s)
	x.MaxSteps = g.tooLong.limit
	g.first, g.patient, g.lasting = false, false, x.Lingered
	g.b.stale = g.b.stale && engine.Loose.Load() > 0 || x.Lingered || x.Fault != nil && x.Fault.Kind == engine.FaultLeak
}

// held reports whether the test has not failed in the run that has just ended.
func (g *goTest) held() bool { return g.ex.x.Fault == nil && !g.ex.x.Cut }

// once runs the test in an order that s chooses.
func (g *goTest) once(s search.Strategy) { g.ex.run(s) }

// ballast is memory that is never touched. Runs leave garbage, and with it that is collected when there is some more than
// the little that most tests have in use: or else the collector would take a third of the time. A test that is run once has
// none before it, so that it takes as much memory, and time for that, as under go test.
var ballast []byte

const ballastSize = 64 << 20

// prepare finds out how package variables can be put back.
func (g *goTest) prepare() {
	if ballast == nil {
		ballast = make([]byte, ballastSize)
	}
	b := g.b
	v := b.variables()
	if engine.Loose.Load() > 0 {
		v.snapshot()
		v.fallBack(restoreNothing, "a goroutine of an earlier test may still run, where the explorer has no control")
		return
	}
	v.how, v.why = restoreByInit, ""
	v.tryInit()
	if b.residents && v.how == restoreByInit { // each run has its own
		engine.Strangers = b.signals
		g.ex.x.Claims.Forget()
	}
}

// leave makes the package variables what the first run has left, unless a run was given up whose goroutines may use them.
func (g *goTest) leave() {
	if !g.ex.x.Gone.Load() && engine.Loose.Load() == 0 {
		g.b.vars.leave()
	}
}

// warmUp runs the test in the order that comes by itself, which counts as nothing: what libraries do once in a process is
// done then. held says that the test has not failed before. If package variables that were initialized again make the test fail that held before, they are put back in
// another way. If it fails whatever is done, it cannot be explored, for the reason that warmUp returns.
func (g *goTest) warmUp(held bool) (reason string) {
	g.warm = true
	x := &g.ex.x
	for {
		s := search.NewWatched()
		s.Begin()
		g.once(s)
		v := g.b.vars
		if x.Gone.Load() || x.Fault == nil || !held || x.Fault.Kind != engine.FaultCheckFailed && x.Fault.Kind != engine.FaultPanicked {
			break
		}
		if v.how == restoreNothing {
			return "it fails when it is run again in the same process, as with -count=2: " + firstLine(x.Fault.Message)
		}
		why := "the test fails when the packages have been initialized again: "
		if v.how != restoreByInit {
			why = "the test fails when they are as they were before the first test: "
		}
		v.fallBack(v.how+1, why+firstLine(x.Fault.Message))
	}
	if n := g.b.vars.note(); n != "" {
		g.note(n)
	}
	return ""
}

func (g *goTest) note(words string) {
	for _, n := range g.notes {
		if n == words {
			return
		}
	}
	g.notes = append(g.notes, words)
}

func (g *goTest) caveat(words string) { g.ex.res.caveat(words) }

// strictly tries orders in which timers fire only when nothing else can happen, and then others if there are timers. It
// reports whether there is no other order.
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
	g.budget = g.orders + more
	g.stages(more)
	x.Anytime, g.early = false, false
	return all
}

// taste tries a random order of each kind where there is not time for many, so that none of them is left out: one in which timers
// fire early, and one that goes on after the test has ended, as long as it can, if goroutines have gone on for long. Of the latter it
// tries some more if there is time: in most programs some of them come to their end soon.
func (g *goTest) taste() {
	x, end, n := &g.ex.x, g.end, 1
	long := 2 * g.took
	if !g.slow {
		n, long = tastes, max(long, g.until.Sub(g.began)/tastePart)
	}
	one := func(early, toTheEnd bool) {
		if g.done() {
			return
		}
		g.end = time.Now().Add(long)
		if g.end.After(end) {
			g.end = end
		}
		x.Anytime, g.early = early, early
		defer func() { x.Anytime, g.early, g.end = false, false, end }()
		walk := search.NewRandom(g.tasteSeed())
		if toTheEnd {
			g.toTheEnd("random", walk, n, g.orders+n)
		} else if g.slow {
			g.stage("random", walk, 1, g.orders+1)
		}
	}
	early := x.Claims.Timed && g.b.cfg.Anytime != "off"
	if early && g.lasting {
		one(true, true)
	}
	one(false, false)
	if early && !g.lasting {
		one(true, false)
	}
	if g.lasting {
		one(false, true)
	}
}

// tastes is how many orders of a kind taste tries at most, and tastePart what part of the time each kind may take.
const (
	tastes    = 10
	tastePart = 20
)

// stages tries the strategies in turn, with n orders in all, and reports whether there is no other order.
func (g *goTest) stages(n int) bool {
	o := *g.ex.o
	o.runs = n
	last := g.orders + n
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
		if len(g.ex.x.Steps) > longRun { // a few random orders find what is in most of them, when there is no time for many
			g.within(10, func() bool { return g.stage("random", walk, min(n/100, 10), last) })
		}
		if g.lasting { // what waits forever in the end is known only of orders that come to it
			long := search.NewPCTFor(g.mostSteps, o.seed, 3)
			g.within(3, func() bool { return g.toTheEnd("PCT 3", long, min(n/100, 100), last) })
		}
		if g.within(5, func() bool { return g.stage("DPOR", dpor, min(n/10, 400), last) }) && !g.early {
			return true // of timers that fire early it does not know on what that depends
		}
		g.within(3, func() bool { return g.stage("random", walk, n/5, last) })
		g.within(4, func() bool { return g.stage("PCT 2", pct(2), n/10, last) })
		g.within(3, func() bool { return g.stage("PCT 3", pct(3), n/10, last) })
		return g.stage("DPOR", dpor, n, last)
	}
	return false
}

// toTheEnd is stage with orders that go on after the test has ended, as long as they can.
func (g *goTest) toTheEnd(name string, s search.Strategy, n, last int) bool {
	x, limit := &g.ex.x, g.tooLong.limit
	x.Linger, g.tooLong.limit = 0, g.mostSteps
	defer func() { x.Linger, g.tooLong.limit = lingerFor, limit }()
	return g.stage(name, s, n, last)
}

// longRun is from how many steps on a run is long, and longestLearnt from how many on it is no use to try every order.
const (
	longRun       = 500
	longestLearnt = 10_000
)

// within calls try with the given part of the time that is left.
func (g *goTest) within(part time.Duration, try func() bool) bool {
	whole := g.until
	g.until = time.Now().Add(time.Until(whole) / part)
	defer func() { g.until = whole }()
	return try()
}

// A goCourse is what becomes of one strategy.
type goCourse struct {
	g      *goTest
	s      search.Strategy
	search search.Systematic // s, if it is one
	left   int               // how many runs it may still have
	last   int               // the number of the last order to run
	cut    int               // how many of the last runs in a row were too long
	looked time.Time         // when it last looked at the clock
	unseen int               // for how many runs it need not look
	learnt bool
}

// stage tries one strategy, and reports whether there is no other order.
func (g *goTest) stage(name string, s search.Strategy, n, last int) bool {
	c := &goCourse{g: g, s: s, left: n, last: last}
	c.search, _ = s.(search.Systematic)
	if g.done() || c.search != nil && g.countless {
		return false
	}
	g.strategy = name
	x := &g.ex.x
	for c.begin() {
		x.MaxSteps = g.tooLong.limit
		x.Again = c.again
		g.once(s)
		x.Again = nil
		if x.Gone.Load() || x.Cut && g.late() {
			return false
		}
		g.orders++
		if c.search != nil && len(x.Steps) > longestLearnt {
			g.countless = true
		} else {
			c.learn()
		}
		if d := c.difference(); d != "" {
			g.caveat(nondeterministic + d)
			return false
		}
		if !c.judge() || c.search != nil && g.countless {
			return false
		}
		g.progress()
	}
	if c.search == nil || g.stopped() || c.left == 0 && !c.covered() {
		return false
	}
	return c.covered()
}

func (c *goCourse) covered() bool {
	all, _ := c.search.Covered()
	return all
}

func (c *goCourse) difference() string {
	if c.search == nil {
		return ""
	}
	return c.search.Difference()
}

func (c *goCourse) begin() bool {
	if c.left == 0 || c.g.orders >= c.last || c.stopped() || !c.s.Begin() {
		return false
	}
	c.left--
	c.learnt = false
	return true
}

// stopped reports whether the time is over. If runs are so short that it would be a good part of them to look at the clock, it
// does so only now and then.
func (c *goCourse) stopped() bool {
	if c.unseen > 0 {
		c.unseen--
		return false
	}
	now := time.Now()
	if now.Sub(c.looked) < time.Millisecond {
		c.unseen = 10
	}
	c.looked = now
	return c.g.stoppedAt(now)
}

func (c *goCourse) learn() {
	if c.learnt {
		return
	}
	c.learnt = true
	x := &c.g.ex.x
	if len(x.Steps) < longRun {
		c.s.End(&x.View)
		return
	}
	x.Learning.Store(true)
	c.s.End(&x.View)
	x.Learning.Store(false)
}

// judge looks at the run that has just ended, and reports whether the strategy is to go on.
func (c *goCourse) judge() bool {
	g, x := c.g, &c.g.ex.x
	switch {
	case x.Cut && g.partly:
		g.partial++
		if failed, _, _ := testing.TurnstileState(g.cur); failed {
			g.note("a check failed in an order that was given up, which is not reported")
		}
		return !x.Stranded
	case x.Cut:
		if c.cut++; x.Linger == 0 {
			return c.cut < 3
		}
		ds, walk := g.order(c.s)
		if !g.cutShort(ds, walk) {
			return false
		}
		return c.cut < maxCut
	case x.Pruned:
		return true
	}
	c.cut = 0
	g.whole++
	if x.Fault == nil || x.Fault.Kind == engine.FaultLeak {
		g.ended(nil, nil)
	} else {
		g.ended(g.order(c.s))
	}
	return true
}

// ended looks at the run that has just come to its end. If it has failed in another way than by a leak, the others tell its
// order.
func (g *goTest) ended(ds []search.Deviation, walk *search.Walk) {
	x := &g.ex.x
	if f := x.Fault; f != nil && f.Kind != engine.FaultLeak {
		g.failedRun(f, ds, walk, false)
		return
	}
	lingered := x.Lingered
	if !lingered || x.Fault != nil {
		g.leaks.ended(g, x.Fault)
	}
	g.tellFailing()
	if lingered {
		g.lingering()
	}
}

// order returns what tells the order of the run that has just ended.
func (g *goTest) order(s search.Strategy) ([]search.Deviation, *search.Walk) {
	if w, ok := search.WalkOf(s); ok && g.ex.x.Cut {
		return nil, &w
	}
	return search.DeviationsOf(&g.ex.x.View), nil
}

// again is called by the thread that has ended a run. If there is nothing more to do about that than to begin the next,
// it does so, and control need not go back to the goroutine of the exploration.
func (c *goCourse) again() bool {
	g, x := c.g, &c.g.ex.x
	g.judge()
	if x.Fault != nil || x.Cut || x.Lingered || x.Gone.Load() || x.Threads.Deep || len(x.Steps) > longestLearnt || len(g.leaks.some) > 0 && !g.leaks.sometimesNone || (g.orders+1)%128 == 0 {
		return false
	}
	if c.learn(); c.difference() != "" {
		return false
	}
	g.leaks.sometimesNone = true
	g.ex.counted()
	g.orders++
	g.whole++
	if !c.begin() {
		c.left = 0
		g.orders--
		g.ex.res.Runs--
		return false
	}
	if g.orders%256 == 0 {
		runtime.Gosched()
	}
	x.Start(g.ex.main)
	return true
}

// stopped reports whether the time is over.
func (g *goTest) stopped() bool { return g.stoppedAt(time.Now()) }

func (g *goTest) stoppedAt(now time.Time) bool {
	return now.After(g.until) || len(g.found) > 0 && now.After(g.enough)
}

// late reports whether the run at hand is to be ended, wherever it is. As long as there is nothing to explore it is not.
func (g *goTest) late() bool {
	return time.Now().After(g.end) && !g.ex.x.Untried.Load() && !(g.patient && g.starved())
}

// starved reports whether the machine is so busy that the process has got less than half of the time since the order began: the
// first one, without which nothing is known, is then waited for up to four times as long.
func (g *goTest) starved() bool {
	took := time.Since(g.firstBegan)
	cpu, ok := engine.CPUTime()
	return ok && cpu-g.cpu < took/2 && took < 4*g.end.Sub(g.firstBegan)
}

// done reports whether nothing more is to be looked for.
func (g *goTest) done() bool { return len(g.found) >= mostFound || g.stopped() || g.ex.x.Gone.Load() }

// mostFound is how many failures of a test are told, and moreTime how long others are looked for after the first.
const (
	mostFound = 5
	moreTime  = 2 * time.Second
)

// A tooLong is what is known of runs that are too long.
type tooLong struct {
	limit  int // of steps
	looked int // how many of them have been looked at, with the limit as it is
}

// admit lets runs have n steps.
func (g *goTest) admit(n int) {
	if l := &g.tooLong; n > l.limit {
		l.limit, l.looked = max(l.limit, min(n, g.mostSteps)), 0
	}
}

// cutShort finds out what becomes of a run that was too long if everybody gets a turn from there on. If that goes on for
// ever it is a failure, and if it takes long then all runs may be longer. It reports whether the search may go on.
func (g *goTest) cutShort(ds []search.Deviation, walk *search.Walk) bool {
	x, l := &g.ex.x, &g.tooLong
	switch {
	case x.Stranded:
		g.note("an order was given up, since nothing came from outside for too long: " + x.Claims.Outside)
		return false
	case g.late():
		return false
	}
	if l.looked++; l.looked > 5 {
		return true
	}
	w := search.Walk{Seed: ^g.ex.o.seed, Run: 1}
	if walk != nil {
		w, ds = *walk, nil
	}
	defer func() { x.MaxSteps = l.limit }()
	limit := l.limit
	if len(ds) > 0 {
		limit = max(limit, ds[len(ds)-1].Step)
	}
	for {
		limit = min(10*limit, max(g.mostSteps, l.limit))
		x.MaxSteps = limit
		s := search.Continue(ds, w)
		s.Begin()
		g.once(s)
		if x.Gone.Load() {
			return false
		}
		switch {
		case x.Stranded && x.Cut:
			return false
		case !x.Cut:
			g.admit(2 * len(x.Steps))
			x.MaxSteps = l.limit
			g.whole++
			g.ended(search.DeviationsOf(&x.View), nil)
			return true
		case g.late():
			return false
		case limit >= g.mostSteps:
			if g.onlyLong() {
				g.note(fmt.Sprintf("an order was given up after %d steps: it may just be long", limit))
				return false
			}
			g.endless(ds, w)
			return false
		}
	}
}

// onlyLong reports whether the run that has just been cut short, in which everybody got a turn, may be one that is no more than
// long: the first order needs a good part of as many steps; or it had not come to its end either, and the run has begun something new all
// the time, or the test comes to its end, passed or failed, where nobody explores.
func (g *goTest) onlyLong() bool {
	if g.steps > 0 {
		return g.steps > g.mostSteps/10
	}
	x := &g.ex.x
	half := len(x.Steps) / 2
	task, obj := int32(0), int32(0) // the last that the first half has to do with
	for _, s := range x.Steps[:half] {
		task = max(task, s.Task)
	}
	for _, a := range x.Accesses[:x.Steps[half].FirstAccess] {
		obj = max(obj, a.Obj)
	}
	if len(x.Tasks) > int(task)+1 || len(x.Objects) > int(obj)+1 {
		return true
	}
	return g.endsPlainly(cmp.Or(g.b.cfg.First, max(2*g.took, defaultTime)))
}

// lingering notes that tasks go on after the test has ended.
func (g *goTest) lingering() {
	if g.ex.x.Stranded {
		g.note("goroutines wait for what comes from outside after the test has ended: " + g.ex.x.Claims.Outside)
		return
	}
	g.note("goroutines go on after the test has ended, and had not ended when the order was given up")
}

// progress tells how far it is, now and then.
func (g *goTest) progress() {
	if !g.b.cfg.Progress || time.Since(g.told) < 100*time.Millisecond {
		return
	}
	g.told = time.Now()
	r := &anytest.Report{Verdict: anytest.Running}
	g.publish(r)
}

// lockedThread reports whether the test has called runtime.LockOSThread.
func (g *goTest) lockedThread() bool {
	g.locked = g.locked || rtLocked()
	return g.locked
}

// limits says what is not known though every order was tried.
func (g *goTest) limits(r *anytest.Report) {
	g.ex.res.limit(&g.ex.x.Claims)
	if g.lockedThread() {
		r.Notes = append(r.Notes, "runtime.LockOSThread does nothing here: goroutines under exploration share threads")
	}
	r.Caveats = append(r.Caveats, g.ex.res.Caveats...)
	if len(r.Caveats) > 0 && r.Verdict == anytest.Exhausted {
		r.Verdict = anytest.Budget
	}
}

// verdict makes the report.
func (g *goTest) verdict(r *anytest.Report, exhausted bool) {
	x := &g.ex.x
	r.Notes = g.notes
	switch {
	case len(g.found) > 0:
		r.Verdict = anytest.Failed
		for _, f := range g.found {
			r.Failures = append(r.Failures, f.report())
		}
		return
	case exhausted:
		r.Verdict = anytest.Exhausted
		if x.Claims.Timed && g.b.cfg.Anytime == "off" {
			r.Notes = append(r.Notes, "timers fire only when nothing else can happen")
		}
		if g.b.cfg.Anytime == "on" {
			r.Notes = append(r.Notes, "timers of more than 20ms do not fire while the test itself can go on")
		}
	default:
		r.Verdict = anytest.Budget
	}
	g.limits(r)
}

// verdictLine says what came of a test in a line.
func verdictLine(r *anytest.Report) string {
	switch r.Verdict {
	case anytest.Exhausted:
		if r.Orders == 0 {
			return "skipped"
		}
		if r.Orders == 1 {
			return "exhausted: there is 1 order"
		}
		return "exhausted: " + count(r.Orders, "order") + " that differ"
	case anytest.Failed:
		if n := len(r.Failures); n > 1 {
			return fmt.Sprintf("%d failures that differ, in %s and %s", n, count(r.Orders, "order"), r.Elapsed.Round(time.Millisecond))
		}
		return fmt.Sprintf("1 failure, in %s and %s", count(r.Orders, "order"), r.Elapsed.Round(time.Millisecond))
	case anytest.Refused:
		return "not explored: " + r.Reason
	case anytest.Replayed:
		return "the token's order was run and passes"
	case anytest.Budget, anytest.Running:
	}
	pass := "pass"
	if r.Orders-r.Partial == 1 {
		pass = "passes"
	}
	s := fmt.Sprintf("%s %s in %s, not exhausted", count(r.Orders, "order"), pass, r.Elapsed.Round(time.Millisecond))
	switch whole := r.Orders - r.Partial; {
	case r.Partial == 0:
	case whole == 0:
		s = fmt.Sprintf("no order to its end, but the beginnings of %d, in %s, not exhausted", r.Partial, r.Elapsed.Round(time.Millisecond))
	default:
		s = fmt.Sprintf("%s %s, and the beginnings of %d others, in %s, not exhausted", count(whole, "order"), pass, r.Partial, r.Elapsed.Round(time.Millisecond))
	}
	if len(r.Caveats) > 0 {
		s += ", " + strings.Join(r.Caveats, "; ")
	}
	return s
}
