package suite

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// ErrNoSchedule is matched by the error of [Shortest] if no schedule shows the bug of a scenario.
var ErrNoSchedule = errors.New("there is no schedule to show")

// Shortest explores a scenario with a bug, with the parameters of set, by all strategies, and returns the failure with the shortest
// schedule that they find. If ctx ends, it returns its cause. If tried is not nil, it is called now and then with the number of schedules tried, and their
// maximum.
func Shortest(ctx context.Context, s *scenarios.Scenario, set map[string]string, tried func(n, of int)) (*explore.Failure, error) {
	switch {
	case s.Expect == scenarios.ExpectClean:
		return nil, fmt.Errorf("%w: %s holds no bug", ErrNoSchedule, s.Name)
	case s.Expect == scenarios.ExpectRace:
		return nil, fmt.Errorf("%w: a data race is there in every schedule, and only the race detector sees it: go run -race ./cmd/turnstile run %s --format text", ErrNoSchedule, s.Name)
	case s.Real:
		return nil, fmt.Errorf("%w: %s needs the real clock, and cannot be explored", ErrNoSchedule, s.Name)
	}
	label, program, err := Explored(s, set)
	if err != nil {
		return nil, err
	}
	var best *explore.Failure
	all := strategies(s)
	for i, strategy := range all {
		strategy = append(strategy, explore.Runs(Default().Search), explore.Until(ctx))
		if tried != nil {
			strategy = append(strategy, explore.OnProgress(func(p explore.Progress) {
				tried(i*Default().Search+p.Runs, len(all)*Default().Search)
			}))
		}
		r := explore.Explore(label, program, strategy...)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if f := r.Failure; f != nil && (best == nil || f.Deviations < best.Deviations) {
			best = f
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: the explorer did not find one in %d", ErrNoSchedule, Default().Search)
	}
	return best, nil
}

// strategies returns the strategies that search for the shortest failing schedule. The result of shrinking a random schedule
// depends on where it began, so there are several; for a livelock, which only random schedules find, any is as good.
func strategies(s *scenarios.Scenario) [][]explore.Option {
	random := explore.Random(Default().Search)
	if s.Expect == scenarios.ExpectStarvation {
		return [][]explore.Option{{random}}
	}
	list := [][]explore.Option{{explore.DPOR()}}
	for seed := range uint64(5) {
		list = append(list, []explore.Option{random, explore.Seed(seed + 1)})
	}
	return list
}
