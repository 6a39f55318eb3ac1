package gotest

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

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// An Env is the environment in which go test runs.
type Env struct {
	In       io.Reader
	Out      io.Writer
	Errs     io.Writer
	Getenv   func(string) string
	Allow    func(d time.Duration, clean func()) (over func()) // lets the program take d to end after a signal; may be nil
	Terminal *console.Terminal                                 // shows the progress; nil if Errs is not a terminal
}

// A goTest is what the runs of go test for one command line have in common.
type goTest struct {
	e       *Env
	line    *testline.Line
	config  *anytest.Config
	token   *Token // to replay, nil if there is none
	goflags []testline.GoFlag
	root    string // the private GOROOT
	gotmp   string // GOTMPDIR
	dir     string // for temporary files
	reports *reports
	status  *console.Status // nil if there is none
	env     []string        // added to the environment of the tests
	in      io.Reader
	out     io.Writer
	errs    io.Writer
}

// findToken parses the token to replay, and makes the command line run its test.
func (t *goTest) findToken() error {
	if t.config.Replay == "" {
		// Tokens of other tests are left to explore.Test.
		if token := t.e.Getenv(explore.ReplayVariable); IsToken(token) {
			t.config.Replay = token
		}
	}
	if t.config.Replay == "" {
		return nil
	}
	token, err := ReadToken(t.config.Replay)
	switch {
	case err != nil:
		return exit.With(exit.Usage, err)
	case t.line.Has("run"):
		return exit.With(exit.Usage, errors.New("the token names its test; -run cannot be given as well"))
	case !t.line.Explores():
		return exit.With(exit.Usage, errors.New("-c, -n, -list and -fuzz run no test, so they cannot be given with a token"))
	}
	t.token = token
	top, _, _ := strings.Cut(token.Test, "/")
	t.line.Set("run", "^"+regexp.QuoteMeta(top)+"$")
	t.line.Set("race", strconv.FormatBool(token.Race))
	if len(t.line.Packages()) == 0 {
		t.line.Only(token.Package)
	}
	return nil
}

// prepare makes everything that go test needs: the private GOROOT, the reports and a temporary directory.
func (t *goTest) prepare(ctx context.Context) error {
	from, err := t.environment(ctx)
	if err != nil {
		return err
	}
	if t.root, err = cache.ExploringRoot(ctx, t.e.Getenv, from); err != nil {
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
	if t.reports, err = newReports(t.line.Own["report"]); err != nil {
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

// clean closes the reports and removes the temporary directory.
func (t *goTest) clean() {
	t.reports.close()
	_ = os.RemoveAll(t.dir)
}

// environment reads the settings of the go command in the directory, and returns its GOROOT.
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
		return "", t.quietly(ended.ExitCode()) // go env has printed why
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

// workspace lists the modules of the workspace. It ignores an invalid go.work file, which go test reports itself.
func (t *goTest) workspace(ctx context.Context) error {
	args := []string{"list"}
	if t.line.Chdir != "" {
		args = append(args, "-C="+t.line.Chdir)
	}
	out, err := exec.CommandContext(ctx, "go", append(args, "-m", "-f", "{{.Path}}")...).Output() //nolint:gosec // the command is go, and its flags are those of go list
	if err != nil {
		return ctx.Err() // nil unless the user has interrupted
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

// goList returns the private go command that lists packages in the given format, with the flags of the command line that say
// where packages are.
func (t *goTest) goList(ctx context.Context, format string, packages []string) *exec.Cmd {
	args := []string{"list"}
	if t.line.Chdir != "" {
		args = append(args, "-C="+t.line.Chdir)
	}
	args = append(args, "-e", "-f", format)
	for _, f := range t.line.Args {
		switch f.Flag {
		case "mod", "modfile", "overlay":
			args = append(args, f.Raw...)
		}
	}
	return t.goCommand(ctx, append(append(args, "--"), packages...)...)
}

// choosePackage makes the command line name the package of the token and no other. It returns an error if the command line
// names other packages only.
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
		if l == t.token.Package {
			if l != "command-line-arguments" { // those are files, and stay
				t.line.Only(l)
			}
			return nil
		}
	}
	what := fmt.Sprintf("the token is for %s in package %s", t.token.Test, t.token.Package)
	if len(given) == 1 && given[0] == t.token.Package {
		_, why, _ := strings.Cut(list[0], " ")
		return exit.With(exit.Usage, fmt.Errorf("%s, which cannot be found from this directory: %s", what, why))
	}
	return exit.With(exit.Usage, fmt.Errorf("%s, not in %s", what, strings.Join(given, " ")))
}

// showProgress starts the status line if there is a terminal.
func (t *goTest) showProgress() {
	if t.e.Terminal == nil || !t.line.Explores() || t.line.On("json") && !t.e.Terminal.Both {
		return
	}
	t.status = console.NewStatus(t.e.Errs, t.e.Terminal)
	t.errs = t.status.Through(t.errs)
	if t.e.Terminal.Both {
		t.out = t.status.Through(t.out)
	}
}

// eachTimeout is the time that a test may take beyond its -time before it is taken to hang. It is what go test allows all
// tests of a package together, which would be too little where exploring each takes up to its -time.
const eachTimeout = 10 * time.Minute

// run runs go test once and returns its exit code.
func (t *goTest) run(ctx context.Context, phase testline.Phase) (int, error) {
	t.reports.begin(t.config.Report)
	defer t.reports.end()
	if t.line.LimitsEach(t.goflags) {
		t.config.Timeout = eachTimeout + t.config.Time
	}
	cmd := t.goCommand(ctx, t.line.GoTest(phase, t.goflags)...)
	cmd.Env = append(append(cmd.Env, anytest.Variable+"="+t.config.String()), t.env...)
	if !t.line.On("work") {
		cmd.Env = append(cmd.Env, "GOTMPDIR="+t.dir) // clean removes what the go command leaves there
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.in, t.out, t.errs
	t.status.Begin(t.progress(phase))
	defer t.status.End()
	err := procgroup.Run(ctx, cmd, t.e.Allow, t.clean)
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		if code := ended.ExitCode(); code > 0 {
			return code, nil
		}
		return exit.Failed, nil // a signal has ended it
	}
	if err != nil {
		return 0, exit.With(exit.Trouble, err)
	}
	return 0, nil
}
