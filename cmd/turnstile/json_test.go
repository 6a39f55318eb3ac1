package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/suite"
)

// Line numbers in a scenario's file and the number of schedules tried are not part of the form.
var (
	tokens = regexp.MustCompile(`s2x2[\w-]+`)
	lines  = regexp.MustCompile(`\.go:\d+|line=\d+`)
	digits = regexp.MustCompile(`\d+`)
	counts = regexp.MustCompile(`\d+ (schedule|trace)s?|"schedules": [1-9]\d*`)
)

func shape(text string) []byte {
	text = tokens.ReplaceAllString(text, "TOKEN")
	text = counts.ReplaceAllStringFunc(text, func(s string) string { return digits.ReplaceAllString(s, "N") })
	return []byte(lines.ReplaceAllStringFunc(text, func(s string) string { return strings.TrimRight(s, "0123456789") + "N" }))
}

// The names of the fields are part of the interface, and there is always exactly one object.
func TestJSON(t *testing.T) {
	token := tokenIn.FindStringSubmatch(in{}.do(t, "check abba-deadlock --strategy dpor").out)
	if token == nil {
		t.Fatal("no token")
	}
	for _, test := range []struct {
		name, line string
		code       int
	}{
		{"check-failed", "check abba-deadlock --strategy dpor --json", exit.Failed},
		{"check-held", "check counter --strategy dpor -p goroutines=2 -p increments=1 --json", exit.OK},
		{"check-unknown", "check abba-deadlok\x1b[31m --json", exit.Usage},
		{"check-bare", "check --json", exit.Usage},
		{"check-param", "check counter -p x\x1b[31m=1 --json", exit.Usage},
		{"check-both", "check counter --format github --json", exit.Usage},
		{"hint", "hint abba-deadlock 2 --json", exit.OK},
		{"hint-all", "hint abba-deadlock --all --json", exit.OK},
		{"hint-clean", "hint counter --json", exit.OK},
		{"hint-step", "hint abba-deadlock 9 --json", exit.Usage},
		{"replay", "replay " + token[1] + " --json", exit.OK},
		{"replay-bad", "replay x\u202e --json", exit.Usage},
		{"replay-bare", "replay --json", exit.Usage},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := in{}.do(t, test.line)
			if r.code != test.code {
				t.Errorf("exit code %d, want %d", r.code, test.code)
			}
			var v struct {
				OK       *bool
				ExitCode *int
				Error    string
			}
			d := json.NewDecoder(strings.NewReader(r.out))
			if err := d.Decode(&v); err != nil || d.More() {
				t.Fatalf("%v, more: %t", err, d.More())
			}
			if v.OK == nil || *v.OK != (r.code == exit.OK) || v.ExitCode == nil || *v.ExitCode != r.code || (v.Error == "") != (r.code == exit.OK) {
				t.Errorf("the object does not say exit code %d: %s", r.code, r.out)
			}
			for _, bad := range []string{"\x1b", `\u001b`, "\u202e"} {
				if strings.Contains(r.out+r.errs, bad) {
					t.Errorf("%q is printed", bad)
				}
			}
			golden.RequireEqual(t, shape(r.out))
		})
	}
}

func TestGitHub(t *testing.T) {
	t.Run("check", func(t *testing.T) {
		r := in{}.do(t, "check abba-deadlock --strategy dpor --format github")
		i := strings.Index(r.out, "::error ")
		if r.code != exit.Failed || i <= 0 || r.out[i-1] != '\n' {
			t.Fatalf("exit code %d:\n%s", r.code, r.out)
		}
		golden.RequireEqual(t, shape(r.out[i:]))
	})
	t.Run("suite", func(t *testing.T) {
		row := suite.Row{Scenario: "counter", Cells: []suite.Cell{
			{Checker: suite.CheckerRuns, Outcome: suite.OutcomeClean},
			{Checker: suite.CheckerGoleak, Outcome: suite.OutcomeUnexpected, Detail: "one is left", Report: "one is left, 100%\r\nhere"},
			{Checker: suite.CheckerDPOR, Outcome: suite.OutcomeUnexpected, Detail: "deadlock", Report: "long", Token: "s2x2ab", Place: "a,b:c/x.go:12"},
		}}
		var out strings.Builder
		p := &program{out: &console.Writer{W: &out}, errs: &out}
		if err := p.report(newMatrix(p, nil, false), []suite.Row{row}, 0, &suiteFlags{format: "github"}); exit.Code(err, true) != exit.Failed {
			t.Errorf("the error is %v", err)
		}
		_, annotation, _ := strings.Cut(out.String(), "::error ")
		golden.RequireEqual(t, shape("::error "+annotation))
	})
	if r := (in{}).do(t, "check counter --format github"); r.code != exit.OK || strings.Contains(r.out, "::") {
		t.Errorf("exit code %d: %s", r.code, r.out)
	}
	for _, line := range []string{"check counter --format html", "suite counter --format html", "suite counter --format github --json"} {
		if r := (in{}).do(t, line); r.code != exit.Usage {
			t.Errorf("%s: exit code %d", line, r.code)
		}
	}
}
