package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/report"
)

func TestStats(t *testing.T) {
	const file = "../../docs/recordings/semaphore.jsonl"
	r := in{}.do(t, "stats "+file)
	if r.code != exit.OK || r.errs != "" {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"object", "pool", "goroutine", "worker-1", "running", " ≤ ", " @"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("it does not say %q:\n%s", want, r.out)
		}
	}
	r = in{}.do(t, "stats --json "+file)
	var report report.Stats
	if err := json.Unmarshal([]byte(r.out), &report); err != nil || report.Events == 0 || len(report.Objects) == 0 || len(report.Goroutines) == 0 || report.Objects[0].Longest == nil || len(report.Objects[0].Queue) != 32 {
		t.Errorf("%v: %s", err, r.out)
	}
	r = in{}.do(t, "stats barrier-timeout --pace 0.01")
	if r.code != exit.OK || !strings.Contains(r.out, "gave-up") {
		t.Errorf("%+v", r)
	}
	for line, code := range map[string]int{"stats": exit.Usage, "stats a b": exit.Usage, "stats none.jsonl": exit.Trouble, "stats none": exit.Usage, "stats " + file + " -p x=1": exit.Usage} {
		if r := (in{}).do(t, line); r.code != code || r.errs == "" {
			t.Errorf("%s: %+v", line, r)
		}
	}
}
