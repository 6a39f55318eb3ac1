//go:build turnstile_goroot

package explore

import (
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// replayToken runs the schedule of the token, as did the process that found it.
func (g *goTest) replayToken(r *anytest.Report) {
	x, tok := &g.ex.x, g.b.token
	if changed := g.b.changed(tok); changed != "" && !g.b.cfg.Confirm {
		g.note(changed)
	}
	if !g.b.cfg.Confirm && tok.Race && !engine.UnderRace {
		g.note("the token was found with -race")
	}
	a := &attempt{ds: tok.Deviations, walk: tok.Walk, endless: tok.Endless, first: tok.First}
	if tok.Amid {
		a.stuck = tok.Steps
	}
	g.b.vars = pkgvars.None()
	g.strategy = "replay"
	g.schedules = 1
	all := g.replayQuickly(a)
	if x.Gone.Load() {
		return
	}
	if len(all) == 0 {
		if all = g.replaySlowly(a); x.Gone.Load() {
			return
		}
	}
	g.ex.res.Steps = int64(len(x.Steps)) // without those of earlier runs
	r.Notes = g.notes
	if d := tok.Divergence(&x.View); d != "" && !tok.Endless && tok.Steps > 0 {
		r.Notes = append(r.Notes, "the token's schedule could not be followed: the run diverged "+d)
	}
	if len(all) == 0 {
		r.Verdict = anytest.Replayed
		return
	}
	if g.b.cfg.Record != "" {
		if err := writeRecording(g.b.cfg.Record, all[0].failure.Events); err != nil {
			r.Notes = append(r.Notes, "the recording could not be kept: "+err.Error())
		}
	}
	r.Verdict = anytest.Failed
	for _, fd := range all {
		fd.confirmed, fd.shrunk, fd.schedule, fd.after = true, true, 1, time.Since(g.began)
		fd.failure.Token = tok.String()
		g.found = append(g.found, fd)
		f := fd.report()
		if g.b.cfg.Record != "" || g.b.cfg.Confirm {
			f.Detail = fd.failure.detail()
		}
		r.Failures = append(r.Failures, f)
	}
}

// replayQuickly runs a long schedule, or the beginning of one, without first running the test to its end, as was done
// when the schedule was found: that would take twice as long or longer. It returns nil if the run then differs.
func (g *goTest) replayQuickly(a *attempt) []*found {
	x, tok := &g.ex.x, g.b.token
	if tok.Steps <= longestTraced && !tok.Amid && !g.b.cfg.Long || tok.Endless || tok.First || tok.Race {
		return nil
	}
	g.byItself(firstSteps)
	if x.Gone.Load() {
		return nil
	}
	all := g.recordToken(a)
	if x.Fault != nil && sameFault(x.Fault) == g.b.cfg.Expect || tok.Divergence(&x.View) == "" {
		return all
	}
	x.Linger = lingerFor
	return nil
}

// replaySlowly runs the schedule after repeating what was run before the schedule was found.
func (g *goTest) replaySlowly(a *attempt) []*found {
	x, tok := &g.ex.x, g.b.token
	g.b.vars = pkgvars.None()
	x.MaxSteps, x.Anytime = g.mostSteps, false
	if !tok.First {
		held := g.byItself(g.mostSteps)
		if x.Gone.Load() {
			return nil
		}
		g.warmUp(held)
	}
	if !tok.Endless {
		return g.recordToken(a)
	}
	x.Anytime, x.MaxSteps = tok.Anytime, max(tok.Steps, endlessSteps)
	if g.repeat(a, nil); x.Cut {
		if fd := g.recordEndless(a); fd != nil {
			return []*found{fd}
		}
	}
	return nil
}

// byItself runs the test under the default schedule, for at most the given number of steps, determines how package
// variables can be restored, and reports whether the test passed.
func (g *goTest) byItself(steps int) (held bool) {
	x := &g.ex.x
	w := search.NewWatched()
	w.Begin()
	x.MaxSteps = steps
	g.once(w)
	x.MaxSteps = g.mostSteps
	held = g.held()
	if !x.Gone.Load() {
		g.b.vars = nil
		g.prepare()
	}
	return held
}

// recordToken runs the schedule of the token.
func (g *goTest) recordToken(a *attempt) []*found {
	x := &g.ex.x
	x.MaxSteps, x.Anytime = g.mostSteps, g.b.token.Anytime
	if a.stuck > 0 {
		x.Linger = 0 // it ends by itself
	}
	all := g.recordRace(a)
	if len(all) == 0 && x.Lingered { // the schedule was found by toTheEnd
		x.Linger = 0
		all = g.recordRace(a)
	}
	return all
}

// detail returns the additional details of the failure for a recording or a confirmation.
func (f *Failure) detail() *anytest.Detail {
	d := &anytest.Detail{Task: f.Task, Blocked: f.Blocked, Cycle: f.Cycle, Stack: f.Stack, Deviations: f.Deviations, Before: f.before}
	for _, s := range f.Steps {
		d.Steps = append(d.Steps, anytest.Step(s))
	}
	return d
}
