package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// kinds lists what the explorer may call a scenario's bug. A data race is not among them, since it does not depend on
// the schedule.
var kinds = map[scenarios.Expectation][]explore.Kind{
	scenarios.ExpectDeadlock:   {explore.KindDeadlock},
	scenarios.ExpectLostWakeup: {explore.KindDeadlock},
	scenarios.ExpectLeak:       {explore.KindLeak},
	scenarios.ExpectViolation:  {explore.KindCheckFailed, explore.KindDeadlock}, // a wrong barrier may also make a goroutine wait forever
	scenarios.ExpectStarvation: {explore.KindLivelock, explore.KindCheckFailed},
}

// maxDeviations is the maximum length of the schedule that the explorer reports for a failure.
const maxDeviations = 12

// longReplays is the maximum number of replays of a schedule that runs up to the limit of operations.
const longReplays = 2

// random explores random schedules.
func (r *run) random(ctx context.Context) { r.explore(ctx, CheckerRandom, explore.Random) }

// dpor explores schedules systematically. The bug has then been found twice, and one of the schedules must be short, except
// for a livelock.
func (r *run) dpor(ctx context.Context) {
	r.explore(ctx, CheckerDPOR, func(int) explore.Option { return explore.DPOR() })
	if kinds[r.s.Expect] == nil || r.s.Expect == scenarios.ExpectStarvation || len(r.lengths) == 0 {
		return
	}
	if n := slices.Min(r.lengths); n > maxDeviations {
		r.found(CheckerDPOR, false, fmt.Errorf("the shortest failing schedule has %d deviations, more than %d\n%s", n, maxDeviations, r.cell(CheckerDPOR).Report))
	}
}

// explore explores the scenario with one strategy.
func (r *run) explore(ctx context.Context, c Checker, strategy func(n int) explore.Option) {
	if r.s.Real {
		r.none(c, "it needs the real clock, and cannot be explored")
		return
	}
	if c == CheckerDPOR && r.s.Expect == scenarios.ExpectStarvation {
		r.none(c, "whether every goroutine gets a turn and the program still does not end shows only in random schedules")
		return
	}
	defer r.begin(c)()
	label, program, err := Explored(r.s, nil)
	if err != nil {
		r.found(c, false, err)
		return
	}
	kinds, budget, seeds := kinds[r.s.Expect], r.o.Schedules, 1
	if kinds != nil {
		budget, seeds = r.o.Search, r.o.Seeds
	}
	if c == CheckerDPOR || r.s.Expect == scenarios.ExpectStarvation {
		seeds = 1 // DPOR has none, and a livelock takes long
	}
	options := []explore.Option{strategy(budget), explore.Runs(budget), explore.Until(ctx)}
	if kinds == nil && r.o.Steps > 0 {
		options = append(options, explore.Steps(r.o.Steps))
	}
	for seed := range seeds {
		res := explore.Explore(label, program, append(options, explore.Seed(uint64(seed)+1))...)
		switch {
		case ctx.Err() != nil:
			return
		case res.Failure != nil:
			r.failed(c, slices.Contains(kinds, res.Failure.Kind), res)
			r.lengths = append(r.lengths, res.Failure.Deviations)
			if seed == 0 {
				r.replay(c, label, program, res.Failure)
			}
		case kinds != nil:
			r.missed(c, res.String())
		default:
			r.set(c, OutcomeClean, res.String())
		}
		if r.cell(c).Outcome == OutcomeUnexpected {
			return
		}
	}
}

// failed records the explorer's finding.
func (r *run) failed(c Checker, expected bool, res *explore.Result) {
	r.found(c, expected, res.Failure)
	cell := r.cell(c)
	cell.Detail = fmt.Sprintf("%s, %d deviations", res, res.Failure.Deviations)
	if !expected {
		cell.Detail = res.Failure.Error()
	}
	cell.Report, cell.Token, cell.Place = res.Failure.Report(), res.Failure.Token, Place(res.Failure)
}

// replay checks that the schedule that was found leads to the same failure every time.
func (r *run) replay(c Checker, label string, program func(*explore.E), want *explore.Failure) {
	if want.Token == "" {
		return
	}
	replays := r.o.Replays
	if want.Kind == explore.KindLivelock {
		replays = min(replays, longReplays)
	}
	for range replays {
		res := explore.Explore(label, program, explore.Replay(want.Token))
		if res.Failure == nil || res.Failure.Error() != want.Error() || res.Diverged != "" {
			r.found(c, false, fmt.Errorf("the token %s does not lead to %w: %s", want.Token, want, res))
			return
		}
	}
}

// firstLine returns the first line of an error.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// errShort is the cause with which runs are cut short.
var errShort = errors.New("cut short")

// Place returns the last position in the schedule that leads to a failure, such as "bank/bank.go:12", "" if none is known.
func Place(f *explore.Failure) string {
	for _, s := range slices.Backward(f.Steps) {
		if s.Where != "" {
			return s.Where
		}
	}
	return ""
}
