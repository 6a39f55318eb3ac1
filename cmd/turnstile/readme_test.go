package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// Every command that README.md shows is tried, or this test says why it cannot be.
func TestCommandsOfReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const quickly = " --pace 0" // with the pauses for people, it would take too long
	tried := map[string]struct {
		more string // is added to it
		code int
		want string // in what it prints
	}{
		"turnstile list":        {want: "barrier"},
		"turnstile run barrier": {more: quickly, want: "opens gate, generation 1"},
		"turnstile run semaphore -p workers=12 --pace 2": {more: quickly, want: "worker-12"},
		"turnstile run counter --record counter.jsonl":   {more: quickly},
		"turnstile play counter.jsonl":                   {want: "worker-1"},
		"turnstile export counter.jsonl -o counter.svg":  {},
		"turnstile check philosophers-deadlock":          {code: exit.Failed, want: "turnstile replay s2"},
		"turnstile hint abba-deadlock":                   {want: "hint abba-deadlock 2"},
		"turnstile completion bash":                      {want: "complete"},
		"turnstile run barrier | cat":                    {more: quickly, want: "opens gate, generation 1"},
		"turnstile run nil-channel":                      {},
		"turnstile check leak":                           {code: exit.Failed, want: "leak"},
		"turnstile drive philosophers-deadlock":          {code: exit.Usage, want: "terminal"},
		"turnstile drive lost-signal":                    {code: exit.Usage, want: "terminal"},
		"turnstile suite":                                {more: " counter", want: "go-deadlock"},
		"turnstile suite counter counter-unlocked dishes-leak abba-deadlock abba-ordered": {want: "violation"},
	}
	untried := map[string]string{
		"turnstile sandbox":                       "it reads commands from its input until that ends; see TestSandbox*",
		"turnstile drive":                         "a scenario is missing: it is a name",
		"turnstile test":                          "see TestLikeGoTest",
		"turnstile test ./...":                    "see TestModules",
		"turnstile test -race -run TestABBA -v .": "see TestModules",
		"turnstile test -run TestABBA .":          "see TestModules",
		"turnstile replay TOKEN":                  "TOKEN stands for one",
		"turnstile play mine.jsonl":               "the recording is the reader's",
		"turnstile export":                        "it stands for the commands of the Makefile's pictures",
	}
	dir := t.TempDir()
	command := regexp.MustCompile("(?m)^(?:\\$ )?(?:go run -race ./cmd/)?(turnstile [^#\n]*)|`(turnstile [^`]*)`")
	seen := make(map[string]bool)
	for _, m := range command.FindAllStringSubmatch(string(text), -1) {
		line := strings.Join(strings.Fields(m[1]+m[2]), " ")
		if seen[line] {
			continue
		}
		seen[line] = true
		switch test, ok := tried[line]; {
		case untried[line] != "", strings.HasPrefix(line, "turnstile watch"), strings.HasPrefix(line, "turnstile replay s2"):
		case !ok:
			t.Errorf("README.md shows %q, which is not tried here", line)
		default:
			args := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(line, "turnstile "), " | cat") + test.more)
			r := ranIn(t, dir, nil, append([]string{build(t)}, args...)...)
			if r.code != test.code || !strings.Contains(r.out+r.errs, test.want) {
				t.Errorf("%s: exit code %d, want %d and %q:\n%s%s", line, r.code, test.code, test.want, r.out, r.errs)
			}
		}
	}
	for line := range tried {
		if !seen[line] {
			t.Errorf("README.md does not show %q", line)
		}
	}
}

// The targets of make that README.md names exist. CI runs them.
func TestTargetsOfReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := regexp.MustCompile("(?:`|(?m:^))make ([a-z-]+)").FindAllStringSubmatch(string(text), -1)
	if len(targets) == 0 {
		t.Fatal("README.md names no targets")
	}
	for _, m := range targets {
		if !regexp.MustCompile("(?m)^" + m[1] + ":").Match(makefile) {
			t.Errorf("README.md says make %s, which is no target", m[1])
		}
	}
}
