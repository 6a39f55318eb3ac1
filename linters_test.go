package turnstile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	directive = regexp.MustCompile(`//nolint:([\w,]+)`)
	enabled   = regexp.MustCompile(`(?m)^    - (\w+)$`)
)

// TestDirectivesNameLinters checks that each nolint directive is for a linter that runs. One for another is noise, and
// the linters themselves do not report it.
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
			}
		}
	}
}
