package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/github"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
)

// suiteFlags are the flags of the command suite.
type suiteFlags struct {
	json      bool
	format    string
	junit     string
	rounds    int
	schedules int
}

const suiteLong = `Suite runs every applicable checker on the given scenarios, or on all of them, and prints the results:

  ✓  the checker found nothing, as expected
  ●  it found the scenario's bug, as expected
  ✗  it found something unexpected, or missed the bug
  ·  it does not apply

  runs         the scenario runs many times, with various parameters and numbers of processors, and its own
               invariant holds
  cut          cut short at any moment, it returns the cause and leaves nothing behind
  race         the race detector: in a program that was built with -race, as by go run -race ./cmd/turnstile suite
  goleak       no goroutine is left after a run
  go-deadlock  locks are taken in a consistent order
  validator    the trace is consistent
  random       the explorer finds no failing schedule, or the scenario's bug, among random schedules
  dpor         the same, systematically

The names are shortened if the terminal is narrow.

The exit code is 0 if every result is as expected, 1 otherwise, and for other errors as in "turnstile --help".`

// suite returns the command that runs every checker on the scenarios.
func (p *program) suite() *cobra.Command {
	f := &suiteFlags{}
	def := suite.Default()
	cmd := &cobra.Command{
		Use:   "suite [NAME...]",
		Short: "Run every checker on the scenarios",
		Long:  suiteLong,
		Example: `  turnstile suite
  turnstile suite philosophers-deadlock philosophers-order
  turnstile suite --junit suite.xml`,
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := named(args)
			if err == nil && (f.rounds < 1 || f.schedules < 1) {
				err = fmt.Errorf("--rounds %d, --schedules %d: both must be 1 or more", f.rounds, f.schedules)
			}
			if err == nil {
				err = textOrGitHub(f.format, f.json)
			}
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			return p.runSuite(cmd.Context(), list, f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print the matrix as JSON, with the checkers' messages")
	flags.StringVar(&f.format, "format", "text", "text, or github: unexpected results also become annotations in GitHub Actions")
	complete(cmd, "format", "text", "github")
	flags.StringVar(&f.junit, "junit", "", "write the matrix to `file` as JUnit XML as well")
	flags.IntVar(&f.rounds, "rounds", def.Rounds, "number of runs of each scenario, for each checker")
	flags.IntVar(&f.schedules, "schedules", def.Schedules, "number of schedules of each clean scenario that the explorer tries")
	return cmd
}

// named returns the scenarios of the given names in the order of the catalog, all for none.
func named(names []string) ([]*scenarios.Scenario, error) {
	var errs []error
	for _, name := range names {
		if _, err := findScenario(name, "check"); err != nil {
			errs = append(errs, err)
		}
	}
	list := scenarios.All()
	if len(names) > 0 {
		list = slices.DeleteFunc(list, func(s *scenarios.Scenario) bool { return !slices.Contains(names, s.Name) })
	}
	return list, errors.Join(errs...)
}

// completeScenarios offers the names of scenarios that args do not contain.
func completeScenarios(cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names, directive := completeScenario(cmd, nil, start)
	return slices.DeleteFunc(names, func(c cobra.Completion) bool {
		return slices.ContainsFunc(args, func(arg string) bool { return len(c) > len(arg) && c[:len(arg)+1] == arg+"\t" })
	}), directive
}

// runSuite runs the checkers on the scenarios of list.
func (p *program) runSuite(ctx context.Context, list []*scenarios.Scenario, f *suiteFlags) error {
	if f.junit != "" { // fail now, rather than after the checks, if it cannot be written
		if err := writeJUnit(f.junit, nil); err != nil {
			return exit.With(exit.Trouble, fmt.Errorf("--junit: %w", err))
		}
	}
	o := suite.Default()
	o.Rounds, o.Schedules = f.rounds, f.schedules
	m := newMatrix(p, list, f.json)
	o.Progress = m.progress
	began := time.Now()
	var rows []suite.Row
	for _, s := range list {
		row, err := suite.Run(ctx, s, o)
		if err != nil {
			p.bar().Clear()
			return err // it is the signal, or says what is wrong
		}
		rows = append(rows, row)
		if err := m.row(s, &row); err != nil {
			return err
		}
	}
	p.bar().Clear()
	return p.report(m, rows, time.Since(began), f)
}

// report prints the overall result, and writes the files.
func (p *program) report(m *matrix, rows []suite.Row, took time.Duration, f *suiteFlags) error {
	if f.junit != "" {
		if err := writeJUnit(f.junit, rows); err != nil {
			return exit.With(exit.Trouble, fmt.Errorf("--junit: %w", err))
		}
	}
	var err error
	if f.json {
		err = p.suiteJSON(rows)
	} else {
		err = m.summary(rows, took)
	}
	if err != nil {
		return err
	}
	if f.format == "github" {
		if err := p.annotateRows(rows); err != nil {
			return err
		}
	}
	bad := 0
	for i := range rows {
		if !rows[i].OK() {
			bad++
		}
	}
	if bad > 0 {
		return exit.With(exit.Failed, fmt.Errorf("suite: %d of %d scenarios have unexpected results", bad, len(rows)))
	}
	return nil
}

// annotateRows prints unexpected results as annotations.
func (p *program) annotateRows(rows []suite.Row) error {
	for i := range rows {
		for _, c := range rows[i].Cells {
			if c.Outcome != suite.OutcomeUnexpected {
				continue
			}
			message := cmp.Or(c.Report, c.Detail)
			if c.Token != "" {
				message = c.Detail + "\nturnstile replay " + c.Token
			}
			if err := github.Annotate(p.out, c.Place, fmt.Sprintf("turnstile suite %s: %s", rows[i].Scenario, c.Checker), message); err != nil {
				return err
			}
		}
	}
	return nil
}

// The JSON of suite. Fields may be added, none is renamed.
type suiteResult struct {
	RaceDetector bool        `json:"raceDetector"` // it was there
	OK           bool        `json:"ok"`
	Rows         []suite.Row `json:"rows"`
}

func (p *program) suiteJSON(rows []suite.Row) error {
	ok := !slices.ContainsFunc(rows, func(r suite.Row) bool { return !r.OK() })
	return indented(p.out, suiteResult{suite.Detecting, ok, rows})
}

// writeJUnit writes the rows to the file called name.
func writeJUnit(name string, rows []suite.Row) error {
	file, err := atomicfile.Create(name)
	if err != nil {
		return err // it names the file
	}
	defer file.Discard()
	if err := suite.WriteJUnit(file, rows); err != nil {
		return err // it names the file
	}
	return file.Commit() // likewise
}
