package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/stacks"
)

// profileFlags are the flags for a service that is watched through its profiles.
type profileFlags struct {
	every time.Duration
	looks int
}

func (f *profileFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.every, "every", f.every, "for a URL: the `time` between two profiles, at least 100ms; longer if answers are slow")
	cmd.Flags().IntVar(&f.looks, "looks", 0, "for a URL, without the player: stop after this number of `looks`; 0: never")
}

// check returns an error if the flags make no sense with args.
func (f *profileFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case f.every < 100*time.Millisecond:
		return fmt.Errorf("--every %v: must be at least 100ms", f.every)
	case f.looks < 0:
		return fmt.Errorf("--looks %d: must be 0 or more", f.looks)
	case isService(cmd, args):
		return nil
	case cmd.Flags().Changed("every"), cmd.Flags().Changed("looks"):
		return errors.New("--every and --looks are for a URL")
	}
	return nil
}

// isService reports whether args name a service by its URL.
func isService(cmd *cobra.Command, args []string) bool {
	return cmd.ArgsLenAtDash() < 0 && stacks.IsURL(args[0])
}

// profiles watches the service at the URL through its profiles.
func (w *watcher) profiles(ctx context.Context, url string, f *profileFlags) error {
	service, err := stacks.NewService(url)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	looker := stacks.NewWatcher(service, f.every)
	w.title, w.source = service.String(), looker
	if w.ui {
		return w.show(ctx)
	}
	console.Complain(w.p.errs, stacks.Limits)
	for n := 0; f.looks == 0 || n < f.looks; n++ {
		if n > 0 {
			if err := looker.Wait(ctx); err != nil {
				return err // it is the signal
			}
		}
		look, err := looker.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx) // likewise
		case err != nil && n == 0:
			return exit.With(exit.Trouble, err)
		case err != nil:
			console.Complain(w.p.errs, err.Error())
			continue
		}
		if err := look.Write(w.p.out); err != nil {
			return err // p.out keeps it
		}
	}
	return nil
}
