package turnstile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	directive = regexp.MustCompile(`//nolint:([\w,]+)(?: // (.*))?`)
	elsewhere = regexp.MustCompile(`^(likewise|as above|see above|the same|as there)\b`)
	enabled   = regexp.MustCompile(`(?m)^    - (\w+)$`)
)

// TestDirectivesNameLinters checks that each nolint directive is for an enabled linter and has its reason beside it.
// A directive for another linter is noise, and the linters themselves do not report it.
func TestDirectivesNameLinters(t *testing.T) {
	config := readText(t, ".golangci.yml")
	begin, end := strings.Index(config, "\n  enable:\n"), strings.Index(config, "\n  settings:\n")
	if begin < 0 || end < begin {
		t.Fatal(".golangci.yml does not enable linters before their settings")
	}
	runs := map[string]bool{"errcheck": true, "govet": true, "ineffassign": true, "staticcheck": true, "unused": true} // the standard ones
	for _, m := range enabled.FindAllStringSubmatch(config[begin:end], -1) {
		runs[m[1]] = true
	}
	for dir := range sources(t) {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range directive.FindAllStringSubmatch(string(text), -1) {
				for linter := range strings.SplitSeq(m[1], ",") {
					if !runs[linter] {
						t.Errorf("%s: nolint:%s, which does not run", name, linter)
					}
				}
				if elsewhere.MatchString(m[2]) {
					t.Errorf("%s: nolint with the reason %q, which is none", name, m[2])
				}
			}
		}
	}
}

// TestSleepsSayWhy checks that each call of time.Sleep in a test has its reason beside it, since tests must not sleep
// to wait for a state. The programs in testdata are not our tests: they sleep on purpose, mostly in the explorer's
// virtual time.
func TestSleepsSayWhy(t *testing.T) {
	for dir := range sources(t) {
		names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for _, line := range bareSleeps(t, name, nil) {
				t.Errorf("%s:%d: time.Sleep without a comment that says why", name, line)
			}
		}
	}
	const text = "package p\n\nfunc f() {\n\ttime.Sleep(1)\n\ttime.Sleep(2) // of the bubble\n}\n"
	if lines := bareSleeps(t, "p.go", text); !slices.Equal(lines, []int{4}) {
		t.Errorf("sleeps without a reason at %v, want 4", lines)
	}
}

// bareSleeps returns the lines of a file, or of its text, that call time.Sleep without a comment.
func bareSleeps(t *testing.T, name string, text any) (lines []int) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[int]bool)
	for _, c := range f.Comments {
		said[files.Position(c.Pos()).Line] = true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
			if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "time" && !said[files.Position(s.Pos()).Line] {
				lines = append(lines, files.Position(s.Pos()).Line)
			}
		}
		return true
	})
	return lines
}
