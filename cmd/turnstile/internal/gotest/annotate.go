package gotest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/github"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

// annotate prints the failures as annotations of GitHub Actions if -format is github.
func (t *goTest) annotate(ctx context.Context) error {
	if t.line.Own["format"] != "github" {
		return nil
	}
	failures := t.reports.failures()
	if len(failures) == 0 {
		return nil
	}
	dirs, err := t.directories(ctx, failures)
	if err != nil {
		return err
	}
	workspace := t.e.Getenv("GITHUB_WORKSPACE")
	if workspace == "" {
		if workspace, err = os.Getwd(); err != nil {
			return exit.With(exit.Trouble, err)
		}
	}
	for _, f := range failures {
		where := ""
		if len(f.Places) > 0 {
			where = inWorkspace(workspace, dirs[f.name.pkg], f.Places[0])
		}
		lines := append([]string{f.Kind + ": " + f.Message}, f.Places...)
		if f.Token != "" {
			lines = append(lines, "turnstile test -replay "+f.Token+" "+f.name.pkg)
		}
		if err := github.Annotate(t.out, where, "turnstile test "+f.name.test, strings.Join(lines, "\n")); err != nil {
			return exit.With(exit.Trouble, err)
		}
	}
	return nil
}

// A testFailure is a failure of a test.
type testFailure struct {
	name testName
	anytest.Failure
}

// failures returns the failures of all tests, sorted by test and in the order in which they were found. A failure that was
// found both without and with the race detector is listed once.
func (r *reports) failures() []testFailure {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []testFailure
	for _, name := range slices.SortedFunc(maps.Keys(r.results), func(a, b testName) int {
		return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.test, b.test))
	}) {
		first := len(all)
		for _, f := range r.results[name].failures {
			if !slices.ContainsFunc(all[first:], func(g testFailure) bool {
				return g.Kind == f.Kind && slices.Equal(g.Places, f.Places)
			}) {
				all = append(all, testFailure{name, f})
			}
		}
	}
	return all
}

// directories returns the directory of each package with a failed test.
func (t *goTest) directories(ctx context.Context, failures []testFailure) (map[string]string, error) {
	var packages []string
	for _, f := range failures {
		if !slices.Contains(packages, f.name.pkg) && f.name.pkg != "command-line-arguments" { // those are files in this directory
			packages = append(packages, f.name.pkg)
		}
	}
	if len(packages) == 0 {
		return nil, nil
	}
	dirs := make(map[string]string)
	out, err := t.goList(ctx, "{{.ImportPath}} {{.Dir}}", packages).Output()
	if err != nil {
		return nil, exit.With(exit.Trouble, fmt.Errorf("go list: %w", err))
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		pkg, dir, _ := strings.Cut(lines.Text(), " ")
		dirs[pkg] = dir
	}
	return dirs, nil
}

// inWorkspace returns a place, which may be relative to dir, relative to the workspace.
func inWorkspace(workspace, dir, place string) string {
	i := strings.LastIndexByte(place, ':')
	if i < 0 {
		return ""
	}
	file := place[:i]
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	if rel, err := filepath.Rel(workspace, file); err == nil && filepath.IsLocal(rel) {
		file = rel
	}
	return filepath.ToSlash(file) + place[i:]
}
