package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/github"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// checkFlags are the flags of the command check.
type checkFlags struct {
	params   []string // key=value
	strategy string
	budget   int
	seed     uint64
	json     bool
	format   string
}

// check returns the command that explores a scenario.
func (p *program) check() *cobra.Command {
	f := new(checkFlags)
	cmd := &cobra.Command{
		Use:   "check NAME",
		Short: "Explore a scenario until it fails",
		Long: `Check runs a scenario repeatedly, each time under a different schedule, until it fails, every schedule has been
run, or the budget is spent. A schedule is the order in which the operations of the goroutines run. For a failure it
prints the shortest failing schedule found, and a token with which "turnstile replay" shows it.

` + exit.Help,
		Example: `  turnstile check counter
  turnstile check abba-deadlock --strategy dpor`,
		Args:              unlessJSON(&f.json, oneName),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !f.json {
				return p.checkScenario(cmd.Context(), args[0], f, new(checkJSON))
			}
			result := &checkJSON{Scenario: nameOf(args)}
			return p.object(cmd.Context(), result, &result.outcome, func() error {
				if err := oneName(cmd, args); err != nil {
					return exit.With(exit.Usage, err)
				}
				return p.checkScenario(cmd.Context(), args[0], f, result)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.strategy, "strategy", "all", "all, random, pct, dfs or dpor")
	flags.IntVar(&f.budget, "budget", 30_000, "maximum number of schedules")
	flags.Uint64Var(&f.seed, "seed", 1, "random seed")
	flags.BoolVar(&f.json, "json", false, "print the result, or an error, as one JSON object")
	flags.StringVar(&f.format, "format", "text", "text, or github: failures also become annotations in GitHub Actions")
	complete(cmd, "format", "text", "github")
	complete(cmd, "strategy", "all", "random", "pct", "dfs", "dpor")
	return cmd
}

// options returns the flags as options of package explore.
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

// checkScenario explores the scenario called name, and puts the result into result.
func (p *program) checkScenario(ctx context.Context, name string, f *checkFlags, result *checkJSON) error {
	if err := textOrGitHub(f.format, f.json); err != nil {
		return exit.With(exit.Usage, err)
	}
	if l := ordinary.Find(name); l != nil {
		return p.checkLesson(ctx, l, f, result)
	}
	set, err := (&runFlags{params: f.params, pace: "0"}).settings()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	label, run, err := explored(name, set)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	opts, err := f.options()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	r := explore.Explore(label, run, append(opts, explore.Until(ctx), explore.OnProgress(p.meter()))...)
	p.bar().Clear()
	result.Summary, result.Schedules, result.Exhausted, result.Strategy = r.String(), r.Runs, r.Exhausted, r.Strategy
	result.Failure = newFailure(r.Failure)
	if r.Failure == nil {
		if f.json {
			return context.Cause(ctx) // it is the signal
		}
		if _, err = fmt.Fprintf(p.out, "%s: %s\n%s", name, safetext.Line(r.String()), unseen(name)); err == nil {
			err = context.Cause(ctx)
		}
		return err // it names what could not be written, or the signal
	}
	if !f.json {
		err = p.printFailure(name, r, f.format == "github")
	}
	if err == nil {
		err = exit.With(exit.Failed, fmt.Errorf("%s: %w", name, r.Failure))
	}
	return err
}

// printFailure prints the failure of r.
func (p *program) printFailure(name string, r *explore.Result, annotated bool) error {
	_, err := fmt.Fprintf(p.out, "%s(%s)\nturnstile replay %s shows it.\n", safetext.Lines(r.Failure.Report()), safetext.Line(r.String()), r.Failure.Token)
	if err == nil && annotated {
		err = github.Annotate(p.out, suite.Place(r.Failure), fmt.Sprintf("turnstile check %s: %s", name, r.Failure.Kind), github.Text(r.Failure))
	}
	return err // it names what could not be written
}

// unseen returns how to see the bug of a scenario if no schedule shows it, "" for other scenarios.
func unseen(name string) string {
	if s, err := scenarios.Find(name); err != nil || s.Expect != scenarios.ExpectRace {
		return ""
	}
	return fmt.Sprintf("Its bug is a data race, which only the race detector finds: %s\n", session.RaceCommand(name))
}

// explored returns the scenario called name in the form that package explore runs, and its label in tokens.
func explored(name string, set map[string]string) (label string, run func(*explore.E), err error) {
	s, err := find(name)
	if err != nil {
		return "", nil, err
	}
	return suite.Explored(s, set) // likewise
}

// meter returns a function that shows the progress: a bar in a terminal, and a line every few seconds elsewhere.
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
		text := fmt.Sprintf("%s: %d of %d schedules, %.0f/s, %d operations each, %d traces", at.Strategy, at.Runs, at.Budget, rate, at.Depth, at.Traces)
		if at.Found != "" {
			text += ", found: " + at.Found
		}
		if p.terminal {
			p.bar().Draw(at.Runs, at.Budget, text)
			return
		}
		_, _ = fmt.Fprintln(p.errs, text)
	}
}
