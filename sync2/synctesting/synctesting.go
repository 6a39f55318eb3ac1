package synctesting

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A Check is one of the checks of this package.
type Check uint8

// The checks.
const (
	NoCheck   Check = iota // none
	Runs                   // the program returns nil in time, and the race detector finds nothing
	Leaks                  // the program leaks no goroutine: goleak
	Locks                  // locks are taken in a consistent order: go-deadlock
	Traces                 // a trace of the program is consistent: trace.Validator and timeline.State
	Schedules              // the program is correct under every schedule: package explore

	checks // the number of checks
)

var checkNames = [checks]string{NoCheck: "no check", Runs: "runs", Leaks: "leaks", Locks: "locks", Traces: "traces", Schedules: "schedules"}

// String returns the name of the check, such as "leaks".
func (c Check) String() string {
	if c < checks {
		return checkNames[c]
	}
	return fmt.Sprintf("check %d", uint8(c))
}

// A Finding is a problem that a check has found.
type Finding struct { //nolint:errname // what a check finds is called so
	Check Check
	Round int   // the number of the run, from 0; for Schedules, the number of schedules tried
	Err   error // the problem; for Schedules, an *explore.Failure
}

// Error returns a description of the finding and the name of its check. It may have several lines.
func (f *Finding) Error() string {
	if f.Check == Schedules {
		return fmt.Sprintf("%s: %v", f.Check, f.Err)
	}
	return fmt.Sprintf("%s: run %d: %v", f.Check, f.Round+1, f.Err)
}

// Unwrap returns f.Err.
func (f *Finding) Unwrap() error { return f.Err }

// alone is held during an examination, because a process can run only one at a time.
var alone sync.Mutex

// Run runs all checks on the program, and fails the test with their findings. It logs the number of runs of each kind. If the
// environment variable EXPLORE_REPLAY contains a token printed by this test, Run runs only the schedule of that token.
//
// The runs of one call are sequential, each in a goroutine of its own. With go test -short there are fewer of them.
func Run(t *testing.T, program func(ctx context.Context) error, opts ...Option) {
	t.Helper()
	o := newOptions(opts, testing.Short())
	o.failed = t.Failed
	if token := os.Getenv(explore.ReplayVariable); token == "" || !isOf(token, t.Name()) {
		alone.Lock()
		found := o.examine(t.Context(), program)
		alone.Unlock()
		for _, f := range found {
			t.Errorf("synctesting: %v", f)
		}
		if t.Failed() {
			return // Schedules would fail for the same reason, and take longer
		}
		t.Logf("synctesting: %s", o)
	}
	if o.has(Schedules) {
		explore.Test(t, explored(program), o.explore...)
	}
}

func isOf(token, name string) bool {
	program, err := explore.TokenProgram(token)
	return err == nil && program == name
}

// Examine runs the checks on a program, one pass after another until one finds a problem, and returns the findings of
// that pass, at most one for each check. It is like [Run], but does not need a test, and lets the caller expect
// findings. When ctx ends, it returns soon, with the findings so far. The name is the name of the program in tokens.
func Examine(ctx context.Context, name string, program func(ctx context.Context) error, opts ...Option) []*Finding {
	o := newOptions(opts, false)
	alone.Lock()
	defer alone.Unlock()
	found := o.examine(ctx, program)
	if o.has(Schedules) && len(found) == 0 && ctx.Err() == nil {
		if r := explore.Explore(name, explored(program), append(o.explore, explore.Until(ctx))...); r.Failure != nil {
			found = append(found, &Finding{Schedules, r.Runs, r.Failure})
		}
	}
	return found
}

// explored returns the program in the form that package explore runs.
func explored(program func(ctx context.Context) error) func(*explore.E) {
	return func(e *explore.E) {
		ctx, cancel := e.WithCancel(context.Background())
		if err := program(ctx); err != nil {
			e.Fail("%v", err)
		}
		_ = cancel // the run is over
	}
}

// roundKey is the context key of the number of a run.
type roundKey struct{}

// Round returns the number of the run to which ctx belongs, from 0, for programs that vary their behavior between runs.
// It is always 0 in the runs of [Schedules], which may differ only in their schedules.
func Round(ctx context.Context) int {
	n, _ := ctx.Value(roundKey{}).(int)
	return n
}
