package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/shown"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/tui"
)

// driveCommand returns the command drive, with which the user chooses the schedule.
func (p *program) driveCommand() *cobra.Command {
	f, run := new(runFlags), ""
	cmd := &cobra.Command{
		Use:   "drive SCENARIO | drive PACKAGE --run TEST [-- flags of go test] | drive TOKEN [PACKAGE]",
		Short: "Choose yourself which goroutine runs next",
		Long: `Drive makes you the scheduler of a scenario. The scenario stands still; each goroutine that can run has a digit, beside what it
would do next and where; press a digit to let that goroutine run. You can undo choices, leave the rest to
chance, look for a failure from where you are, and copy a token of your schedule for "turnstile replay".

With --run you drive a test of a package of any Go project, built as by "turnstile test". The test runs once by itself
first.

With a TOKEN, as printed by "turnstile check" and "turnstile test", you begin at the end of its schedule, and can go back from there.`,
		Example: `  turnstile drive philosophers-deadlock -p philosophers=3
  turnstile drive ./bank --run TestTransfer
  turnstile drive s2y… ./bank`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 1 && run == "" && !gotest.IsToken(args[0]) {
				return errors.New(`drive takes one scenario, a package and --run, or a token; "turnstile list" names the scenarios`)
			}
			return nil
		},
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !p.terminal {
				return exit.With(exit.Usage, errors.New("drive: input and output must be a terminal"))
			}
			switch {
			case gotest.IsToken(args[0]) && run != "":
				return exit.With(exit.Usage, errors.New("the token names its test; --run cannot be given as well"))
			case gotest.IsToken(args[0]):
				rest, err := p.workshop.TokenArgs(args[0], args[1:])
				if err != nil {
					return err
				}
				return p.driveTest(cmd.Context(), rest, "", args[0], nil)
			case run != "":
				return p.driveTest(cmd.Context(), args, run, "", nil)
			}
			set, err := f.settings()
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			cfg := p.config(cmd.Context(), "")
			cfg.Drive, cfg.RunParams = args[0], set
			if _, unknown := find(args[0]); unknown != nil {
				label, bad := explore.TokenProgram(args[0])
				switch {
				case bad != nil:
					return exit.With(exit.Usage, unknown)
				case len(set) > 0:
					return exit.With(exit.Usage, errors.New("a token has parameters of its own"))
				}
				cfg.Token = args[0]
				cfg.Drive, cfg.RunParams = labeled(label)
			}
			if _, err := p.driverOf(cmd.Context(), cfg.Drive, cfg.RunParams); err != nil {
				return exit.With(exit.Usage, err)
			}
			return p.show(cmd.Context(), cfg)
		},
	}
	cmd.Flags().StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	cmd.Flags().StringVar(&run, "run", "", "drive the test whose name matches this regular `expression`; the first, if there are several")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// driveTest drives a test in a package. args are arguments of go test. If f is not nil, the token leads to it, and its schedule
// is shown from the first step on.
func (p *program) driveTest(ctx context.Context, args []string, run, token string, f *explore.Failure) error {
	d, err := p.tests().NewDriver(ctx, p.in, args, run, token, f != nil && f.Kind == explore.KindRace)
	if err != nil {
		return err
	}
	defer d.Close()
	cfg := p.config(ctx, "")
	cfg.Entries, cfg.Title, cfg.Drive, cfg.Token, cfg.FromStart = nil, d.Title, d.Title, token, f != nil
	cfg.Driver, cfg.Preparing = func(string, map[string]string) (tui.Driver, error) { return d, nil }, buildingTest
	return p.show(ctx, cfg)
}

// labeled returns the scenario and the parameters that the label of a token names.
func labeled(label string) (name string, params map[string]string) {
	fields := strings.Fields(label)
	if len(fields) == 0 {
		return "", nil
	}
	params = make(map[string]string)
	for _, pair := range fields[1:] {
		key, value, _ := strings.Cut(pair, "=")
		params[key] = value
	}
	return fields[0], params
}

// A driver drives a scenario. It implements tui.Driver.
type driver struct {
	label string
	run   func(*explore.E)
}

// driverOf returns the driver of the scenario called name.
func (p *program) driverOf(ctx context.Context, name string, set map[string]string) (tui.Driver, error) {
	if l := ordinary.Find(name); l != nil {
		if _, err := lessonSchedule(l, set); err != nil { // which is the user's to decide
			return nil, err
		}
		return p.workshop.Driver(ctx, l), nil
	}
	label, run, err := explored(name, set)
	if err != nil {
		return nil, err
	}
	if s, err := scenarios.Find(name); err == nil && s.Real {
		return nil, fmt.Errorf("%s needs the real clock, and cannot be driven", name)
	}
	return &driver{label, run}, nil
}

// programOf returns the program for text, which is a token or the label of a recording.
func (p *program) programOf(ctx context.Context, text string) (*tui.Program, error) {
	text = strings.TrimSpace(text)
	if gotest.IsToken(text) {
		return p.testOf(ctx, text)
	}
	shown, label := &tui.Program{}, text
	if strings.HasPrefix(text, "s2x") {
		var err error
		if label, err = explore.TokenProgram(text); err != nil {
			return nil, err // it says what is wrong
		}
		shown.Token = text
	}
	shown.Name, shown.Params = labeled(label)
	if shown.Name == "" {
		return nil, errors.New("the token is of a program without a name")
	}
	var err error
	if shown.Driver, err = p.driverOf(ctx, shown.Name, shown.Params); err != nil {
		if _, unknown := find(shown.Name); unknown != nil && shown.Token != "" {
			err = fmt.Errorf("the token is of %q, which is not a scenario; go test replays tokens that explore.Test prints", shown.Name)
		}
		return nil, err
	}
	return shown, nil
}

// testOf returns the test of a token. It is built when it is first driven.
func (p *program) testOf(ctx context.Context, text string) (*tui.Program, error) {
	token, err := gotest.ReadToken(text)
	if err != nil {
		return nil, err
	}
	for _, l := range ordinary.All() {
		if l.Package() == token.Package {
			return &tui.Program{Name: l.Name, Token: text, Driver: p.workshop.Driver(ctx, l)}, nil
		}
	}
	return &tui.Program{Name: token.Test, Token: text, Driver: p.workshop.TokenDriver(ctx, text), Preparing: buildingTest}, nil
}

// At implements tui.Driver.
func (d *driver) At(ctx context.Context, made []int) (*tui.Moment, error) {
	return shown.Moment(explore.Drive(d.label, d.run, made, explore.Until(ctx)))
}

// GoOn implements tui.Driver.
func (d *driver) GoOn(ctx context.Context, made []int, seed uint64) (*tui.Moment, error) {
	return shown.Moment(explore.Drive(d.label, d.run, made, explore.Until(ctx), explore.Random(1), explore.Seed(seed)))
}

// Search implements tui.Driver.
func (d *driver) Search(ctx context.Context, made []int, tried func(n, of int)) (*tui.Moment, error) {
	tell := explore.OnProgress(func(p explore.Progress) { tried(p.Runs, p.Budget) })
	return shown.Moment(explore.SearchFrom(d.label, d.run, made, explore.Until(ctx), tell))
}

// Replay implements tui.Driver.
func (d *driver) Replay(ctx context.Context, token string) (*tui.Moment, error) {
	return shown.Moment(explore.Drive(d.label, d.run, nil, explore.Until(ctx), explore.Replay(token)))
}

// Token implements tui.Driver.
func (d *driver) Token(ctx context.Context, made []int) (string, error) {
	return explore.TokenOf(d.label, d.run, made, explore.Until(ctx)) // it says all
}

// withRun returns the command line args with -run, as go test spells it, replaced by --run for the command drive.
func withRun(args []string) []string {
	if len(args) == 0 || args[0] != "drive" {
		return args
	}
	args = slices.Clone(args)
	for i, a := range args {
		switch {
		case a == "--":
			return args
		case a == "-run", strings.HasPrefix(a, "-run="):
			args[i] = "-" + a
		}
	}
	return args
}
