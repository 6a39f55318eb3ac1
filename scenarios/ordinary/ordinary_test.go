package ordinary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/timeline"
)

func TestCatalog(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	names, dirs := make(map[string]bool), make(map[string]bool)
	for _, l := range ordinary.All() {
		if _, err := scenarios.Find(l.Name); !kebab.MatchString(l.Name) || names[l.Name] || err == nil {
			t.Errorf("%q is not kebab-case, or the name of another lesson or scenario", l.Name)
		}
		names[l.Name], dirs[l.Dir] = true, true
		if l.Expect == scenarios.ExpectNone || l.Category != scenarios.CategoryOrdinary || l.Run != nil || l.Title == "" || strings.HasSuffix(l.Title, ".") {
			t.Errorf("%s: it has no expectation, the wrong category, a Run, or no title without a full stop", l.Name)
		}
		for what, text := range map[string]string{"lesson": l.Lesson, "look": l.Look} {
			if len(text) < 80 || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
				t.Errorf("%s: %s should be a paragraph on one line: %q", l.Name, what, text)
			}
		}
		if bug := l.Expect != scenarios.ExpectClean; bug && len(l.Hints) != 3 || !bug && len(l.Hints) > 0 {
			t.Errorf("%s, which is %v, has %d hints: a bug has three, and nothing else has any", l.Name, l.Expect, len(l.Hints))
		}
		if twin := ordinary.Find(l.Twin); l.Twin != "" && (twin == nil || twin.Twin != l.Name || twin.Dir != l.Dir || (twin.Expect == scenarios.ExpectClean) == (l.Expect == scenarios.ExpectClean)) {
			t.Errorf("%s: %s is no bug to this fix, or no fix to this bug, in the same file", l.Name, l.Twin)
		}
		if params := l.AllParams(); len(params) != 1 || params[0].Name != ordinary.Schedule.Name {
			t.Errorf("%s has the parameters %v", l.Name, params)
		}
	}
	if len(dirs) != 12 {
		t.Errorf("there are %d files, want twelve", len(dirs))
	}
	if ordinary.Find("no-such") != nil {
		t.Error("there is a lesson that is not there")
	}
}

// Each lesson is one file that imports the standard library only, and has the tests of its lessons and no others.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lessons")
	if err := ordinary.Unpack(dir); err != nil {
		t.Fatal(err)
	}
	if err := ordinary.Unpack(dir); err == nil {
		t.Error("what is there is written over")
	}
	want := make(map[string]bool)
	for _, l := range ordinary.All() {
		want[l.Dir+" "+l.Test] = true
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) != 12 {
		t.Fatalf("the files are %q, %v, want twelve", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if filepath.Base(file) != name+"_test.go" {
			t.Errorf("%s is in the directory %s", file, name)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if strings.Contains(i.Path.Value, ".") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				key := name + " " + f.Name.Name
				if !want[key] {
					t.Errorf("%s is no lesson", key)
				}
				delete(want, key)
			}
		}
	}
	for key := range want {
		t.Errorf("there is no %s", key)
	}
}

// A recording is small and holds what a lesson is about: goroutines that are called by names, and things that are used.
func TestRecordings(t *testing.T) {
	for _, l := range ordinary.All() {
		events, err := l.Recording(t.Context())
		if err != nil {
			t.Error(err)
			continue
		}
		var s timeline.State
		for i := range events {
			if err := s.Apply(events[i]); err != nil {
				t.Errorf("%s: event %d: %v", l.Name, i, err)
			}
		}
		if failed := s.Failure().Text != ""; failed != (l.Expect != scenarios.ExpectClean) {
			t.Errorf("%s, which is %v, fails with %q", l.Name, l.Expect, s.Failure().Text)
		}
		if len(events) < 10 || len(s.Goroutines()) < 2 || !s.HasSource() {
			t.Errorf("%s: the recording has %d events of %d goroutines", l.Name, len(events), len(s.Goroutines()))
		}
	}
}
