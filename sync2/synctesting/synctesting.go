package synctesting

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A Check is one way of looking at a program.
type Check uint8

// The checks.
const (
	NoCheck Check = iota // none
	Runs                 // it returns nil, in time, and the race detector is content
	Leaks                // it leaves no goroutine: goleak
	Locks                // locks are taken in one order: go-deadlock
	Traces               // what a trace tells of it can be true: trace.Validator, and timeline.State
	Orders               // it holds in every order: package explore

	checks // how many there are
)

var checkNames = [checks]string{NoCheck: "no check", Runs: "runs", Leaks: "leaks", Locks: "locks", Traces: "traces", Orders: "orders"}

// String returns the check in a word, such as "leaks".
func (c Check) String() string {
	if c < checks {
		return checkNames[c]
	}
	return fmt.Sprintf("check %d", uint8(c))
}

// A Finding is something that a check has found.
type Finding struct { //nolint:errname // what a check finds is called so
	Check Check
	Round int   // in which run, from 0; of Orders, how many orders had been tried
	Err   error // what it is; of Orders an *explore.Failure
}

// Error says what was found, and by which check. It may have several lines.
func (f *Finding) Error() string {
	if f.Check == Orders {
		return fmt.Sprintf("%s: %v", f.Check, f.Err)
	}
	return fmt.Sprintf("%s: run %d: %v", f.Check, f.Round+1, f.Err)
}

// Unwrap returns f.Err.
func (f *Finding) Unwrap() error { return f.Err }

// alone is held by the one examination of the process.
var alone sync.Mutex

// Run makes all checks of the program, and fails the test with what they find. It says in the test's log how much was
// tried. If the environment variable EXPLORE_REPLAY holds a token that this test has printed, only the order of that
// token is run.
//
// The runs of one call come one after the other, in other goroutines than the caller's. With go test -short there are
// fewer.
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
			return // the orders would fail by the same, and take longer
		}
		t.Logf("synctesting: %s", o)
	}
	if o.has(Orders) {
		explore.Test(t, explored(program), o.explore...)
	}
}

func isOf(token, name string) bool {
	program, err := explore.TokenProgram(token)
	return err == nil && program == name
}

// Examine makes the checks of a program, one pass after the other until one finds something, and returns what that
// found: at most one finding of each check. It is what [Run] does, for those who have no test, or expect something to be
// found. When ctx ends it returns soon, with what has been found by then. Name is the program's, in tokens.
func Examine(ctx context.Context, name string, program func(ctx context.Context) error, opts ...Option) []*Finding {
	o := newOptions(opts, false)
	alone.Lock()
	defer alone.Unlock()
	found := o.examine(ctx, program)
	if o.has(Orders) && len(found) == 0 && ctx.Err() == nil {
		if r := explore.Explore(name, explored(program), append(o.explore, explore.Until(ctx))...); r.Failure != nil {
			found = append(found, &Finding{Orders, r.Runs, r.Failure})
		}
	}
	return found
}

// explored returns the program as one for package explore.
func explored(program func(ctx context.Context) error) func(*explore.E) {
	return func(e *explore.E) {
		ctx, cancel := e.WithCancel(context.Background())
		if err := program(ctx); err != nil {
			e.Fail("%v", err)
		}
		_ = cancel // the run is over
	}
}

// roundKey is the key of the number of a run among the values of its context.
type roundKey struct{}

// Round returns the number of the run to which ctx belongs, from 0, for programs that do something else each time. It is
// always 0 in the runs of [Orders]: there nothing but the order may differ.
func Round(ctx context.Context) int {
	n, _ := ctx.Value(roundKey{}).(int)
	return n
}
