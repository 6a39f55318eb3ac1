package scenarios_test

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
)

// Whatever its parameters are, all of them drawn over their whole range, the invariant of a scenario holds at pace 0,
// and nobody is left. There are many scenarios, so that each gets only a share of rapid's checks; -rapid.checks=1000
// makes it a hundred draws each.
func TestDraws(t *testing.T) {
	share(t, 10)
	clean(t, func(t *testing.T, s *scenarios.Scenario) {
		if len(s.Params) == 0 {
			return
		}
		rapid.Check(t, func(rt *rapid.T) {
			set := []string{"pace=0"}
			for _, p := range s.Params {
				v := rapid.IntRange(int(p.Min), int(p.Max)).Draw(rt, p.Name)
				set = append(set, p.Name+"="+strconv.Itoa(v))
			}
			if err := s.Run(t.Context(), params(t, s, set...)); err != nil {
				rt.Fatal(err)
			}
			if left := sync2.Goroutines(); len(left) > 0 {
				rt.Fatalf("%d goroutines are left, the first is %s", len(left), left[0].Name())
			}
		})
	})
}

// share lets rapid make one of so many checks in this test, and no less than five; of these, -short makes one.
func share(t *testing.T, of int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	n, err := strconv.Atoi(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(strconv.Itoa(max(5, n/of))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Set(before) })
}
