package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// A ran is the result of a command.
type ran struct {
	code      int
	out, errs string
}

// module returns a copy of a module in testdata.
func module(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "anytest", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// testCache is where private GOROOTs are kept in tests.
var testCache = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(built.dir, "cache")
	return dir, os.MkdirAll(dir, 0o700)
})

// command returns a command in dir, with env added to what is needed to build and run tests there.
func command(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute) // it may build the standard library
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	build(t)
	kept, err := testCache()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=", "GODEBUG=", "TMPDIR="+t.TempDir(), cache.Variable+"="+kept)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// ranIn runs a command.
func ranIn(t *testing.T, dir string, env []string, args ...string) ran {
	t.Helper()
	cmd := command(t, dir, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("some input"), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	for _, kv := range cmd.Env {
		if tmp, ok := strings.CutPrefix(kv, "TMPDIR="); ok {
			nothingIn(t, tmp)
		}
	}
	return ran{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// tests runs "turnstile test" with the given arguments.
func tests(t *testing.T, dir string, env []string, args ...string) ran {
	t.Helper()
	return ranIn(t, dir, env, append([]string{build(t), "test"}, args...)...)
}

// nothingIn fails the test if there is anything in dir.
func nothingIn(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}

// varying matches what differs from run to run in the output of go test.
var varying = regexp.MustCompile(`/\S*/b\d+/|\d+\.\d+s\b|"Time":"[^"]*",?|,?"Elapsed":[\d.e-]+|0x[0-9a-f]+\??|go-build\d+|goroutine \d+|/\S*/src/| \+$| *[\d.]+ ns/op|\d{3,}`)

func steady(text string) string { return varying.ReplaceAllString(text, "…") }

// ofPackage finds the package of a line of go test -json.
var ofPackage = regexp.MustCompile(`"(?:Package|ImportPath)":"([^" ]*)`)

// linesByPackage returns the lines of text, with lines of go test -json ordered by package: go test runs several at once.
func linesByPackage(text string) []string {
	lines := strings.Split(text, "\n")
	of := func(line string) string {
		if m := ofPackage.FindStringSubmatch(line); m != nil {
			return m[1]
		}
		return ""
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(of(a), of(b)) })
	return lines
}

// The output, the errors and the exit code are the same as with go test.
func TestLikeGoTest(t *testing.T) {
	t.Parallel()
	dir := module(t, "plain")
	for _, test := range []struct {
		line string
		env  []string
	}{
		{line: ""},
		{line: "."},
		{line: "-v -run Output|Skip|Short|Input -short . -args more -v"},
		{line: "-json -run Output|Skip ."},
		{line: ". -custom fail"},
		{line: ". -custom exit"},
		{line: ". -unknown 3"},
		{line: "./... -failfast"},
		{line: "-json ./broken ./none"},
		{line: "-cover -run Pass ."},
		{line: "-v -bench Sum -benchtime 1x -run Example|Fuzz ."},
		{line: "-list . ."},
		{line: "-run Tagged -v -tags=tagged,goflags ."},
		{line: "-run Nothing ."},
		{line: "./missing"},
		{line: "-cpu x ."},
		{line: "-covermode=wrong ."},
	} {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(test.line)
			want := ranIn(t, dir, nil, append([]string{"go", "test", "-count=1"}, args...)...)
			got := tests(t, dir, nil, args...)
			if got.code != want.code {
				t.Errorf("exit code %d, want %d", got.code, want.code)
			}
			// The reports of the explorations are part of the output of go test.
			rest := linesByPackage(steady(got.out))
			for _, line := range linesByPackage(steady(want.out)) {
				for len(rest) > 0 && rest[0] != line {
					rest = rest[1:]
				}
				if len(rest) == 0 {
					t.Fatalf("%q is missing, or not in its place, in\n%s\nwant\n%s", line, steady(got.out), steady(want.out))
				}
				rest = rest[1:]
			}
			own := ""
			for line := range strings.Lines(steady(got.out)) {
				if !strings.HasPrefix(strings.TrimSpace(line), "explore: ") && !strings.HasPrefix(line, "=== NAME ") {
					own += line
				}
			}
			if !strings.Contains(test.line, "-json") && own != steady(want.out) {
				t.Errorf("printed\n%s\nwant\n%s", own, steady(want.out))
			}
			errs := ""
			for line := range strings.Lines(got.errs) {
				if !strings.HasPrefix(line, "turnstile: ") {
					errs += line
				}
			}
			if steady(errs) != steady(want.errs) {
				t.Errorf("errors\n%s\nwant\n%s", got.errs, want.errs)
			}
		})
	}
}

// A test that panics has failed, and the others still run.
func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	dir := module(t, "plain")
	got := tests(t, dir, []string{"GITHUB_WORKSPACE=" + filepath.Dir(dir)}, "-format=github", "-custom=panic")
	if got.code != 1 || !strings.Contains(got.out, "explore: panic: it panics  [replay: s2y1") || !strings.Contains(got.out, "--- FAIL: TestFail") {
		t.Errorf("exit code %d:\n%s", got.code, got.out)
	}
	annotation := regexp.MustCompile(`(?m)^::error file=plain/\w+\.go,line=\d+,title=turnstile test \w+::panic: it panics%0A.*turnstile test -replay s2y1\S+ example\.com/plain$`)
	if !annotation.MatchString(got.out) {
		t.Errorf("no annotation in\n%s", got.out)
	}
}

// Modules of all kinds can be tested.
func TestModules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		module, sub, line string
		env               []string
		want              string
	}{
		{module: "vendored", line: "-v ./...", want: "PASS: TestHand"},
		{module: "vendored", line: "-v ./...", env: []string{"GOFLAGS=-mod=vendor -trimpath"}, want: "PASS: TestHand"},
		{module: "workspace", sub: "b", line: "-v ./...", want: "PASS: TestHand"},
		{module: "workspace", line: "-v ./a ./b", want: "PASS: TestHand"},
		{module: "workspace", line: "-C b -v .", want: "PASS: TestHand"},
		{module: "cgo", line: "-v ./...", want: "PASS: TestTwice"},
		{module: "plain", line: "-v -run Tagged .", env: []string{"GOFLAGS='-tags=tagged goflags'"}, want: "both tags are set"},
		{module: "plain", line: "./util ./sub/util", want: "ok  \texample.com/plain/sub/util"}, // binaries of one name
		{module: "plain", line: "-cover -coverprofile c.out .", want: "coverage: 75.0% of statements"},
	} {
		t.Run(test.module+" "+test.line, func(t *testing.T) {
			t.Parallel()
			if test.module == "cgo" && !cgoWorks(t) {
				t.Skip("cgo does not work here")
			}
			r := tests(t, filepath.Join(module(t, test.module), test.sub), test.env, strings.Fields(test.line)...)
			if r.code != 0 || !strings.Contains(r.out, test.want) {
				t.Errorf("exit code %d, %q is not in\n%s%s", r.code, test.want, r.out, r.errs)
			}
		})
	}
}

// cgoWorks reports whether C can be compiled.
func cgoWorks(t *testing.T) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "CGO_ENABLED", "CC").Output()
	enabled, cc, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || enabled != "1" {
		return false
	}
	_, err = exec.LookPath(cc)
	return err == nil
}

// With the race detector, everything runs without it first.
func TestRaceAfterAll(t *testing.T) {
	t.Parallel()
	if !cgoWorks(t) {
		t.Skip("the race detector needs cgo")
	}
	dir := module(t, "vendored")
	r := tests(t, dir, nil, "-race", "-json", "-coverprofile=c.out", "./...")
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.code, r.out, r.errs)
	}
	passed := 0
	for line := range strings.Lines(r.out) {
		var event struct{ Action, Package, Test string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if event.Action == "pass" && event.Package == "example.com/vendored" && event.Test == "" {
			passed++
		}
	}
	if passed != 2 {
		t.Errorf("the package passed %d times, want 2\n%s", passed, r.out)
	}
	if profile, err := os.ReadFile(filepath.Join(dir, "c.out")); err != nil || !strings.HasPrefix(string(profile), "mode: atomic") {
		t.Errorf("the profile holds %q, %v", profile, err)
	}
}

// An error is reported in one line.
func TestCannotBegin(t *testing.T) {
	t.Parallel()
	dir := module(t, "plain")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for name, test := range map[string]struct {
		dir  string
		env  []string
		line string
		code int
		want string
	}{
		"no go":           {dir: dir, env: []string{"PATH=" + empty}, code: exit.Trouble, want: "turnstile: no go command in PATH"},
		"no cache":        {dir: dir, env: []string{cache.Variable + "=" + file}, code: exit.Trouble, want: "turnstile: "},
		"no home":         {dir: dir, env: []string{cache.Variable + "=", "HOME=", "XDG_CACHE_HOME=", "GOCACHE=" + empty, "GOPATH=" + empty}, code: exit.Trouble, want: "set " + cache.Variable},
		"no module":       {dir: empty, line: ".", code: 1, want: "go: go.mod file not found"},
		"no such dir":     {dir: dir, line: "-C missing .", code: 1, want: "missing"},
		"another machine": {dir: dir, env: []string{"GOOS=plan9", "GOARCH=arm"}, code: exit.Trouble, want: "GOOS and GOARCH ask for plan9/arm"},
		"no report":       {dir: dir, line: "-report missing/file .", code: exit.Trouble, want: "turnstile: -report: open missing/file: "},
		"unknown Go":      {dir: dir, env: []string{"GOROOT=" + unknownGo(t), "GOTOOLCHAIN=local"}, code: exit.Trouble, want: "does not know go1.99"},
		"a bad version":   {dir: dir, env: []string{"GOTOOLCHAIN=nonsense"}, code: 1, want: "GOTOOLCHAIN"},
		"two formats":     {dir: dir, line: "-json -format github .", code: exit.Usage, want: "either -json or -format github"},
		"another flag":    {dir: dir, line: "-rnus 5 .", code: 1, want: "did you mean -runs?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && name == "no home" {
				t.Skip("it has no such variables")
			}
			r := tests(t, test.dir, test.env, strings.Fields(test.line)...)
			if r.code != test.code || !strings.Contains(r.errs, test.want) || test.code == exit.Trouble && (r.out != "" || strings.Count(r.errs, "\n") != 1) {
				t.Errorf("exit code %d\n%s%swant %d, %q", r.code, r.out, r.errs, test.code, test.want)
			}
		})
	}
}

// unknownGo returns a GOROOT of a version of Go that will not be known for long.
func unknownGo(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	from, to := strings.TrimSpace(string(out)), t.TempDir()
	for _, name := range []string{"bin", "pkg", "go.env"} {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			t.Skip(err)
		}
	}
	src := filepath.Join(to, "src", "runtime")
	err = errors.Join(os.MkdirAll(src, 0o700), os.WriteFile(filepath.Join(src, "proc.go"), []byte("package runtime\n"), 0o600),
		os.WriteFile(filepath.Join(to, "VERSION"), []byte("go1.99\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// The package variables of other modules of the workspace are restored too.
func TestWorkspaceVariables(t *testing.T) {
	t.Parallel()
	dir := module(t, "workspace")
	r := tests(t, filepath.Join(dir, "a"), nil, "-v")
	if r.code != 0 || !strings.Contains(r.out, "explore: exhausted: ") || strings.Contains(r.out, "exhausted: there is only one schedule") {
		t.Errorf("code %d, %s\n%s", r.code, r.errs, r.out)
	}
}
