package conform

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

var raceRuns = flag.Int("race-runs", 3_000, "total number of runs of TestRaceFree's programs under the race detector")

// names returns the tests of a package of the programs whose names begin with prefix.
func names(t *testing.T, pkg, prefix string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "programs", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(m[1], prefix) {
				all = append(all, m[1])
			}
		}
	}
	return all
}

// TestRaceFree runs programs without a data race under the race detector, under many schedules: it reports none.
func TestRaceFree(t *testing.T) {
	bin := builder{private: true, race: true}.build(t, "quiet")
	all := names(t, "quiet", "TestRaceFree")
	runs, told := 0, 0
	var spent time.Duration
	for i, name := range all {
		left := len(all) - i // some have only one schedule
		config := &anytest.Config{Runs: (*raceRuns - runs + left - 1) / left, Time: 10 * time.Hour, Strategy: []string{"random", "pct"}[i%2], Anytime: []string{"off", "on"}[i/2%2]}
		r := run(t, bin, config, nil, "-test.timeout=0", "-test.run=^"+name+"$")
		if len(r.reports) != 1 {
			t.Fatalf("%s: %v\n%s", name, r.err, tail(r.output))
		}
		p := &r.reports[0]
		n := strings.Count(r.output, "WARNING: DATA RACE")
		if n > 0 || r.err != nil || len(p.Failures) > 0 {
			t.Errorf("%s: %v\n%s", name, r.err, tail(r.output))
		}
		runs, told, spent = runs+p.Schedules, told+n, spent+p.Elapsed
		if testing.Verbose() {
			fmt.Printf("%7d runs, %d reports, %7.0f runs/s  %s\n", p.Schedules, n, float64(p.Schedules)/p.Elapsed.Seconds(), name)
		}
	}
	t.Logf("%d runs of %d programs under the race detector, %d reports, %.0f runs/s", runs, len(all), told, float64(runs)/spent.Seconds())
	if runs < *raceRuns {
		t.Errorf("these are %d runs, not %d", runs, *raceRuns)
	}
}

// TestEndUsesPool explores a program that leaves a goroutine which uses a pool of the standard library while it is
// being ended: the mutex of all pools is not locked afterward. If it were, nothing that the process does by itself
// would finish, not even its panic when the test times out.
func TestEndUsesPool(t *testing.T) {
	for _, race := range []bool{false, true} {
		t.Run(fmt.Sprintf("race=%t", race), func(t *testing.T) {
			bin := builder{private: true, race: race}.build(t, "quiet")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r := runUntil(ctx, t, bin, &anytest.Config{Runs: 3}, nil, "-test.run=^TestEndOfBubble$")
			r.log(t)
			r.checkQuiet(t)
		})
	}
}

// here returns the lines with the comment "// here", by the tests that contain them.
func here(t *testing.T, file string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	test := ""
	for i, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "func Test"); ok {
			test, _, _ = strings.Cut("Test"+rest, "(")
		}
		if strings.HasSuffix(line, "// here") {
			all[test] = append(all[test], fmt.Sprintf("%s:%d", filepath.Base(file), i+1))
		}
	}
	for _, places := range all {
		slices.Sort(places)
	}
	return all
}

// TestRacy runs programs with one data race each: it is found, at its lines, and its token finds it again.
func TestRacy(t *testing.T) {
	bin := builder{private: true, race: true}.build(t, "racy")
	want := here(t, filepath.Join("testdata", "programs", "racy", "racy_test.go"))
	config := &anytest.Config{Runs: 1000, Time: hanging}
	log := raceEnvironment + " log_path=" + filepath.Join(t.TempDir(), "race")
	r := run(t, bin, config, []string{log})
	r.log(t)
	if len(r.reports) != len(want) {
		t.Errorf("%d programs, not %d\n%s", len(r.reports), len(want), tail(r.output))
	}
	for i := range r.reports {
		p := &r.reports[i]
		if len(p.Failures) != 1 || p.Failures[0].Kind != "data race" || !slices.Equal(p.Failures[0].Places, want[p.Test]) {
			t.Errorf("%s: %+v, want a data race at %v", p.Test, p.Failures, want[p.Test])
			continue
		}
		f := &p.Failures[0]
		again := run(t, bin, &anytest.Config{Replay: f.Token}, []string{log}, "-test.run=^"+p.Test+"$")
		if len(again.reports) != 1 || len(again.reports[0].Failures) != 1 || len(again.reports[0].Notes) > 0 {
			t.Errorf("%s: the token leads to\n%s", p.Test, tail(again.output))
			continue
		}
		if g := &again.reports[0].Failures[0]; g.Kind != f.Kind || !slices.Equal(g.Places, f.Places) {
			t.Errorf("%s: the token leads to a %s at %v", p.Test, g.Kind, g.Places)
		}
	}
}
