package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/sandbox"
)

// sandboxFlags are the flags of the command sandbox.
type sandboxFlags struct {
	record, export, test string
}

// sandboxCommand returns the command sandbox, with which the user calls the primitives by hand.
func (p *program) sandboxCommand() *cobra.Command {
	f := new(sandboxFlags)
	cmd := &cobra.Command{
		Use:   "sandbox [SCRIPT]",
		Short: "Call the primitives by hand",
		Long: `Sandbox lets you make primitives of sync2, start goroutines by name, and call every method by hand. Each
goroutine does what you tell it and then waits for your next command. In a terminal the player shows what happens. Elsewhere,
and with a SCRIPT, commands are read line by line, and the result of each is printed.

  pool := NewSemaphore(1)          makes an object
  go ann ben                       starts goroutines
  ann: pool.Acquire()              a call; omit contexts, and write durations like 100ms
  cancel ben "too late"            ends the context of the call in which ben waits
  ann: f := Submit(exec)           an omitted function waits for commands itself, here as exec-1:
  exec-1: return "text"            returns from it; also return errors.New("x"), panic("x"), goexit, and in a loop continue and break
  ann: Submit(exec, return "x")    a function that returns at once
  end ann                          ends a goroutine

and for scripts

  await ben                        waits until ben is ready for a command, 10 seconds at most
  sleep 100ms                      lets time pass
  expect ben waits                 also ready, ended, returned VALUE, panicked TEXT; or: expect pool.Waiting() is 1

Misuse of a primitive is printed and is not an error. A script ends at the first command that is not understood, or expectation
that does not hold. At the end all goroutines are ended, and those that cannot be are named.

With --export the session is written as a Go test, which repeats it in a testing/synctest bubble and expects the same result of
every call. Where two goroutines race for a lock, as with a Mutex after Broadcast, the test may differ.

` + exit.Help,
		Example: `  turnstile sandbox
  turnstile sandbox semaphore.txt --export semaphore_test.go
  printf 'mu := Mutex\ngo ann ben\nann: mu.Lock()\nben: mu.LockTimeout(10ms)\nawait ben\n' | turnstile sandbox`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return exit.With(exit.Usage, err)
			}
			if p.terminal && len(args) == 0 {
				return p.sandboxUI(cmd.Context(), f)
			}
			return p.sandboxText(cmd.Context(), f, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.record, "record", "", "write the trace to `file`, for turnstile play")
	flags.StringVar(&f.export, "export", "", "write the session to `file` as a Go test, when it ends")
	flags.StringVar(&f.test, "test", "TestSandbox", "the `name` of that test")
	return cmd
}

var (
	testTitle = regexp.MustCompile(`^Test([^\p{Ll}][\pL\pN_]*)?$`)
	noWord    = regexp.MustCompile(`[^\pL\pN_]+`)
)

// check returns an error if a flag is invalid.
func (f *sandboxFlags) check() error {
	if !testTitle.MatchString(f.test) {
		return fmt.Errorf("--test %s: the name of a test must be Test followed by a capital letter", f.test)
	}
	if f.export != "" && !strings.HasSuffix(f.export, "_test.go") {
		return fmt.Errorf("--export %s: must end in _test.go", f.export)
	}
	return nil
}

// sandboxText runs the commands of a script, or of the standard input, and prints the results.
func (p *program) sandboxText(ctx context.Context, f *sandboxFlags, args []string) (err error) {
	in, from := p.in, "line"
	if len(args) > 0 {
		file, err := os.Open(args[0])
		if err != nil {
			return exit.With(exit.Trouble, err)
		}
		defer file.Close()
		in, from = file, args[0]
	}
	recording, err := record.Start(f.record, nil)
	if err != nil {
		return err
	}
	s := sandbox.New(true)
	defer func() {
		if rerr := recording.End(); err == nil && rerr != nil {
			err = exit.With(exit.Trouble, fmt.Errorf("--record: %w", rerr))
		}
		for _, left := range s.Close() {
			console.Complain(p.errs, left)
			if err == nil {
				err = exit.With(exit.Trouble, errors.New("not every goroutine could be ended"))
			}
		}
	}()
	if err := p.script(ctx, s, in, from); err != nil {
		return err
	}
	return f.write(s)
}

// script runs the lines of in.
func (p *program) script(ctx context.Context, s *sandbox.Session, in io.Reader, from string) error {
	lines := bufio.NewScanner(in)
	for n := 1; ; n++ {
		more, err := interruptible.Call(ctx, func() (bool, error) { return lines.Scan(), nil })
		if err != nil {
			return err
		}
		if !more {
			break
		}
		said, err := s.Do(lines.Text())
		for _, l := range said {
			_, _ = fmt.Fprintln(p.out, safetext.Line(l.String())) // p.out keeps the error
		}
		where := fmt.Sprintf("%s %d", from, n)
		if from != "line" {
			where = fmt.Sprintf("%s:%d", from, n)
		}
		switch bad, is := errors.AsType[*sandbox.FailedError](err); {
		case is:
			return exit.With(exit.Failed, fmt.Errorf("%s: %w", where, bad))
		case err != nil:
			return exit.With(exit.Usage, fmt.Errorf("%s: %w", where, err))
		case p.out.Failure() != nil:
			return p.out.Failure()
		}
	}
	if err := lines.Err(); err != nil {
		return exit.With(exit.Trouble, err)
	}
	return nil
}

// write writes the session as a test if --export was given.
func (f *sandboxFlags) write(s *sandbox.Session) error {
	if f.export == "" {
		return nil
	}
	if err := writeTest(s, f.export, f.test); err != nil {
		return exit.With(exit.Trouble, fmt.Errorf("--export: %w", err))
	}
	return nil
}

// writeTest writes the session into the file as a test called name.
func writeTest(s *sandbox.Session, file, name string) error {
	text, err := s.Test(packageOf(file), name)
	if err != nil {
		return err // it says all
	}
	return os.WriteFile(file, []byte(text), 0o666) //nolint:gosec // the umask decides who may read it; it names the file
}

// packageOf returns the name of the package in the directory of file, or, if there is none, a name made from the directory's.
func packageOf(file string) string {
	dir := filepath.Dir(file)
	names, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is good
	for _, name := range names {
		if filepath.Base(name) == filepath.Base(file) {
			continue
		}
		if f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly); err == nil {
			return f.Name.Name
		}
	}
	if abs, err := filepath.Abs(dir); err == nil {
		if name := strings.ToLower(noWord.ReplaceAllString(filepath.Base(abs), "")); token.IsIdentifier(name) {
			return name
		}
	}
	return "sandbox"
}
