//go:build turnstile_goroot

package explore

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// untold handles a test whose failed first run is not reported, since the run was abandoned or excused, or did not
// repeat. Instead, the result of running the test without the explorer is reported.
func (g *goTest) untold(r *anytest.Report) {
	if len(g.found) > 0 || g.plain || g.b.token != nil || g.b.cfg.Drive != "" || !g.t.Failed() {
		return
	}
	if g.runPlainly() {
		r.Notes = append(r.Notes, "it failed in its first schedule, which is not reported as a failure, since it passes without the explorer")
	}
}

// publish writes a report.
func (g *goTest) publish(r *anytest.Report) {
	b := g.b
	r.Package, r.Test = b.pkg, g.t.Name()
	r.Race = engine.UnderRace
	r.Schedules, r.Budget, r.Steps, r.Strategy = g.schedules, g.budget, g.ex.res.Steps, g.strategy
	r.Partial = g.partial
	r.Elapsed = time.Since(g.began)
	b.write(r)
}

// write appends a report to the file that the command reads.
func (b *testBinary) write(r *anytest.Report) {
	if b.cfg.Report == "" {
		return
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // all of its types can be encoded
	}
	if b.reports == nil {
		f, err := os.OpenFile(b.cfg.Report, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintf(os.Stderr, "turnstile: %v\n", err)
			b.cfg.Report = ""
			return
		}
		b.reports = f
	}
	_, _ = b.reports.Write(append(text, '\n'))
}

// finish reports the result to the test.
func (g *goTest) finish(r *anytest.Report) {
	t := g.t
	out := t.Output()
	for _, f := range g.found {
		if !g.b.cfg.Confirm {
			fmt.Fprintf(out, "explore: %s", f.text())
		}
	}
	if g.b.cfg.Verbose || r.Verdict == anytest.Refused || len(g.found) > 0 {
		fmt.Fprintf(out, "explore: %s\n", verdictLine(r))
		for _, n := range r.Notes {
			fmt.Fprintf(out, "explore: note: %s\n", n)
		}
	}
	if len(g.found) > 0 {
		t.FailNow()
	}
	if g.skips {
		t.SkipNow()
	}
}
