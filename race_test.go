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

// The suite verifies what every scenario says that it does, no more and no less, with every checker that applies:
// "go test -race", and "make race ROUNDS=1000" for more. One scenario is picked with -run, such as
// "go test -race -run Scenario/barrier", and one checker with another element: "-run Scenario/barrier/goleak".

var (
	rounds  = flag.Int("rounds", 10, "how many times the suite runs each clean scenario; a fifth of that with -short, and of those with processes")
	seeds   = flag.Int("seeds", 1, "with how many seeds the explorer has to find a bug")
	orders  = flag.Int("orders", 100, "how many orders of each clean scenario it tries; a fifth of that with -short")
	steps   = flag.Int("steps", 2000, "after how many operations an order of a clean scenario is given up; 0: as many as package explore allows")
	replays = flag.Int("replays", 10, "how many times it replays the order that it finds of a bug")
)

func TestMain(m *testing.M) {
	// A scenario with a data race is looked at in a process of its own, which is this program again.
	if child, err := suite.Child(context.Background(), os.Stdout); child {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// roundsOfBug is how many times a scenario with a bug is run at least, even if the clean ones are run less often: the race
// detector, goleak and go-deadlock see the bug only in runs in which it shows, so fewer runs would miss it by chance.
const roundsOfBug = 25

func TestScenario(t *testing.T) {
	o := suite.Options{Rounds: *rounds, Orders: *orders, Steps: *steps, Search: 10_000, Seeds: *seeds, Replays: *replays, Respawn: true}
	if testing.Short() {
		o.Rounds, o.Orders = max(1, o.Rounds/5), max(1, o.Orders/5)
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
