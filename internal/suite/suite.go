package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
)

// A Checker is a column of the matrix.
type Checker uint8

// The checkers, in the order of the columns.
const (
	CheckerNone       Checker = iota // none
	CheckerRuns                      // free runs, in which its own invariant holds
	CheckerCut                       // canceled at any moment, it returns the cause and leaves nothing behind
	CheckerRace                      // the race detector
	CheckerGoleak                    // goleak, after each free run
	CheckerGoDeadlock                // go-deadlock: lock ordering
	CheckerValidator                 // the validator of traces, and timeline.State
	CheckerRandom                    // the explorer: random schedules
	CheckerDPOR                      // the explorer: systematically

	checkers // their number
)

var checkerNames = [checkers]string{
	CheckerNone: "none", CheckerRuns: "runs", CheckerCut: "cut", CheckerRace: "race", CheckerGoleak: "goleak", CheckerGoDeadlock: "go-deadlock", CheckerValidator: "validator",
	CheckerRandom: "random", CheckerDPOR: "dpor",
}

// String returns the checker's name, such as "go-deadlock".
func (c Checker) String() string {
	if c < checkers {
		return checkerNames[c]
	}
	return fmt.Sprintf("checker %d", uint8(c))
}

// MarshalText returns the checker's name.
func (c Checker) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a checker's name.
func (c *Checker) UnmarshalText(text []byte) error { return parse(c, checkerNames[:], text) }

// Checkers returns all checkers, in the order of the columns.
func Checkers() []Checker {
	var all []Checker
	for c := CheckerNone + 1; c < checkers; c++ {
		all = append(all, c)
	}
	return all
}

// An Outcome is the result of one checker and one scenario.
type Outcome uint8

// The outcomes.
const (
	OutcomeNone          Outcome = iota // not known
	OutcomeNotApplicable                // the checker does not apply
	OutcomeClean                        // it found nothing, as expected
	OutcomeFound                        // it found the expected bug
	OutcomeUnexpected                   // it found an unexpected problem, or did not find the expected one

	outcomes // their number
)

var outcomeNames = [outcomes]string{OutcomeNone: "unknown", OutcomeNotApplicable: "not applicable", OutcomeClean: "clean", OutcomeFound: "found", OutcomeUnexpected: "unexpected"}

// String returns the outcome in words, such as "clean".
func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// MarshalText returns the outcome in words.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome.
func (o *Outcome) UnmarshalText(text []byte) error { return parse(o, outcomeNames[:], text) }

func parse[T ~uint8](v *T, names []string, text []byte) error {
	for i, name := range names {
		if name == string(text) {
			*v = T(i)
			return nil
		}
	}
	return fmt.Errorf("suite: %q is not one of %q", text, names)
}

// A Cell is the outcome of one checker and one scenario.
type Cell struct {
	Checker Checker `json:"checker"`
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"` // one line: what was done, or found
	Report  string  `json:"report,omitempty"` // the checker's full report, if it found something
	Token   string  `json:"token,omitempty"`  // replays the failing schedule
	Place   string  `json:"place,omitempty"`  // the last position in that schedule: a file and a line
	Seconds float64 `json:"seconds"`          // duration
}

// A Row has the outcomes of one scenario.
type Row struct {
	Scenario string `json:"scenario"`
	Expect   string `json:"expect"` // clean, or the bug
	Cells    []Cell `json:"cells"`  // one for each checker, in their order
}

// OK reports whether every result is as expected.
func (r *Row) OK() bool {
	for i := range r.Cells {
		if r.Cells[i].Outcome == OutcomeUnexpected || r.Cells[i].Outcome == OutcomeNone {
			return false
		}
	}
	return true
}

// Options configure the numbers of runs.
type Options struct {
	Rounds    int // number of free runs, of canceled runs, and of traced runs of a scenario
	Schedules int // number of schedules of a clean scenario that each strategy of the explorer tries
	Steps     int // the maximum number of operations in a schedule of a clean scenario; 0: the default of package explore
	Search    int // maximum number of schedules to find a bug
	Seeds     int // number of seeds with which it has to find one
	Replays   int // the number of times the schedule found with the first of them is replayed

	// Respawn lets scenarios with a data race run in a process of their own, if the race detector is there: it would fail
	// this one. The process is this program again, which must call [Child] first.
	Respawn bool

	// Progress is called before each checker begins; nil is allowed.
	Progress func(s *scenarios.Scenario, c Checker)
}

// Default returns what "turnstile suite" does: about a second per scenario.
func Default() Options {
	return Options{Rounds: 10, Schedules: 300, Search: 10_000, Seeds: 1, Replays: 10, Respawn: true}
}

// Run runs all checkers on a scenario. If ctx ends, Run returns its cause.
func Run(ctx context.Context, s *scenarios.Scenario, o Options) (Row, error) {
	if s.Expect == scenarios.ExpectRace && Detecting && o.Respawn {
		return respawn(ctx, s, o)
	}
	r := &run{s: s, o: o, row: Row{Scenario: s.Name, Expect: s.Expect.String()}}
	for _, c := range Checkers() {
		r.row.Cells = append(r.row.Cells, Cell{Checker: c})
	}
	for _, step := range []func(context.Context){r.free, r.cut, r.traced, r.random, r.dpor} {
		if step(ctx); ctx.Err() != nil {
			return Row{}, context.Cause(ctx)
		}
	}
	return r.row, nil
}

// A run is one scenario on its way through the checkers.
type run struct {
	s       *scenarios.Scenario
	o       Options
	row     Row
	lengths []int // of the failing schedules, in deviations
}

func (r *run) cell(c Checker) *Cell { return &r.row.Cells[c-1] }

// begin reports that the checkers cs, which work together, begin, and returns a function that reports their end.
func (r *run) begin(cs ...Checker) (done func()) {
	if r.o.Progress != nil {
		r.o.Progress(r.s, cs[0])
	}
	began := time.Now()
	return func() {
		for _, c := range cs {
			r.cell(c).Seconds = time.Since(began).Seconds() / float64(len(cs))
		}
	}
}

// none records that a checker does not apply, and why.
func (r *run) none(c Checker, why string) { r.set(c, OutcomeNotApplicable, why) }

func (r *run) set(c Checker, o Outcome, detail string) {
	cell := r.cell(c)
	cell.Outcome, cell.Detail = o, detail
}

// found records that a checker found err, expected or not.
func (r *run) found(c Checker, expected bool, err error) {
	cell := r.cell(c)
	cell.Outcome = OutcomeUnexpected
	if expected {
		cell.Outcome = OutcomeFound
	}
	cell.Report = err.Error()
	cell.Detail = firstLine(err)
}

// missed records that a checker did not find the bug.
func (r *run) missed(c Checker, detail string) {
	r.set(c, OutcomeUnexpected, detail)
	r.cell(c).Report = fmt.Sprintf("it did not find the %s that is there: %s", r.s.Expect, detail)
}
