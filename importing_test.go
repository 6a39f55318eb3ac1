package turnstile_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// maxGrowth is the maximum number of bytes that a Mutex of sync2 may add to a program that imports only fmt.
const maxGrowth = 400_000

// An importer is a module that imports a package of this module.
type importer struct {
	name    string   // of the package, relative to this module
	use     string   // a statement that uses it
	modules []string // modules that go mod tidy adds to its go.mod besides this one
	without []string // packages that must not be linked; a path that ends in a slash is a prefix
}

var (
	terminal = []string{"charm.land/", "github.com/charmbracelet/", "github.com/spf13/", "golang.org/x/term"}
	checkers = []string{"github.com/sasha-s/", "go.uber.org/", "pgregory.net/", "testing"}
	library  = slices.Concat(terminal, checkers)
	jsonText = []string{"encoding/json"}
)

var importers = []importer{
	{"sync2", "new(sync2.Mutex).Lock()", nil, slices.Concat(library, jsonText)},
	{"sync2/trace", "trace.Stop()", nil, slices.Concat(library, jsonText)},
	{"sync2/trace/tracefile", "_ = tracefile.NewWriter(os.Stdout)", nil, library},
	{"sync2/timeline", "_ = new(timeline.State)", nil, library},
	{"sync2/process", "_ = process.Executor{}", []string{"golang.org/x/sys"}, library},
	{"sync2/explore", "_ = explore.DPOR()", nil, terminal},
	{
		"sync2/synctesting", "_ = synctesting.Rounds(1)",
		[]string{"github.com/petermattis/goid", "github.com/sasha-s/go-deadlock", "go.uber.org/goleak"}, terminal,
	},
}

// A module that imports a package of ours needs only what that package imports, according to go mod tidy, which reads
// the files of all build tags.
func TestImporters(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the go command")
	}
	for _, i := range importers {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel()
			dir := i.write(t)
			if got := required(t, dir); !slices.Equal(got, i.modules) {
				t.Errorf("go mod tidy adds %q, want %q", got, i.modules)
			}
			for p := range strings.FieldsSeq(run(t, dir, "list", "-deps", ".")) {
				if slices.ContainsFunc(i.without, func(w string) bool { return p == w || strings.HasSuffix(w, "/") && strings.HasPrefix(p, w) }) {
					t.Errorf("%s is linked", p)
				}
			}
		})
	}
}

// The growth of a program that imports sync2 is known only for this kind of machine.
func TestGrowth(t *testing.T) {
	if testing.Short() || runtime.GOOS+"/"+runtime.GOARCH != "linux/amd64" {
		t.Skip("it links programs, for linux/amd64")
	}
	size := func(i importer) int64 {
		dir := i.write(t)
		run(t, dir, "mod", "tidy")
		run(t, dir, "build", "-o", "program", ".")
		info, err := os.Stat(filepath.Join(dir, "program"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	bare := size(importer{use: "_ = 0"})
	mutex := size(importers[0]) - bare
	all := size(importer{name: "sync2", use: everything}) - bare
	t.Logf("a program that imports fmt has %.2f MB; a Mutex adds %.2f MB, all primitives %.2f MB", mega(bare), mega(mutex), mega(all))
	if mutex > maxGrowth {
		t.Errorf("a Mutex adds %d bytes, more than %d", mutex, maxGrowth)
	}
}

func mega(n int64) float64 { return float64(n) / 1e6 }

// everything uses each primitive.
const everything = `
	ctx := context.Background()
	_ = new(sync2.Mutex).LockContext(ctx)
	_ = new(sync2.ReentrantLock).LockContext(ctx)
	_ = sync2.NewSemaphore(1).AcquireContext(ctx)
	_ = new(sync2.Event).WaitContext(ctx)
	_, _ = sync2.NewBarrier(1).WaitContext(ctx)
	new(sync2.Cond).Broadcast()
	new(sync2.Local[int]).Set(1)
	_ = sync2.NewQueue[int](1).PutContext(ctx, 1)
	_, _ = sync2.NewPriorityQueue(1, func(a, b int) int { return a - b }).GetContext(ctx)
	_, _ = sync2.Submit(sync2.NewExecutor(1), func(context.Context) (int, error) { return 0, nil }).ResultContext(ctx)
	sync2.Go("ann", func() {}).Join()`

// write creates a module for i, and returns its directory. Without a name it imports only fmt.
func (i importer) write(t *testing.T) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	mod := "module example.com/importer\n\ngo 1.26.0\n"
	imports := []string{"fmt"}
	if i.name != "" {
		mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", module, module, root)
		imports = append(imports, module+"/"+i.name)
	}
	for _, p := range []string{"context", "os"} {
		if strings.Contains(i.use, p+".") {
			imports = append(imports, p)
		}
	}
	program := fmt.Sprintf("package main\n\nimport (\n\t%q\n)\n\nfunc main() {\n\t%s\n\tfmt.Println()\n}\n", imports, i.use)
	program = strings.NewReplacer(`["`, `"`, `"]`, `"`, `" "`, "\"\n\t\"").Replace(program)
	sums, err := os.ReadFile("go.sum") // avoids network access
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": mod, "main.go": program, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// required tidies the module in dir, and returns the modules that its go.mod then requires, except ours.
func required(t *testing.T, dir string) []string {
	t.Helper()
	run(t, dir, "mod", "tidy")
	var others []string
	for line := range strings.Lines(run(t, dir, "mod", "edit", "-print")) {
		if f := strings.Fields(strings.TrimPrefix(line, "require ")); len(f) >= 2 && strings.HasPrefix(f[1], "v") && f[0] != module {
			others = append(others, f[0])
		}
	}
	return others
}

// run runs the go command in dir. Everything that it needs is in the module cache, like this module's own
// requirements.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}
