package main

import (
	"context"
	"errors"
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/engine"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/scenarios"
)

// engineFlags are those of the command engine.
type engineFlags struct{ dir, listen, node, cluster, nodes string }

// engineCommand returns the command that runs an engine.
func (p *program) engineCommand() *cobra.Command {
	var f engineFlags
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "Run an engine for processes that share primitives",
		Long: `Engine runs a server for the processes that use package dist: locks with leases and fencing tokens, semaphores, events,
barriers, wait groups and queues across processes and hosts. When it is ready it prints the URL for dist.WithURL; it stops
when it is interrupted. "turnstile watch dist URL" shows what happens there.

It has no passwords: anyone who can reach its port can do everything.

With --node, --cluster and --nodes it is a node of a cluster. Start three, each with its own addresses and the same --nodes; programs
give the URLs of all of them to dist.WithURL, and dist.WithReplicas(3), so that the data survives the loss of one.

The engine is the program turnstile-engine. Turnstile looks for it in its own directory and on the PATH. If it is not there, the go
command builds the same version, which is kept in the cache.`,
		Example: `  turnstile engine --dir /var/lib/shop --listen 127.0.0.1:4222
  turnstile engine --dir data --listen 10.0.0.1:4222 --node a --cluster 10.0.0.1:6222 --nodes 10.0.0.1:6222,10.0.0.2:6222,10.0.0.3:6222`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case (f.node == "") != (f.cluster == ""):
				return exit.With(exit.Usage, errors.New("--node and --cluster must be given together"))
			case f.listen == "":
				return exit.With(exit.Usage, errors.New("--listen must not be empty"))
			}
			return p.runEngine(cmd.Context(), &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "`directory` for stored data (default: a temporary one)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:4222", "`address` to listen at for clients")
	flags.StringVar(&f.node, "node", "", "`name` of this node of a cluster")
	flags.StringVar(&f.cluster, "cluster", "", "`address` to listen at for the other nodes")
	flags.StringVar(&f.nodes, "nodes", "", "`addresses` of all nodes, separated by commas")
	return cmd
}

// runEngine runs an engine until a signal comes.
func (p *program) runEngine(ctx context.Context, f *engineFlags) error {
	path, err := p.engineOrTell(ctx)
	if err != nil {
		return exit.With(exit.Trouble, err)
	}
	args := []string{"-listen", f.listen}
	for _, flag := range []struct{ name, value string }{{"-dir", f.dir}, {"-node", f.node}, {"-cluster", f.cluster}, {"-nodes", f.nodes}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // it is our program
	cmd.Stdout, cmd.Stderr = p.out, p.errs
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // so that it closes its files
	cmd.WaitDelay = procgroup.Grace
	if p.patient != nil {
		defer p.patient(procgroup.Grace, func() { _ = cmd.Process.Kill() })()
	}
	err = cmd.Run()
	switch _, exited := errors.AsType[*exec.ExitError](err); {
	case ctx.Err() != nil:
		return context.Cause(ctx) // it is the signal
	case exited:
		return exit.With(exit.Trouble, exit.ErrSaid)
	}
	return exit.With(exit.Trouble, err)
}

// engineOrTell finds the engine, and prints what is being built if it must be built.
func (p *program) engineOrTell(ctx context.Context) (string, error) {
	defer p.status("building " + engine.Name + " (only the first time)").Stop()
	return p.findEngine(ctx)
}

// withEngine returns a context with which s finds the engine, if it needs one. It builds the engine before s begins.
func (p *program) withEngine(ctx context.Context, s *scenarios.Scenario) context.Context {
	if s.Category != scenarios.CategoryHosts {
		return ctx
	}
	path, err := p.engineOrTell(ctx)
	return scenarios.WithEngine(ctx, func(context.Context) (string, error) { return path, err })
}

// findEngine returns the path of turnstile-engine, which it builds if it cannot be found.
func (p *program) findEngine(ctx context.Context) (string, error) {
	path, err := engine.Find()
	if err == nil || p.build == nil {
		return path, err // it says where it looked
	}
	return p.build(ctx)
}

// space watches a space of an engine, whose trace turnstile-engine writes.
func (w *watcher) space(ctx context.Context, url, space string) error {
	path, err := w.p.engineOrTell(ctx)
	if err != nil {
		return err
	}
	stream, stop, err := engine.Watch(ctx, path, url, space)
	if err != nil {
		return err // it names the program
	}
	w.title, w.source = url, &feed.One{Stream: stream}
	w.closes = append(w.closes, stop)
	return nil
}
