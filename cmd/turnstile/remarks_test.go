//go:build unix

package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/scenarios"
)

// Printed as text or as JSON, a run ends by itself and its end says the truth: a bug that it met, what it left behind, or
// that a bug is there which it did not show. Of a scenario without a bug nothing is said but that its invariant held.
func TestEndOfEachScenario(t *testing.T) {
	binary := build(t)
	var runs sync.WaitGroup
	for _, s := range scenarios.All() {
		for _, format := range []string{"text", "json"} {
			if s.Expect == scenarios.ExpectClean && format == "json" {
				continue
			}
			pace := "0"
			if s.Endless && format == "text" {
				pace = "1" // the time is over sooner than the events
			}
			runs.Go(func() { // most of the time they wait to see that nothing happens, so all of them do at once
				var out, errs strings.Builder
				cmd := exec.CommandContext(t.Context(), binary, "run", s.Name, "--pace", pace, "--format", format)
				cmd.Stdout, cmd.Stderr = &out, &errs
				if s.Category == scenarios.CategoryHosts { // no engine, nor a Go that could build one: a recording is shown
					cmd.Env = append(os.Environ(), "PATH=")
				}
				_ = cmd.Run()
				code, said := cmd.ProcessState.ExitCode(), errs.String()
				if format == "text" {
					_, end, ok := strings.Cut(out.String(), "the trace ends\n")
					if !ok {
						t.Errorf("%s: the trace has no end", s.Name)
					}
					said += end
				}
				if !endsTruly(s, format, code, said) {
					t.Errorf("%s as %s: exit code %d, and it said\n%s", s.Name, format, code, said)
				}
			})
		}
	}
	runs.Wait()
}

// endsTruly reports whether a run of s that has ended with code and said so much may end so.
func endsTruly(s *scenarios.Scenario, format string, code int, said string) bool {
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(said, w) {
				return false
			}
		}
		return true
	}
	if s.Expect == scenarios.ExpectClean {
		return code == exit.OK && said == "\n"+s.Name+": the invariant held\n"
	}
	if s.Endless && !has("it never ends") {
		return false
	}
	switch code {
	case exit.Failed:
		switch {
		case has("it hangs"): // then it says which goroutine waits for what
			return has(" waits for whom: ", " → ") || has(" waits for ") && has(" runs")
		case s.Expect == scenarios.ExpectDeadlock:
			return has("deadlock: ", " waits for ")
		}
		return has("turnstile: " + s.Name + ": ")
	case exit.OK:
		if format == "text" && !has(s.Name+": the invariant held\n") {
			return false
		}
		switch s.Expect {
		case scenarios.ExpectLeak:
			return has("goroutines left behind: ", " waits ", "a leak\n")
		case scenarios.ExpectRace:
			return has("a data race; use go run -race ")
		default:
			return has("this run did not show its bug ("+s.Expect.String()+")", "turnstile check "+s.Name+"\n")
		}
	}
	return false
}
