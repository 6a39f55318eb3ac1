package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/engine"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/lessons"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/screen"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/tui"
)

func main() {
	if screen.BeGuard() {
		return
	}
	s := screen.Find()
	os.Exit(s.UntilSignal(func(ctx context.Context) int { return runProgram(ctx, s) }))
}

// runProgram is the program, from its command line to its exit code.
func runProgram(ctx context.Context, s *screen.Screen) int {
	if child, err := suite.Child(ctx, os.Stdout); child {
		if err != nil {
			console.Complain(os.Stderr, err.Error())
			return exit.Trouble
		}
		return exit.OK
	}
	p := &program{
		in: os.Stdin, out: &console.Writer{W: console.Stdout()}, errs: os.Stderr,
		getenv:   os.Getenv,
		terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb",
		columns:  columns,
		patient:  s.Allow,
		ui: func(ctx context.Context, cfg tui.Config) error {
			release := s.Take()
			cfg.Input, cfg.Output = os.Stdin, os.Stdout
			err := tui.Run(ctx, cfg)
			release() // not after a panic: then the screen gives the terminal back
			return err
		},
	}
	p.build = func(ctx context.Context) (string, error) { return engine.Build(ctx, p.getenv) }
	if term.IsTerminal(os.Stderr.Fd()) && os.Getenv("TERM") != "dumb" {
		p.errsTerminal = &console.Terminal{Both: term.IsTerminal(os.Stdout.Fd()), Columns: func() int { return width(os.Stderr) }}
	}
	return p.execute(ctx, os.Args[1:])
}

// A program is the environment that the commands share, with the flags that all of them have.
type program struct {
	in           io.Reader
	out          *console.Writer
	errs         io.Writer
	getenv       func(string) string
	terminal     bool                                              // in and out are a terminal that can be drawn on
	columns      func() int                                        // how wide it is, 0 if that is not known
	errsTerminal *console.Terminal                                 // nil if errs is no terminal
	patient      func(d time.Duration, clean func()) (over func()) // allows to take longer to end, until over is called; nil in tests
	ui           func(context.Context, tui.Config) error

	build func(ctx context.Context) (path string, err error) // builds the engine; nil in tests

	look     look
	workshop lessons.Workshop // for lessons of ordinary Go
}

// output returns where the commands that are run print to: the standard output itself if that can be.
func (p *program) output() io.Writer {
	if file, ok := p.out.W.(*os.File); ok {
		return file
	}
	return p.out
}

// tests returns where go test runs.
func (p *program) tests() *gotest.Env {
	return &gotest.Env{In: p.in, Out: p.output(), Errs: p.errs, Getenv: p.getenv, Allow: p.patient, Terminal: p.errsTerminal}
}

// columns returns the width of the terminal, 0 if it is not known.
func columns() int { return width(os.Stdout) }

// width returns the width of the terminal f, 0 if it is not known.
func width(f *os.File) int {
	w, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return w
}

// execute runs the command line args and returns the exit code. It prints one error on p.errs: a signal, an error of writing the
// output, or the error of the command, in this order.
func (p *program) execute(ctx context.Context, args []string) int {
	p.workshop.Tests = p.tests
	root, begun := p.root()
	root.SetArgs(withRun(args))
	err := root.ExecuteContext(ctx)
	if broken := p.out.Failure(); broken != nil {
		err = exit.With(exit.Trouble, broken)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		return exit.OK
	}
	code := exit.Code(err, *begun)
	if errors.Is(err, exit.ErrSaid) {
		return code
	}
	if text := err.Error(); text != "" && code != exit.ClosedPipe {
		console.Complain(p.errs, text)
	}
	if r, ok := errors.AsType[*exit.PanicError](err); ok {
		_, _ = p.errs.Write(r.Stack)
	}
	if code == exit.Usage {
		_, _ = fmt.Fprintln(p.errs, `Run "turnstile --help" for usage.`)
	}
	return code
}

// status shows text on the standard error, if an operation takes long, until the returned Status is stopped.
func (p *program) status(text string) *console.Status {
	s := console.NewStatus(p.errs, p.errsTerminal)
	s.Begin(console.Timed(text))
	return s
}

// bar returns the progress bar of the program.
func (p *program) bar() *console.Bar {
	return &console.Bar{W: p.errs, Terminal: p.terminal, Columns: p.columns}
}
