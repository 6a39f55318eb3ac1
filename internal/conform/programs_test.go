package conform

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// natural are the packages of programs that also pass without the explorer.
var natural = []string{"language", "process", "quiet", "twice"}

// TestAsGoDoes runs the programs with the installed Go and, without an explorer, with the private one.
func TestAsGoDoes(t *testing.T) {
	for _, pkg := range natural {
		for _, b := range []builder{{}, {private: true}} {
			t.Run(fmt.Sprintf("%s/private=%t", pkg, b.private), func(t *testing.T) {
				r := run(t, b.build(t, pkg), nil, nil, "-test.count=20")
				if r.err != nil {
					t.Errorf("%v\n%s", r.err, tail(r.output))
				}
				r.checkAllowed(t)
			})
		}
	}
}

// checkAllowed fails the test if a program had an outcome that is not allowed.
func (r *result) checkAllowed(t *testing.T) {
	t.Helper()
	for test, seen := range r.outcomes {
		if seen[-1] > 0 {
			t.Errorf("%s came to what is not allowed %d times", test, seen[-1])
		}
	}
}

// checkAll fails the test if a program whose schedules were all run did not have all allowed outcomes.
func (r *result) checkAll(t *testing.T) {
	t.Helper()
	for i := range r.reports {
		p := &r.reports[i]
		if p.Verdict != anytest.Exhausted || slices.Contains(p.Notes, "timers fire only when nothing else can happen") {
			continue
		}
		if seen, n := r.outcomes[p.Test], r.allowed[p.Test]; len(seen) < n {
			t.Errorf("%s is reported as exhausted by %d schedules, with %d of %d outcomes: %v", p.Test, p.Schedules, len(seen), n, seen)
		}
	}
}

// log prints the result of each test.
func (r *result) log(t *testing.T) {
	t.Helper()
	for i := range r.reports {
		p := &r.reports[i]
		t.Logf("%-9s %7d %6v %s %s %v %v", p.Verdict, p.Schedules, p.Elapsed.Round(time.Millisecond), p.Test, p.Reason, p.Caveats, p.Notes)
		for _, f := range p.Failures {
			t.Logf("    %s at %v: %s (schedule %d, confirmed %t) %s", f.Kind, f.Places, f.Message, f.Schedule, f.Confirmed, f.Token)
		}
	}
}

// checkQuiet fails the test if a failure of a program is reported, or the program was not run.
func (r *result) checkQuiet(t *testing.T) {
	t.Helper()
	if r.err != nil {
		t.Errorf("%v\n%s", r.err, tail(r.output))
	}
	if len(r.reports) == 0 {
		t.Error("no reports")
	}
	for i := range r.reports {
		p := &r.reports[i]
		for _, f := range p.Failures {
			t.Errorf("%s: %s at %v: %s\n%s", p.Test, f.Kind, f.Places, f.Message, f.Token)
		}
		if p.Verdict == anytest.Exhausted && slices.Contains(endless, p.Test) {
			t.Errorf("%s is reported as exhausted", p.Test)
		}
		if p.Verdict == anytest.Refused {
			t.Errorf("%s is refused: %s", p.Test, p.Reason)
		}
	}
}

// notYet are programs about which the explorer is wrong; each is a known bug.
var notYet = []string{
	"TestOutsideSignal", // a signal that the test sends to its own process may come too late
}

// endless are programs with more schedules than can be run.
var endless = []string{"TestSpinsUntilTimer", "TestSpinsOnClockAndLock", "TestCleanupOfLongRuns", "TestPingPongForLong"}

// TestExplored runs the programs under many schedules: they have all allowed outcomes and no others.
func TestExplored(t *testing.T) {
	for _, pkg := range natural {
		t.Run(pkg, func(t *testing.T) {
			r := run(t, builder{private: true}.build(t, pkg), &anytest.Config{Runs: 2000, Time: 2 * time.Second, Anytime: "off"}, nil, "-test.skip=^("+strings.Join(notYet, "|")+")$")
			r.log(t)
			r.checkAllowed(t)
			r.checkAll(t)
			r.checkQuiet(t)
		})
	}
}

// TestLongSchedule explores tests of which a single schedule exceeds the time limit.
func TestLongSchedule(t *testing.T) {
	bin := builder{private: true}.build(t, "long")
	r := run(t, bin, &anytest.Config{Time: time.Second}, nil, "-test.run=^TestLong(Subtests)?$")
	r.log(t)
	if r.err != nil {
		t.Errorf("%v\n%s", r.err, tail(r.output))
	}
	if len(r.reports) != 2 {
		t.Fatalf("the reports are %+v\n%s", r.reports, tail(r.output))
	}
	for _, report := range r.reports { // rather than that a task hangs, since it makes progress, if slowly
		if report.Verdict != anytest.Refused || !strings.HasPrefix(report.Reason, "its first schedule had not ended") {
			t.Errorf("the report is %+v\n%s", report, tail(r.output))
		}
	}
}

// TestStuckSubtests explores a test with a parallel subtest that is abandoned: the test ends as if it had not been
// explored.
func TestStuckSubtests(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it waits by a system call of Linux")
	}
	r := run(t, builder{private: true}.build(t, "long"), new(anytest.Config), nil, "-test.run=^TestStuckSubtests$")
	r.log(t)
	if r.err != nil || len(r.reports) != 1 || r.reports[0].Verdict != anytest.Refused {
		t.Errorf("%v, the reports are %+v\n%s", r.err, r.reports, tail(r.output))
	}
}

// TestLeft explores a test that leaves a goroutine, and then one with a single goroutine, during which the first
// goroutine ends: its Unlock has no effect, since its run is over and the lock has been restored.
func TestLeft(t *testing.T) {
	r := run(t, builder{private: true}.build(t, "long"), &anytest.Config{Runs: 1}, nil, "-test.run=^Test(After)?Leaves$")
	r.log(t)
	r.checkQuiet(t)
	if len(r.reports) != 2 {
		t.Errorf("the reports are %+v\n%s", r.reports, tail(r.output))
	}
}

// TestManyCopies explores a test whose first schedule passes, and has more steps than are run of a schedule before
// anything is known about it.
func TestManyCopies(t *testing.T) {
	r := run(t, builder{private: true}.build(t, "long"), &anytest.Config{Runs: 2}, nil, "-test.run=^TestManyCopies$")
	r.log(t)
	if len(r.reports) != 1 || len(r.reports[0].Failures) == 0 || r.reports[0].Failures[0].Kind != "leak" {
		t.Errorf("the reports are %+v\n%s", r.reports, tail(r.output))
	}
}

// TestFirstCollection explores a test in which the first garbage collection begins at one of several places.
func TestFirstCollection(t *testing.T) {
	bin := builder{private: true}.build(t, "long")
	for _, gogc := range []string{"150", "200", "300", "800"} {
		r := run(t, bin, &anytest.Config{Runs: 2}, []string{"GOGC=" + gogc}, "-test.run=^TestPingPongForLong$")
		r.log(t)
		r.checkQuiet(t)
	}
}

// TestBuggyBubbles explores the buggy programs that use bubbles of testing/synctest: the report on each names its
// bug, at the positions it marks.
func TestBuggyBubbles(t *testing.T) {
	for _, race := range []bool{false, true} {
		t.Run(fmt.Sprintf("race=%t", race), func(t *testing.T) {
			bugs := bugsOf(t, "buggy", "TestBubble")
			r := run(t, builder{private: true, race: race}.build(t, "buggy"), &anytest.Config{Runs: 300, Time: hanging}, nil, "-test.run=^TestBubble")
			r.log(t)
			for i := range r.reports {
				p := &r.reports[i]
				b := bugs[p.Test]
				delete(bugs, p.Test)
				if b.kind == "data race" && !race {
					if len(p.Failures) > 0 {
						t.Errorf("%s fails without the race detector: %+v", p.Test, p.Failures)
					}
					continue
				}
				if len(p.Failures) != 1 || p.Failures[0].Kind != b.kind || !slices.Equal(p.Failures[0].Places, b.places) {
					t.Errorf("%s: want %s at %v, got %+v", p.Test, b.kind, b.places, p.Failures)
				}
			}
			if len(bugs) > 0 {
				t.Errorf("no reports of %v\n%s", bugs, tail(r.output))
			}
		})
	}
}

// A bug is a bug of a program, as its comment describes it.
type bug struct {
	kind   string
	places []string
}

// bugsOf returns the bugs of the programs of a package whose names begin with prefix.
func bugsOf(t *testing.T, pkg, prefix string) map[string]bug {
	t.Helper()
	name := pkg + "_test.go"
	text, err := os.ReadFile(filepath.Join("testdata", "programs", pkg, name))
	if err != nil {
		t.Fatal(err)
	}
	bugs := map[string]bug{}
	test, last := "", ""
	for i, line := range strings.Split(string(text), "\n") {
		if fn, ok := strings.CutPrefix(line, "func Test"); ok {
			test, _, _ = strings.Cut("Test"+fn, "(")
			if strings.HasPrefix(test, prefix) {
				bugs[test] = bug{kind: strings.TrimPrefix(last, "// ")}
			}
		}
		if b, ok := bugs[test]; ok && strings.HasSuffix(line, "// here") {
			b.places = append(b.places, fmt.Sprintf("%s:%d", name, i+1))
			bugs[test] = b
		}
		last = line
	}
	return bugs
}
