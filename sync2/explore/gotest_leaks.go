//go:build turnstile_goroot

package explore

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// Leaks are what is known of goroutines that wait for ever after the test has ended. Those that do so in every order are
// only noted: the test is as it is. So what is a failure is known when the search is over.
type leaks struct {
	sometimesNone bool     // an order ended without any
	seen          bool     // an order ended with some
	always        []string // those that each order so far has ended with, roughly
	some          []*leak
}

type leak struct {
	fault *engine.Fault
	ds    []search.Deviation
	who   []string
	order int
	early bool
}

const mostLeaks = 12

// ended notes that an order has ended, with the given fault, which is a leak, or nil.
func (l *leaks) ended(g *goTest, f *engine.Fault) {
	if f == nil {
		l.sometimesNone, l.always = true, nil
		return
	}
	who := strings.Split(strings.TrimSuffix(f.Waits, ";"), ";")
	slices.Sort(who)
	who = slices.Compact(who)
	if !l.seen && !l.sometimesNone {
		l.always = slices.Clone(who)
	}
	l.seen = true
	l.always = slices.DeleteFunc(l.always, func(s string) bool { return !slices.Contains(who, s) })
	for _, k := range l.some {
		if slices.Equal(k.who, who) {
			return
		}
	}
	if len(l.some) < mostLeaks {
		l.some = append(l.some, &leak{f, search.DeviationsOf(&g.ex.x.View), who, g.orders, g.ex.x.Anytime})
	}
}

// tellLeaks makes failures of the leaks that some orders end with, and notes of those that all do.
func (g *goTest) tellLeaks() {
	l := &g.leaks
	if g.b.cfg.KeepLeaks || g.ex.x.Gone.Load() {
		return
	}
	anytime := g.ex.x.Anytime
	defer func() { g.ex.x.Anytime = anytime }()
	for _, k := range l.some {
		if slices.ContainsFunc(k.who, func(s string) bool { return !slices.Contains(l.always, s) }) {
			g.ex.x.Anytime = k.early
			g.failedRun(k.fault, k.ds, nil, false)
			continue
		}
		g.ex.x.Anytime = k.early
		a := &attempt{ds: k.ds}
		if f := g.repeat(a, forPlaces); f != nil && f.Kind == engine.Leak {
			g.note("in every order goroutines wait for ever after the test has ended: at " + joinNames(f.PlaceList()))
		}
		return
	}
}
