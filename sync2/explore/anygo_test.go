package explore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
)

// anyGo is a binary of the tests in testdata/anygo, which are ordinary Go.
type anyGo struct {
	t    *testing.T
	dir  string
	path string
}

// anyGoBuilt holds the binaries of tests below testdata, which the tests here share.
var anyGoBuilt struct {
	dir  string
	bins map[string]string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if anyGoBuilt.dir != "" {
		_ = os.RemoveAll(anyGoBuilt.dir)
	}
	os.Exit(code)
}

// anyGoBinary returns the path of the binary of the tests in dir, and whether it exists. A binary whose source a test
// may change is not shared.
func anyGoBinary(t *testing.T, dir string, flags []string) (path string, ok bool) {
	t.Helper()
	if filepath.IsAbs(dir) {
		return filepath.Join(t.TempDir(), "anygo.test"), false
	}
	b := &anyGoBuilt
	if b.dir == "" {
		made, err := os.MkdirTemp("", "anygo-") //nolint:usetesting // all tests share it
		if err != nil {
			t.Fatal(err)
		}
		b.dir, b.bins = made, make(map[string]string)
	}
	key := fmt.Sprint(dir, flags)
	if path, ok = b.bins[key]; !ok {
		path = filepath.Join(b.dir, fmt.Sprint(len(b.bins)), "anygo.test")
	}
	return path, ok
}

// buildAnyGo builds the tests in dir with the patched Go.
func buildAnyGo(t *testing.T, dir string, flags ...string) *anyGo {
	t.Helper()
	if testing.Short() {
		t.Skip("needs to build the standard library")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	from, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := goroot.Make(t.Context(), strings.TrimSpace(string(from)), filepath.Join(cache, "turnstile", "goroot"))
	if err != nil {
		t.Fatal(err)
	}
	path, ok := anyGoBinary(t, dir, flags)
	b := &anyGo{t, dir, path}
	if ok {
		return b
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-c", "-tags=turnstile_goroot", "-o", b.path}, flags...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOROOT="+root.Dir, "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !filepath.IsAbs(dir) {
		anyGoBuilt.bins[fmt.Sprint(dir, flags)] = path
	}
	return b
}

// run runs the tests and returns the output and the report on each test.
func (b *anyGo) run(cfg anytest.Config, args ...string) (string, map[string]*anytest.Report) {
	b.t.Helper()
	cfg.Time = cmp.Or(cfg.Time, hanging)
	cfg.Report = filepath.Join(b.t.TempDir(), "reports")
	cmd := exec.CommandContext(b.t.Context(), b.path, append([]string{"-test.v"}, args...)...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), anytest.Variable+"="+cfg.String())
	out, _ := cmd.CombinedOutput() // it fails if a test does
	text, err := os.ReadFile(cfg.Report)
	if err != nil {
		b.t.Fatalf("%v\n%s", err, out)
	}
	all := make(map[string]*anytest.Report)
	for line := range bytes.Lines(text) {
		r := new(anytest.Report)
		if err := json.Unmarshal(line, r); err != nil {
			b.t.Fatal(err)
		}
		all[r.Test] = r
	}
	return string(out), all
}

// A test that takes longer than it may ends the process, as with go test. What is said to run is the test, and no subtest of a
// schedule. All tests together may take longer.
func TestAnyGoTimeout(t *testing.T) {
	b := buildAnyGo(t, anyGoDir)
	if out, _ := b.run(anytest.Config{Timeout: 9 * time.Second, Time: 5 * time.Second, Runs: math.MaxInt}, "-test.run=^TestSpins$", "-test.count=2"); strings.Contains(out, "timed out") {
		t.Errorf("two tests of five seconds do not have nine each:\n%s", out)
	}
	cmd := exec.CommandContext(t.Context(), b.path, "-test.run=^(TestParallelSubtests|TestSpins)$")
	cmd.Env = append(os.Environ(), anytest.Variable+"="+(&anytest.Config{Timeout: 3 * time.Second, Time: time.Hour, Runs: math.MaxInt}).String())
	out, err := cmd.CombinedOutput()
	if want := `panic: test timed out after 3s\n\trunning tests:\n\t\tTest(ParallelSubtests|Spins) \(\d+s\)\n\n`; err == nil || !regexp.MustCompile(want).Match(out) {
		t.Errorf("%v, and nothing matches %q in\n%s", err, want, out)
	}
}

// places returns the positions of the lines of a file that end with the given remarks, in order.
func places(t *testing.T, file string, remarks ...string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for i, line := range strings.Split(string(text), "\n") {
		for _, r := range remarks {
			if strings.HasSuffix(line, "// "+r) {
				at = append(at, fmt.Sprintf("%s:%d", filepath.Base(file), i+1))
			}
		}
	}
	if len(at) != len(remarks) {
		t.Fatalf("%v are at %v", remarks, at)
	}
	slices.Sort(at)
	return at
}

const anyGoDir = "testdata/anygo"

// hanging is the time for a test's exploration, which is to end by its result or its number of schedules, however slow the
// machine is.
const hanging = 5 * time.Minute

func TestAnyGo(t *testing.T) {
	b := buildAnyGo(t, anyGoDir)
	wants := []struct {
		test      string
		verdict   anytest.Verdict
		schedules int        // 0: any number
		fails     [][]string // kinds, and the remarks at the places
	}{
		{"TestSkipped", anytest.Skipped, 0, nil},
		{"TestNothingToChoose", anytest.Exhausted, 1, nil},
		{"TestPool", anytest.Exhausted, 1, nil},
		{"TestVariablesArePutBack", anytest.Exhausted, 0, nil},
		{"TestDeadlock", anytest.Failed, 0, [][]string{{"deadlock", "ab", "ba", "wait"}}},
		{"TestLostUpdate", anytest.Failed, 0, [][]string{{"check failed", "lost"}}},
		{"TestSometimesLeaks", anytest.Failed, 0, [][]string{{"leak", "leaks"}}},
		{"TestLeaksWhileAnotherSleeps", anytest.Failed, 0, [][]string{{"leak", "left"}}},
		{"TestAlwaysLeaks", anytest.Exhausted, 0, nil},
		{"TestSometimesLeaksInLibrary", anytest.Failed, 0, [][]string{{"leak", "in library"}}},
		{"TestAlwaysLeaksInLibrary", anytest.Exhausted, 0, nil},
		{"TestClosed", anytest.Failed, 0, [][]string{{"panic", "closed"}}},
		{"TestForEver", anytest.Failed, 0, [][]string{{"livelock", "spins"}}},
		{"TestSpins", anytest.Budget, 0, nil},
		{"TestOwnTimeout", anytest.Exhausted, 0, nil},
		{"TestNotLate", anytest.Exhausted, 0, nil},
		{"TestTimerNobodyWaitsFor", anytest.Exhausted, 0, nil},
		{"TestChild", anytest.Budget, 0, nil},
		{"TestFailsLongAfter", anytest.Exhausted, 0, nil},
		{"TestOnlyOnce", anytest.Refused, 0, nil},
		{"TestPanicsAfterTimeout", anytest.Exhausted, 0, nil},
		{"TestTwoOwnTimeouts", anytest.Exhausted, 0, nil},
		{"TestOwnTimeoutThenPanic", anytest.Exhausted, 0, nil},
		{"TestOwnTimeoutThenDeadlock", anytest.Exhausted, 0, nil},
		{"TestEarlyTimeoutLeaks", anytest.Failed, 0, [][]string{{"leak", "abandoned"}}},
		{"TestTickerGoesOn", anytest.Exhausted, 0, nil},
		{"TestForgottenTimerLeaks", anytest.Failed, 0, [][]string{{"leak", "forgotten"}}},
		{"TestForgottenAfterFunc", anytest.Failed, 0, [][]string{{"panic", "first"}, {"panic", "second"}}},
		{"TestTwoBugs", anytest.Failed, 0, [][]string{{"check failed", "none"}, {"check failed", "one"}}},
		{"TestFailsAnyway", anytest.Failed, 0, [][]string{{"check failed", "always"}}},
		{"TestParallelSubtests", anytest.Failed, 0, [][]string{{"check failed", "backwards"}}},
		{"TestFixtures", anytest.Exhausted, 0, nil},
		{"TestToldWhenReleased", anytest.Failed, 0, [][]string{{"check failed", "recorded"}}},
		{"TestStacks", anytest.Exhausted, 0, nil},
		{"TestCountsAllocations", anytest.Refused, 0, nil},
		{"TestLocksItsThread", anytest.Refused, 0, nil},
		{"TestDiffers", anytest.Budget, 0, nil},
		{"TestCountsItsOwn", anytest.Refused, 0, nil},
		{"TestChoosesByNumber", anytest.Exhausted, 0, nil},
		{"TestTooLate", anytest.Budget, 0, nil},
		{"TestLateAndWrong", anytest.Failed, 0, [][]string{{"check failed", "wrong"}}},
	}
	names := make(map[bool][]string)
	for _, want := range wants {
		endless := want.verdict == anytest.Budget
		names[endless] = append(names[endless], want.test)
	}
	out, got := b.run(anytest.Config{Verbose: true}, "-test.run=^("+strings.Join(names[false], "|")+")$")
	more, endless := b.run(anytest.Config{Verbose: true, Runs: 50}, "-test.run=^("+strings.Join(names[true], "|")+")$")
	out += more
	maps.Copy(got, endless)
	for _, want := range wants {
		r := got[want.test]
		if r == nil {
			t.Errorf("%s: no report in\n%s", want.test, out)
			continue
		}
		fails := slices.Clone(r.Failures)
		slices.SortStableFunc(fails, func(a, b anytest.Failure) int { return strings.Compare(a.Message, b.Message) })
		ok := r.Verdict == want.verdict && len(fails) == len(want.fails) && (want.schedules == 0 || r.Schedules == want.schedules)
		for i := 0; ok && i < len(fails); i++ {
			f := &fails[i]
			at := places(t, filepath.Join(anyGoDir, "anygo_test.go"), want.fails[i][1:]...)
			ok = f.Kind == want.fails[i][0] && slices.Equal(f.Places, at) && f.Confirmed && strings.Contains(out, "[replay: "+f.Token+"]")
		}
		if !ok {
			t.Errorf("%s: %+v, want %+v", want.test, *r, want)
		}
		outcome := "PASS"
		switch {
		case want.verdict == anytest.Failed, want.test == "TestCountsItsOwn":
			outcome = "FAIL"
		case want.verdict == anytest.Skipped:
			outcome = "SKIP"
		}
		if result := "--- " + outcome + ": " + want.test + " "; !strings.Contains(out, result) {
			t.Errorf("there is no %q, but it is %v", result, r.Verdict)
		}
	}
	const always = "in every schedule that ended, goroutines wait forever after the test has ended, as at "
	for test, where := range map[string]string{"TestAlwaysLeaks": "", "TestAlwaysLeaksInLibrary": places(t, filepath.Join(anyGoDir, "anygo_test.go"), "always there")[0]} {
		if r := got[test]; r != nil && (len(r.Notes) == 0 || !strings.HasPrefix(r.Notes[0], always+where) || r.Notes[0] == always) {
			t.Errorf("%s: it says more than it has seen, or less, in %q", test, r.Notes)
		}
	}
	const excused = "a schedule failed because time passed while goroutines ran for long, or waited for something outside the program; it is not reported"
	if r := got["TestTooLate"]; r != nil && !slices.Contains(r.Caveats, excused) {
		t.Errorf("TestTooLate: %+v, want the caveat %q", *r, excused)
	}
	const seen = "the test has not ended after 2000000 steps under a fair scheduler"
	if r := got["TestForEver"]; r != nil && (len(r.Failures) == 0 || r.Failures[0].Message != seen) {
		t.Errorf("TestForEver: %+v, want the message %q", r.Failures, seen)
	}
	const late = "TestLeaksWhileAnotherSleeps"
	if late, got := b.run(anytest.Config{Anytime: "off"}, "-test.run=^"+late+"$"); !strings.Contains(late, "--- FAIL: ") {
		t.Errorf("the test passes whose last schedule ends long after it, %+v:\n%s", got, late)
	}
	if strings.Contains(out, "TurnstileBody") || strings.Contains(out, "sync2/explore") {
		t.Errorf("the output mentions the explorer:\n%s", out)
	}
}

// A schedule that is only long is not called a livelock: the first schedule takes a good part of the maximum number of
// steps, or exceeds it too, but ends without an explorer. A schedule that continues without end is a livelock.
func TestAnyGoLong(t *testing.T) {
	const most = 10_000
	b := buildAnyGo(t, anyGoDir)
	out, got := b.run(anytest.Config{Verbose: true, Runs: 20, First: time.Second, MostSteps: most}, "-test.run=^Test(Long|LongAndFails|LongSometimes|ForEver|ForEverAnyway)$")
	for test, want := range map[string]string{
		"TestLong": "", "TestLongAndFails": "", "TestLongSometimes": "", "TestForEver": "spins", "TestForEverAnyway": "spins anyway",
	} {
		r := got[test]
		switch {
		case r == nil:
			t.Errorf("%s: no report in\n%s", test, out)
		case want == "":
			note := fmt.Sprintf("a schedule was given up after %d steps: it may just be long", most)
			if r.Verdict != anytest.Budget || !slices.Contains(r.Notes, note) {
				t.Errorf("%s: %+v, and not the note %q", test, *r, note)
			}
			if part := fmt.Sprintf("only the beginning of %d schedules was run, up to %d operations", r.Partial, most); test != "TestLongSometimes" && (r.Partial == 0 || !slices.Contains(r.Notes, part)) {
				t.Errorf("%s: %+v, and not the note %q", test, *r, part)
			}
		case len(r.Failures) != 1 || r.Failures[0].Kind != "livelock" || !slices.Equal(r.Failures[0].Places, places(t, filepath.Join(anyGoDir, "anygo_test.go"), want)):
			t.Errorf("%s: %+v, want a livelock at %q", test, *r, want)
		}
	}
}

// A goroutine left waiting for outside input does not receive what is meant for others.
func TestAnyGoLost(t *testing.T) {
	out, got := buildAnyGo(t, anyGoDir).run(anytest.Config{Runs: 10}, "-test.run=^Test(LeavesOne|SeesNone)Outside$")
	if a, b := got["TestLeavesOneOutside"], got["TestSeesNoneOutside"]; a == nil || a.Schedules < 2 || b == nil || b.Verdict != anytest.Exhausted {
		t.Errorf("%+v\n%+v\n%s", a, b, out)
	}
}

// If a test fails in a schedule that is given up, it reports what it does without the explorer.
func TestAnyGoUntold(t *testing.T) {
	out, got := buildAnyGo(t, anyGoDir).run(anytest.Config{Runs: 20, First: time.Second, MostSteps: 10_000}, "-test.run=^TestLongAndFails$")
	if r := got["TestLongAndFails"]; r == nil || r.Verdict == anytest.Failed || !strings.Contains(out, "explore: it also fails without the explorer:") || !strings.Contains(out, "--- FAIL: TestLongAndFails") {
		t.Errorf("%+v\n%s", r, out)
	}
}

// Where the default schedule takes long, it is set aside, and random schedules are tried.
func TestAnyGoShorterSchedules(t *testing.T) {
	out, got := buildAnyGo(t, anyGoDir).run(anytest.Config{Verbose: true, Time: 10 * time.Second, Runs: 5, First: time.Second, MostSteps: 1 << 30}, "-test.run=^TestShorterSchedules$")
	r := got["TestShorterSchedules"]
	if r == nil || r.Verdict != anytest.Budget || r.Schedules == 0 || !slices.ContainsFunc(r.Notes, func(n string) bool {
		return strings.HasPrefix(n, "the default schedule had not ended after ")
	}) {
		t.Errorf("%+v\n%s", r, out)
	}
}

// Goroutines are named after the functions of the program that they run.
func TestAnyGoNames(t *testing.T) {
	out, _ := buildAnyGo(t, anyGoDir).run(anytest.Config{Runs: 1}, "-test.run=^TestNames$")
	for _, want := range []string{
		"      main waits in Wait wg at ", "      (*door).wait waits in receive d.open at ", "      func1 waits in ", "      d.count waits in ",
		"      d.wait waits in ", "      await waits in ", "      func3 waits in ", "      (*door).wait#2 waits in ", "      TestNames/sub waits in ",
		"  cancel of a context ", "  timer ", "  fires ", places(t, filepath.Join(anyGoDir, "anygo_test.go"), "literal")[0] + " waits in ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "WaitGroup") || strings.Contains(out, "Lock") {
		t.Errorf("the output mentions the standard library:\n%s", out)
	}
}

// A timer does not fire before outside input that it guards could arrive.
func TestAnyGoOutside(t *testing.T) {
	t.Setenv("ANYGO_SLOW", "1")
	out, got := buildAnyGo(t, anyGoDir).run(anytest.Config{Runs: 3}, "-test.run=^TestSlowChild$")
	if r := got["TestSlowChild"]; r == nil || r.Verdict != anytest.Budget || r.Schedules < 3 || strings.Contains(out, "it takes too long") {
		t.Errorf("%+v\n%s", r, out)
	}
}

// A goroutine that is started once is started in every run, though the package cannot be initialized again.
func TestAnyGoDaemon(t *testing.T) {
	out, got := buildAnyGo(t, filepath.Join(anyGoDir, "daemon")).run(anytest.Config{Verbose: true})
	for _, name := range []string{"TestFirst", "TestSecond"} {
		r := got[name]
		if r == nil || r.Verdict != anytest.Exhausted || r.Schedules < 2 || !slices.ContainsFunc(r.Notes, func(n string) bool {
			return strings.HasPrefix(n, "package variables are put back as they were before the first test, since ")
		}) {
			t.Errorf("%s: %+v\n%s", name, r, out)
		}
	}
}

// After a test that fails when its package is initialized again, the package is initialized again for others, though it
// starts a goroutine and defines a flag.
func TestAnyGoResident(t *testing.T) {
	out, got := buildAnyGo(t, filepath.Join(anyGoDir, "resident")).run(anytest.Config{Verbose: true})
	if r := got["TestOnce"]; r == nil || len(r.Notes) == 0 || !strings.Contains(r.Notes[0], ": initialized ") {
		t.Errorf("TestOnce: %+v\n%s", r, out)
	}
	if r := got["TestAgain"]; r == nil || len(r.Notes) > 0 || strings.Contains(out, "redefined") {
		t.Errorf("TestAgain: %+v\n%s", r, out)
	}
}

// A test does not begin with the package variables as another one left them whose first schedule was given up or failed.
func TestAnyGoLater(t *testing.T) {
	out, got := buildAnyGo(t, filepath.Join(anyGoDir, "later")).run(anytest.Config{Verbose: true, Runs: 200, MostSteps: 2_000})
	for _, name := range []string{"TestAfterCountsAllocations", "TestAfterKeepsOn", "TestAfterWaitsForEver"} {
		if r := got[name]; r == nil || r.Verdict != anytest.Exhausted || r.Schedules < 2 || len(r.Notes) > 0 {
			t.Errorf("%s: %+v\n%s", name, r, out)
		}
	}
}

// Variables used by an abandoned goroutine that may still run are not restored behind its back, and it runs no
// further than to its next operation.
func TestAnyGoLoose(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the tests have pipes of Unix")
	}
	out, got := buildAnyGo(t, filepath.Join(anyGoDir, "loose")).run(anytest.Config{Verbose: true, Runs: 200})
	if r := got["TestWaits"]; r == nil || r.Verdict != anytest.Refused || !strings.Contains(r.Reason, "where the explorer has no control") {
		t.Errorf("TestWaits: %+v\n%s", r, out)
	}
	const note = "package variables are not put back between schedules, since a goroutine of an earlier test may still run, where the explorer has no control"
	if r := got["TestComesLater"]; r == nil || r.Verdict != anytest.Exhausted || !slices.Contains(r.Notes, note) || strings.Contains(out, "fatal error") {
		t.Errorf("TestComesLater: %+v\n%s", r, out)
	}
}

// A test that explores a program is run without exploration.
func TestAnyGoNested(t *testing.T) {
	out, got := buildAnyGo(t, "testdata/nested").run(anytest.Config{})
	if r := got["TestExplores"]; r == nil || r.Verdict != anytest.Refused || r.Reason != "it explores a program itself" || !strings.Contains(out, "--- PASS: TestExplores") {
		t.Errorf("%+v\n%s", r, out)
	}
	if r := got["TestDoesNot"]; r == nil || r.Verdict != anytest.Exhausted {
		t.Errorf("%+v\n%s", r, out)
	}
}

// A token has the same effect in every fresh process, and the other tests are not run.
func TestAnyGoReplays(t *testing.T) {
	b := buildAnyGo(t, anyGoDir)
	_, got := b.run(anytest.Config{}, "-test.run=^TestTwoBugs$")
	r := got["TestTwoBugs"]
	if r == nil || len(r.Failures) != 2 {
		t.Fatalf("%+v", r)
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		for range 20 {
			out, again := b.run(anytest.Config{Replay: f.Token})
			a := again["TestTwoBugs"]
			if len(again) != 1 || a == nil || a.Verdict != anytest.Failed || len(a.Notes) > 0 {
				t.Fatalf("%s: %+v\n%s", f.Token, again, out)
			}
			if g := &a.Failures[0]; g.Kind != f.Kind || !slices.Equal(g.Places, f.Places) || g.Token != f.Token {
				t.Fatalf("%+v, want %+v", *g, *f)
			}
		}
	}
}

// Whether the program is the token's is checked before it runs.
func TestAnyGoChanged(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(anyGoDir)); err != nil {
		t.Fatal(err)
	}
	_, got := buildAnyGo(t, dir).run(anytest.Config{}, "-test.run=^TestLostUpdate$")
	token := got["TestLostUpdate"].Failures[0].Token
	file := filepath.Join(dir, "anygo.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "\n// Changed is new.\nvar Changed int\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, got := buildAnyGo(t, dir).run(anytest.Config{Replay: token})
	if strings.Count(out, "the program has changed since the token was made (anygo.go)") != 1 || got["TestLostUpdate"].Verdict != anytest.Failed {
		t.Errorf("it says\n%s", out)
	}
}

// Even in a schedule that is given up, goroutines that wait forever are found: those waiting for something no running
// goroutine can reach.
func TestAnyGoAmid(t *testing.T) {
	b := buildAnyGo(t, anyGoDir)
	out, got := b.run(anytest.Config{Verbose: true, Runs: 2, First: time.Minute, MostSteps: 1<<16 + 1000}, "-test.run=^TestAmid")
	for test, want := range map[string][]string{
		"TestAmidLock": {"amid"}, "TestAmidChain": {"amid first", "amid second"},
		"TestAmidHeld": nil, "TestAmidGlobal": nil, "TestAmidTimer": nil, "TestAmidFinalizer": nil, "TestAmidOtherWaits": nil,
	} {
		r := got[test]
		switch {
		case r == nil:
			t.Errorf("%s: no report in\n%s", test, out)
		case want == nil:
			if r.Verdict == anytest.Failed {
				t.Errorf("%s: %+v, though what is waited for may come", test, *r)
			}
		case r.Verdict != anytest.Failed || len(r.Failures) != 1:
			t.Errorf("%s: %+v, want one failure", test, *r)
		default:
			f := r.Failures[0]
			if at := places(t, filepath.Join(anyGoDir, "amid_test.go"), want...); f.Kind != "leak" || !f.Confirmed || !slices.Equal(f.Places, at) {
				t.Errorf("%s: %+v, want a leak at %v", test, f, at)
			}
			if strings.Contains(out, "main waits in") { // it continues
				t.Errorf("%s: it reports more waiting goroutines than there are:\n%s", test, out)
			}
		}
	}
}

// A failure that needs a schedule with thousands of deviations has a token that can be copied: that of the strategy's run.
func TestAnyGoLongSchedule(t *testing.T) {
	b := buildAnyGo(t, anyGoDir)
	for _, strategy := range []string{"random", "pct"} {
		cfg := anytest.Config{Runs: 300, Strategy: strategy}
		out, got := b.run(cfg, "-test.run=^TestLongSchedule$")
		r := got["TestLongSchedule"]
		if r == nil || r.Verdict != anytest.Failed || len(r.Failures) != 1 {
			t.Fatalf("%s: %+v, want one failure\n%s", strategy, r, out)
		}
		f := r.Failures[0]
		if !f.Confirmed || f.Shrunk || len(f.Token) > 400 {
			t.Errorf("%s: confirmed %v, shrunk %v, token of %d bytes", strategy, f.Confirmed, f.Shrunk, len(f.Token))
		}
		out, got = b.run(anytest.Config{Replay: f.Token}, "-test.run=^TestLongSchedule$")
		if r := got["TestLongSchedule"]; r == nil || r.Verdict != anytest.Failed || strings.Contains(out, "diverged") {
			t.Errorf("%s: replayed: %+v\n%s", strategy, r, out)
		}
	}
}
