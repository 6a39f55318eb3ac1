package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/tui"
)

// few is the command line that checks a scenario of each sort with as little work as possible.
const few = "suite dishes-leak counter counter-unlocked abba-deadlock --rounds 3 --schedules 20"

// The rows are in the order of the catalog, not of the command line.
const fewMatrix = `Primitives              runs  cut  race  goleak  go-deadlock  validator  random  dpor
  counter               ✓     ✓    R     ✓       ✓            ✓          ✓       ✓
  counter-unlocked      ·     ·    R     ✓       ✓            ✓          ●       ●     violation

Queues, futures, pools  runs  cut  race  goleak  go-deadlock  validator  random  dpor
  dishes-leak           ·     ·    R     ●       ✓            ✓          ●       ●     leak

Classic problems        runs  cut  race  goleak  go-deadlock  validator  random  dpor
  abba-deadlock         ·     ·    R     ✓       L            ✓          ●       ●     deadlock
`

// matrixHere is the matrix of a build like this one.
func matrixHere() string {
	race, locks := "·", "●"
	if suite.Detecting {
		race = "✓"
	}
	if suite.GuardsInternals {
		locks = "·"
	}
	text := strings.NewReplacer("  R  ", "  "+race+"  ", "  L  ", "  "+locks+"  ").Replace(fewMatrix)
	if suite.GuardsInternals {
		text = strings.ReplaceAll(text, "✓            ✓ ", "·            ✓ ")
	}
	return text
}

func TestSuite(t *testing.T) {
	r := in{}.do(t, few)
	if r.code != exit.OK || r.errs != "" {
		t.Fatalf("code %d, %s", r.code, r.errs)
	}
	matrix, rest, _ := strings.Cut(r.out, "\n\n✓ clean ")
	if matrix+"\n" != matrixHere() {
		t.Errorf("printed\n%s\nwant\n%s", matrix, matrixHere())
	}
	if !strings.Contains(rest, "✗ unexpected 0") || !strings.Contains(rest, "4 scenarios in ") {
		t.Errorf("the summary is %s", rest)
	}
	if said := strings.Contains(rest, "built without -race"); said == suite.Detecting {
		t.Errorf("says that it was built without -race: %t", said)
	}
	if r := (in{}).do(t, few+" --ascii"); strings.ContainsAny(r.out, "✓●✗·") || !strings.Contains(r.out, "+") {
		t.Errorf("not in ASCII:\n%s", r.out)
	}
}

func TestSuiteInTerminal(t *testing.T) {
	r := in{terminal: true}.do(t, "suite counter event --rounds 1 --schedules 5")
	for _, want := range []string{"[....................] 1 of 2, counter: runs", "[##########..........] 2 of 2, event: dpor", "\r\x1b[K"} {
		if !strings.Contains(r.errs, want) {
			t.Errorf("%q is not in %q", want, r.errs)
		}
	}
	if !strings.HasSuffix(r.errs, "\r\x1b[K") {
		t.Errorf("the bar is left standing: %q", r.errs)
	}
	if strings.Contains(r.out, "\x1b") || r.code != exit.OK {
		t.Errorf("code %d, %q", r.code, r.out)
	}
}

// No line is longer than a terminal of 80 columns, whatever the scenario is called: of a longer one only the end would be
// written over, and rows would not be rows.
func TestSuiteInNarrowTerminal(t *testing.T) {
	r := in{terminal: true, columns: 80}.do(t, "suite counter sleeping-barber-missed cigarette-smokers-deadlock --rounds 1 --schedules 5")
	rows, _, _ := strings.Cut(r.out, "\n\n✓ clean ")
	if !strings.Contains(rows, "\n  cigarette-smokers-deadlock ·") || !strings.Contains(rows, "    runs cut race leak lock valid rand dpor\n") {
		t.Errorf("code %d, printed\n%s", r.code, rows)
	}
	bars := strings.Split(ansi.Strip(r.errs), "\r")
	for _, line := range append(strings.Split(rows, "\n"), bars...) {
		if n := ansi.StringWidth(line); n > 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if wide := (in{terminal: true, columns: 100}).do(t, "suite counter --rounds 1 --schedules 5"); !strings.Contains(wide.out, "  go-deadlock  validator  ") {
		t.Errorf("printed\n%s", wide.out)
	}
}

func TestSuiteFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "suite.xml")
	r := in{}.do(t, few+" --json --junit "+file)
	var got suiteResult
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exit.OK {
		t.Fatalf("code %d, error %v\n%s", r.code, err, r.out)
	}
	if !got.OK || got.RaceDetector != suite.Detecting || len(got.Rows) != 4 {
		t.Errorf("got %+v", got)
	}
	last := got.Rows[3].Cells
	if c := last[suite.CheckerDPOR-1]; c.Outcome != suite.OutcomeFound || !strings.HasPrefix(c.Token, "s2x") || !strings.Contains(c.Report, "ann waits in LockContext") {
		t.Errorf("dpor found %+v", c)
	}
	if c := last[suite.CheckerGoDeadlock-1]; !suite.GuardsInternals && !strings.Contains(c.Detail, "took lock-b") {
		t.Errorf("go-deadlock found %+v", c)
	}
	replayed := in{}.do(t, "replay "+last[suite.CheckerRandom-1].Token)
	if replayed.code != exit.OK || !strings.Contains(replayed.out, "deadlock: main, ann, ben wait forever") {
		t.Errorf("code %d, %s%s", replayed.code, replayed.out, replayed.errs)
	}

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var junit struct {
		XMLName xml.Name `xml:"testsuites"`
		Tests   int      `xml:"tests,attr"`
		Skipped int      `xml:"skipped,attr"`
		Suites  []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Skipped *struct{} `xml:"skipped"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &junit); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	skipped := 0
	for i, s := range junit.Suites {
		for j, c := range s.Cases {
			if c.Name != suite.Checkers()[j].String() || c.Failure != nil {
				t.Errorf("%s: %s, failed: %t", s.Name, c.Name, c.Failure != nil)
			}
			if c.Skipped != nil {
				skipped++
			}
			if looked := got.Rows[i].Cells[j].Outcome != suite.OutcomeNotApplicable; looked == (c.Skipped != nil) {
				t.Errorf("%s: %s: skipped: %t", s.Name, c.Name, c.Skipped != nil)
			}
		}
	}
	if want := 4 * len(suite.Checkers()); junit.Tests != want || junit.Skipped != skipped || skipped == 0 {
		t.Errorf("%d tests, %d skipped, want %d, %d", junit.Tests, junit.Skipped, want, skipped)
	}
}

func TestSuiteUsage(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"suite barier event", `no scenario is called "barier"; did you mean "barrier"?`},
		{"suite barier evnet", "no scenario is called \"barier\"; did you mean \"barrier\"?\nno scenario is called \"evnet\"; did you mean \"event\"?"},
		{"suite event --rounds 0", "--rounds 0, --schedules 300: both must be 1 or more"},
		{"suite event --round 1", "unknown flag: --round"},
		{"hint", `scenario missing; "turnstile list" names them, and says which have a bug`},
		{"hint abba-deadlok", `no scenario is called "abba-deadlok"; did you mean "abba-deadlock"?`},
		{"hint abba-deadlock 5", "step 5: must be a number, 1 … 4"},
		{"hint abba-deadlock 0", "step 0: must be a number, 1 … 4"},
		{"hint abba-deadlock x", "step x: must be a number, 1 … 4"},
		{"hint abba-deadlock 1 2", `hint takes one scenario and one step, not also "2"`},
		{"hint abba-deadlock 1 --all", "either a step or --all"},
	} {
		r := in{}.do(t, test.line)
		if r.code != exit.Usage || !strings.HasPrefix(r.errs, "turnstile: "+test.want+"\n") || r.out != "" {
			t.Errorf("turnstile %s: code %d\n got %s\nwant %s", test.line, r.code, r.errs, test.want)
		}
	}
	if r := (in{}).do(t, "suite event --rounds 1 --schedules 1 --junit /no/such/directory/x.xml"); r.code != exit.Trouble || r.out != "" || !strings.Contains(r.errs, "--junit: ") {
		t.Errorf("code %d, %s", r.code, r.errs)
	}
}

// Unexpected results are printed in full, and set the exit status.
func TestSuiteUnexpected(t *testing.T) {
	row := suite.Row{Scenario: "counter", Expect: "clean"}
	for _, c := range suite.Checkers() {
		row.Cells = append(row.Cells, suite.Cell{Checker: c, Outcome: suite.OutcomeClean})
	}
	row.Cells[suite.CheckerGoleak-1] = suite.Cell{Checker: suite.CheckerGoleak, Outcome: suite.OutcomeUnexpected, Detail: "a goroutine is left", Report: "a goroutine is left\nhere"}
	for _, json := range []bool{false, true} {
		var out strings.Builder
		p := &program{out: &console.Writer{W: &out}, errs: &out}
		file := filepath.Join(t.TempDir(), "x.xml")
		err := p.report(newMatrix(p, nil, json), []suite.Row{row}, 0, &suiteFlags{json: json, junit: file})
		if exit.Code(err, true) != exit.Failed || !strings.Contains(err.Error(), "1 of 1 scenarios have unexpected results") {
			t.Errorf("the error is %v", err)
		}
		want := "✗ counter, goleak, which is clean: a goroutine is left\n    here\n"
		if json {
			want = `"outcome": "unexpected"`
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, &out)
		}
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `<failure message="a goroutine is left">a goroutine is left`) {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

func TestSuiteInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupt := func(out string) {
		if strings.Contains(out, "\n  counter ") {
			cancel(&exit.SignalError{Signal: syscall.SIGINT})
		}
	}
	r := in{ctx: ctx, printed: interrupt}.do(t, "suite counter event --rounds 1 --schedules 5")
	if r.code != 130 || strings.Contains(r.out, "event") || strings.Contains(r.out, "unexpected") {
		t.Errorf("code %d\n%s", r.code, r.out)
	}
}

func TestHint(t *testing.T) {
	r := in{}.do(t, "hint abba-deadlock")
	if r.code != exit.OK || !strings.Contains(r.out, "\n1 of 3  ") || strings.Contains(r.out, "2 of 3") || !strings.HasSuffix(r.out, "The next step: turnstile hint abba-deadlock 2\n") {
		t.Errorf("code %d\n%s", r.code, r.out)
	}
	if r := (in{}).do(t, "hint abba-deadlock 3"); !strings.Contains(r.out, "\n3 of 3  ") || strings.Contains(r.out, "1 of 3") || !strings.HasSuffix(r.out, "hint abba-deadlock 4\n") {
		t.Errorf("code %d\n%s", r.code, r.out)
	}

	r = in{}.do(t, "hint abba-deadlock --all")
	at := -1
	for _, want := range []string{"1 of 3", "2 of 3", "3 of 3", "The shortest failing schedule:", "ann waits in LockContext", "LockContext lock-b — waits", "Watch it: turnstile replay s2x"} {
		i := strings.Index(r.out, want)
		if i <= at {
			t.Errorf("%q is not there, or too early, in\n%s", want, r.out)
		}
		at = i
	}
	fields := strings.Fields(r.out)
	if replayed := (in{}).do(t, "replay "+fields[len(fields)-1]); replayed.code != exit.OK || !strings.Contains(r.out, replayed.out) {
		t.Errorf("replay prints\n%s\nwhich is not in\n%s", replayed.out, r.out)
	}
	if r := (in{}).do(t, "hint abba-ordered"); r.code != exit.OK || r.out != "abba-ordered has no bug. Its twin has one: turnstile hint abba-deadlock\n" {
		t.Errorf("code %d\n%s", r.code, r.out)
	}
	if r := (in{}).do(t, "hint double-checked-lock 4"); r.code != exit.OK || !strings.Contains(r.out, "only the race detector sees it") {
		t.Errorf("code %d\n%s", r.code, r.out)
	}
}

func TestSuiteCompletion(t *testing.T) {
	all := in{}.do(t, "__complete suite count")
	left := in{}.do(t, "__complete suite counter count")
	if !strings.Contains(all.out, "counter\t") || strings.Contains(left.out, "counter\t") || !strings.Contains(left.out, "counter-unlocked\t") {
		t.Errorf("offers\n%s\nand then\n%s", all.out, left.out)
	}
	if bugs := (in{}).do(t, "__complete hint a"); strings.Contains(bugs.out, "abba-ordered\t") || !strings.Contains(bugs.out, "abba-deadlock\t") {
		t.Errorf("offers\n%s", bugs.out)
	}
}

// The UI gets the hints, and the schedule when it asks for it.
func TestUIHints(t *testing.T) {
	r := in{terminal: true}.do(t, "")
	i := slices.IndexFunc(entries(), func(e tui.Entry) bool { return e.Name == "abba-deadlock" })
	if r.ui == nil || len(r.ui.Entries[i].Hints) != 3 {
		t.Fatalf("the UI got %+v", r.ui)
	}
	pb, err := r.ui.Shortest(t.Context(), "abba-deadlock", nil, func(int, int) {})
	if err != nil || len(pb.Events) == 0 || pb.Err == nil {
		t.Errorf("%+v, %v", pb, err)
	}
	if _, err := r.ui.Shortest(t.Context(), "abba-ordered", nil, func(int, int) {}); err == nil {
		t.Error("there is a schedule under which a clean scenario fails")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.ui.Shortest(ended, "abba-deadlock", nil, func(int, int) {}); err == nil {
		t.Error("it was not stopped")
	}
}

// A livelock has no shortest schedule, but it has a token.
func TestHintOfALivelock(t *testing.T) {
	r := in{}.do(t, "hint livelock 4")
	if r.code != exit.OK || !strings.Contains(r.out, "How it goes on forever:\n") {
		t.Errorf("code %d, %s\n%s", r.code, r.errs, r.out)
	}
	token := tokenIn.FindStringSubmatch(r.out)
	if token == nil || len(token[1]) > 200 || !strings.HasSuffix(r.out, "\nWatch it: turnstile replay "+token[1]+"\n") {
		t.Fatalf("no token, or a long one:\n%s", r.out)
	}
	if replayed := (in{}).do(t, "replay "+token[1]); replayed.code != exit.OK || !strings.Contains(replayed.out, "livelock: ") {
		t.Errorf("code %d, %s\n%s", replayed.code, replayed.errs, replayed.out)
	}
}
