package scenarios_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
)

// bugs calls f with each scenario that holds a bug and can run in a synctest bubble.
func bugs(t *testing.T, f func(t *testing.T, s *scenarios.Scenario)) {
	for _, s := range scenarios.All() {
		if s.Expect == scenarios.ExpectClean || s.Real || underRace && s.Expect == scenarios.ExpectRace {
			continue
		}
		t.Run(s.Name, func(t *testing.T) { f(t, s) })
	}
}

// bugsInMinute calls f with each of them in a bubble, and with a context that ends after a minute for the given cause.
// Those who were left behind end with it.
func bugsInMinute(t *testing.T, cause error, f func(ctx context.Context, t *testing.T, s *scenarios.Scenario)) {
	bugs(t, func(t *testing.T, s *scenarios.Scenario) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, cause)
			defer cancel()
			f(ctx, t, s)
		})
	})
}

// At the pace for people every bug shows, and in a few seconds.
func TestBugsShow(t *testing.T) {
	stuck := errors.New("stuck")
	bugsInMinute(t, stuck, func(ctx context.Context, t *testing.T, s *scenarios.Scenario) {
		begin := time.Now()
		err := s.Run(ctx, params(t, s))
		left := len(sync2.Goroutines())
		if d := time.Since(begin); !errors.Is(err, stuck) && (d < 2*time.Second || d > 8*time.Second) {
			t.Errorf("took %v: too fast to follow, or too slow to sit through", d)
		}
		switch s.Expect {
		case scenarios.ExpectViolation:
			if err == nil || errors.Is(err, stuck) {
				t.Errorf("the invariant should not hold: %v", err)
			}
		case scenarios.ExpectDeadlock, scenarios.ExpectLostWakeup:
			if !errors.Is(err, stuck) {
				t.Errorf("should have been stuck: %v", err)
			}
		case scenarios.ExpectLeak:
			if err != nil || left == 0 {
				t.Errorf("%d goroutines are left: %v", left, err)
			}
		case scenarios.ExpectRace:
			if err != nil {
				t.Error(err)
			}
		}
		if s.Expect != scenarios.ExpectLeak && left > 0 {
			t.Errorf("%d goroutines are left", left)
		}
	})
}

// Whenever its context ends, a scenario with a bug ends too.
func TestBugsEnd(t *testing.T) {
	enough := errors.New("enough")
	bugsInMinute(t, enough, func(ctx context.Context, t *testing.T, s *scenarios.Scenario) {
		for at := time.Duration(0); at < 8*time.Second && !t.Failed(); at += 90 * time.Millisecond {
			short, cancel := context.WithTimeoutCause(ctx, at, enough)
			begin := time.Now()
			err := s.Run(short, params(t, s))
			if late := time.Since(begin) - at; late > time.Second {
				t.Errorf("stopped after %v: returned %v later", at, late)
			}
			if at < 2*time.Second && !errors.Is(err, enough) {
				t.Errorf("stopped after %v: got the error %v", at, err)
			}
			cancel()
			synctest.Wait()
			if left := sync2.Goroutines(); len(left) > 0 {
				t.Errorf("stopped after %v: %d goroutines are left, the first is %s", at, len(left), left[0].Name())
			}
		}
	})
}
