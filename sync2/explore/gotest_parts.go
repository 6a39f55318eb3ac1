//go:build turnstile_goroot

package explore

import (
	"cmp"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// longestFirst is the factor by which the default schedule may have more steps than others, if it is known that no
// other schedule ends. There is often time for more, but the steps are kept, and each takes some 50 bytes.
const longestFirst = 3

// longerFirst runs the test once more under the default schedule, for as many steps as there is time for, since no
// schedule ended in fewer, and reports whether it passed.
func (g *goTest) longerFirst() bool {
	x := &g.ex.x
	if x.Gone.Load() {
		return false
	}
	limit := x.MaxSteps
	x.MaxSteps = longestFirst * g.mostSteps
	g.awaitFirst(cmp.Or(g.b.cfg.First, max(g.deadline.Sub(g.began), defaultTime)/firstPart))
	w := search.NewWatched()
	w.Begin()
	g.once(w)
	x.MaxSteps, g.patient = limit, false
	if x.Gone.Load() {
		return false
	}
	defer func() { x.Steps, x.Accesses, x.Preds = nil, nil, nil }() // no other schedule has as many
	if x.Cut {
		return false
	}
	if x.Fault != nil {
		g.ended(w)
		return false
	}
	g.note(fmt.Sprintf("the default schedule passes, after %d operations", len(x.Steps)))
	return true
}

// fewestParts is the minimum number of schedules whose beginnings must have run for a test to be called explored, if no
// schedule ran to its end.
const fewestParts = 5

// inParts explores the beginnings of schedules, since at most the default schedule, which then passes, ends in the
// available time. If it ran some, the test, which the report refuses, counts as explored after all, to that extent.
func (g *goTest) inParts(r *anytest.Report, passes bool) {
	x := &g.ex.x
	if g.schedules = 0; passes {
		g.schedules = 1
	}
	if !x.Gone.Load() {
		g.beginnings()
	}
	if r.Notes = g.notes; g.partial < fewestParts && g.whole == 0 && len(g.found) == 0 {
		g.schedules, g.partial = g.schedules-g.partial, 0
		return
	}
	g.note(r.Reason)
	if g.partial > 0 {
		g.note(fmt.Sprintf("only the beginning of %s was run, up to %d operations", count(g.partial, "schedule"), g.longest))
	}
	r.Reason = ""
	g.verdict(r, false)
}

// beginnings tries schedules that are abandoned after a number of steps, which grows as long as there is time.
func (g *goTest) beginnings() {
	x, limit, schedules := &g.ex.x, g.tooLong, g.schedules
	g.partly = true
	defer func() { g.partly, g.tooLong, x.MaxSteps = false, limit, limit.limit }()
	g.until = time.Now().Add(max(g.deadline.Sub(g.began), shortTime))
	g.end = g.until
	for most := firstSteps; !g.done(); most *= 10 {
		most = min(most, g.mostSteps)
		g.tooLong = tooLong{limit: most}
		n := max(g.budget/8, 1)
		partial := g.partial
		g.within(3, func() bool { return g.stage("random", search.NewRandom(g.ex.o.seed+uint64(most)), n, g.schedules+n) })
		g.within(3, func() bool {
			return g.stage("PCT 3", search.NewPCTFor(most, g.ex.o.seed+uint64(most), 3), n, g.schedules+n)
		})
		if g.partial > partial {
			g.longest = most
		}
		if most == g.mostSteps || x.Stranded || g.schedules-schedules > g.budget {
			return
		}
	}
}
