// Command turnstile-engine runs an engine for spaces of package dist, or shows what happens in one.
//
//	turnstile-engine -dir DIR -listen 127.0.0.1:4222
//	turnstile-engine -dir DIR -listen 10.0.0.1:4222 -node a -cluster 10.0.0.1:6222 -nodes 10.0.0.1:6222,10.0.0.2:6222,10.0.0.3:6222
//	turnstile-engine -watch nats://127.0.0.1:4222
//
// It prints the URL for [dist.WithURL] once the engine is ready, and stops at an interrupt. It has no passwords: anyone who can reach the
// port can do everything.
//
// "turnstile engine" and "turnstile watch dist" start this program. It is a separate program, since otherwise the module of sync2
// would depend on the engine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/turnstile-go/turnstile/dist"
	"github.com/turnstile-go/turnstile/dist/internal/lessons"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

func main() {
	lessons.Child()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "turnstile-engine:", err)
		}
		code := 2
		if errors.Is(err, lessons.ErrNotHere) {
			code = 4 // package scenarios knows it
		}
		os.Exit(code) //nolint:gocritic // there is nothing left to stop
	}
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("turnstile-engine", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("dir", "", "directory for the data; without it the data is temporary")
	listen := flags.String("listen", "127.0.0.1:4222", "address for the processes that use the engine")
	node := flags.String("node", "", "name of this node of a cluster")
	listenNodes := flags.String("cluster", "", "address for the other nodes")
	nodes := flags.String("nodes", "", "addresses of all nodes, separated by commas")
	watch := flags.String("watch", "", "URL of an engine whose space to show, instead of running an engine")
	space := flags.String("space", "", "name of the space to watch")
	format := flags.String("format", "text", "format for -watch: text, or trace, which is a trace file")
	scenario := flags.String("scenario", "", "name of a scenario to run instead, whose trace is written")
	pace := flags.Float64("pace", 1, "factor by which the scenario's pauses are longer")
	if err := flags.Parse(args); err != nil {
		return err // it says all
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case (*node == "") != (*listenNodes == ""):
		return errors.New("-node and -cluster need each other")
	case *listen == "":
		return errors.New("-listen must not be empty")
	case *format != "text" && *format != "trace":
		return fmt.Errorf("-format %s: must be text or trace", *format)
	case *scenario != "":
		return perform(ctx, out, *scenario, *pace)
	case *watch != "" && *format == "trace":
		return record(ctx, out, *watch, *space)
	case *watch != "":
		return show(ctx, out, *watch, *space)
	}
	opts := []dist.Option{dist.WithListen(*listen)}
	if *dir != "" {
		opts = append(opts, dist.WithDir(*dir))
	}
	if *node != "" {
		opts = append(opts, dist.WithCluster(*node, *listenNodes, strings.Split(*nodes, ",")...))
	}
	e, err := dist.StartEngine(ctx, opts...)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, e.URL())
	<-ctx.Done()
	return e.Close()
}

// record writes the trace of a space, until ctx ends.
func record(ctx context.Context, out io.Writer, url, space string) error {
	s, err := dist.Open(ctx, dist.WithURL(url), dist.WithSpace(space))
	if err != nil {
		return err
	}
	w := tracefile.NewWriter(out)
	stop, err := s.Trace(context.WithoutCancel(ctx), w) // the trace is completed before this returns
	if err == nil {
		<-ctx.Done()
		stop()
	}
	return errors.Join(err, w.Close(), s.Close())
}

// perform runs a scenario, and writes its trace.
func perform(ctx context.Context, out io.Writer, name string, pace float64) error {
	w := tracefile.NewWriter(out)
	err := lessons.Run(ctx, name, pace, w)
	return errors.Join(err, w.Close())
}

// show prints the changes in a space, one a line, until ctx ends.
func show(ctx context.Context, out io.Writer, url, space string) error {
	s, err := dist.Open(ctx, dist.WithURL(url), dist.WithSpace(space))
	if err != nil {
		return err
	}
	defer s.Close()
	for c, err := range s.Watch(ctx) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%v (by %s)\n", c, c.By); err != nil {
			return fmt.Errorf("the output: %w", err)
		}
	}
	return nil
}
