//go:build turnstile_goroot

package explore

import (
	"cmp"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// A tooLong holds what is known about runs that are too long.
type tooLong struct {
	limit  int // the maximum number of steps
	looked int // the number of them examined with the current limit
}

// admit allows runs of n steps.
func (g *goTest) admit(n int) {
	if l := &g.tooLong; n > l.limit {
		l.limit, l.looked = max(l.limit, min(n, g.mostSteps)), 0
	}
}

// cutShort continues a run that was too long under a fair schedule. If it never ends, that is a failure; if it takes
// long, all runs may be longer. It reports whether the search may continue.
func (g *goTest) cutShort(ds []search.Deviation, walk *search.Walk) bool {
	x, l := &g.ex.x, &g.tooLong
	switch {
	case x.Stranded:
		g.note("a schedule was given up, since nothing came from outside for too long: " + x.Claims.Outside)
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
		if ds == nil { // otherwise the schedule has no token
			g.leaks.amid(g, s, false)
		}
		switch {
		case x.Stranded && x.Cut:
			return false
		case !x.Cut:
			g.admit(2 * len(x.Steps))
			x.MaxSteps = l.limit
			g.whole++
			g.ended(s)
			return true
		case g.late():
			return false
		case limit >= g.mostSteps:
			if g.onlyLong() {
				g.note(fmt.Sprintf("a schedule was given up after %d steps: it may just be long", limit))
				return false
			}
			g.endless(ds, w)
			return false
		}
	}
}

// onlyLong reports whether the run that has just been cut short under a fair schedule may just be long: the first
// schedule needs a good part of that many steps; or it had not ended either, and the run kept doing new things, or the
// test ends, passed or failed, without the explorer.
func (g *goTest) onlyLong() bool {
	if g.steps > 0 {
		return g.steps > g.mostSteps/10
	}
	x := &g.ex.x
	half := len(x.Steps) / 2
	task, obj := int32(0), int32(0) // the last ones involved in the first half
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

// lingering adds a note if tasks continue after the test has ended.
func (g *goTest) lingering() {
	if g.ex.x.Stranded {
		g.note("goroutines wait for what comes from outside after the test has ended: " + g.ex.x.Claims.Outside)
		return
	}
	g.note("goroutines go on after the test has ended, and had not ended when the schedule was given up")
}
