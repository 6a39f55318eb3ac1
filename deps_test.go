package turnstile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/turnstile-go/turnstile"

// policy says which packages of this module may import which: "a < b" means that package b can import package a. It is
// transitive, and a comma stands for several packages at once. It is a statement of policy: change it only to say that
// the design has changed.
//
// Paths are relative to the module. A package that is not mentioned fails the test.
const policy = `
	# From the bottom up: lower layers know nothing of higher ones.
	sync2/internal/goid, sync2/internal/hook, sync2/internal/caller
	< sync2/trace
	< sync2/internal/waitq
	< sync2
	< scenarios;

	# Lessons of ordinary Go are listed like scenarios, and come with recordings.
	scenarios, sync2/trace/tracefile
	< scenarios/ordinary
	< cmd/turnstile;

	# With the tag deadlock this package reaches into the primitives, which do not know it.
	sync2/internal/waitq
	< sync2/internal/deadlocked
	< sync2/synctesting;

	sync2/internal/hook
	< sync2/internal/steps
	< sync2/internal/waitq;

	# Positions, for packages that print them.
	internal/place
	< sync2/explore;

	# Reading a trace needs only the vocabulary of events, not the primitives.
	sync2/trace, sync2/internal/waitgraph, internal/safetext
	< sync2/timeline
	< tui;

	# The elements of the screen know nothing of what they show.
	internal/safetext
	< tui/internal/cells
	< tui/internal/wording
	< tui;

	# Scenes know nothing of how they are drawn.
	sync2/timeline, tui/internal/wording
	< tui/internal/scene
	< tui/internal/stage, tui/internal/lanes
	< tui;
	sync2/timeline, tui/internal/wording
	< tui/internal/stats
	< tui;

	# The encoding of trace files is separate, so that package trace, and thus sync2, does not depend on it.
	# Scenarios across hosts run in another program, which writes a trace file.
	sync2/trace
	< sync2/trace/tracefile
	< sync2/explore, scenarios, cmd/turnstile;

	# Cycles of waiting are found in one place.
	sync2/internal/waitgraph
	< sync2;

	# A program traces itself by an import, and the watcher reads what it writes.
	sync2/trace/tracefile
	< sync2/trace/auto, internal/feed;

	# A service watched through its profiles is a feed like others,
	internal/feed
	< internal/stacks
	< cmd/turnstile;

	# and so is a program whose standard library reports what it does.
	internal/feed
	< internal/tell
	< cmd/turnstile;

	# Examples are written like users' programs.
	sync2
	< examples/fetch, examples/phases, examples/reload, examples/request, examples/retry;

	# The explorer runs the primitives and shows its findings as a timeline.
	sync2, sync2/timeline
	< sync2/explore;

	# The search for schedules knows nothing of how they are run.
	sync2/internal/hook
	< sync2/explore/internal/search
	< sync2/explore/internal/engine
	< sync2/explore;

	# The engine knows the primitives only by their hooks, and nothing of conclusions from many runs.
	sync2, internal/place
	< sync2/explore/internal/engine;

	# The bridge connects a patched runtime with the tasks, and emits their trace.
	sync2/explore/internal/engine, sync2/trace
	< sync2/explore/internal/bridge
	< sync2/explore;

	# Restoring package variables needs only the runtime.
	sync2/explore/internal/pkgvars
	< sync2/explore;

	# Processes build on the primitives; they know nothing of the explorer, nor it of them.
	sync2
	< sync2/process
	< scenarios;

	# The checks for users' own tests combine all of this. They know no scenario.
	sync2/explore
	< sync2/synctesting;

	# The suite runs them on every scenario.
	scenarios, sync2/synctesting, internal/place
	< internal/suite;

	# The protocol between the program and the test binaries that it has built.
	internal/anytest
	< sync2/explore, cmd/turnstile;

	# Parsing a command line of go test is for the program alone.
	internal/anytest, internal/goroot
	< cmd/turnstile/internal/testline
	< cmd/turnstile;

	# The source to build into the standard library is embedded as text, in no other program.
	.
	< internal/goroot
	< internal/goroot/print, cmd/turnstile;

	# The parts of the program, from the bottom up: how it ends, what it prints, what it starts and keeps.
	internal/safetext
	< cmd/turnstile/internal/console;
	sync2, cmd/turnstile/internal/console, cmd/turnstile/internal/exit
	< cmd/turnstile/internal/screen
	< cmd/turnstile;
	cmd/turnstile/internal/exit
	< cmd/turnstile/internal/interruptible, cmd/turnstile/internal/procgroup
	< cmd/turnstile;
	internal/goroot
	< cmd/turnstile/internal/cache;
	internal/feed, cmd/turnstile/internal/cache, cmd/turnstile/internal/console, cmd/turnstile/internal/procgroup
	< cmd/turnstile/internal/engine
	< cmd/turnstile;

	# Tests of any Go package are explored, replayed and driven by go test, and so are the lessons of ordinary Go.
	internal/safetext, sync2/explore
	< cmd/turnstile/internal/github
	< cmd/turnstile;
	internal/suite
	< cmd/turnstile/internal/github;
	sync2/explore, tui
	< cmd/turnstile/internal/shown
	< cmd/turnstile/internal/gotest
	< cmd/turnstile/internal/lessons
	< cmd/turnstile;
	internal/anytest, internal/goroot, cmd/turnstile/internal/testline, cmd/turnstile/internal/cache, cmd/turnstile/internal/console,
	cmd/turnstile/internal/github, cmd/turnstile/internal/procgroup
	< cmd/turnstile/internal/gotest;
	scenarios/ordinary, cmd/turnstile/internal/interruptible
	< cmd/turnstile/internal/lessons;

	# Traces are watched and measured.
	internal/feed, internal/tell
	< cmd/turnstile/internal/feeds
	< cmd/turnstile;
	tui
	< cmd/turnstile/internal/report
	< cmd/turnstile;

	# A scenario runs with a trace, to which lines of source are added and which may be recorded.
	scenarios
	< cmd/turnstile/internal/source, cmd/turnstile/internal/record
	< cmd/turnstile/internal/session
	< cmd/turnstile;
	sync2/trace/tracefile, internal/atomicfile, cmd/turnstile/internal/exit
	< cmd/turnstile/internal/record;
	internal/suite
	< cmd/turnstile/internal/session;

	# A sandbox uses the primitives like any program, and so do the tests exported from it.
	sync2
	< sync2/byhand;
	internal/stacks, sync2/byhand
	< internal/sandbox
	< cmd/turnstile;

	# These are for tests.
	internal/nightly, internal/soak;
	scenarios, tui/internal/cells
	< tui/internal/tuitest;

	# The program wires everything together.
	internal/suite, internal/atomicfile, tui
	< cmd/turnstile;
`

// foreign lists the packages of other modules that a package may import, itself or through others of this module. A
// package that is not mentioned may only import the standard library. The prefix of a path is enough.
var foreign = map[string][]string{
	"sync2/internal/deadlocked": {"github.com/sasha-s/go-deadlock"}, // with the build tag deadlock
	"sync2/synctesting":         {"github.com/sasha-s/go-deadlock", "go.uber.org/goleak"},
	"sync2/process":             {"golang.org/x/sys/windows"},
	"tui":                       {"charm.land/", "github.com/charmbracelet/", "github.com/mattn/go-runewidth", "github.com/rivo/uniseg", "github.com/lucasb-eyer/go-colorful"},
	"tui/internal/cells":        {"github.com/charmbracelet/"},
	"cmd/turnstile":             {"github.com/spf13/cobra", "github.com/muesli/", "github.com/charmbracelet/x/", "golang.org/x/"},

	"cmd/turnstile/internal/console":   {"github.com/charmbracelet/x/"},
	"cmd/turnstile/internal/gotest":    {"github.com/charmbracelet/x/"},
	"cmd/turnstile/internal/procgroup": {"github.com/charmbracelet/x/"},
	"cmd/turnstile/internal/screen":    {"github.com/charmbracelet/x/"},
}

// A listed is the part of the output of "go list -json" for a package that is used here.
type listed struct {
	ImportPath string
	Standard   bool
	GoFiles    []string
	Imports    []string
	Module     *struct{ Path string }
}

func TestImportPolicy(t *testing.T) {
	allowed, err := parsePolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, tags := range []string{"", "deadlock", "turnstile_steps", "turnstile_goroot"} {
		for _, p := range goList(t, "-tags="+tags, "./...") {
			name := relative(p.ImportPath)
			if len(p.GoFiles) == 0 { // tests only
				continue
			}
			if _, ok := allowed[name]; !ok {
				t.Errorf("package %s is not in the policy", name)
			}
			for _, path := range p.Imports {
				if inner := relative(path); inner != path {
					if !allowed[name][inner] {
						t.Errorf("%s must not import %s", name, inner)
					}
				} else if isForeign(path) && !slices.ContainsFunc(foreign[name], func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
					t.Errorf("%s must not import %s", name, path)
				}
			}
		}
	}
}

func TestParsePolicy(t *testing.T) {
	allowed, err := parsePolicy("a, b < c < d; c < e;")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"c: a b", "d: a b c", "e: a b c", "a:", "b:"} {
		name, list, _ := strings.Cut(want, ":")
		if fields := strings.Fields(list); len(allowed[name]) != len(fields) {
			t.Errorf("%s may import %v, want %v", name, allowed[name], fields)
		}
		for f := range strings.FieldsSeq(list) {
			if !allowed[name][f] {
				t.Errorf("%s may not import %s", name, f)
			}
		}
	}
	for _, bad := range []string{"a < b; b < a;", "a < < b;", "a < b"} {
		if _, err := parsePolicy(bad); err == nil {
			t.Errorf("%q is not a policy, but there was no error", bad)
		}
	}
}

// parsePolicy returns for each package those that it may import, directly or through others.
func parsePolicy(text string) (map[string]map[string]bool, error) {
	var lines []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		lines = append(lines, line)
	}
	rules := strings.Split(strings.Join(lines, " "), ";")
	if last := rules[len(rules)-1]; strings.TrimSpace(last) != "" {
		return nil, fmt.Errorf("no semicolon after %q", last)
	}
	below := make(map[string]map[string]bool)
	for _, rule := range rules[:len(rules)-1] {
		var lower []string
		for part := range strings.SplitSeq(rule, "<") {
			var names []string
			for name := range strings.SplitSeq(part, ",") {
				name = strings.TrimSpace(name)
				if name == "" {
					return nil, fmt.Errorf("a name is missing in %q", rule)
				}
				if below[name] == nil {
					below[name] = make(map[string]bool)
				}
				for _, l := range lower {
					below[name][l] = true
				}
				names = append(names, name)
			}
			lower = names
		}
	}
	closeOver(below)
	for name, set := range below {
		if set[name] {
			return nil, errors.New(name + " is below itself")
		}
	}
	return below, nil
}

// closeOver adds to each set the sets of its members, until nothing changes.
func closeOver(below map[string]map[string]bool) {
	for changed := true; changed; {
		changed = false
		for _, set := range below {
			for member := range set {
				for m := range below[member] {
					changed = changed || !set[m]
					set[m] = true
				}
			}
		}
	}
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(context.Background(), "go", append([]string{"list", "-json=ImportPath,Standard,GoFiles,Imports,Module"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// relative returns the path of a package of this module relative to the module, and any other path unchanged.
func relative(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// isForeign reports whether path belongs to neither the standard library nor this module.
func isForeign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}
