package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// play returns the command that plays a recording.
func (p *program) play() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "play FILE",
		Short: "Play a recorded trace",
		Long: `Play shows a trace that was recorded before, with "turnstile run --record" or by a program of yours. In a terminal it
opens the player; elsewhere, and with --format text, it prints a line for each thing that happened. FILE may be -,
for the standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("play takes one file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := p.format(format, "ui", "text")
			if err != nil {
				return err
			}
			playback, err := p.open(cmd.Context(), args[0])
			if err != nil {
				return coded(trouble, err)
			}
			if format == "ui" {
				return p.show(cmd.Context(), tui.Config{Open: playback})
			}
			return p.print(cmd.Context(), playback)
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "ui or text; ui in a terminal, text elsewhere")
	complete(cmd, "format", "ui", "text")
	return cmd
}

// open reads the trace in the file called name.
func (p *program) open(ctx context.Context, name string) (*tui.Playback, error) {
	events, err := whileIn(ctx, func() ([]trace.Event, error) {
		if name == "-" {
			return tracefile.Read(ctx, p.in) //nolint:wrapcheck // it is looked at below
		}
		file, err := os.Open(name) //nolint:gosec // the user says which
		if err != nil {
			return nil, err //nolint:wrapcheck // likewise
		}
		defer file.Close()
		return tracefile.Read(ctx, file) //nolint:wrapcheck // likewise
	})
	playback := &tui.Playback{Title: filepath.Base(name), Events: events}
	switch _, isLine := errors.AsType[*tracefile.LineError](err); {
	case err == nil:
		return playback, nil
	case len(events) > 0 && (isLine || errors.Is(err, tracefile.ErrTruncated)):
		playback.Note = fmt.Sprintf("%v; what is before that is shown", err)
		return playback, nil
	default:
		if _, named := errors.AsType[*fs.PathError](err); named {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
}

// print prints a playback as text.
func (p *program) print(ctx context.Context, playback *tui.Playback) error {
	if err := timeline.WriteText(ctx, p.out, playback.Events); err != nil {
		return err //nolint:wrapcheck // it says what it is about
	}
	if playback.Note != "" {
		complain(p.errs, playback.Title+": "+playback.Note)
	}
	return nil
}
