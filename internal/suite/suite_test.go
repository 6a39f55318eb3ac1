package suite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

func TestMain(m *testing.M) {
	if child, err := suite.Child(context.Background(), os.Stdout); child {
		if err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var little = suite.Options{Rounds: 3, Schedules: 50, Search: 200, Seeds: 2, Replays: 3, Respawn: true}

// look examines a scenario and returns the outcomes.
func look(t *testing.T, s *scenarios.Scenario) suite.Row {
	t.Helper()
	row, err := suite.Run(t.Context(), s, little)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range suite.Checkers() {
		if row.Cells[i].Checker != c || row.Cells[i].Outcome == suite.OutcomeNone {
			t.Fatalf("%s: cell %d is %+v", s.Name, i, row.Cells[i])
		}
	}
	return row
}

// outcomes returns a row in a line, such as "runs ✓ cut ✓".
func outcomes(row suite.Row) string {
	var parts []string
	for _, c := range row.Cells {
		if c.Outcome == suite.OutcomeUnexpected {
			parts = append(parts, c.Checker.String())
		}
	}
	return strings.Join(parts, " ")
}

// inTurn takes two locks in two goroutines, one after the other, in the same order or in opposite orders.
func inTurn(ctx context.Context, ordered bool) {
	var a, b sync2.Mutex
	for _, forth := range []bool{true, ordered} {
		first, second := &a, &b
		if !forth {
			first, second = second, first
		}
		sync2.Go("taker", func() {
			if first.LockContext(ctx) != nil {
				return
			}
			defer first.Unlock()
			if second.LockContext(ctx) == nil {
				second.Unlock()
			}
		}).Join()
	}
}

// lose counts to two in two goroutines, and may lose one; with lost, it always does.
func lose(ctx context.Context, lost bool) error {
	var mu sync2.Mutex
	n := 0
	add := func() {
		mu.Lock()
		read := n
		mu.Unlock()
		mu.Lock()
		n = read + 1
		mu.Unlock()
	}
	a := sync2.Go("ann", add)
	if !lost {
		a.Join()
	}
	b := sync2.Go("ben", add)
	a.Join()
	b.Join()
	if n != 2 && ctx.Err() == nil {
		return errors.New("one was lost")
	}
	return context.Cause(ctx)
}

// A scenario's claims are not trusted: these are all wrong, and the right checkers notice.
func TestUnexpected(t *testing.T) {
	for _, test := range []struct {
		expect scenarios.Expectation
		locks  bool
		want   string // the checkers for which it is unexpected
		run    func(ctx context.Context) error
	}{
		{scenarios.ExpectClean, false, "", func(ctx context.Context) error { inTurn(ctx, true); return context.Cause(ctx) }},
		{scenarios.ExpectClean, false, "", func(ctx context.Context) error { return lose(ctx, false) }},
		{scenarios.ExpectClean, false, "go-deadlock", func(ctx context.Context) error { inTurn(ctx, false); return context.Cause(ctx) }},
		{scenarios.ExpectClean, false, "runs cut random dpor", func(context.Context) error { return errors.New("it does not hold") }},
		{scenarios.ExpectClean, false, "cut", func(ctx context.Context) error {
			if at, ok := ctx.Deadline(); ok && time.Until(at) < time.Second { // it is going to be cut short
				<-ctx.Done()
				return errors.New("not the cause")
			}
			return nil
		}},
		{scenarios.ExpectClean, false, "goleak random dpor", func(ctx context.Context) error {
			sync2.Go("forgotten", func() { _ = new(sync2.Event).WaitContext(ctx) })
			return context.Cause(ctx)
		}},
		{scenarios.ExpectLeak, false, "", func(ctx context.Context) error {
			sync2.Go("forgotten", func() { _ = new(sync2.Event).WaitContext(ctx) })
			return nil
		}},
		{scenarios.ExpectLeak, false, "goleak random dpor", func(ctx context.Context) error { inTurn(ctx, true); return nil }},
		{scenarios.ExpectDeadlock, true, "go-deadlock random dpor", func(ctx context.Context) error { inTurn(ctx, true); return nil }},
		{scenarios.ExpectDeadlock, false, "random dpor", func(ctx context.Context) error { return lose(ctx, true) }},
		{scenarios.ExpectViolation, false, "", func(ctx context.Context) error { return lose(ctx, true) }},
		{scenarios.ExpectLostWakeup, false, "random dpor", func(ctx context.Context) error { return lose(ctx, false) }},
		{scenarios.ExpectStarvation, false, "random", func(ctx context.Context) error { return lose(ctx, false) }},
	} {
		name := fmt.Sprintf("%s for %s", test.expect, test.want)
		t.Run(name, func(t *testing.T) {
			want := test.want
			if suite.GuardsInternals {
				want = strings.TrimSpace(strings.ReplaceAll(want, "go-deadlock", ""))
			}
			row := look(t, &scenarios.Scenario{
				Name: "fake", Expect: test.expect, Locks: test.locks,
				Run: func(ctx context.Context, _ scenarios.Params) error { return test.run(ctx) },
			})
			if got := outcomes(row); got != want {
				t.Errorf("unexpected: %q, want %q\n%+v", got, want, row.Cells)
			}
			if row.OK() != (want == "") {
				t.Errorf("OK: %t", row.OK())
			}
		})
	}
}

// A data race is found in a process of its own, since the race detector would fail this one.
func TestRace(t *testing.T) {
	s, err := scenarios.Find("double-checked-lock")
	if err != nil {
		t.Fatal(err)
	}
	row := look(t, s)
	cell := row.Cells[suite.CheckerRace-1]
	switch {
	case !row.OK():
		t.Errorf("unexpected: %s\n%+v", outcomes(row), row.Cells)
	case !suite.Detecting && cell.Outcome != suite.OutcomeNotApplicable:
		t.Errorf("the race detector, which is not there, found %+v", cell)
	case suite.Detecting && (cell.Outcome != suite.OutcomeFound || !strings.Contains(cell.Report, "double_checked_lock.go")):
		t.Errorf("the race detector found %+v", cell)
	}
}

func TestInterrupted(t *testing.T) {
	cause := errors.New("enough")
	for at := range suite.Checkers() {
		ctx, cancel := context.WithCancelCause(t.Context())
		o := little
		o.Progress = func(_ *scenarios.Scenario, c suite.Checker) {
			if int(c) >= at+1 {
				cancel(cause)
			}
		}
		s, err := scenarios.Find("counter")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := suite.Run(ctx, s, o); !errors.Is(err, cause) {
			t.Errorf("interrupted at %v: %v", suite.Checkers()[at], err)
		}
	}
}

func TestNames(t *testing.T) {
	row := suite.Row{Scenario: "x", Expect: "clean"}
	for i, c := range suite.Checkers() {
		row.Cells = append(row.Cells, suite.Cell{Checker: c, Outcome: suite.Outcome(i % 5)})
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var got suite.Row
	if err := json.Unmarshal(text, &got); err != nil || fmt.Sprint(got) != fmt.Sprint(row) {
		t.Errorf("%s\nis read as %+v, %v", text, got, err)
	}
	if err := json.Unmarshal([]byte(`{"cells":[{"checker":"dpoor"}]}`), &got); err == nil {
		t.Error("there is no checker called dpoor, and no error")
	}
}

func TestWriteJUnitFails(t *testing.T) {
	if err := suite.WriteJUnit(&bytes.Buffer{}, nil); err != nil {
		t.Error(err)
	}
	if err := suite.WriteJUnit(broken{}, []suite.Row{{}}); err == nil {
		t.Error("no error")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

// The shortest failing schedule has a token that replays it; if there is none, the error says so.
func TestShortest(t *testing.T) {
	for _, name := range []string{"abba-deadlock", "dishes-leak", "lockable-dict-race", "lost-wakeup", "double-checked-lock", "barrier", "echo-server"} {
		s, err := scenarios.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := suite.Shortest(t.Context(), s, nil, nil)
		if none := s.Expect == scenarios.ExpectClean || s.Expect == scenarios.ExpectRace || s.Real; none != errors.Is(err, suite.ErrNoSchedule) {
			t.Errorf("%s: %v", s.Name, err)
		}
		if err != nil {
			continue
		}
		label, program, err := suite.Explored(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := explore.Explore(label, program, explore.Replay(f.Token))
		if r.Failure == nil || r.Failure.Error() != f.Error() || r.Diverged != "" {
			t.Errorf("%s: the token %s leads to %v, want %v", s.Name, f.Token, r.Failure, f)
		}
		if len(f.Events) == 0 || f.Deviations > 12 {
			t.Errorf("%s: %d events, %d deviations", s.Name, len(f.Events), f.Deviations)
		}
	}
	s, err := scenarios.Find("counter-unlocked")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{"increments": "1"}
	if f, err := suite.Shortest(t.Context(), s, set, nil); err != nil || !strings.Contains(f.Error(), "counted to 1, want 2") {
		t.Errorf("with %v: %v, %v", set, f, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err = scenarios.Find("abba-deadlock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := suite.Shortest(ctx, s, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("was stopped: %v", err)
	}
}
