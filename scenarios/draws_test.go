package scenarios_test

import (
	"context"
	"errors"
	"flag"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
)

// Whatever its parameters are, all of them drawn over their whole range, the invariant of a scenario holds at pace 0,
// and no goroutine is left. There are many scenarios, so that each gets only a share of rapid's checks; "make test-long" makes it
// twenty times as many.
func TestDraws(t *testing.T) {
	clean(t, func(t *testing.T, s *scenarios.Scenario) {
		if len(s.Params) == 0 {
			return
		}
		if s.Category == scenarios.CategoryProcesses { // each run starts several programs
			share(t, 50)
		} else {
			share(t, 20)
		}
		rapid.Check(t, func(rt *rapid.T) {
			if err := s.Run(t.Context(), params(t, s, draw(rt, s, "0")...)); err != nil {
				rt.Fatal(err)
			}
			for _, g := range sync2.Goroutines() { // the call of a Flight may return a moment later than its waiters
				if !g.JoinTimeout(10 * time.Second) {
					rt.Fatalf("%s is left", g.Name())
				}
			}
		})
	})
}

// A bug may show with one number and not with another, but whatever they are, it ends when its context ends, and
// nothing else goes wrong.
func TestBugDraws(t *testing.T) {
	share(t, 20)
	enough := errors.New("enough")
	bugs(t, func(t *testing.T, s *scenarios.Scenario) {
		if len(s.Params) == 0 {
			return
		}
		rapid.Check(t, func(rt *rapid.T) {
			p := params(t, s, draw(rt, s, "0.1")...)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, enough)
				defer cancel() // no leaked goroutine is left after it, or the bubble says so
				err := s.Run(ctx, p)
				if ctx.Err() != nil && !errors.Is(err, enough) {
					t.Errorf("its context has ended, and it with %v", err)
				}
			})
		})
	})
}

// draw returns values for all parameters of a scenario.
func draw(rt *rapid.T, s *scenarios.Scenario, pace string) []string {
	set := []string{"pace=" + pace}
	for _, p := range s.Params {
		v := rapid.IntRange(int(p.Min), int(p.Max)).Draw(rt, p.Name)
		set = append(set, p.Name+"="+strconv.Itoa(v))
	}
	return set
}

// share lets rapid make a share of its checks in this test, and no less than two; of these, -short makes one.
func share(t *testing.T, of int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	n, err := strconv.Atoi(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(strconv.Itoa(max(2, n/of))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Set(before) })
}
