package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/report"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui"
)

// stats returns the command that prints statistics of a trace.
func (p *program) stats() *cobra.Command {
	f := new(exportFlags)
	asJSON := false
	cmd := &cobra.Command{
		Use:   "stats FILE|SCENARIO",
		Short: "Print how long goroutines waited, and warnings",
		Long: `Stats prints, for a recorded trace or that of a scenario, which it runs first: for each object the number of waits and of
goroutines that still wait, the total, median, 99th percentile and longest wait, and the longest time that it was held, and by
which goroutine; for each goroutine how long it waited and ran; and warnings about likely mistakes. A "+" means that it
still went on at the end. The number after "@" is an event; in the player, ":" goes there.

FILE may be -, for the standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("stats takes one file or scenario")
			}
			return nil
		},
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.printStats(cmd.Context(), args[0], f, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "as JSON, with times in nanoseconds")
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.pace, "pace", "", "how slowly the scenario runs: 1 for people, 0 without pauses")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// printStats prints the statistics of the trace in the file or of the scenario called name.
func (p *program) printStats(ctx context.Context, name string, f *exportFlags, asJSON bool) error {
	pb, err := p.material(ctx, name, f)
	if err != nil {
		return err
	}
	var st timeline.Stats
	for i, ev := range pb.Events {
		if i%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx) // it is the signal
		}
		st.Add(ev)
	}
	if asJSON {
		_ = indented(p.out, report.NewStats(&st)) // p.out keeps the error
	} else {
		report.WriteStats(p.out, &st)
	}
	p.remark(pb)
	return nil
}

// remark prints the note about a recording, if there is one.
func (p *program) remark(pb *tui.Playback) {
	if pb.Note != "" {
		console.Complain(p.errs, pb.Title+": "+pb.Note)
	}
}
