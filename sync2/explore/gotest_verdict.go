//go:build turnstile_goroot

package explore

import (
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

func (g *goTest) note(words string) {
	for _, n := range g.notes {
		if n == words {
			return
		}
	}
	g.notes = append(g.notes, words)
}

func (g *goTest) caveat(words string) { g.ex.res.caveat(words) }

// progress reports the progress from time to time.
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

// limits adds what is not known though every schedule was tried.
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

// verdict fills in the report.
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

// verdictLine summarizes the result of a test in a line.
func verdictLine(r *anytest.Report) string {
	switch r.Verdict {
	case anytest.Exhausted:
		if r.Schedules == 1 {
			return "exhausted: there is only one schedule"
		}
		return "exhausted: " + count(r.Schedules, "distinct schedule")
	case anytest.Failed:
		if n := len(r.Failures); n > 1 {
			return fmt.Sprintf("%d distinct failures in %s and %s", n, count(r.Schedules, "schedule"), r.Elapsed.Round(time.Millisecond))
		}
		return fmt.Sprintf("1 failure in %s and %s", count(r.Schedules, "schedule"), r.Elapsed.Round(time.Millisecond))
	case anytest.Refused:
		return "not explored: " + r.Reason
	case anytest.Replayed:
		return "the token's schedule was run and passes"
	case anytest.Skipped:
		return "skipped"
	case anytest.Budget, anytest.Running:
	}
	pass := "pass"
	if r.Schedules-r.Partial == 1 {
		pass = "passes"
	}
	s := fmt.Sprintf("%s %s in %s, not exhausted", count(r.Schedules, "schedule"), pass, r.Elapsed.Round(time.Millisecond))
	switch whole := r.Schedules - r.Partial; {
	case r.Partial == 0:
	case whole == 0:
		s = fmt.Sprintf("no schedule ended, but the beginnings of %d pass, in %s, not exhausted", r.Partial, r.Elapsed.Round(time.Millisecond))
	default:
		s = fmt.Sprintf("%s %s, and the beginnings of %d others, in %s, not exhausted", count(whole, "schedule"), pass, r.Partial, r.Elapsed.Round(time.Millisecond))
	}
	if len(r.Caveats) > 0 {
		s += ", " + strings.Join(r.Caveats, "; ")
	}
	return s
}
