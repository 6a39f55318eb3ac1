//go:build turnstile_goroot

package explore

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// Leaks are what is known about goroutines that wait forever after the test has ended. If no schedule ends without
// any, the leaks of the schedule with the fewest are only noted: the test is like that. So whether a leak is a failure
// may be known only at the end of the search. A goroutine that waits for a lock is a failure in any case, since
// nobody leaves that behind on purpose.
type leaks struct {
	sometimesNone bool // a schedule ended without any
	fewest        int  // the minimum number of them in the schedules that ended with some
	some          []*leak
}

type leak struct {
	*attempt
	fault *engine.Fault
	n     int // the number of waiting goroutines
	early bool
	long  bool // the schedule has its full number of steps
	told  bool
}

// forLock reports whether f, which may be nil, says that a goroutine waits for a mutex.
func forLock(f *engine.Fault) bool {
	return f != nil && (strings.Contains(f.Waits, " Lock ") || strings.Contains(f.Waits, " RLock "))
}

// as makes the next schedules run under the conditions of k's schedule.
func (k *leak) as(g *goTest) {
	x := &g.ex.x
	if x.Anytime, x.Linger = k.early, lingerFor; k.long {
		x.Linger, x.MaxSteps = 0, g.mostSteps
	}
	if k.fault.Amid != nil {
		x.MaxSteps = k.fault.Step() + 1
	}
}

// as returns a function that restores the current conditions for running schedules.
func (g *goTest) as() (again func()) {
	x := &g.ex.x
	anytime, linger, steps := x.Anytime, x.Linger, x.MaxSteps
	return func() { x.Anytime, x.Linger, x.MaxSteps = anytime, linger, steps }
}

// mostLeaks is the maximum number of distinct leaks kept.
const mostLeaks = 12

// knows reports whether f need not be kept, since it is like one that is.
func (l *leaks) knows(f *engine.Fault) bool {
	return len(l.some) >= mostLeaks || slices.ContainsFunc(l.some, func(k *leak) bool { return k.fault.Waits == f.Waits })
}

// examined reports whether a deadlock or leak is like one that has been examined.
func (g *goTest) examined(f *engine.Fault) bool {
	return f.Kind == engine.FaultLeak && g.leaks.knows(f) || g.known[roughly(f)]
}

// ended records that a schedule chosen by s has ended, with the given fault, which is a leak, or nil.
func (l *leaks) ended(g *goTest, f *engine.Fault, s search.Strategy) {
	if f == nil {
		l.sometimesNone = true
		return
	}
	n := strings.Count(f.Waits, ";")
	if l.fewest == 0 || n < l.fewest {
		l.fewest = n
	}
	if !l.knows(f) {
		l.some = append(l.some, &leak{attempt: g.attempt(s), fault: f, n: n, early: g.ex.x.Anytime, long: g.ex.x.Linger == 0})
	}
}

// amid records that goroutines wait forever in the schedule of s, which has been abandoned.
func (l *leaks) amid(g *goTest, s search.Strategy, first bool) {
	f := g.ex.x.Stuck
	if f == nil || !g.ex.x.Cut || l.knows(f) {
		return
	}
	a := g.attempt(s)
	for n := len(a.ds); n > 0 && a.ds[n-1].Step >= f.Step(); n-- {
		a.ds = a.ds[:n-1]
	}
	a.inFirst, a.stuck = first, f.Step()
	l.some = append(l.some, &leak{attempt: a, fault: f, n: strings.Count(f.Waits, ";"), early: g.ex.x.Anytime, long: g.ex.x.Linger == 0})
}

// tellFailing reports as failures the leaks already known to be failures.
func (g *goTest) tellFailing() {
	l, x := &g.leaks, &g.ex.x
	if g.b.cfg.KeepLeaks || len(l.some) == 0 {
		return
	}
	defer g.as()()
	for _, k := range l.some {
		if !k.told && (l.sometimesNone || k.n > l.fewest && l.fewest > 0 || forLock(k.fault)) && !x.Gone.Load() {
			k.told = true
			k.as(g)
			g.failedRun(k.fault, k.attempt)
		}
	}
}

// tellLeaks reports as failures the leaks of some schedules, and notes those of all schedules.
func (g *goTest) tellLeaks() {
	g.tellFailing()
	l, x := &g.leaks, &g.ex.x
	if g.b.cfg.KeepLeaks {
		return
	}
	defer g.as()()
	for _, k := range l.some {
		if k.told || x.Gone.Load() {
			continue
		}
		k.as(g)
		if k.fault.Amid != nil {
			g.note("in a schedule that was given up, " + k.fault.Message)
			continue
		}
		if k.fault.Vague {
			if f := g.repeat(k.attempt, nil); f != nil && f.Kind == engine.FaultLeak {
				k.fault = f
			}
		}
		g.note("in every schedule that ended, goroutines wait forever after the test has ended, as at " + joinNames(k.fault.PlaceList()))
	}
}
