package turnstile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Several files must agree for a release: a section of the changelog with its link, and the version of this module
// that module dist requires. During development a replacement hides that requirement, but importers do not see it.
func TestRelease(t *testing.T) {
	changes := readText(t, "CHANGELOG.md")
	sections := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$`).FindAllStringSubmatch(changes, -1)
	if len(sections) == 0 {
		t.Fatal("CHANGELOG.md has no section of a version with a date")
	}
	const site = "https://github.com/turnstile-go/turnstile/"
	last := "v" + sections[0][1]
	want := []string{"\n[Unreleased]: " + site + "compare/" + last + "...HEAD\n"}
	for i, s := range sections {
		to := "releases/tag/v" + s[1]
		if i+1 < len(sections) {
			to = "compare/v" + sections[i+1][1] + "...v" + s[1]
		}
		want = append(want, "\n["+s[1]+"]: "+site+to+"\n")
	}
	for _, line := range want {
		if !strings.Contains(changes, line) {
			t.Errorf("CHANGELOG.md lacks the line %q", strings.TrimSpace(line))
		}
	}
	for _, name := range []string{"dist/go.mod", "dist/bench/go.mod", "bench/go.mod"} {
		if mod := readText(t, name); !strings.Contains(mod, module+" "+last) {
			t.Errorf("%s does not require %s of this module, the last version of CHANGELOG.md", name, last)
		}
	}
}

// A tag can be moved to another commit, so actions are pinned by commits; and only the step that needs credentials
// sees them.
func TestWorkflows(t *testing.T) {
	names, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	uses := regexp.MustCompile(`(?m)^ +(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, name := range append(names, "action.yml") {
		text := readText(t, name)
		steps := uses.FindAllStringSubmatchIndex(text, -1)
		for i, m := range steps {
			action := text[m[2]:m[3]]
			rest := text[m[1]:]
			if i+1 < len(steps) {
				rest = text[m[1]:steps[i+1][0]]
			}
			switch {
			case action == "./":
			case !pinned.MatchString(action):
				t.Errorf("%s: %q is not pinned by a commit with its version beside it", name, action)
			case strings.HasPrefix(action, "actions/checkout@") && !strings.Contains(rest, "persist-credentials: false"):
				t.Errorf("%s: a checkout persists credentials", name)
			}
		}
		if name != "action.yml" && !strings.Contains(text, "\npermissions:\n  contents: read\n") {
			t.Errorf("%s does not begin with as few permissions as there can be", name)
		}
	}
	for _, name := range []string{"SECURITY.md", "CODE_OF_CONDUCT.md", ".github/PULL_REQUEST_TEMPLATE.md", ".github/ISSUE_TEMPLATE/config.yml"} {
		if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
			t.Error(err)
		}
	}
}
