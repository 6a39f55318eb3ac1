package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/tui"
)

func main() {
	if beGuard() {
		return
	}
	s := findScreen()
	os.Exit(untilSignal(s, func(ctx context.Context) int { return run(ctx, s) }))
}

// run is the program, from its command line to its exit code.
func run(ctx context.Context, s *screen) int {
	if child, err := suite.Child(ctx, os.Stdout); child {
		if err != nil {
			complain(os.Stderr, err.Error())
			return trouble
		}
		return held
	}
	p := &program{
		in: os.Stdin, out: &stickyWriter{w: standardOutput()}, errs: os.Stderr,
		getenv:   os.Getenv,
		terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb",
		columns:  columns,
		patient: func(d time.Duration, clean func()) func() {
			s.left.Store(&left{d, clean})
			return func() { s.left.Store(nil) }
		},
		ui: func(ctx context.Context, cfg tui.Config) error {
			defer s.guard()()
			s.taken.Store(true)
			defer s.taken.Store(false)
			cfg.Input, cfg.Output = os.Stdin, os.Stdout
			return tui.Run(ctx, cfg)
		},
	}
	p.build = p.buildEngine
	if term.IsTerminal(os.Stderr.Fd()) && os.Getenv("TERM") != "dumb" {
		p.status = &statusPlace{both: term.IsTerminal(os.Stdout.Fd()), columns: func() int { return width(os.Stderr) }}
	}
	return p.execute(ctx, os.Args[1:])
}

// A program is what the commands share: where it runs, and the flags that all of them have.
type program struct {
	in       io.Reader
	out      *stickyWriter
	errs     io.Writer
	getenv   func(string) string
	terminal bool                                              // in and out are a terminal that can be drawn on
	columns  func() int                                        // how wide it is, 0 if that is not known
	status   *statusPlace                                      // nil if errs is no terminal
	patient  func(d time.Duration, clean func()) (over func()) // allows to take longer to end, until over is called; nil in tests
	ui       func(context.Context, tui.Config) error

	build func(ctx context.Context, name string, building func()) (path string, err error) // of the engine; nil in tests: it is not built

	look     look
	workshop workshop // for lessons of ordinary Go
}

// columns returns how wide the terminal is, 0 if that is not known.
func columns() int { return width(os.Stdout) }

// width returns how wide the terminal f is, 0 if that is not known.
func width(f *os.File) int {
	w, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return w
}

// execute runs the command line args and returns the exit code. What went wrong is said on p.errs, most important first:
// that a signal came, that the output could not be written, what the command returned.
func (p *program) execute(ctx context.Context, args []string) int {
	root, begun := p.root()
	root.SetArgs(withRun(args))
	err := root.ExecuteContext(ctx)
	if broken := p.out.failure(); broken != nil {
		err = coded(trouble, broken)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		return held
	}
	code := exitCode(err, *begun)
	if errors.Is(err, errSaid) {
		return code
	}
	if text := err.Error(); text != "" && code != closedPipe {
		complain(p.errs, text)
	}
	if r, ok := errors.AsType[*panicError](err); ok {
		_, _ = p.errs.Write(r.stack)
	}
	if code == usage {
		_, _ = fmt.Fprintln(p.errs, `Run "turnstile --help" for usage.`)
	}
	return code
}

// complain writes an error or a warning to w. Its text may hold parts of the command line, of files or of what programs
// said, so that it is cleaned.
func complain(w io.Writer, text string) {
	_, _ = fmt.Fprintln(w, "turnstile: "+safetext.Lines(text))
}
