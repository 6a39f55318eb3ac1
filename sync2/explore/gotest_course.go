//go:build turnstile_goroot

package explore

import (
	"runtime"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// longRun is the number of steps from which a run is long; beyond longestLearnt it is useless to try every schedule.
const (
	longRun       = 500
	longestLearnt = 10_000
)

// A goCourse is the progress of one strategy.
type goCourse struct {
	g      *goTest
	s      search.Strategy
	search search.Systematic // s, if it is one
	left   int               // the number of runs left
	last   int               // the number of the last schedule to run
	cut    int               // the number of latest runs in a row that were too long
	looked time.Time         // when the clock was last read
	unseen int               // the number of runs for which it need not be read
	learnt bool
}

// stage tries one strategy, and reports whether no schedule is left.
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
		if x.Gone.Load() {
			return false
		}
		if x.Cut && g.late() {
			g.leaks.amid(g, s, false)
			g.tellFailing()
			return false
		}
		g.schedules++
		switch tooLarge := x.Cut && len(x.Steps) < x.MaxSteps && !x.Stranded; { // for its choices to be kept
		case c.search != nil && (len(x.Steps) > longestLearnt || tooLarge && c.left == n-1):
			g.countless = true
		default:
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
	if c.left == 0 || c.g.schedules >= c.last || c.stopped() || !c.s.Begin() {
		return false
	}
	c.left--
	c.learnt = false
	return true
}

// stopped reports whether the time is over. If runs are so short that reading the clock would be a good part of them,
// it reads the clock only now and then.
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

// judge examines the run that has just ended, and reports whether the strategy should continue.
func (c *goCourse) judge() bool {
	g, x := c.g, &c.g.ex.x
	switch {
	case x.Cut && g.partly:
		g.partial++
		if failed, _, _ := testing.TurnstileState(g.cur); failed {
			g.note("a check failed in a schedule that was given up, which is not reported")
		}
		stranded := x.Stranded
		g.leaks.amid(g, c.s, false)
		g.tellFailing()
		return !stranded
	case x.Cut:
		g.leaks.amid(g, c.s, false)
		on := c.cutShort()
		g.tellFailing()
		return on
	case x.Pruned:
		return true
	}
	c.cut = 0
	g.whole++
	g.ended(c.s)
	return true
}

// cutShort examines the run that has just been cut short, and reports whether the strategy should continue.
func (c *goCourse) cutShort() bool {
	if c.cut++; c.g.ex.x.Linger == 0 {
		return c.cut < 3
	}
	a := c.g.attempt(c.s)
	return c.g.cutShort(a.ds, a.walk) && c.cut < maxCut
}

// ended examines the run that has just ended, under a schedule chosen by s.
func (g *goTest) ended(s search.Strategy) {
	x := &g.ex.x
	if f := x.Fault; f != nil && f.Kind != engine.FaultLeak {
		g.failedRun(f, g.attempt(s))
		return
	}
	lingered := x.Lingered
	if !lingered || x.Fault != nil {
		g.leaks.ended(g, x.Fault, s)
	}
	g.tellFailing()
	if lingered {
		g.lingering()
	}
}

// attempt returns the schedule of the run that has just ended, chosen by s.
func (g *goTest) attempt(s search.Strategy) *attempt {
	a := &attempt{run: g.ex.x.Runs}
	if w, ok := search.WalkOf(s); ok {
		a.made = &w
		if g.ex.x.Cut && w.Depth == 0 { // which may go on: PCT is fair only later
			a.walk = &w
			return a
		}
	}
	a.ds = search.DeviationsOf(&g.ex.x.View)
	return a
}

// again is called by the thread that ended a run. If the next run can simply begin, again begins it, and control need
// not return to the exploring goroutine.
func (c *goCourse) again() bool {
	g, x := c.g, &c.g.ex.x
	g.judge()
	if x.Fault != nil || x.Cut || x.Lingered || x.Gone.Load() || x.Threads.Deep || len(x.Steps) > longestLearnt || len(g.leaks.some) > 0 && !g.leaks.sometimesNone || (g.schedules+1)%128 == 0 {
		return false
	}
	if c.learn(); c.difference() != "" {
		return false
	}
	g.leaks.sometimesNone = true
	g.ex.counted()
	g.schedules++
	g.whole++
	if !c.begin() {
		c.left = 0
		g.schedules--
		g.ex.res.Runs--
		return false
	}
	if g.schedules%256 == 0 {
		runtime.Gosched()
	}
	x.Start(g.ex.main)
	return true
}
