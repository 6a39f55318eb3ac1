package main

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
)

// One clear error each.
func TestTestUsage(t *testing.T) {
	for line, want := range map[string]string{
		"-runs":               "flag needs an argument: -runs",
		"-run":                "flag needs an argument: -run",
		"-runs 0":             "-runs 0: must be a number, 1 or more",
		"-runs many":          "-runs many: must be a number, 1 or more",
		"-time 30":            "-time 30: must be a duration such as 30s",
		"-time -1s":           "-time -1s: must be a duration such as 30s",
		"-strategy dfs":       "-strategy dfs: must be all, random, pct or dpor",
		"-anytime x":          "-anytime x: must be auto, on or off",
		"-leaks no":           "-leaks no: must be on or off",
		"-unexplored no":      "-unexplored no: must be pass or fail",
		"-seed -1":            "-seed -1: must be a number, 0 or more",
		"-replay xyz":         "not a token",
		"-replay s2yx -c":     "",
		"-replay s2y9 -run X": "",
	} {
		r := in{}.do(t, "test "+line)
		if r.code != exit.Usage || !strings.HasPrefix(r.errs, "turnstile: ") || !strings.Contains(r.errs, want) || r.out != "" {
			t.Errorf("turnstile test %s: code %d\n got %s\nwant %s", line, r.code, r.errs, want)
		}
	}
}

func TestTestHelp(t *testing.T) {
	for _, line := range []string{"test -h", "test ./... -help", "test --help", "help test"} {
		if r := (in{}).do(t, line); r.code != exit.OK || !strings.Contains(r.out, "-strategy s") || r.errs != "" {
			t.Errorf("%s: code %d\n%s%s", line, r.code, r.out, r.errs)
		}
	}
	l, err := testline.Parse([]string{"./a", "-args", "-h"})
	if err != nil || l.Help {
		t.Errorf("-h of the test binary is taken for ours (%v)", err)
	}
}
