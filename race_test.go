package turnstile_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
)

// The suite verifies that every scenario does what it claims, no more and no less, with every checker that applies:
// "go test -race", and "make race ROUNDS=1000" for more. Select one scenario with -run, such as "go test -race -run
// Scenario/barrier", and one checker with another element: "-run Scenario/barrier/goleak".

var (
	rounds    = flag.Int("rounds", 10, "number of runs of each clean scenario; a fifth of that with -short, and of those with processes")
	seeds     = flag.Int("seeds", 1, "number of seeds with which the explorer must find a bug")
	schedules = flag.Int("schedules", 100, "number of schedules of each clean scenario that it tries; a fifth of that with -short")
	steps     = flag.Int("steps", 2000, "maximum number of operations in a schedule of a clean scenario; 0: the default of package explore")
	replays   = flag.Int("replays", 10, "number of replays of the schedule that it finds for a bug")
)

func TestMain(m *testing.M) {
	// A scenario with a data race is examined in a process of its own, which is this program again.
	if child, err := suite.Child(context.Background(), os.Stdout); child {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// roundsOfBug is the minimum number of runs of a scenario with a bug, even if clean ones are run less often: the race
// detector, goleak and go-deadlock see the bug only in runs in which it shows, so fewer runs would miss it by chance.
const roundsOfBug = 25

func TestScenario(t *testing.T) {
	o := suite.Options{Rounds: *rounds, Schedules: *schedules, Steps: *steps, Search: 10_000, Seeds: *seeds, Replays: *replays, Respawn: true}
	if testing.Short() {
		o.Rounds, o.Schedules = max(1, o.Rounds/5), max(1, o.Schedules/5)
	}
	for _, s := range scenarios.All() {
		t.Run(s.Name, func(t *testing.T) {
			o := o
			switch {
			case s.Expect != scenarios.ExpectClean:
				o.Rounds = max(roundsOfBug, o.Rounds)
			case s.Category == scenarios.CategoryProcesses: // each run starts several programs
				o.Rounds = max(1, o.Rounds/5)
			}
			row, err := suite.Run(t.Context(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range row.Cells {
				t.Run(cell.Checker.String(), func(t *testing.T) {
					t.Logf("%v: %s (%.3f s)", cell.Outcome, cell.Detail, cell.Seconds)
					if cell.Outcome == suite.OutcomeUnexpected || cell.Outcome == suite.OutcomeNone {
						t.Errorf("%v, of a scenario that is %s: %s\n%s", cell.Outcome, row.Expect, cell.Detail, cell.Report)
					}
				})
			}
		})
	}
}
