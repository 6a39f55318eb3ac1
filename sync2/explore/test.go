package explore

import (
	"os"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// ReplayVariable is the environment variable that makes [Test] replay an earlier failure of the same test; its value is
// the failure's token.
const ReplayVariable = "EXPLORE_REPLAY"

// Test explores a program, and fails the test if it finds a schedule under which the program fails. The report begins
// with a token that replays the schedule, with the option [Replay] or the environment variable EXPLORE_REPLAY:
//
//	EXPLORE_REPLAY=s2x2… go test -run TestTransfer
//
// The program must create everything that it uses, and must be deterministic for a given schedule; see [Explore].
func Test(t testing.TB, program func(*E), opts ...Option) {
	t.Helper()
	if testing.Short() {
		opts = append([]Option{func(o *options) { o.runs = shortRuns }}, opts...)
	}
	if tok := os.Getenv(ReplayVariable); tok != "" {
		if name, err := TokenProgram(tok); err != nil {
			t.Fatalf("%s: %v", ReplayVariable, err)
		} else if name == search.TokenName(t.Name()) {
			opts = append(opts, Replay(tok))
		}
	}
	if !t.Failed() {
		opts = append(opts, func(o *options) { o.failed = t.Failed })
	}
	r := Explore(t.Name(), program, opts...)
	if r.Failure == nil {
		t.Logf("explore: %s", r)
		return
	}
	t.Fatalf("explore: %s(%s)\n%s", r.Failure.Report(), r, artifact(t, r.Failure))
}
