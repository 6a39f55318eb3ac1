// Command modules explores the tests of well-known modules that have to do with concurrency, as they are.
//
//	go run ./modules                   everything; "make modules" does that
//	go run ./modules -run x/sync       the modules whose path matches the regular expression
//
// The modules and their versions are in list.txt. They are fetched from the module proxy, and copied to a temporary
// directory, since the go command does not write in its cache. What fails in the run of plain "go test" is left out.
//
// The table says of each module what came of its tests. A failure is a fault of the module, or a false alarm, which is a
// fault of ours: faults.txt says of each that was looked at what it is. One that is not there makes this command fail.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/bench/internal/command"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

var (
	only   = flag.String("run", "", "only the modules whose path matches this regular `expression`")
	tests  = flag.String("tests", "", "only the tests whose name matches this regular `expression`")
	runs   = flag.Int("runs", 500, "explore so many `orders` of each test at most")
	budget = flag.Duration("time", 2*time.Second, "explore each test for at most so `long`")
	race   = flag.Bool("race", false, "with the race detector, too")
	keep   = flag.String("dir", "", "copy the modules to this `directory`, and keep it")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := modules(ctx); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "modules:", err)
		os.Exit(1)
	}
}

func modules(ctx context.Context) error {
	ms, err := chosen()
	if err != nil {
		return err
	}
	known, err := faults()
	if err != nil {
		return err
	}
	dir := *keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "turnstile-modules"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	c, err := command.Build(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s %s/%s, %d CPUs; ≤ %d orders and ≤ %v for each test, -short\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *runs, *budget)
	head()
	var all []*module
	for _, m := range ms {
		fmt.Fprintln(os.Stderr, "modules:", m)
		if err := m.explore(ctx, c, dir); err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		m.row()
		all = append(all, m)
	}
	return foot(all, known)
}

// A module is one of list.txt, and what came of it.
type module struct {
	path, version string
	leftOut       *regexp.Regexp // packages and tests that are not run: "./pkg" or "./pkg TestName"; nil: none

	tests   []test
	broken  int // tests that fail without us
	elapsed time.Duration
}

// A test is one of a module, and what came of it.
type test struct {
	pkg, name string
	report    *anytest.Report // nil: its process came to an end before it did
	output    string          // the last of what was printed, if there is no report
}

func (m *module) String() string { return m.path + "@" + m.version }

//go:embed list.txt
var list string

func chosen() ([]*module, error) {
	re, err := regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	var all []*module
	for line := range strings.SplitSeq(list, "\n") {
		f := strings.SplitN(line, " ", 3)
		if line == "" || f[0] == "#" || !re.MatchString(f[0]) {
			continue
		}
		if len(f) < 2 {
			return nil, fmt.Errorf("list.txt: cannot read %q", line)
		}
		m := &module{path: f[0], version: f[1]}
		if len(f) > 2 {
			if m.leftOut, err = regexp.Compile("^(" + strings.TrimSpace(f[2]) + ")$"); err != nil {
				return nil, fmt.Errorf("list.txt: %w", err)
			}
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no module matches %q", *only)
	}
	return all, nil
}

// explore runs the tests of the module, first with go test, and then with the command.
func (m *module) explore(ctx context.Context, c *command.Command, dir string) error {
	dir = filepath.Join(dir, strings.ReplaceAll(m.path, "/", "_"))
	if err := m.fetch(ctx, dir); err != nil {
		return err
	}
	pkgs, err := m.plain(ctx, dir)
	if err != nil {
		return err
	}
	start := time.Now()
	args := []string{"-vet=off", "-short", "-timeout=0", fmt.Sprint("-runs=", *runs), fmt.Sprint("-time=", *budget)}
	if *race {
		args = append(args, "-race")
	}
	for _, p := range pkgs {
		if len(p.tests) == 0 {
			continue
		}
		lost := make(map[string]string)
		reports := c.Explore(ctx, dir, p.path, p.tests, env, args, func(test string, r *command.Result) { lost[test] = command.Tail(r.Output, 30) })
		for _, name := range p.tests {
			m.tests = append(m.tests, test{pkg: p.path, name: name, report: reports[name], output: lost[name]})
		}
	}
	m.elapsed = time.Since(start)
	return ctx.Err()
}

// env lets the go command add what a go.sum does not have.
var env = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}

// fetch copies the module from the cache to dir, unless it is there.
func (m *module) fetch(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.String()) //nolint:gosec // it is in our list
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go mod download: %w\n%s", err, out)
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(got.Dir)); err != nil {
		return err
	}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { //nolint:gosec // the copies are ours
		if err != nil {
			return err
		}
		return os.Chmod(path, map[bool]os.FileMode{true: 0o755, false: 0o644}[d.IsDir()])
	}); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+m.path+"\n\ngo 1.18\n"), 0o644)
}

// A pkg is a package with tests.
type pkg struct {
	path  string   // as "./errgroup"
	tests []string // that pass, in the order in which they run
}

// plain returns the tests that pass as they are, by package.
func (m *module) plain(ctx context.Context, dir string) ([]*pkg, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-short", "-count=1", "-timeout=5m", "-json", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.Output()
	if e := new(exec.ExitError); err != nil && !errors.As(err, &e) {
		return nil, err
	}
	var pkgs []*pkg
	index := make(map[string]*pkg)
	for line := range strings.Lines(string(out)) {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal([]byte(line), &e) != nil || !strings.HasPrefix(e.Test, "Test") || strings.Contains(e.Test, "/") {
			continue
		}
		rel := "." + strings.TrimPrefix(e.Package, m.path)
		p := index[rel]
		if p == nil {
			p = &pkg{path: rel}
			index[rel], pkgs = p, append(pkgs, p)
		}
		if m.leftOut != nil && (m.leftOut.MatchString(rel) || m.leftOut.MatchString(rel+" "+e.Test)) {
			continue
		}
		switch e.Action {
		case "run":
			if ok, err := regexp.MatchString(*tests, e.Test); err != nil {
				return nil, err
			} else if ok {
				p.tests = append(p.tests, e.Test)
			}
		case "fail", "skip":
			if e.Action == "fail" {
				m.broken++
			}
			p.drop(e.Test)
		}
	}
	return pkgs, nil
}

func (p *pkg) drop(test string) {
	for i, t := range p.tests {
		if t == test {
			p.tests = append(p.tests[:i], p.tests[i+1:]...)
			return
		}
	}
}
