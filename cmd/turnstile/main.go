// Command turnstile shows what goroutines do at synchronization primitives: it runs small programs over package
// sync2, animates them in the terminal, and records and plays their traces. See "turnstile --help".
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/term"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/tui"
)

func main() {
	ctx := untilSignal()
	if child, err := suite.Child(ctx, os.Stdout); child {
		if err != nil {
			complain(os.Stderr, err.Error())
			os.Exit(trouble)
		}
		return
	}
	p := &program{
		in: os.Stdin, out: os.Stdout, errs: os.Stderr,
		getenv:   os.Getenv,
		terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb",
		columns:  columns,
		ui:       tui.Run,
	}
	os.Exit(p.execute(ctx, os.Args[1:]))
}

// A program is what the commands share: where it runs, and the flags that all of them have.
type program struct {
	in        io.Reader
	out, errs io.Writer
	getenv    func(string) string
	terminal  bool       // in and out are a terminal that can be drawn on
	columns   func() int // how wide it is, 0 if that is not known
	ui        func(context.Context, tui.Config) error

	look look
}

// columns returns how wide the terminal is, 0 if that is not known.
func columns() int {
	w, _, err := term.GetSize(os.Stdout.Fd())
	if err != nil {
		return 0
	}
	return w
}

// execute runs the command line args and returns the exit code.
func (p *program) execute(ctx context.Context, args []string) int {
	root, begun := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return held
	}
	code := exitCode(err, *begun)
	if text := err.Error(); text != "" && code != closedPipe {
		complain(p.errs, text)
	}
	if code == usage {
		_, _ = fmt.Fprintln(p.errs, `"turnstile --help" says what can be done.`)
	}
	return code
}

// complain writes an error or a warning to w. Its text may hold parts of the command line, of files or of what programs
// said, so that it is cleaned.
func complain(w io.Writer, text string) {
	_, _ = fmt.Fprintln(w, "turnstile: "+safetext.Lines(text))
}

// A signalError is the cause with which the program's context ends when it is interrupted.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return "stopped: " + e.signal.String() }

// untilSignal returns a context that ends at the first interrupt. The second one kills the program, should the first
// not have led anywhere.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Stop(signals)
		cancel(&signalError{s})
	}()

	// With this, writing to a pipe that nobody reads any more is an error like others instead of the end. The signal
	// is not ignored altogether, since child processes would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx
}
