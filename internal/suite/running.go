package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/synctesting"
)

const (
	// patience is the time limit of a run of a clean scenario, on a busy machine.
	patience = time.Minute
	// endOfBug is the time after which a run of a scenario with a bug is ended, since it may hang.
	endOfBug = 10 * time.Millisecond
	// longestCut is the maximum time after which a run is canceled.
	longestCut = 200 * time.Microsecond
)

// only returns the option that omits all other checks.
func only(checks ...synctesting.Check) synctesting.Option {
	var out []synctesting.Check
	for _, c := range []synctesting.Check{synctesting.Runs, synctesting.Leaks, synctesting.Locks, synctesting.Traces, synctesting.Schedules} {
		if !slices.Contains(checks, c) {
			out = append(out, c)
		}
	}
	return synctesting.Without(out...)
}

// examine makes some of the checks of a program, with the number of rounds in the options.
func (r *run) examine(ctx context.Context, program func(context.Context) error, checks ...synctesting.Check) []*synctesting.Finding {
	return synctesting.Examine(ctx, r.s.Name, program, only(checks...), synctesting.Rounds(r.o.Rounds), synctesting.Timeout(patience))
}

// drawn runs the scenario with the parameters of the round. An error names them.
func (r *run) drawn(ctx context.Context) error {
	round := synctesting.Round(ctx)
	p, words, err := draw(r.s, round, seeded(round, 0))
	if err != nil {
		return err
	}
	if err := r.s.Run(ctx, p); err != nil {
		return fmt.Errorf("with %s: %w", words, err)
	}
	return nil
}

// seeded returns the random numbers of a round, which are the same every time.
func seeded(round int, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(round), purpose)) //nolint:gosec // nothing depends on their being secret
}

// bug reports whether the scenario has a bug.
func (r *run) bug() bool { return r.s.Expect != scenarios.ExpectClean }

// free runs the scenario freely, for the race detector and goleak. A scenario with a bug may do anything, for a
// moment.
func (r *run) free(ctx context.Context) {
	defer r.begin(CheckerRuns, CheckerRace, CheckerGoleak)()
	r.set(CheckerRuns, OutcomeClean, r.times("run"))
	r.set(CheckerRace, OutcomeClean, r.times("run"))
	r.set(CheckerGoleak, OutcomeClean, r.times("run"))
	if r.bug() {
		r.none(CheckerRuns, "its invariant need not hold")
	}
	if !Detecting {
		r.none(CheckerRace, "the race detector looks only in a program that was built with -race")
	}
	before := raceErrors()
	found := r.examine(ctx, func(ctx context.Context) error {
		switch {
		case !r.bug():
			return r.drawn(ctx)
		case r.s.Expect == scenarios.ExpectLeak: // what is left ends with ctx, after goleak's check
			_ = r.drawn(ctx)
		default:
			_ = r.briefly(ctx)
		}
		return nil
	}, synctesting.Runs, synctesting.Leaks)
	for _, f := range found {
		race, isRace := errors.AsType[*synctesting.RaceError](f)
		switch {
		case f.Check == synctesting.Leaks:
			r.found(CheckerGoleak, r.s.Expect == scenarios.ExpectLeak, f)
		case isRace:
			r.found(CheckerRace, r.s.Expect == scenarios.ExpectRace, race)
		default:
			r.found(CheckerRuns, false, f)
		}
	}
	if n := raceErrors() - before; n > 0 && r.cell(CheckerRace).Outcome == OutcomeClean {
		r.found(CheckerRace, r.s.Expect == scenarios.ExpectRace, &synctesting.RaceError{N: n})
	}
	r.expect(CheckerGoleak, scenarios.ExpectLeak)
	if Detecting {
		r.expect(CheckerRace, scenarios.ExpectRace)
	}
}

// expect checks that the checker found something if the scenario's bug is one for it.
func (r *run) expect(c Checker, e scenarios.Expectation) {
	if r.s.Expect == e && r.cell(c).Outcome == OutcomeClean {
		r.missed(c, "nothing in "+r.times("run"))
	}
}

// briefly runs the scenario, which has a bug, and ends it if it does not end by itself.
func (r *run) briefly(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, endOfBug)
	defer cancel()
	return r.drawn(ctx)
}

// cut cancels the scenario at arbitrary moments.
func (r *run) cut(ctx context.Context) {
	if r.bug() {
		r.none(CheckerCut, "that is for clean scenarios")
		return
	}
	defer r.begin(CheckerCut)()
	r.set(CheckerCut, OutcomeClean, r.times("run"))
	for _, f := range r.examine(ctx, func(ctx context.Context) error {
		random := seeded(synctesting.Round(ctx), 1)
		ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(random.Int64N(int64(longestCut))), errShort)
		defer cancel()
		if err := r.drawn(ctx); err != nil && !errors.Is(err, errShort) {
			return err
		}
		return nil
	}, synctesting.Runs, synctesting.Leaks) {
		r.found(CheckerCut, false, f)
	}
}

// traced runs the scenario with a trace, for go-deadlock and the validator.
func (r *run) traced(ctx context.Context) {
	defer r.begin(CheckerGoDeadlock, CheckerValidator)()
	r.set(CheckerGoDeadlock, OutcomeClean, r.times("traced run"))
	r.set(CheckerValidator, OutcomeClean, r.times("traced run"))
	if GuardsInternals {
		r.none(CheckerGoDeadlock, "it looks at the mutexes inside the primitives, by the build tag deadlock")
	}
	for _, f := range r.examine(ctx, r.settled, synctesting.Traces) {
		r.found(CheckerValidator, false, f)
	}
	if GuardsInternals {
		return
	}
	for _, f := range r.examine(ctx, r.settled, synctesting.Locks) {
		r.found(CheckerGoDeadlock, r.s.Locks, f)
	}
	if r.s.Locks && r.cell(CheckerGoDeadlock).Outcome == OutcomeClean {
		r.missed(CheckerGoDeadlock, "nothing in "+r.times("traced run"))
	}
}

// settled runs the scenario, to the end or for a moment, and returns when all of its goroutines have ended, so that
// the trace records that.
func (r *run) settled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	switch {
	case !r.bug():
		if err := r.drawn(ctx); err != nil {
			return err
		}
	case r.s.Locks:
		r.small(ctx)
	default:
		_ = r.briefly(ctx)
	}
	cancel()
	for began := time.Now(); len(sync2.Goroutines()) > 0 && time.Since(began) < patience; {
		runtime.Gosched()
	}
	return nil
}

// small runs the scenario for a moment, with the smallest parameters.
func (r *run) small(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, endOfBug)
	defer cancel()
	if p, _, err := smallest(r.s); err == nil {
		_ = r.s.Run(ctx, p)
	}
}

// times describes the number of repetitions.
func (r *run) times(what string) string {
	if r.o.Rounds == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", r.o.Rounds, what)
}
