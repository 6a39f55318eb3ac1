package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// test returns the command that explores the tests of any Go package.
func (p *program) test() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [packages] [flags]",
		Short: "Run the tests of any Go package under every order that matters",
		Long: `Test is go test, except that it runs each test repeatedly, each time with its goroutines in a different order, until it
fails, every order that matters has been run, or the budget is spent. The tests and what they test are ordinary Go: channels,
select, sync, sync/atomic, context, time and go statements, including those in dependencies and the standard library. Neither
the code nor go.mod is changed. A failure is printed with the order that leads to it and a token that replays it.

It takes the flags of go test and go build (see "go help test", "go help testflag"), with the same meaning. With
-race, all orders are run without the race detector first and then with it. Results are never taken from go test's
cache; -count=n explores each test n times. Benchmarks, examples and fuzz tests run as they do under go test.

It has flags of its own, which like those of go test go before or after the packages; what follows -args is for the test binary:
  -runs n          try at most n orders of each test
  -time d          spend at most the duration d on each test
  -steps n         initial limit of n steps for an order
  -strategy s      how orders are chosen: random, pct, dpor, or all, one after the other (default all)
  -anytime s       whether timers may fire while goroutines can go on: off, on, or auto, off first and then on (default auto)
  -leaks s         whether goroutines that wait forever when the test has ended are a failure: on or off (default on)
  -unexplored s    whether a test that cannot be explored, such as one whose first order takes too long, makes the exit code 1:
                   pass or fail (default pass); the last lines, -v and -report name such tests and the reason in any case
  -seed n          random seed (default 1)
  -replay token    run only the order of the token; the environment variable EXPLORE_REPLAY does the same
  -report file     write the result of each test to the file, one JSON object a line
  -format f        text, or github: failures also become annotations in GitHub Actions (default text)

The patched copy of the standard library is kept in the user's cache directory, or in the directory that
the environment variable TURNSTILE_CACHE names.

Exit codes are those of go test, and:
  3    the exploration could not begin: no go command, or a version of Go that turnstile does not know
  130  interrupted by Ctrl-C (128 plus the signal number, for other signals too)`,
		Example: `  turnstile test ./...
  turnstile test -race -run TestTransfer -runs 20000 -time 30s -v ./bank
  turnstile test -replay s2y… ./bank`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "--version" {
				_, err := fmt.Fprintf(p.out, "turnstile %s\n", cmd.Version)
				return err // it names what could not be written
			}
			line, err := testline.Parse(args)
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			if line.Help {
				return cmd.Help() // likewise
			}
			return p.runTests(cmd.Context(), line)
		},
	}
	return cmd
}

// A goTest is what several runs of go test have in common.
type goTest struct {
	p       *program
	line    *testline.Line
	config  *anytest.Config
	token   *testToken // that is replayed, nil if none is
	goflags []testline.GoFlag
	root    string // the private GOROOT
	gotmp   string // GOTMPDIR
	dir     string // for what does not outlast the command
	reports *testReports
	status  *statusLine // nil if there is none
	env     []string    // for the tests, beside what there is
	in      io.Reader
	out     io.Writer
	errs    io.Writer
}

// runTests runs the tests of a command line.
func (p *program) runTests(ctx context.Context, line *testline.Line) error {
	config, err := line.Config()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	if line.On("json") && line.Own["format"] == "github" {
		return exit.With(exit.Usage, errors.New("either -json or -format github"))
	}
	t := &goTest{p: p, line: line, config: config, in: p.in, out: p.output(), errs: p.errs}
	if err := t.findToken(); err != nil {
		return err
	}
	if err := t.prepare(ctx); err != nil {
		return err
	}
	defer t.clean()
	t.showProgress()
	defer t.status.stop()
	skew := &skewDetector{w: t.errs}
	t.errs = skew

	began := time.Now()
	code := 0
	phases := line.Phases(t.goflags)
	if t.token != nil {
		phases = []testline.Phase{testline.PhaseOnly}
	}
	for _, phase := range phases {
		c, err := t.run(ctx, phase)
		if err != nil {
			return err
		}
		if code == 0 {
			code = c
		}
		if c > exit.Failed || ctx.Err() != nil || c != 0 && (line.On("failfast") || t.reports.seen() == 0) {
			break // another run would have nothing else to say
		}
	}
	t.status.stop()
	if err := t.reports.failure(); err != nil {
		return exit.With(exit.Trouble, err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	t.sayMore(time.Since(began))
	if err := t.annotate(ctx); err != nil {
		return err
	}
	if n := t.reports.unexplored(); code == 0 && n > 0 && line.Own["unexplored"] == "fail" {
		console.Complain(p.errs, fmt.Sprintf("%s not explored, which is a failure because of -unexplored=fail", counted(n, "test")))
		code = exit.Failed
	}
	if skew.seen {
		console.Complain(p.errs, skewed)
	}
	if code != 0 {
		if text := line.Doubtful(); text != "" {
			console.Complain(p.errs, text)
		}
	}
	return t.quietly(code)
}

// sayMore prints what go test does not: the notes, unless the tests have printed them, and the summary.
func (t *goTest) sayMore(took time.Duration) {
	if t.line.On("json") {
		return
	}
	if !t.line.On("v") {
		for _, note := range t.reports.notes() {
			console.Complain(t.p.errs, note)
		}
	}
	if text := t.reports.summary(took); text != "" {
		console.Complain(t.p.errs, text)
	}
}

// quietly returns an error that ends the program with the code of go test, which has said why.
func (*goTest) quietly(code int) error {
	if code == 0 {
		return nil
	}
	return exit.With(code, exit.ErrSaid)
}

// output returns where the commands that are run print to: the standard output itself if that can be.
func (p *program) output() io.Writer {
	if file, ok := p.out.W.(*os.File); ok {
		return file
	}
	return p.out
}

// findToken parses the token to replay, and makes the command line run its test.
func (t *goTest) findToken() error {
	if t.config.Replay == "" {
		// Tokens of other tests are left to explore.Test.
		if token := t.p.getenv(explore.ReplayVariable); isTestToken(token) {
			t.config.Replay = token
		}
	}
	if t.config.Replay == "" {
		return nil
	}
	token, err := readTestToken(t.config.Replay)
	switch {
	case err != nil:
		return exit.With(exit.Usage, err)
	case t.line.Has("run"):
		return exit.With(exit.Usage, errors.New("the token names its test; -run cannot be given as well"))
	case !t.line.Explores():
		return exit.With(exit.Usage, errors.New("-c, -n, -list and -fuzz run no test, so they cannot be given with a token"))
	}
	t.token = token
	top, _, _ := strings.Cut(token.test, "/")
	t.line.Set("run", "^"+regexp.QuoteMeta(top)+"$")
	t.line.Set("race", strconv.FormatBool(token.race))
	if len(t.line.Packages()) == 0 {
		t.line.Only(token.pkg)
	}
	return nil
}

// prepare makes all that is needed to run go test.
func (t *goTest) prepare(ctx context.Context) error {
	from, err := t.environment(ctx)
	if err != nil {
		return err
	}
	if t.root, err = cache.ExploringRoot(ctx, t.p.getenv, from); err != nil {
		return exit.With(exit.Trouble, err)
	}
	if t.line.Std, err = goroot.Standard(t.root); err != nil {
		return exit.With(exit.Trouble, err)
	}
	if t.token != nil {
		if err := t.choosePackage(ctx); err != nil {
			return err
		}
	}
	if t.reports, err = newTestReports(t.line.Own["report"]); err != nil {
		return exit.With(exit.Trouble, err)
	}
	if t.dir, err = os.MkdirTemp(t.gotmp, "turnstile-test-"); err != nil {
		t.reports.close()
		return exit.With(exit.Trouble, err)
	}
	t.config.Report, t.config.Progress = filepath.Join(t.dir, "reports"), true
	t.config.Verbose = t.line.On("v") || t.line.On("json") || t.line.Last("v") == "test2json"
	return nil
}

// clean removes what does not outlast the command.
func (t *goTest) clean() {
	t.reports.close()
	_ = os.RemoveAll(t.dir)
}

// environment finds the go command and what it says of the directory, and returns its GOROOT.
func (t *goTest) environment(ctx context.Context) (from string, err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", exit.With(exit.Trouble, errors.New("no go command in PATH; turnstile test needs one"))
	}
	args := []string{"env"}
	if t.line.Chdir != "" {
		args = append(args, "-C="+t.line.Chdir)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "-json", "GOROOT", "GOFLAGS", "GOTMPDIR", "GOOS", "GOARCH", "GOHOSTOS", "GOHOSTARCH", "GOWORK")...) //nolint:gosec // the user says which directory
	cmd.Stderr = t.errs
	out, err := cmd.Output()
	if ended := new(exec.ExitError); errors.As(err, &ended) && ctx.Err() == nil {
		return "", t.quietly(ended.ExitCode()) // it has said why
	} else if err != nil {
		return "", exit.With(exit.Trouble, err)
	}
	var env struct{ GOROOT, GOFLAGS, GOTMPDIR, GOOS, GOARCH, GOHOSTOS, GOHOSTARCH, GOWORK string }
	if err := json.Unmarshal(out, &env); err != nil {
		return "", exit.With(exit.Trouble, fmt.Errorf("go env: %w", err))
	}
	if env.GOOS != env.GOHOSTOS || env.GOARCH != env.GOHOSTARCH {
		return "", exit.With(exit.Trouble, fmt.Errorf("turnstile test explores on the machine on which it runs, %s/%s; GOOS and GOARCH ask for %s/%s",
			env.GOHOSTOS, env.GOHOSTARCH, env.GOOS, env.GOARCH))
	}
	if !explorable(env.GOARCH) {
		return "", exit.With(exit.Trouble, fmt.Errorf("turnstile test explores on amd64 and arm64 only, not on %s: elsewhere Go has no frame pointers, "+
			"by which the explorer finds out whether the program or the standard library calls", env.GOARCH))
	}
	t.goflags, t.gotmp = testline.ParseGOFLAGS(env.GOFLAGS), env.GOTMPDIR
	if env.GOWORK != "" && env.GOWORK != "off" {
		if err := t.workspace(ctx); err != nil {
			return "", err
		}
	}
	return env.GOROOT, nil
}

// workspace finds the modules of the workspace. That a go.work file is wrong go test says itself.
func (t *goTest) workspace(ctx context.Context) error {
	args := []string{"list"}
	if t.line.Chdir != "" {
		args = append(args, "-C="+t.line.Chdir)
	}
	out, err := exec.CommandContext(ctx, "go", append(args, "-m", "-f", "{{.Path}}")...).Output() //nolint:gosec // the command is go, and its flags are those of go list
	if err != nil {
		return ctx.Err() // the user wants no more
	}
	t.config.Modules = strings.Fields(string(out))
	return nil
}

// explorable reports whether tests can be explored on machines of an architecture.
func explorable(goarch string) bool { return goarch == "amd64" || goarch == "arm64" }

// goCommand returns the private go command with the given arguments.
func (t *goTest) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	name := "go"
	if os.PathSeparator == '\\' {
		name = "go.exe"
	}
	cmd := exec.CommandContext(ctx, filepath.Join(t.root, "bin", name), args...) //nolint:gosec // the user says what of
	cmd.Env = append(os.Environ(), "GOROOT="+t.root, "GOTOOLCHAIN=local")
	if t.token != nil {
		cmd.Env = append(cmd.Env, explore.ReplayVariable+"=")
	}
	return cmd
}

// goList returns the private go command that lists packages in the given format, where the command line finds them.
func (t *goTest) goList(ctx context.Context, format string, packages []string) *exec.Cmd {
	args := []string{"list"}
	if t.line.Chdir != "" {
		args = append(args, "-C="+t.line.Chdir)
	}
	args = append(args, "-e", "-f", format)
	for _, f := range t.line.Args { // those that say where packages are
		switch f.Flag {
		case "mod", "modfile", "overlay":
			args = append(args, f.Raw...)
		}
	}
	return t.goCommand(ctx, append(append(args, "--"), packages...)...)
}

// choosePackage makes the command line name the package of the token and no other, and returns an error if it names
// packages that do not hold it.
func (t *goTest) choosePackage(ctx context.Context) error {
	given := t.line.Packages()
	cmd := t.goList(ctx, "{{.ImportPath}}{{if .Error}} {{.Error}}{{end}}", given)
	cmd.Stderr = t.errs
	out, err := cmd.Output()
	if ended := new(exec.ExitError); errors.As(err, &ended) && ctx.Err() == nil {
		return t.quietly(ended.ExitCode())
	} else if err != nil {
		return exit.With(exit.Trouble, err)
	}
	list := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, l := range list {
		if l == t.token.pkg {
			if l != "command-line-arguments" { // which are files, and stay
				t.line.Only(l)
			}
			return nil
		}
	}
	what := fmt.Sprintf("the token is for %s in package %s", t.token.test, t.token.pkg)
	if len(given) == 1 && given[0] == t.token.pkg {
		_, why, _ := strings.Cut(list[0], " ")
		return exit.With(exit.Usage, fmt.Errorf("%s, which cannot be found from this directory: %s", what, why))
	}
	return exit.With(exit.Usage, fmt.Errorf("%s, not in %s", what, strings.Join(given, " ")))
}

// showProgress begins to show on the terminal, if there is one, what is being explored.
func (t *goTest) showProgress() {
	if t.p.status == nil || !t.line.Explores() || t.line.On("json") && !t.p.status.both {
		return
	}
	t.status = newStatusLine(t.p.errs, t.p.status.columns, t.reports, t.config)
	t.errs = t.status.through(t.errs)
	if t.p.status.both {
		t.out = t.status.through(t.out)
	}
}

// run runs go test once and returns its exit code.
func (t *goTest) run(ctx context.Context, phase testline.Phase) (int, error) {
	t.reports.begin(t.config.Report)
	defer t.reports.end()
	cmd := t.goCommand(ctx, t.line.GoTest(phase, t.goflags)...)
	cmd.Env = append(append(cmd.Env, anytest.Variable+"="+t.config.String()), t.env...)
	if !t.line.On("work") {
		cmd.Env = append(cmd.Env, "GOTMPDIR="+t.dir) // what the go command does not remove goes with it
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.in, t.out, t.errs
	t.status.begin(phase)
	defer t.status.end()
	err := procgroup.Run(ctx, cmd, t.p.patient, t.clean)
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		if code := ended.ExitCode(); code > 0 {
			return code, nil
		}
		return exit.Failed, nil // by a signal
	}
	if err != nil {
		return 0, exit.With(exit.Trouble, err)
	}
	return 0, nil
}
