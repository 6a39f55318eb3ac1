package conform

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

var replays = flag.Int("replays", 1, "number of times TestTokens replays each token, in the binary that found it and in another")

// noToken are programs of package buggy that do not fail under the explorer.
var noToken = []string{
	"TestFirstResultWins", "TestEarlyReturnLeaksProducer", // they leak in every schedule, which is a note
	"TestOrderOfMap", // a test with one goroutine is run once
}

// TestTokens replays the tokens of buggy programs, each in fresh processes, of the binary that made it and of one
// that was rebuilt in another directory: all of them fail in the same way after the same steps.
func TestTokens(t *testing.T) {
	tokens, runs, kinds := 0, 0, map[string]int{}
	for _, b := range []builder{{private: true}, {private: true, race: true}} {
		pkg := "buggy"
		if b.race {
			pkg = "racy"
		}
		bin := b.build(t, pkg)
		b.moved = true
		moved := b.build(t, pkg)
		log := raceEnvironment + " log_path=" + filepath.Join(t.TempDir(), "race")
		found := run(t, bin, &anytest.Config{Runs: 1000, Time: hanging}, []string{log})
		failing := map[string]bool{}
		for i := range found.reports {
			p := &found.reports[i]
			for j := range p.Failures {
				failing[p.Test] = true
				tokens++
				kinds[p.Failures[j].Kind]++
				want, differ := "", 0
				for n := range 2 * *replays {
					from := bin
					if n%2 == 1 {
						from = moved
					}
					runs++
					got := replayed(t, from, p.Test, p.Failures[j].Token, log)
					if want == "" {
						want = got
					}
					if got != want {
						if differ++; differ == 1 {
							t.Errorf("%s: replay %d comes to\n%s\nand the first to\n%s", p.Test, n+1, fromWhere(got, want), fromWhere(want, got))
						}
					}
				}
				t.Logf("%s, %s: %d replays, %d differ", p.Test, p.Failures[j].Kind, 2**replays, differ)
				if !strings.Contains(want, `"verdict":"failed"`) {
					t.Errorf("%s: %s leads to\n%s", p.Test, p.Failures[j].Token, want)
				}
				if differ > 0 {
					t.Errorf("%s: %d of %d replays differ from the first", p.Test, differ, 2**replays)
				}
			}
		}
		for name, bug := range bugsOf(t, pkg, "Test") {
			if !failing[name] && !slices.Contains(noToken, name) && (b.race || bug.kind != "data race") {
				t.Errorf("%s does not fail", name)
			}
		}
	}
	t.Logf("%d replays of %d tokens, of %v", runs, tokens, kinds)
}

// fromWhere returns s from where it differs from other.
func fromWhere(s, other string) string {
	i := 0
	for i < min(len(s), len(other)) && s[i] == other[i] {
		i++
	}
	return "… " + s[max(0, i-40):min(len(s), i+200)]
}

var address = regexp.MustCompile(`0x[0-9a-f]+`)

// replayed returns the result of a token in a fresh process, without the parts that may vary.
func replayed(t *testing.T, bin, test, token string, env ...string) string {
	t.Helper()
	config := &anytest.Config{Replay: token, Record: filepath.Join(t.TempDir(), "recording")}
	r := run(t, bin, config, env, "-test.run=^"+test+"$")
	if len(r.reports) != 1 {
		return fmt.Sprintf("%v\n%s", r.err, tail(r.output))
	}
	p := &r.reports[0]
	p.Elapsed = 0
	for i := range p.Failures {
		f := &p.Failures[i]
		f.After = 0
		f.Message, _, _ = strings.Cut(f.Message, "\n") // otherwise the race detector names goroutines and addresses
		if f.Detail != nil {
			f.Detail.Stack = ""
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return address.ReplaceAllString(string(text), "0x…")
}
