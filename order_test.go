package turnstile_test

import (
	"context"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// kinds says what the explorer calls the bug that a scenario holds, where it is a matter of order.
var kinds = map[scenarios.Expectation]explore.Kind{
	scenarios.Violation:  explore.CheckFailed,
	scenarios.Deadlock:   explore.Deadlock,
	scenarios.LostWakeup: explore.Deadlock,
}

// scenario returns a scenario as a program for the explorer.
func scenario(t *testing.T, name string) (twin string, run func(*explore.E)) {
	t.Helper()
	s, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.NewParams(map[string]string{scenarios.Pace.Name: "0"})
	if err != nil {
		t.Fatal(err)
	}
	return s.Twin, func(e *explore.E) {
		ctx, _ := e.WithCancel(context.Background())
		if err := s.Run(ctx, p); err != nil {
			e.Fail("%v", err)
		}
	}
}

// The explorer finds each bug in few orders; what it finds can be replayed; and it finds
// nothing in the program that does it right.
func TestOrders(t *testing.T) {
	for _, s := range scenarios.All() {
		want, ok := kinds[s.Expect]
		if !ok {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			twin, run := scenario(t, s.Name)
			r := explore.Explore(s.Name, run, explore.Random(10_000))
			if r.Failure == nil || r.Failure.Kind != want && r.Failure.Kind != explore.Deadlock {
				t.Fatalf("%s: %v, want %v", r, r.Failure, want)
			}
			if r.Failure.Deviations > 12 {
				t.Errorf("shrunk to %d deviations only", r.Failure.Deviations)
			}
			replays(t, s.Name, run, r.Failure)
			if r := explore.Explore(s.Name, run, explore.DPOR()); r.Failure == nil && r.Exhausted {
				t.Errorf("DPOR has seen everything and found nothing: %s", r)
			}
			_, right := scenario(t, twin)
			if r := explore.Explore(twin, right, explore.Random(1000), explore.DPOR()); r.Failure != nil {
				t.Errorf("%s: %s: %v", twin, r, r.Failure)
			}
		})
	}
}

// replays replays the token of a failure a hundred times.
func replays(t *testing.T, name string, run func(*explore.E), want *explore.Failure) {
	t.Helper()
	for range 100 {
		r := explore.Explore(name, run, explore.Replay(want.Token))
		if r.Failure == nil || r.Failure.Error() != want.Error() || r.Diverged != "" {
			t.Fatalf("the token %s leads to %v, want %v", want.Token, r.Failure, want)
		}
	}
	if table := want.Report(); !strings.Contains(table, "step  goroutine") || !strings.Contains(table[:strings.IndexByte(table, '\n')], want.Token) {
		t.Errorf("bad report:\n%s", table)
	}
}
