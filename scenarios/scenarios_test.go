package scenarios_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func params(t *testing.T, s *scenarios.Scenario, pairs ...string) scenarios.Params {
	t.Helper()
	set := make(map[string]string)
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		set[name] = value
	}
	p, err := s.NewParams(set)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// clean calls f with each scenario that is expected to be clean.
func clean(t *testing.T, f func(t *testing.T, s *scenarios.Scenario)) {
	for _, s := range scenarios.All() {
		if s.Expect == scenarios.ExpectClean {
			t.Run(s.Name, func(t *testing.T) { f(t, s) })
		}
	}
}

// bubbled calls f with each clean scenario that can run in a synctest bubble.
func bubbled(t *testing.T, f func(t *testing.T, s *scenarios.Scenario)) {
	for _, s := range scenarios.All() {
		if s.Expect == scenarios.ExpectClean && !s.Real {
			t.Run(s.Name, func(t *testing.T) { f(t, s) })
		}
	}
}

// onTheWall calls f with each clean scenario that needs the real clock, all at the same time.
func onTheWall(t *testing.T, f func(t *testing.T, s *scenarios.Scenario)) {
	for _, s := range scenarios.All() {
		if s.Expect == scenarios.ExpectClean && s.Real {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				f(t, s)
			})
		}
	}
}

func TestCatalog(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+[a-z0-9]*(-[a-z0-9]+)*$`)
	for _, s := range scenarios.All() {
		if !kebab.MatchString(s.Name) {
			t.Errorf("%q is not kebab-case", s.Name)
		}
		if s.Category == scenarios.CategoryNone || s.Expect == scenarios.ExpectNone || s.Run == nil {
			t.Errorf("%s: no category, expectation or program", s.Name)
		}
		if s.Title == "" || strings.HasSuffix(s.Title, ".") {
			t.Errorf("%s: the title %q should be a line without a full stop", s.Name, s.Title)
		}
		for what, text := range map[string]string{"lesson": s.Lesson, "look": s.Look} {
			if len(text) < 80 || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
				t.Errorf("%s: %s should be a paragraph on one line: %q", s.Name, what, text)
			}
		}
		if bug := s.Expect != scenarios.ExpectClean; bug && len(s.Hints) != 3 || !bug && len(s.Hints) > 0 {
			t.Errorf("%s, which is %v, has %d hints: a bug has three, and nothing else has any", s.Name, s.Expect, len(s.Hints))
		}
		for i, hint := range s.Hints {
			if len(hint) < 40 || !strings.HasSuffix(hint, ".") || strings.Contains(hint, "\n") {
				t.Errorf("%s: hint %d should be a paragraph on one line: %q", s.Name, i+1, hint)
			}
		}
		if s.Twin != "" {
			twin, err := scenarios.Find(s.Twin)
			if err != nil {
				t.Errorf("%s: twin: %v", s.Name, err)
			} else if twin.Twin != s.Name {
				t.Errorf("%s has the twin %s, which has the twin %q", s.Name, s.Twin, twin.Twin)
			}
		}
		for _, p := range s.AllParams() {
			if !kebab.MatchString(p.Name) || p.Help == "" || p.Min >= p.Max || p.Default < p.Min || p.Default > p.Max {
				t.Errorf("%s: bad parameter %+v", s.Name, p)
			}
		}
	}
	for _, name := range []string{"event", "counter", "try-lock", "relock", "barrier", "barrier-abort", "semaphore", "local"} {
		if _, err := scenarios.Find(name); err != nil {
			t.Error(err)
		}
	}
}

func TestOrder(t *testing.T) {
	all := scenarios.All()
	for i := range all[1:] {
		a, b := all[i], all[i+1]
		if a.Category > b.Category || a.Category == b.Category && a.Name >= b.Name {
			t.Errorf("%s (%v) stands before %s (%v)", a.Name, a.Category, b.Name, b.Category)
		}
	}
}

// Every parameter at both ends of its range, at pace 0.
func TestRanges(t *testing.T) {
	clean(t, func(t *testing.T, s *scenarios.Scenario) {
		for _, p := range s.Params {
			for v := range strings.SplitSeq(p.Range(), " … ") {
				if err := s.Run(t.Context(), params(t, s, "pace=0", p.Name+"="+v)); err != nil {
					t.Errorf("%s=%s: %v", p.Name, v, err)
				}
			}
		}
	})
}

// At the pace for people a run takes a few seconds, and the invariant holds; the clock is the bubble's.
func TestPaceForPeople(t *testing.T) {
	bubbled(t, func(t *testing.T, s *scenarios.Scenario) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			if err := s.Run(t.Context(), params(t, s)); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(begin); d < 2*time.Second || d > 8*time.Second {
				t.Errorf("took %v: too fast to follow, or too slow to sit through", d)
			}
		})
	})
}

// More of something is not longer to sit through: with a parameter at either end of its range a run takes much the same
// time.
func TestRangesForPeople(t *testing.T) {
	bubbled(t, func(t *testing.T, s *scenarios.Scenario) {
		for _, p := range s.Params {
			for v := range strings.SplitSeq(p.Range(), " … ") {
				synctest.Test(t, func(t *testing.T) {
					begin := time.Now()
					if err := s.Run(t.Context(), params(t, s, p.Name+"="+v)); err != nil {
						t.Errorf("%s=%s: %v", p.Name, v, err)
					}
					if d := time.Since(begin); d < time.Second || d > 12*time.Second {
						t.Errorf("%s=%s: took %v: too fast to follow, or too slow to sit through", p.Name, v, d)
					}
				})
			}
		}
	})
}

// What only sleeps takes exactly as long as the ideal that it is compared with, on a clock that nothing else moves.
func TestIdeal(t *testing.T) {
	for name, measures := range map[string]int{"pool-speedup": 3, "workers-sweep": 3, "overlap": 1} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			recorder := trace.NewRecorder(10_000)
			synctest.Test(t, func(t *testing.T) {
				if err := trace.Start(recorder); err != nil {
					t.Fatal(err)
				}
				defer trace.Stop()
				if err := s.Run(t.Context(), params(t, s)); err != nil {
					t.Error(err)
				}
			})
			seen := 0
			for _, ev := range recorder.Events() {
				if ev.Kind != trace.KindLog || !strings.Contains(ev.Text, "ideal") {
					continue
				}
				if seen++; !strings.HasSuffix(ev.Text, "(+0.0 %)") {
					t.Error(ev.Text)
				}
			}
			if seen != measures {
				t.Errorf("%d measures stand beside their ideal, want %d", seen, measures)
			}
		})
	}
}

// Whenever ctx ends, Run soon returns its cause and leaves no goroutine: a bubble ends only when all in it have ended.
func TestCancel(t *testing.T) {
	cause := errors.New("enough")
	bubbled(t, func(t *testing.T, s *scenarios.Scenario) {
		for at := time.Duration(0); ; at += 90 * time.Millisecond {
			ended := false
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), at, cause)
				defer cancel()
				begin := time.Now()
				err := s.Run(ctx, params(t, s))
				if ended = ctx.Err() == nil; ended {
					return
				}
				if !errors.Is(err, cause) {
					t.Errorf("stopped after %v: got the error %v", at, err)
				}
				// A wait with a timeout of its own may last until that is over.
				if late := time.Since(begin) - at; late > time.Second {
					t.Errorf("stopped after %v: returned %v later", at, late)
				}
			})
			if ended || t.Failed() {
				return
			}
		}
	})
	if left := sync2.Goroutines(); len(left) > 0 {
		t.Errorf("%d goroutines are left", len(left))
	}
}

// computes names the scenarios that do not only sleep: how long they take depends on the machine, and on what else it does.
var computes = map[string]bool{"cpu-bound": true, "process-fib": true}

// The same two for the scenarios that need the clock on the wall. They are looked at for a few seconds only, and all at
// the same time.
func TestRealPaceForPeople(t *testing.T) {
	onTheWall(t, func(t *testing.T, s *scenarios.Scenario) {
		took := func(pairs ...string) time.Duration {
			begin := time.Now()
			if err := s.Run(t.Context(), params(t, s, pairs...)); err != nil {
				t.Fatal(err)
			}
			return time.Since(begin)
		}
		const most = 12 * time.Second
		d := took()
		if d > most && !computes[s.Name] {
			d -= took("pace=0") // the machine takes long for everything, also for what is not a pause
		}
		if d < 2*time.Second || d > most && !computes[s.Name] {
			t.Errorf("took %v: too fast to follow, or too slow to sit through", d)
		}
	})
}

// At the slowest pace a whole run takes 20 seconds or more. One whose context ends at its beginning does not go on for that
// long, also on a machine that takes some seconds to start a few processes.
func TestRealCancel(t *testing.T) {
	cause := errors.New("enough")
	onTheWall(t, func(t *testing.T, s *scenarios.Scenario) {
		for at := time.Duration(0); at < time.Second; at += 130 * time.Millisecond {
			ctx, cancel := context.WithTimeoutCause(t.Context(), at, cause)
			begin := time.Now()
			err := s.Run(ctx, params(t, s, "pace=10"))
			cancel()
			if !errors.Is(err, cause) {
				t.Errorf("stopped after %v: got the error %v", at, err)
			}
			if late := time.Since(begin) - at; late > 15*time.Second {
				t.Errorf("stopped after %v: returned %v later", at, late)
			}
		}
	})
}

func TestFindSuggests(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"barier", `no scenario is called "barier"; did you mean "barrier"?`},
		{"BARRIER", `no scenario is called "BARRIER"; did you mean "barrier"?`},
		{"sem", `no scenario is called "sem"; did you mean "semaphore"?`},
		{"evnet", `no scenario is called "evnet"; did you mean "event"?`},
		{"trylock", `no scenario is called "trylock"; did you mean "try-lock"?`},
		{"something-else", `no scenario is called "something-else"`},
		{"", `no scenario is called ""`},
	} {
		if _, err := scenarios.Find(test.name); err == nil || err.Error() != test.want {
			t.Errorf("Find(%q): %v, want %s", test.name, err, test.want)
		}
	}
}
