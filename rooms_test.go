package turnstile_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fewFiles is the maximum number of files in a package without a doc.go, since so few are clear at a glance.
const fewFiles = 8

// TestDocNamesFiles checks that the package comment in the doc.go of each package names all of its files, by name or
// by a pattern such as panel_*.go, and no file that does not exist. A package with few files needs none.
func TestDocNamesFiles(t *testing.T) {
	for dir, files := range sources(t) {
		t.Run(dir, func(t *testing.T) {
			if !slices.Contains(files, "doc.go") {
				if len(files) > fewFiles {
					t.Fatalf("%s has %d files and no doc.go", dir, len(files))
				}
				return
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "doc.go"), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			_, list, found := strings.Cut(file.Doc.Text(), "\n# Files\n")
			if !found {
				if len(files) > fewFiles {
					t.Fatalf("the package comment in %s/doc.go has no section Files, which says what each file contains", dir)
				}
				return
			}
			for _, problem := range unnamed(list, files) {
				t.Errorf("%s/doc.go: %s", dir, problem)
			}
		})
	}
}

// fileName matches the name of a Go file, and a pattern of names.
var fileName = regexp.MustCompile(`[\w*]+\.go\b`)

// unnamed returns the errors in a list of files: files that it does not name, and names without a file.
func unnamed(list string, files []string) []string {
	var problems []string
	named := make(map[string]int)
	for _, pattern := range fileName.FindAllString(list, -1) {
		matched := false
		for _, f := range files {
			if ok, err := path.Match(pattern, f); err == nil && ok {
				named[f]++
				matched = true
			}
		}
		if !matched {
			problems = append(problems, "names "+pattern+", but there is no such file")
		}
	}
	for _, f := range files {
		switch n := named[f]; {
		case f == "doc.go":
		case n == 0:
			problems = append(problems, "does not name "+f)
		case n > 1:
			problems = append(problems, "names "+f+" more than once")
		}
	}
	return problems
}

// sources returns the names of the Go files that are not tests, by directory, of this module and of those below it.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			dir := filepath.ToSlash(filepath.Dir(name))
			all[dir] = append(all[dir], d.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestUnnamed(t *testing.T) {
	files := []string{"doc.go", "lock.go", "panel_a.go", "panel_b.go"}
	for list, want := range map[string]string{
		"Locks: lock.go. Panels: panel_*.go.":                "",
		"Panels: panel_*.go.":                                "does not name lock.go",
		"All: lock.go, panel_*.go, queue.go.":                "names queue.go, but there is no such file",
		"All: lock.go, panel_a.go, panel_b.go. And lock.go.": "names lock.go more than once",
	} {
		if got := strings.Join(unnamed(list, files), "; "); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}
