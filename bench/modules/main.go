// Command modules explores the tests of well-known modules that have to do with concurrency, as they are.
//
//	go run ./modules                   everything; "make modules" does that
//	go run ./modules -run x/sync       the modules whose path matches the regular expression
//	go run ./modules -dir work         keep the result of each module in the directory, and go on from there the next time
//
// The modules and their versions are in list.txt. They are fetched from the module proxy, and copied to a temporary
// directory, since the go command does not write in its cache. Tests that fail under plain "go test" are excluded.
//
// The table has the results of each module's tests. A failure is a fault of the module, or a false alarm, which is a
// fault of ours: faults.txt says which, for each failure that was investigated. A failure that is not listed there
// makes this command fail.
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
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/bench/internal/command"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

var (
	only   = flag.String("run", "", "only the modules whose path matches this regular `expression`")
	tests  = flag.String("tests", "", "only the tests whose name matches this regular `expression`")
	runs   = flag.Int("runs", 500, "explore at most this number of `schedules` of each test")
	budget = flag.Duration("time", 2*time.Second, "explore each test for at most this `duration`")
	race   = flag.Bool("race", false, "with the race detector, too")
	keep   = flag.String("dir", "", "copy the modules to this `directory`, and keep it with what comes of each; what is there is not explored again")
	again  = flag.String("again", "^$", "with -dir, explore the modules again whose path matches this regular `expression`")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := modules(ctx)
	stop()
	if err != nil {
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
	fmt.Printf("%s %s/%s, %d CPUs; ≤ %d schedules and ≤ %v for each test, -short\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *runs, *budget)
	head()
	var all []*module
	anew, err := regexp.Compile(*again)
	if err != nil {
		return err
	}
	for _, m := range ms {
		fmt.Fprintln(os.Stderr, "modules:", m)
		file := filepath.Join(dir, m.name()+".json")
		if anew.MatchString(m.path) || !m.load(file) {
			if err := m.explore(ctx, c, dir); err != nil {
				return fmt.Errorf("%s: %w", m, err)
			}
			if err := m.save(file); err != nil {
				return err
			}
		}
		m.row()
		all = append(all, m)
	}
	return foot(all, known)
}

// A module is one of list.txt, with the result of its tests.
type module struct {
	path, version string
	leftOut       *regexp.Regexp // packages and tests that are not run: "./pkg" or "./pkg TestName"; nil: none

	result
}

// A result is the result of a module's tests.
type result struct {
	How     []string // they were explored
	Tests   []test
	Broken  int // tests that fail without us
	Elapsed time.Duration
}

// A test is one of a module, with its result.
type test struct {
	Pkg, Name string
	Report    *anytest.Report // nil: its process came to an end before it did
	Output    string          // the last of what was printed, if there is no report
}

func (m *module) String() string { return m.path + "@" + m.version }

// name is what its files are called.
func (m *module) name() string { return strings.ReplaceAll(m.path, "/", "_") }

// load takes the result of the module from a file, and reports whether it is there and was explored in the same way.
func (m *module) load(file string) bool {
	text, err := os.ReadFile(file)
	var r result
	if err != nil || json.Unmarshal(text, &r) != nil || !slices.Equal(r.How, how()) {
		return false
	}
	m.result = r
	return true
}

func (m *module) save(file string) error {
	text, err := json.MarshalIndent(m.result, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// how returns what has to be the same for two explorations to come to the same.
func how() []string { return append(args(), *tests) }

// args are those of "turnstile test" that say how the tests are explored.
func args() []string {
	all := []string{fmt.Sprint("-runs=", *runs), fmt.Sprint("-time=", *budget)}
	if *race {
		all = append(all, "-race")
	}
	return all
}

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
	dir = filepath.Join(dir, m.name())
	if err := m.fetch(ctx, dir); err != nil {
		return err
	}
	pkgs, err := m.plain(ctx, dir)
	if err != nil {
		return err
	}
	start := time.Now()
	m.How, m.Tests = how(), nil
	for _, p := range pkgs {
		if len(p.tests) == 0 {
			continue
		}
		lost := make(map[string]string)
		limit := time.Minute + time.Duration(len(p.tests))*(2**budget+patience)
		reports := c.Explore(ctx, dir, p.path, p.tests, env, append([]string{"-vet=off", "-short", fmt.Sprint("-timeout=", limit)}, args()...), func(test string, r *command.Result) { lost[test] = command.Tail(r.Output, 30) })
		for _, name := range p.tests {
			m.Tests = append(m.Tests, test{Pkg: p.path, Name: name, Report: reports[name], Output: lost[name]})
		}
	}
	m.Elapsed = time.Since(start)
	return ctx.Err()
}

// patience is how much longer than twice its time a test may take on average, for what it does with the failures it finds.
const patience = 20 * time.Second

// env lets the go command add what a go.sum does not have.
var env = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}

// fetch copies the module from the cache to dir, unless it is there.
func (m *module) fetch(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.String())
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
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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
				m.Broken++
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
