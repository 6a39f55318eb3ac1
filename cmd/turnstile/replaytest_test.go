package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// The schedule under which a test failed can be replayed as long as the test exists.
func TestReplayOfTest(t *testing.T) {
	t.Parallel()
	dir := module(t, "abba")
	found := regexp.MustCompile(`\[replay: (s2y\S+)\]`).FindStringSubmatch(tests(t, dir, nil, ".").out)
	if found == nil {
		t.Fatal("there is no token")
	}
	token := found[1]
	replay := func(args ...string) ran {
		return ranIn(t, dir, nil, append([]string{build(t), "replay", token}, args...)...)
	}
	file := filepath.Join(dir, "abba_test.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(source), from, to)), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	for _, where := range []string{"", ".", "./..."} {
		r := replay(strings.Fields(where)...)
		if r.code != exit.OK || !strings.HasPrefix(r.out, "deadlock: ") || !strings.Contains(r.out, "abba_test.go:12\n") || !strings.Contains(r.out, "  cycle: ") || r.errs != "" {
			t.Errorf("replay %s: exit code %d\n%s%s", where, r.code, r.out, r.errs)
		}
	}
	recording := filepath.Join(t.TempDir(), "abba.jsonl")
	r := replay(".", "--format", "text", "--record", recording)
	if shown := ranIn(t, dir, nil, build(t), "export", recording, "--format", "text"); r.code != exit.OK || shown.code != exit.OK || !strings.Contains(shown.out, "locks mutex-1") || !strings.Contains(shown.out, "fails: deadlock") {
		t.Errorf("exit codes %d, %d\n%s%s\n%s%s", r.code, shown.code, r.out, r.errs, shown.out, shown.errs)
	}
	if r := replay(".", "--record", filepath.Join(t.TempDir(), "no", "such")); r.code != exit.Trouble || !strings.Contains(r.errs, "--record: ") || r.out != "" {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.errs)
	}
	var result replayJSON
	if r := replay("--json"); json.Unmarshal([]byte(r.out), &result) != nil || !result.OK || result.Program != "TestABBA" || len(result.Failure.Steps) == 0 || result.Failure.Kind != "deadlock" {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.errs)
	}

	for _, bad := range []struct {
		from, to, args string
		code           int
		want           string
	}{
		{args: "./other", code: exit.Usage, want: "the token is for TestABBA in package example.com/abba, not in ./other"},
		{args: ". -- -run X", code: exit.Usage, want: "the token names its test"},
		{args: ". -- -runs 5", code: exit.Usage, want: "-runs is not one"},
		{args: ". -- -c", code: exit.Usage, want: "-c, -n, -list and -fuzz run no test"},
		{from: "TestABBA", to: "TestABBX", args: ".", code: exit.Usage, want: "test TestABBA no longer exists in package example.com/abba"},
		{from: "b.Lock()", to: "b.Lock", args: ".", code: exit.Trouble, want: "TestABBA did not run"},
		{from: "b.Lock(); a.Lock()", to: "a.Lock(); b.Lock()", args: ".", code: exit.Failed, want: "TestABBA passes under the schedule of the token"},
		{from: "b.Lock(); a.Lock()", to: "a.Lock(); b.Lock()", args: ".", code: exit.Failed, want: "the program has changed since the token was made (abba_test.go)"},
	} {
		if bad.from != "" {
			change(bad.from, bad.to)
		}
		if r := replay(strings.Fields(bad.args)...); r.code != bad.code || !strings.Contains(r.errs, bad.want) || r.out != "" {
			t.Errorf("replay %s with %q for %q: exit code %d\n%s%swant %d, %s", bad.args, bad.to, bad.from, r.code, r.out, r.errs, bad.code, bad.want)
		}
	}
}
