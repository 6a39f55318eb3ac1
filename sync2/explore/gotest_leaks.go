//go:build turnstile_goroot

package explore

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// Leaks are what is known of goroutines that wait forever after the test has ended. If no order ends without, then as many
// as the fewest are only noted: the test is as it is. So what is a failure may be known only when the search is over. One
// that waits for a lock is a failure in any case, for nobody leaves that behind on purpose.
type leaks struct {
	sometimesNone bool // an order ended without any
	fewest        int  // with how many the orders ended that ended with some, at least
	some          []*leak
}

type leak struct {
	fault *engine.Fault
	ds    []search.Deviation
	n     int // how many goroutines wait
	early bool
	long  bool // the order has all the steps that it takes
	first bool // it was in the first run of the process
	told  bool
}

// forLock reports whether one of the goroutines waits for a mutex.
func (k *leak) forLock() bool {
	return strings.Contains(k.fault.Waits, " Lock ") || strings.Contains(k.fault.Waits, " RLock ")
}

// as has the next orders run as that of k was.
func (k *leak) as(g *goTest) {
	x := &g.ex.x
	if x.Anytime, x.Linger = k.early, lingerFor; k.long {
		x.Linger, x.MaxSteps = 0, g.mostSteps
	}
}

// as returns a function that has orders run again as they are run now.
func (g *goTest) as() (again func()) {
	x := &g.ex.x
	anytime, linger, steps := x.Anytime, x.Linger, x.MaxSteps
	return func() { x.Anytime, x.Linger, x.MaxSteps = anytime, linger, steps }
}

// mostLeaks is how many leaks that differ are kept.
const mostLeaks = 12

// ended notes that an order has ended, with the given fault, which is a leak, or nil.
func (l *leaks) ended(g *goTest, f *engine.Fault) {
	if f == nil {
		l.sometimesNone = true
		return
	}
	n := strings.Count(f.Waits, ";")
	if l.fewest == 0 || n < l.fewest {
		l.fewest = n
	}
	for _, k := range l.some {
		if k.fault.Waits == f.Waits {
			return
		}
	}
	if len(l.some) < mostLeaks {
		l.some = append(l.some, &leak{fault: f, ds: search.DeviationsOf(&g.ex.x.View), n: n, early: g.ex.x.Anytime, long: g.ex.x.Linger == 0})
	}
}

// tellFailing makes failures of the leaks that are known to be some.
func (g *goTest) tellFailing() {
	l, x := &g.leaks, &g.ex.x
	if g.b.cfg.KeepLeaks || len(l.some) == 0 {
		return
	}
	defer g.as()()
	for _, k := range l.some {
		if !k.told && (l.sometimesNone || k.n > l.fewest || k.forLock()) && !x.Gone.Load() {
			k.told = true
			k.as(g)
			g.failedRun(k.fault, k.ds, nil, k.first)
		}
	}
}

// tellLeaks makes failures of the leaks that some orders end with, and notes of those that all do.
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
		x.MaxSteps = g.mostSteps // the first run may have been as long
		f := g.repeat(&attempt{ds: k.ds}, mannerPlaces)
		x.MaxSteps = g.tooLong.limit
		if f != nil && f.Kind == engine.FaultLeak {
			g.note("in every order that ended, goroutines wait forever after the test has ended, as at " + joinNames(f.PlaceList()))
		} else {
			g.unconfirmed(k.fault)
		}
	}
}
