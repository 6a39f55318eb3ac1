package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// hint returns the command that helps to find the bug in a scenario.
func (p *program) hint() *cobra.Command {
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:   "hint NAME [STEP]",
		Short: "Give a hint about the bug in a scenario",
		Long: `Hint helps you find the bug in a scenario yourself, a step at a time: steps 1, 2 and 3 are hints,
each of which gives away more than the one before. The step after them is the shortest failing
schedule, as a table, and a token with which "turnstile replay" shows it.`,
		Example: `  turnstile hint abba-deadlock
  turnstile hint abba-deadlock 2
  turnstile hint abba-deadlock --all`,
		Args:              unlessJSON(&asJSON, nameAndStep),
		ValidArgsFunction: completeBug,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON {
				result := &hintJSON{Scenario: nameOf(args)}
				return p.object(cmd.Context(), result, &result.outcome, func() error {
					if err := nameAndStep(cmd, args); err != nil {
						return exit.With(exit.Usage, err)
					}
					s, step, err := bugAndStep(args, all)
					if err != nil {
						return exit.With(exit.Usage, err)
					}
					return p.fill(cmd.Context(), result, s, step, all)
				})
			}
			s, step, err := bugAndStep(args, all)
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			return p.hints(cmd.Context(), s, step, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all steps")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the steps, or an error, as one JSON object")
	return cmd
}

// bugAndStep returns the scenario and the step that hint's arguments name. The default is the first step.
func bugAndStep(args []string, all bool) (s *scenarios.Scenario, step int, err error) {
	s, err = find(args[0])
	if err != nil || len(args) == 1 {
		return s, 1, err // it says what is wrong
	}
	if all {
		return nil, 0, errors.New("either a step or --all")
	}
	if step, err = strconv.Atoi(args[1]); err != nil || step < 1 || s.Expect != scenarios.ExpectClean && step > len(s.Hints)+1 {
		return nil, 0, fmt.Errorf("step %s: must be a number, 1 … %d", args[1], len(s.Hints)+1)
	}
	return s, step, nil
}

// fill adds one hint of s, or all of them, to the result.
func (p *program) fill(ctx context.Context, j *hintJSON, s *scenarios.Scenario, step int, all bool) error {
	j.Expect = s.Expect.String()
	if s.Expect == scenarios.ExpectClean {
		return nil
	}
	last := len(s.Hints) + 1
	for i, text := range s.Hints {
		if all || step == i+1 {
			j.Hints = append(j.Hints, stepHint{i + 1, text})
		}
	}
	if !all && step < last {
		j.Next = step + 1
		return nil
	}
	f, err := p.shortest(ctx, s)
	if errors.Is(err, suite.ErrNoSchedule) {
		j.NoSchedule = err.Error()
		return nil
	}
	j.Failure = newFailure(f)
	return err // it is the signal, or says what is wrong
}

// shortest returns the failure of s with the shortest known schedule.
func (p *program) shortest(ctx context.Context, s *scenarios.Scenario) (*explore.Failure, error) {
	if l := ordinary.Find(s.Name); l != nil {
		return p.lessonFailure(ctx, l)
	}
	return suite.Shortest(ctx, s, nil, nil) // it says what is wrong
}

// nameAndStep checks the arguments of hint.
func nameAndStep(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New(`scenario missing; "turnstile list" names them, and says which have a bug`)
	case 1, 2:
		return nil
	}
	return fmt.Errorf("hint takes one scenario and one step, not also %q", args[2])
}

// hints prints one hint of s, or all of them.
func (p *program) hints(ctx context.Context, s *scenarios.Scenario, step int, all bool) error {
	if s.Expect == scenarios.ExpectClean {
		text := fmt.Sprintf("%s has no bug.", s.Name)
		if s.Twin != "" {
			text += fmt.Sprintf(" Its twin has one: turnstile hint %s", s.Twin)
		}
		_, err := fmt.Fprintln(p.out, text)
		return err // it names what could not be written
	}
	last := len(s.Hints) + 1
	from, to := step, step
	if all {
		from, to = 1, last
	}
	for i := from; i <= to; i++ {
		if err := p.hintStep(ctx, s, i, all); err != nil {
			return err
		}
	}
	if !all && step < last {
		_, err := fmt.Fprintf(p.out, "\nThe next step: turnstile hint %s %d\n", s.Name, step+1)
		return err // as above
	}
	return nil
}

// hintStep prints one step.
func (p *program) hintStep(ctx context.Context, s *scenarios.Scenario, step int, all bool) error {
	if step <= len(s.Hints) {
		head := ""
		if step == 1 || !all {
			head = fmt.Sprintf("%s has a bug: %s\n\n", s.Name, s.Expect)
		}
		_, err := fmt.Fprintf(p.out, "%s%d of %d  %s\n", head, step, len(s.Hints), s.Hints[step-1])
		return err // it names what could not be written
	}
	f, err := p.shortest(ctx, s)
	if errors.Is(err, suite.ErrNoSchedule) {
		_, err = fmt.Fprintf(p.out, "%s%v\n", blank(all), err)
		return err // as above
	}
	if err != nil {
		return err // it is the signal, or says what is wrong
	}
	head := "The shortest failing schedule:"
	if f.Kind == explore.KindLivelock {
		head = "How it goes on forever:"
	}
	_, err = fmt.Fprintf(p.out, "%s%s\n\n%s\nWatch it: turnstile replay %s\n", blank(all), head, safetext.Lines(f.Report()), f.Token)
	return err // as above
}

// blank returns a newline if something precedes it.
func blank(after bool) string {
	if after {
		return "\n"
	}
	return ""
}

// completeBug offers the names of the scenarios with a bug.
func completeBug(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) == 0 {
		for _, s := range catalog() {
			if s.Expect != scenarios.ExpectClean {
				names = append(names, cobra.CompletionWithDesc(s.Name, s.Title))
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
