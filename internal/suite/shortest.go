package suite

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// ErrNoOrder is matched by the error of [Shortest] where no order shows what is wrong with a scenario.
var ErrNoOrder = errors.New("there is no order to be shown")

// Shortest explores a scenario with a bug by the strategies that there are, and returns the failure with the shortest
// order that they find. If ctx ends it returns its cause.
func Shortest(ctx context.Context, s *scenarios.Scenario) (*explore.Failure, error) {
	switch {
	case s.Expect == scenarios.Clean:
		return nil, fmt.Errorf("%w: %s holds no bug", ErrNoOrder, s.Name)
	case s.Expect == scenarios.Race:
		return nil, fmt.Errorf("%w: a data race is there in every order, and only the race detector sees it: go run -race ./cmd/turnstile run %s", ErrNoOrder, s.Name)
	case s.Real:
		return nil, fmt.Errorf("%w: %s needs the real clock, and cannot be explored", ErrNoOrder, s.Name)
	}
	var best *explore.Failure
	for _, strategy := range []explore.Option{explore.Random(Default().Search), explore.DPOR()} {
		if s.Expect == scenarios.Starvation && best != nil {
			break // DPOR finds none of these, and takes its time
		}
		label, program, err := Explored(s, nil)
		if err != nil {
			return nil, err
		}
		r := explore.Explore(label, program, strategy, explore.Runs(Default().Search), explore.Until(ctx))
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if f := r.Failure; f != nil && (best == nil || f.Deviations < best.Deviations) {
			best = f
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: the explorer did not find one in %d", ErrNoOrder, Default().Search)
	}
	return best, nil
}
