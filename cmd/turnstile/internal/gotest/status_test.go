package gotest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

// The status line says in each run what is being built, until a test of that run has reported.
func TestStatusText(t *testing.T) {
	line, err := testline.Parse([]string{"-race"})
	if err != nil {
		t.Fatal(err)
	}
	reports, err := newReports("")
	if err != nil {
		t.Fatal(err)
	}
	x := &goTest{line: line, config: new(anytest.Config), reports: reports}
	file := filepath.Join(t.TempDir(), "reports")
	report := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, run := range []struct {
		phase                          testline.Phase
		building, exploring, otherwise string
	}{
		{testline.PhaseBeforeRace, "building the tests (the first time also the standard library), 61s",
			"[##........] 20 % of the budget  TestX  p  20 schedules, 10/s", "1 test, 100 schedules"},
		{testline.PhaseWithRace, "building the tests with -race (the first time also the standard library), 61s",
			"[##........] 20 % of the budget  TestX  p  20 schedules, 10/s, race detector", "1 test, 200 schedules, race detector"},
		{testline.PhaseOnly, "building the tests with -race (the first time also the standard library), 61s",
			"[##........] 20 % of the budget  TestX  p  20 schedules, 10/s, race detector", "1 test, 300 schedules, race detector"},
	} {
		reports.begin(file)
		text := x.progress(run.phase)
		check := func(want string) {
			t.Helper()
			if got := text(61 * time.Second); got != want {
				t.Errorf("phase %d: it says %q, want %q", run.phase, got, want)
			}
		}
		check(run.building)
		const running = `{"package":"p","test":"TestX","verdict":"running","schedules":20,"budget":100,"elapsed":2000000000}` + "\n"
		report(running)
		check(run.exploring)
		report(running + `{"package":"p","test":"TestX","verdict":"budget","schedules":100}` + "\n")
		check(run.otherwise)
		reports.end()
	}
	x.config.Replay = "s2y"
	if got := running(&anytest.Report{Test: "TestX", Package: "p"}, x.config); got != "running the schedule of the token  TestX  p" {
		t.Errorf("during a replay it says %q", got)
	}
}
