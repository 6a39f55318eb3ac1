package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// replay returns the command that shows the schedule of a token.
func (p *program) replay() *cobra.Command {
	var (
		format, record string
		asJSON         bool
	)
	cmd := &cobra.Command{
		Use:   "replay TOKEN [package] [-- flags of go test]",
		Short: "Replay the schedule under which a scenario or a test failed",
		Long: `Replay runs the scenario or test of a token under the token's schedule, and shows what happened: in a
terminal in the player, from the first step and beside a table of all steps, where you can choose another way as in
"turnstile drive"; elsewhere, and with --format text, as a table. Tokens are printed by "turnstile check" and
"turnstile test".

A test is built and run as by "turnstile test". Its package may be omitted where go test would find it by its import
path. Flags of go test that it needs, such as -tags, follow "--".

With --record, the run is recorded for "turnstile play" and "turnstile export".

A token that explore.Test printed is replayed by go test: EXPLORE_REPLAY=TOKEN go test -run TestName`,
		Example: `  turnstile replay s2y… ./bank
  turnstile replay s2y… ./bank -- -tags=integration
  turnstile replay s2y… ./bank --format text --record deadlock.jsonl`,
		Args: unlessJSON(&asJSON, oneToken),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON {
				return p.replayJSON(cmd, args, format, record)
			}
			format, err := p.format(format, "ui", "text")
			if err != nil {
				return err
			}
			f, err := p.replayed(cmd.Context(), args, record)
			if err != nil {
				return err
			}
			if format == "ui" {
				return p.replayUI(cmd.Context(), args, f)
			}
			_, err = fmt.Fprint(p.out, safetext.Lines(f.Report()))
			return err // it names what could not be written
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "ui or text; ui in a terminal, text elsewhere")
	cmd.Flags().StringVar(&record, "record", "", "record the trace into a `file`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the failure, or an error, as one JSON object")
	complete(cmd, "format", "ui", "text")
	return cmd
}

// replayUI shows the schedule of a token, which leads to f, from its first step on. The user can depart from it anywhere, as in
// "turnstile drive".
func (p *program) replayUI(ctx context.Context, args []string, f *explore.Failure) error {
	if gotest.IsToken(args[0]) {
		rest, err := p.workshop.TokenArgs(args[0], args[1:])
		if err != nil {
			return err
		}
		return p.driveTest(ctx, rest, "", args[0], f)
	}
	label, err := explore.TokenProgram(args[0])
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	cfg := p.config(ctx, "")
	cfg.Token, cfg.FromStart = args[0], true
	cfg.Drive, cfg.RunParams = labeled(label)
	return p.show(ctx, cfg)
}

// oneToken checks the arguments of replay.
func oneToken(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return errors.New("replay takes a token")
	case len(args) > 1 && !gotest.IsToken(args[0]):
		return errors.New("replay takes one token, and a package only with a token of \"turnstile test\", which begins with s2y")
	}
	return nil
}

// replayJSON runs the schedule of a token and prints the result as JSON.
func (p *program) replayJSON(cmd *cobra.Command, args []string, format, record string) error {
	result := &replayJSON{Token: nameOf(args)}
	return p.object(cmd.Context(), result, &result.outcome, func() error {
		if err := oneToken(cmd, args); err != nil {
			return exit.With(exit.Usage, err)
		}
		if format != "" {
			return exit.With(exit.Usage, errors.New("either --json or --format"))
		}
		f, err := p.replayed(cmd.Context(), args, record)
		if program, perr := explore.TokenProgram(args[0]); perr == nil {
			result.Program = safetext.Line(program)
		}
		result.Failure = newFailure(f)
		return err
	})
}

// replayed runs the scenario or test of a token under the token's schedule, records it into the file record if that is not "",
// and returns its failure.
func (p *program) replayed(ctx context.Context, args []string, record string) (*explore.Failure, error) {
	replay := p.replayedScenario
	if gotest.IsToken(args[0]) {
		replay = func(ctx context.Context, token string) (*explore.Failure, error) {
			args, err := p.workshop.TokenArgs(token, args[1:])
			if err != nil {
				return nil, err
			}
			defer p.workshop.Clean()
			return p.tests().Replay(ctx, token, args)
		}
	}
	f, err := replay(ctx, args[0])
	if err != nil || record == "" {
		return f, err
	}
	if err := p.recordTo(ctx, record, args[0], f.Events); err != nil {
		return nil, err
	}
	return f, nil
}

// recordTo writes a trace, with the label of its program, into the file record.
func (p *program) recordTo(ctx context.Context, record, label string, events []trace.Event) error {
	if len(events) > 0 && events[0].Kind == trace.KindBegin {
		events = slices.Clone(events)
		events[0].Text = label
	}
	err := p.deliver(ctx, record, func(_ context.Context, w io.Writer) error {
		return tracefile.Write(w, events) // it names the file
	})
	if err != nil {
		return exit.With(exit.Trouble, fmt.Errorf("--record: %w", err))
	}
	return nil
}

// replayedScenario runs the scenario of a token under the token's schedule, and returns its failure.
func (p *program) replayedScenario(ctx context.Context, token string) (*explore.Failure, error) {
	label, err := explore.TokenProgram(token)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	name, set := labeled(label)
	if name == "" {
		return nil, exit.With(exit.Usage, errors.New("the token is of a program without a name"))
	}
	label, run, err := explored(name, set)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("%w; go test replays tokens that explore.Test prints", err))
	}
	r, err := interruptible.Call(ctx, func() (*explore.Result, error) {
		return explore.Explore(label, run, explore.Replay(token), explore.Until(ctx)), nil
	})
	if err != nil {
		return nil, err
	}
	if r.Failure == nil {
		return nil, exit.With(exit.Failed, fmt.Errorf("%w: %s", gotest.ErrNoFailure, r))
	}
	if r.Failure.Kind == explore.KindBadToken {
		return nil, exit.With(exit.Usage, r.Failure)
	}
	return r.Failure, nil
}
