package turnstile_test

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents returns the texts of the documents for users, by their paths.
func documents(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir("docs", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for _, name := range names {
		texts[name] = readText(t, name)
	}
	return texts
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

var (
	fence   = regexp.MustCompile("(?ms)^```[^\n]*\n.*?^```$")
	span    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// anchors returns the anchors that GitHub gives to the headings of a document.
func anchors(text string) []string {
	var all []string
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case strings.ContainsRune("`.,:;!?'’\"()/→&", r):
				return -1
			}
			return r
		}, strings.ToLower(h[1])))
	}
	return all
}

func TestLinksInDocuments(t *testing.T) {
	texts := documents(t)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(fence.ReplaceAllString(texts[name], ""), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			to := filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			if path == "" {
				to = filepath.ToSlash(name)
			}
			if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", name, m[1], err)
				continue
			}
			if strings.HasSuffix(to, ".md") && anchor != "" && !slices.Contains(anchors(readText(t, to)), anchor) {
				t.Errorf("%s: the link %s leads to no heading of %s, which has %q", name, m[1], to, anchors(readText(t, to)))
			}
		}
	}
}

// A table ends with an empty line, since otherwise what follows is drawn as a row of it, and all of its rows have the
// same number of cells.
func TestTablesInDocuments(t *testing.T) {
	for name, text := range documents(t) {
		cells := 0 // the cells of the table, 0 outside
		for i, line := range strings.Split(fence.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }), "\n") {
			switch row := strings.HasPrefix(line, "|"); {
			case row:
				n := strings.Count(span.ReplaceAllString(strings.ReplaceAll(line, `\|`, ""), ""), "|")
				if cells != 0 && n != cells {
					t.Errorf("%s:%d: %d cells in a table of %d: %s", name, i+1, n-1, cells-1, line)
				}
				cells = n
			case cells != 0 && strings.TrimSpace(line) != "":
				t.Errorf("%s:%d: no empty line after a table: %s", name, i+1, line)
				cells = 0
			default:
				cells = 0
			}
		}
	}
}

// The picture in docs/architecture.md shows packages in lines such that each imports only packages on lower lines.
func TestArchitectureShowsTheImportPolicy(t *testing.T) {
	allowed, err := parsePolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	text := readText(t, "docs/architecture.md")
	line := make(map[string]int)
	for i, l := range strings.Split(fence.FindString(text), "\n") {
		for word := range strings.FieldsSeq(l) {
			if _, ok := allowed[word]; ok {
				if _, twice := line[word]; twice {
					t.Errorf("the picture shows %s twice", word)
				}
				line[word] = i
			} else if strings.Contains(word, "/") && word != "examples/..." {
				t.Errorf("the picture shows %s, which is no package", word)
			}
		}
	}
	if len(line) < 20 {
		t.Fatalf("the picture shows only %d packages", len(line))
	}
	for upper, below := range allowed {
		for lower := range below {
			u, ok := line[upper]
			l, both := line[lower]
			if ok && both && u >= l {
				t.Errorf("%s may import %s, and the picture does not show it above that", upper, lower)
			}
		}
	}
}

func TestArchitectureNamesEveryBuildTag(t *testing.T) {
	text := readText(t, "docs/architecture.md")
	tag := regexp.MustCompile(`turnstile_\w+|deadlock`)
	for _, dir := range []string{"cmd", "internal", "scenarios", "sync2", "tui"} {
		err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") {
				return err
			}
			head, _, _ := strings.Cut(readText(t, filepath.ToSlash(name)), "\npackage ")
			constraint, _, _ := strings.Cut(head, "\n")
			if !strings.HasPrefix(constraint, "//go:build ") {
				return nil
			}
			for _, found := range tag.FindAllString(constraint, -1) {
				if !strings.Contains(text, "`"+found+"`") {
					t.Errorf("%s: the build tag %s is not in docs/architecture.md", name, found)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// exampleFiles hold the Go code of the guides, so that it compiles and runs. If one of them changes, copy the change.
var exampleFiles = []string{
	"sync2/example_choosing_test.go", "scenarios/counter_unlocked.go", "sync2/process/example_test.go", "dist/example_test.go",
	"docs/guides/testdata/stock/stock.go", "docs/guides/testdata/stock/stock_test.go", "docs/guides/testdata/resize/main.go",
}

// The programs in docs/guides/testdata are not matched by ./..., since a test of one of them fails in some schedules.
func TestProgramsOfGuidesCompile(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "vet", "./docs/guides/testdata/stock", "./docs/guides/testdata/resize").CombinedOutput()
	if err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// squeeze returns the lines of text that are not empty, without indentation.
func squeeze(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestGoInGuidesCompiles(t *testing.T) {
	var compiled strings.Builder
	for _, name := range exampleFiles {
		compiled.WriteString(squeeze(readText(t, name)))
	}
	for name, text := range documents(t) {
		if !strings.HasPrefix(filepath.ToSlash(name), "docs/guides/") {
			continue
		}
		for _, m := range goBlock.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(compiled.String(), squeeze(m[1])) {
				t.Errorf("%s: this is in none of %q:\n%s", name, exampleFiles, m[1])
			}
		}
	}
}

// unidiomatic lists phrases that are grammatical but that no native speaker would write, and words not in American
// spelling.
var unidiomatic = [...]string{
	"such and so", "is misuse.", "is misuse of", "what came of", "was to be expected", "is to be expected", "whoever watches", "whoever calls",
	"that is all there is", "the same is so of", " goes for ", "what there is to be", "so many permits", "so many times", "so many goroutines",
	"what one writes at first", "one thinks", "under one hold of", "when the engine was asked", "beside the ideal", "beside its ideal", "sees to it that",
	" are to be told", "is to be told", "it is told of", "is told by", "goes no further", "nobody hears", "it is said", "as is said", "what was said",
	"who gives up", "who wants", "who goes next", "who waits no more", "there is to be", "to be seen", "leaves away", "left away", "gets to know", "comes to know",
	"hears of", "no more than that", "such as it is", "as many as there are", "of its own accord", "beside each other", "thereby", "whereupon", "wherein",
	"so many orders", "what is stored of", "that is no task", "for ever.", "for ever,", "for ever ",
	"cancel" + "led", "cancel" + "ling", "behav" + "iour", "col" + "our", // in parts, since the linter looks for them as well
}

// TestPlainEnglish checks that none of them comes back into texts or comments.
func TestPlainEnglish(t *testing.T) {
	texts := documents(t)
	for dir := range sources(t) {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if name != "docs_test.go" {
				texts[name] = readText(t, filepath.ToSlash(name))
			}
		}
	}
	for name, text := range texts {
		text = strings.ToLower(text)
		for _, phrase := range unidiomatic {
			if at := strings.Index(text, phrase); at >= 0 {
				t.Errorf("%s:%d: %q", name, 1+strings.Count(text[:at], "\n"), phrase)
			}
		}
	}
}
