package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/scenarios"
)

// childVariable is the environment variable that makes the program examine one scenario and print its row. Its value
// is an assignment, as JSON.
const childVariable = "TURNSTILE_SUITE_CHILD"

// An assignment is the task of a child.
type assignment struct {
	Scenario                                  string
	Rounds, Schedules, Search, Seeds, Replays int
}

// Child reports whether this process is one that [Run] has started. If so, it has done its work and written it to w, and
// the program should exit. It is called before anything else.
func Child(ctx context.Context, w io.Writer) (bool, error) {
	text := os.Getenv(childVariable)
	if text == "" {
		return false, nil
	}
	var a assignment
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return true, fmt.Errorf("suite: %s: %w", childVariable, err)
	}
	s, err := scenarios.Find(a.Scenario)
	if err != nil {
		return true, err // it says what is wrong
	}
	row, err := Run(ctx, s, Options{Rounds: a.Rounds, Schedules: a.Schedules, Search: a.Search, Seeds: a.Seeds, Replays: a.Replays})
	if err != nil {
		return true, err
	}
	if err := json.NewEncoder(w).Encode(row); err != nil {
		return true, fmt.Errorf("suite: %w", err)
	}
	return true, nil
}

// respawn examines a scenario with a data race in a process of its own, whose standard error has the race detector's
// report, and whose exit code is not 0.
func respawn(ctx context.Context, s *scenarios.Scenario, o Options) (Row, error) {
	if o.Progress != nil {
		o.Progress(s, CheckerRace)
	}
	self, err := os.Executable()
	if err != nil {
		return Row{}, fmt.Errorf("suite: %w", err)
	}
	text, err := json.Marshal(assignment{s.Name, o.Rounds, o.Schedules, o.Search, o.Seeds, o.Replays})
	if err != nil {
		return Row{}, fmt.Errorf("suite: %w", err)
	}
	var out, reports bytes.Buffer
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	cmd.Stdout, cmd.Stderr = &out, &reports
	err = cmd.Run()
	if ctx.Err() != nil {
		return Row{}, context.Cause(ctx)
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return Row{}, fmt.Errorf("suite: %w", err)
	}
	var row Row
	if jerr := json.Unmarshal(out.Bytes(), &row); jerr != nil {
		return Row{}, fmt.Errorf("suite: the process that looks at %s: %w\n%s", s.Name, errors.Join(err, jerr), &reports)
	}
	confirm(&row, reports.String())
	return row, nil
}

// confirm checks that the race detector's finding is in its report.
func confirm(row *Row, reports string) {
	cell := &row.Cells[CheckerRace-1]
	if cell.Outcome != OutcomeFound {
		return
	}
	if !strings.Contains(reports, "WARNING: DATA RACE") {
		cell.Outcome, cell.Detail = OutcomeUnexpected, "there is no report of the race detector"
	}
	cell.Report = strings.TrimSpace(place.Text(reports))
}
