package gotest

import (
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

// progress returns the text of the status line during a run: what is being built, until a test has reported, and then what the
// tests have reported.
func (t *goTest) progress(phase testline.Phase) func(took time.Duration) string {
	race := phase == testline.PhaseWithRace || phase == testline.PhaseOnly && t.line.On("race")
	build := "building the tests "
	if race {
		build = "building the tests with -race "
	}
	building := console.Timed(build + console.FirstTime)
	return func(took time.Duration) string {
		t.reports.read()
		if !t.reports.begun() {
			return building(took)
		}
		what := ""
		if race {
			what = ", race detector"
		}
		r, ended, schedules := t.reports.current()
		if r.Test == "" {
			return counted(ended, "test") + ", " + counted(schedules, "schedule") + what
		}
		return running(&r, t.config) + what
	}
}

// running describes the exploration of a test in progress.
func running(r *anytest.Report, config *anytest.Config) string {
	if config.Replay != "" {
		return "running the schedule of the token  " + r.Test + "  " + r.Package
	}
	share := 0.0
	if r.Budget > 0 {
		share = float64(r.Schedules) / float64(r.Budget)
	}
	if config.Time > 0 {
		share = max(share, float64(r.Elapsed)/float64(config.Time))
	}
	share = min(share, 1)
	rate := ""
	if r.Elapsed > 0 {
		rate = fmt.Sprintf(", %s/s", grouped(int(float64(r.Schedules)/r.Elapsed.Seconds())))
	}
	const width = 10
	full := int(width * share)
	return fmt.Sprintf("[%s%s] %2.0f %% of the budget  %s  %s  %s%s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share,
		r.Test, r.Package, counted(r.Schedules, "schedule"), rate)
}
