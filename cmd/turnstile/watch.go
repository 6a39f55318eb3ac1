package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/feeds"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui"
)

// watchCommand returns the command that shows a running program.
func (p *program) watchCommand() *cobra.Command {
	var format, record, space string
	looks := profileFlags{every: 2 * time.Second}
	cmd := &cobra.Command{
		Use:   "watch FILE | unix:PATH | URL | dist URL | -- COMMAND [argument ...]",
		Short: "Show a program while it runs",
		Long: `Watch shows what the goroutines of a running program do. In a terminal it opens the player; elsewhere, and with
--format text, it prints a line for each event.

If COMMAND is a go command, such as go run or go test, it builds with a standard library that reports channels,
locks, groups, timers and goroutines; the program is not changed. This requires Linux on amd64 or arm64. go build and
go install only build the program; to watch it, give it as COMMAND. The command's output is shown when the player closes.

A program that imports ` + autoPackage + `
writes a trace of the primitives of package sync2 to the destination in the environment variable TURNSTILE_TRACE. For a COMMAND,
watch sets it. Otherwise start the program with TURNSTILE_TRACE=FILE or TURNSTILE_TRACE=unix:PATH, before or after
watch. You can stop watching a program at a socket and resume, and restart one that has ended or crashed: f shows
the new run. So watching a file or a socket ends only when you end it.

A program never waits for the watcher: events that come too fast are dropped and counted.

A service that serves net/http/pprof can be watched through its goroutine profiles, without any import of Turnstile: URL is
that of the host, or of /debug/pprof/. Watch fetches a profile every 2 seconds, and shows which goroutines wait where and since when,
which places gain goroutines, and which goroutines never move. Profiles do not tell which objects they wait for, nor who holds
them. Each profile stops all goroutines of the service for a moment.

"watch dist URL" shows a space of an engine (see "turnstile engine"): which processes wait for what, who holds it, and
what is in the queues. Each process is shown as a goroutine.`,
		Example: `  turnstile watch -- go run ./cmd/server
  turnstile watch -- go build -o server ./cmd/server && turnstile watch -- ./server
  TURNSTILE_TRACE=unix:/tmp/server.sock ./server & turnstile watch unix:/tmp/server.sock
  turnstile watch http://localhost:6060/debug/pprof/
  turnstile watch dist nats://127.0.0.1:4222`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch dash := cmd.ArgsLenAtDash(); {
			case isSpace(cmd, args):
				return looks.check(cmd, args)
			case cmd.Flags().Changed("space"):
				return errors.New("--space needs dist and a URL")
			case dash > 0 || dash < 0 && len(args) > 1:
				return errors.New("watch takes one file or socket, or a command after --")
			case len(args) == 0:
				return errors.New("watch takes a file, a socket as unix:PATH, a URL, or a command after --")
			}
			return looks.check(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := p.format(format, "ui", "text")
			if err != nil {
				return err
			}
			w := &watcher{p: p, ui: format == "ui", record: record}
			defer w.close()
			if isService(cmd, args) {
				return w.profiles(cmd.Context(), args[0], &looks)
			}
			switch path, socket := strings.CutPrefix(args[0], "unix:"); {
			case cmd.ArgsLenAtDash() == 0 && onlyBuilds(args):
				return w.build(cmd.Context(), args)
			case cmd.ArgsLenAtDash() == 0:
				err = w.start(cmd.Context(), args)
			case socket:
				_, err = w.listen(path)
			case isSpace(cmd, args):
				err = w.space(cmd.Context(), args[1], space)
			default:
				w.title, w.source = filepath.Base(args[0]), feed.Follow(args[0])
			}
			if err != nil {
				return exit.With(exit.Trouble, err)
			}
			return w.show(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "ui or text; ui in a terminal, text elsewhere")
	looks.add(cmd)
	cmd.Flags().StringVar(&record, "record", "", "record the last run to a `file`, for turnstile play and export")
	cmd.Flags().StringVar(&space, "space", "", "for dist: the `name` of the space, if it has one")
	complete(cmd, "format", "ui", "text")
	return cmd
}

// isSpace reports whether args name a space of an engine.
func isSpace(cmd *cobra.Command, args []string) bool {
	return cmd.ArgsLenAtDash() < 0 && len(args) == 2 && args[0] == "dist"
}

// autoPackage is the package that a program imports to be watched.
const autoPackage = "github.com/turnstile-go/turnstile/sync2/trace/auto"

// A watcher shows the runs of a program.
type watcher struct {
	p      *program
	ui     bool
	record string // the file to write to, "" if there is none
	title  string
	source feed.Source

	preparing string          // what a command does before it runs the program; "" if nothing is known
	status    *console.Status // describes that; nil if there is none
	closes    []func()        // last first

	mu    sync.Mutex
	feeds []*feed.Feed

	note atomic.Pointer[string] // how the command failed, if it did; not guarded, because close waits for it
}

// close stops everything.
func (w *watcher) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.feeds {
		f.Stop()
	}
	for _, f := range slices.Backward(w.closes) {
		f()
	}
}

// listen makes the socket path the source, and returns it.
func (w *watcher) listen(path string) (*feed.Socket, error) {
	s, err := feed.Listen(path)
	if err != nil {
		return nil, err // it names the socket
	}
	w.title, w.source = filepath.Base(path), s
	w.closes = append(w.closes, s.Close)
	return s, nil
}

// start starts a command whose trace is the source.
func (w *watcher) start(ctx context.Context, args []string) error {
	dir, err := os.MkdirTemp("", "turnstile-watch-")
	if err != nil {
		return err // it names the directory
	}
	w.closes = append(w.closes, func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	socket, err := w.listen(path)
	if err != nil {
		return err
	}
	w.title = strings.Join(args, " ")

	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the user says which
	cmd.Env = append(os.Environ(), "TURNSTILE_TRACE=unix:"+path)
	if isGo(cmd.Path) {
		w.preparing = building
	}
	tells, err := w.letTell(ctx, cmd)
	if err != nil {
		return err
	}
	end := socket.End
	if tells != nil {
		w.source = feeds.Either(socket, tells)
		end = func() { socket.End(); tells.End() }
	}
	group := procgroup.New(cmd)
	cmd.Cancel = func() error { group.Kill(); return nil }
	var said *console.Tail
	out := w.p.errs
	switch {
	case w.ui: // the UI has the screen meanwhile
		said = new(console.Tail)
		out = said
	case w.preparing != "":
		w.status = w.p.status(w.preparing)
		w.closes = append(w.closes, w.status.Stop)
		out = w.status.Through(out)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return err // it names the command
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if said != nil && err != nil {
			note := crashNote(said.String(), err)
			w.note.Store(&note)
		}
		end() // what it has sent is still read
		ended <- err
	}()
	w.closes = append(w.closes, func() {
		group.Kill() // if it is still running
		err := <-ended
		if said != nil {
			_, _ = fmt.Fprint(w.p.errs, safetext.Lines(said.String()))
		}
		if _, exited := errors.AsType[*exec.ExitError](err); exited {
			console.Complain(w.p.errs, fmt.Sprintf("%s: %v", safetext.Line(args[0]), err))
		}
	})
	return nil
}

// open waits for the next run.
func (w *watcher) open(ctx context.Context) (*feed.Feed, error) {
	source := w.source
	if w.record != "" {
		source = feeds.RecordTo(source, w.record)
	}
	f, err := feed.Open(ctx, source)
	if err != nil {
		return nil, err // it says what it is about
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.feeds = append(w.feeds[:0], f) // the previous one has ended
	return f, nil
}

// first waits for the first run.
func (w *watcher) first(ctx context.Context) (*feed.Feed, error) {
	f, err := w.open(ctx)
	if errors.Is(err, io.EOF) {
		const advice = "start the go command itself, as in turnstile watch -- go run -C DIR ./cmd/x"
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s ended without a trace; %s, or import %s in the program", safetext.Line(w.title), advice, autoPackage))
	}
	return f, err
}

// show shows one run after another.
func (w *watcher) show(ctx context.Context) error {
	if w.ui {
		return w.p.show(ctx, tui.Config{Title: w.title, Preparing: w.preparing, Watch: func(ctx context.Context) (tui.ProgramRun, error) {
			f, err := w.first(ctx)
			if err != nil {
				return nil, err
			}
			return &programRun{f, w, source.New(true)}, nil
		}})
	}
	f, err := w.first(ctx)
	w.status.Stop()
	for ; err == nil; f, err = w.open(ctx) {
		if err := w.print(ctx, f); err != nil {
			return err
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// print prints a run as text while it goes on.
func (w *watcher) print(ctx context.Context, f *feed.Feed) error {
	stop := context.AfterFunc(ctx, f.Stop)
	defer stop()
	text := timeline.NewTextWriter(w.p.out)
	var buf []trace.Event
	for ended := false; !ended; {
		select {
		case <-f.Ready():
		case <-f.Ended():
			ended = true
		}
		buf = f.Drain(buf[:0])
		for _, ev := range buf {
			_ = text.Write(ev) // w.p.out keeps the error
		}
		if err := w.p.out.Failure(); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	if err := f.Err(); err != nil {
		return exit.With(exit.Trouble, err)
	}
	return nil
}

// A programRun is one run of a program, in the terminal UI. It implements tui.ProgramRun.
type programRun struct {
	*feed.Feed
	w       *watcher
	sources *source.Reader
}

// Drain implements tui.Session.
func (r *programRun) Drain(buf []trace.Event) []trace.Event {
	n := len(buf)
	buf = r.Feed.Drain(buf)
	r.sources.Add(buf[n:])
	return buf
}

// Next implements tui.ProgramRun.
func (r *programRun) Next(ctx context.Context) tui.ProgramRun {
	f, err := r.w.open(ctx)
	if err != nil {
		return nil
	}
	return &programRun{f, r.w, source.New(true)}
}

// Note implements tui.NotedSession. It returns "" for a program that watch did not start.
func (r *programRun) Note() string {
	if note := r.w.note.Load(); note != nil {
		return *note
	}
	return ""
}

// crashNote returns why a command has ended: the line of its output that reports a panic or another crash, or, if there is none,
// the text of err.
func crashNote(said string, err error) string {
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
	}
	return err.Error()
}
