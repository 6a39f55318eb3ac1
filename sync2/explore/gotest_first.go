//go:build turnstile_goroot

package explore

import (
	"cmp"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// cutByTime reports whether the last run was ended because it took too long, rather than for its number of steps or
// for waiting for outside input.
func (g *goTest) cutByTime() bool {
	x := &g.ex.x
	return x.Cut && !x.Stranded && len(x.Steps) < g.mostSteps && g.late() && !x.Gone.Load()
}

// firstPart is the divisor of the first schedule's time limit that gives its share before others are tried.
const firstPart = 3

// othersEnd tries random schedules, for about as long as the unfinished first one took, and reports whether one of
// them ended: a schedule may be much longer than others, as where a loop runs until another goroutine intervenes.
func (g *goTest) othersEnd() bool {
	limit := g.tooLong
	g.took, g.slow = time.Since(g.firstBegan), true
	g.end = time.Now().Add(g.took)
	g.until = g.end
	g.prepare()
	g.admit(g.mostSteps)
	end := g.end
	g.end = time.Now().Add(g.took / 2)
	g.stage("PCT 3", search.NewPCTFor(g.mostSteps, g.tasteSeed(), 3), 1, g.schedules+1)
	g.end = end
	g.stage("random", search.NewRandom(g.tasteSeed()), mostOthers, g.schedules+mostOthers)
	g.until = g.deadline
	if g.whole > 0 || len(g.found) > 0 {
		return true
	}
	g.schedules, g.tooLong = 0, limit
	g.leave()
	return false
}

// mostOthers is the maximum number of schedules that othersEnd tries.
const mostOthers = 3

// tasteSeed is the seed of the random schedules tried first.
func (g *goTest) tasteSeed() uint64 { return g.ex.o.seed + 1<<60 }

// firstAgain runs the test once more under the default schedule, for as long as a first schedule may take.
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

// awaitFirst gives the default schedule, which is about to run, that much time, and more while the machine is busy.
func (g *goTest) awaitFirst(long time.Duration) {
	g.patient, g.firstBegan = true, time.Now()
	g.cpu, _ = engine.CPUTime()
	g.end = g.firstBegan.Add(long)
}

// onlyFirst says why only the first schedule is known.
func (g *goTest) onlyFirst(cut bool) string {
	after := time.Since(g.began).Round(time.Second / 10)
	if cut { // the first schedule, by its number of steps
		return fmt.Sprintf("no schedule had ended after %d steps", g.mostSteps)
	}
	return fmt.Sprintf("no schedule but the default one, which passes, had ended after %v; a longer -time may help", after)
}

// allot sets the search's time limit, given the time that the first schedule took: at least enough for another schedule
// to end.
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

// slowPart is a divisor of the time limit: if the first schedule takes longer than that part, there is no time for many
// schedules.
const slowPart = 16

// firstRun runs the test once, with its own T, for at most the given number of steps.
func (g *goTest) firstRun(s search.Strategy, steps int) {
	x := &g.ex.x
	g.first = true
	g.b.signals = engine.UncontrolledReleases
	engine.UncontrolledReleases = engine.UncontrolledReleases || g.b.residents
	x.MaxSteps = steps
	g.awaitFirst(cmp.Or(g.b.cfg.First, max(g.deadline.Sub(g.began), defaultTime)/firstPart))
	s.Begin()
	g.once(s)
	x.MaxSteps = g.tooLong.limit
	g.first, g.patient, g.lasting = false, false, x.Lingered
	g.b.stale = g.b.stale && engine.Loose.Load() > 0 || x.Lingered || x.Cut || x.Fault != nil
}

// held reports whether the test passed in the run that has just ended.
func (g *goTest) held() bool { return g.ex.x.Fault == nil && !g.ex.x.Cut }

// warmUp runs the test under the default schedule without counting it, to get work done that libraries do once in a
// process. held says that the test has passed before. If a test that passed fails because package variables were
// initialized again, they are restored in another way. If it fails in any case, it cannot be explored, for the reason
// that warmUp returns.
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
		if v.How() == pkgvars.RestoreNothing {
			return "it fails when it is run again in the same process, as with -count=2: " + firstLine(x.Fault.Message)
		}
		why := "the test fails when the packages have been initialized again: "
		if v.How() != pkgvars.RestoreByInit {
			why = "the test fails when they are as they were before the first test: "
		}
		v.FallBack(v.How()+1, why+firstLine(x.Fault.Message))
	}
	if n := g.b.vars.Note(); n != "" {
		g.note(n)
	}
	return ""
}

// taste tries a random schedule of each kind where there is no time for many, so that none is omitted: one in which
// timers fire early and, if goroutines went on for long, one that continues after the test has ended, as long as it
// can. Of the latter it tries more if there is time: in most programs some of them end soon. If a single schedule takes
// long, a PCT schedule of families comes first.
func (g *goTest) taste() {
	x, end, n := &g.ex.x, g.end, 1
	long := 2 * g.took
	if !g.slow {
		n, long = tastes, max(long, g.until.Sub(g.began)/tastePart)
	}
	walk := func() search.Strategy { return search.NewRandom(g.tasteSeed()) }
	try := func(name string, s search.Strategy, early, toTheEnd bool) {
		if g.done() {
			return
		}
		g.end = time.Now().Add(long)
		if g.end.After(end) {
			g.end = end
		}
		x.Anytime, g.early = early, early
		defer func() { x.Anytime, g.early, g.end = false, false, end }()
		if toTheEnd {
			g.toTheEnd(name, s, n, g.schedules+n)
		} else if g.slow {
			g.stage(name, s, 1, g.schedules+1)
		}
	}
	one := func(early, toTheEnd bool) { try("random", walk(), early, toTheEnd) }
	early := x.Claims.Timed && g.b.cfg.Anytime != "off"
	if g.slow { // with thousands of goroutines, some end before others begin
		try("PCT 3", search.NewPCTFor(g.mostSteps, g.tasteSeed(), 3), false, true)
	}
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
