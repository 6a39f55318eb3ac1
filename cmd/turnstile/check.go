package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// checkFlags are the flags of the command check.
type checkFlags struct {
	params   []string // key=value
	strategy string
	budget   int
	seed     uint64
}

// check returns the command that explores a scenario.
func (p *program) check() *cobra.Command {
	f := new(checkFlags)
	cmd := &cobra.Command{
		Use:   "check NAME",
		Short: "Look for an order in which a scenario fails",
		Long: `Check runs a scenario over and over, each time with its operations in another order, until it fails, every order
has been seen, or the budget is spent. Of a failure it prints the shortest order that it knows, and a token with which
"turnstile replay" shows it.

` + exitHelp,
		Example: `  turnstile check counter
  turnstile check abba-deadlock --strategy dpor`,
		Args:              oneName,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.checkScenario(cmd.Context(), args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.strategy, "strategy", "all", "all, random, pct, dfs or dpor")
	flags.IntVar(&f.budget, "budget", 30_000, "how many orders are tried at most")
	flags.Uint64Var(&f.seed, "seed", 1, "of the orders that are chosen at random")
	complete(cmd, "strategy", "all", "random", "pct", "dfs", "dpor")
	return cmd
}

// options returns what the flags say in the words of package explore.
func (f *checkFlags) options() ([]explore.Option, error) {
	opts := []explore.Option{explore.Runs(f.budget), explore.Seed(f.seed)}
	switch f.strategy {
	case "all":
	case "random":
		opts = append(opts, explore.Random(f.budget))
	case "pct":
		opts = append(opts, explore.PCT(3, f.budget))
	case "dfs":
		opts = append(opts, explore.DFS())
	case "dpor":
		opts = append(opts, explore.DPOR())
	default:
		return nil, fmt.Errorf("--strategy %s: must be all, random, pct, dfs or dpor", f.strategy)
	}
	if f.budget < 1 {
		return nil, fmt.Errorf("--budget %d: must be 1 or more", f.budget)
	}
	return opts, nil
}

// checkScenario explores the scenario called name.
func (p *program) checkScenario(ctx context.Context, name string, f *checkFlags) error {
	set, err := (&runFlags{params: f.params, pace: "0"}).settings()
	if err != nil {
		return coded(usage, err)
	}
	label, run, err := explored(name, set)
	if err != nil {
		return coded(usage, err)
	}
	opts, err := f.options()
	if err != nil {
		return coded(usage, err)
	}
	r := explore.Explore(label, run, append(opts, explore.Until(ctx), explore.OnProgress(p.meter()))...)
	p.clearBar()
	if r.Failure == nil {
		if _, err = fmt.Fprintf(p.out, "%s: %s\n%s", name, r, unseen(name)); err == nil {
			err = context.Cause(ctx)
		}
		return err //nolint:wrapcheck // it names what could not be written, or the signal
	}
	if _, err := fmt.Fprintf(p.out, "%s(%s)\nturnstile replay %s shows it.\n", r.Failure.Report(), r, r.Failure.Token); err != nil {
		return err //nolint:wrapcheck // it names what could not be written
	}
	return coded(failed, fmt.Errorf("%s: %w", name, r.Failure))
}

// unseen says of a scenario whose bug no order shows, how to see it.
func unseen(name string) string {
	if s, err := scenarios.Find(name); err != nil || s.Expect != scenarios.Race {
		return ""
	}
	return fmt.Sprintf("Its bug is a data race, which only the race detector sees: %s\n", raceCommand(name))
}

// explored returns the scenario called name as a program for package explore, and what it is called in tokens.
func explored(name string, set map[string]string) (label string, run func(*explore.E), err error) {
	s, err := scenarios.Find(name)
	if err != nil {
		return "", nil, err //nolint:wrapcheck // it says what is wrong
	}
	return suite.Explored(s, set) //nolint:wrapcheck // likewise
}

// meter returns a function that shows the progress: a line that is written over in a terminal, a line every few seconds
// elsewhere.
func (p *program) meter() func(explore.Progress) {
	began, shown := time.Now(), time.Now()
	return func(at explore.Progress) {
		every := 5 * time.Second
		if p.terminal {
			every = 100 * time.Millisecond
		}
		if time.Since(shown) < every {
			return
		}
		shown = time.Now()
		rate := float64(at.Runs) / time.Since(began).Seconds()
		text := fmt.Sprintf("%s: %d of %d orders, %.0f/s, %d operations each, %d traces", at.Strategy, at.Runs, at.Budget, rate, at.Depth, at.Traces)
		if at.Found != "" {
			text += ", found: " + at.Found
		}
		if p.terminal {
			p.bar(at.Runs, at.Budget, text)
			return
		}
		_, _ = fmt.Fprintln(p.errs, text)
	}
}

// errNoFailure is returned when a token leads to no failure.
var errNoFailure = errors.New("the order of the token does not fail any more")
