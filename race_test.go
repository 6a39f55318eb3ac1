package turnstile_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The suite runs every scenario by every checker that applies: "go test -race", and "make race ROUNDS=1000" for more.
// One scenario is picked with -run, such as "go test -race -run Scenario/barrier".
//
// The race detector gets its runs with the trace off, because a running trace orders what goroutines do and so can
// hide a race. What a trace tells is checked in runs of its own.

var rounds = flag.Int("rounds", 25, "how many times the suite runs each scenario")

// each calls run with every scenario that is expected to be clean, rounds times with other parameters and on another
// number of processors, and then sees that no goroutine is left.
func each(t *testing.T, run func(s *scenarios.Scenario, p scenarios.Params, random *rand.Rand) error) {
	t.Helper()
	for _, s := range scenarios.All() {
		if s.Expect != scenarios.Clean {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
			for round := range *rounds {
				runtime.GOMAXPROCS(1 + round%4)
				random := rand.New(rand.NewPCG(uint64(round), 0))
				set := draw(s, round, random)
				p, err := s.NewParams(set)
				if err == nil {
					err = run(s, p, random)
				}
				if err != nil {
					t.Fatalf("round %d, with %v: %v", round, set, err)
				}
				if left := sync2.Goroutines(); len(left) > 0 {
					t.Fatalf("round %d, with %v: %s is left running", round, set, left[0].Name())
				}
			}
		})
	}
}

// draw returns parameters for a round: at pace 0 and, but for the first round, other numbers than the defaults.
func draw(s *scenarios.Scenario, round int, random *rand.Rand) map[string]string {
	set := map[string]string{scenarios.Pace.Name: "0"}
	if round == 0 {
		return set
	}
	for _, p := range s.Params {
		low, high := int(p.Min), int(min(p.Max, p.Min+15))
		set[p.Name] = strconv.Itoa(low + random.IntN(high-low+1))
	}
	return set
}

// Under -race, with the trace off.
func TestScenario(t *testing.T) {
	each(t, func(s *scenarios.Scenario, p scenarios.Params, _ *rand.Rand) error {
		return s.Run(t.Context(), p)
	})
}

// Cut short at any moment a scenario returns the cause, or it had just finished.
func TestScenarioCancelled(t *testing.T) {
	enough := errors.New("enough")
	each(t, func(s *scenarios.Scenario, p scenarios.Params, random *rand.Rand) error {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(random.IntN(200))*time.Microsecond, enough)
		defer cancel()
		if err := s.Run(ctx, p); err != nil && !errors.Is(err, enough) {
			return err
		}
		return nil
	})
}

// What the trace tells is a story that can be true, and folds into States without a contradiction.
func TestScenarioTraced(t *testing.T) {
	each(t, func(s *scenarios.Scenario, p scenarios.Params, _ *rand.Rand) error {
		c := &checker{valid: trace.NewValidator()}
		if err := trace.Start(c); err != nil {
			return err
		}
		err := s.Run(t.Context(), p)
		trace.Stop()
		if c.err == nil {
			c.err = c.valid.Finish()
		}
		return errors.Join(err, c.err)
	})
}

// A checker is a sink that checks each event. It keeps the first error.
type checker struct {
	valid *trace.Validator
	state timeline.State
	err   error
}

// Event implements trace.Sink.
func (c *checker) Event(ev trace.Event) {
	if c.err != nil {
		return
	}
	if c.err = c.valid.Event(ev); c.err != nil {
		return
	}
	if err := c.state.Apply(ev); err != nil {
		c.err = fmt.Errorf("event %d, %s: %w", ev.Seq, timeline.Describe(&c.state, ev), err)
	}
}
