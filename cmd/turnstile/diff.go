package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/report"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui"
)

// diff returns the command that shows where two traces begin to differ.
func (p *program) diff() *cobra.Command {
	f := new(exportFlags)
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Show where two traces of a program begin to differ",
		Long: `Diff compares two recorded traces, or those of scenarios, which it runs first, up to the first event in which they differ: what
happens, to which goroutine and object, but not when. Goroutines and objects are matched by name, or if they have none by the order in
which they appear.

In a terminal it shows both side by side from there; elsewhere, and with --format text, it prints the last events that are
alike and the first that differ. The exit code is 0 if the traces are alike to the end, and 1 if they differ.`,
		Example: `  turnstile diff good.jsonl bad.jsonl
  turnstile diff barrier barrier --pace 0 --format text`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("diff takes two files or scenarios")
			}
			return nil
		},
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.compare(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "ui, text or json; ui in a terminal, text elsewhere")
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenarios, `key=value`; may be repeated")
	flags.StringVar(&f.pace, "pace", "", "how slowly scenarios run: 1 for people, 0 without pauses")
	complete(cmd, "format", "ui", "text", "json")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// compare shows where the two traces in the files, or of the scenarios, called names begin to differ.
func (p *program) compare(ctx context.Context, names []string, f *exportFlags) error {
	format, err := p.format(f.format, "ui", "text", "json")
	if err != nil {
		return err
	}
	var both [2]*tui.Playback
	for i, name := range names {
		pb, err := p.material(ctx, name, f)
		if err != nil {
			return err
		}
		if len(pb.Events) == 0 {
			return exit.With(exit.Trouble, fmt.Errorf("%s: there are no events", safetext.Line(name)))
		}
		p.remark(pb)
		both[i] = pb
	}
	if format == "ui" {
		return p.show(ctx, tui.Config{Beside: &both})
	}
	d, err := timeline.Diff(ctx, both[0].Events, both[1].Events)
	if err != nil {
		return err // it is the signal
	}
	if format == "json" {
		_ = json.NewEncoder(p.out).Encode(report.NewDifference(d)) // p.out keeps the error
	} else {
		report.WriteDiff(p.out, both, d)
	}
	if d.Differ() {
		return exit.With(exit.Failed, exit.ErrSaid)
	}
	return nil
}
