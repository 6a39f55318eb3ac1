package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui"
)

var tokenIn = regexp.MustCompile(`\[replay: (s2x\S+)\]`)

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		line string
		code int
		want string // in what is printed
	}{
		{"check counter", exit.OK, "counter: exhausted: "},
		{"check counter --strategy random --budget 20", exit.OK, "counter: 20 schedules, not exhausted"},
		{"check counter --strategy dfs --budget 20", exit.OK, "counter: 20 schedules, not exhausted"},
		{"check abba-deadlock", exit.Failed, "cycle: ann holds lock-a and waits for lock-b; ben holds lock-b and waits for lock-a"},
		{"check abba-deadlock", exit.Failed, "\nturnstile replay s2x"},
		{"check abba-deadlock --strategy dpor", exit.Failed, ", by DPOR)"},
		{"check abba-deadlock --strategy pct --seed 7", exit.Failed, ", by PCT 3)"},
		{"check philosophers-deadlock -p philosophers=2", exit.Failed, "philosopher-1, philosopher-2 wait forever"},
		{"check dishes-leak", exit.Failed, "after main has ended"},
		{"check abba-deadlok", exit.Usage, `did you mean "abba-deadlock"?`},
		{"check", exit.Usage, "scenario missing"},
		{"check counter --strategy luck", exit.Usage, "must be all, random, pct, dfs or dpor"},
		{"check counter --budget 0", exit.Usage, "must be 1 or more"},
		{"check philosophers-deadlock -p philosophers=1001", exit.Usage, "out of range"},
	} {
		r := in{}.do(t, test.line)
		if r.code != test.code || !strings.Contains(r.out+r.errs, test.want) {
			t.Errorf("%s: exit code %d, want %d; printed %s%s\nwant …%s…", test.line, r.code, test.code, r.out, r.errs, test.want)
		}
	}
}

// Replay shows what check finds, as text and in the player.
func TestReplay(t *testing.T) {
	found := in{}.do(t, "check philosophers-deadlock -p philosophers=2")
	m := tokenIn.FindStringSubmatch(found.out)
	if m == nil {
		t.Fatalf("no token in %s", found.out)
	}
	text := in{}.do(t, "replay "+m[1])
	if want := strings.TrimSuffix(found.out, found.out[strings.LastIndex(found.out, "("):]); text.code != exit.OK || text.out != want {
		t.Errorf("exit code %d, printed\n%s\nwant\n%s", text.code, text.out, want)
	}
	var moment *tui.Moment
	shown := in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		d, err := cfg.Driver(cfg.Drive, cfg.RunParams)
		if err != nil || !cfg.FromStart {
			return errors.Join(errors.New("its first step is not where it begins"), err)
		}
		moment, err = d.Replay(ctx, cfg.Token)
		return err
	}}.do(t, "replay "+m[1])
	if shown.code != exit.OK || moment == nil || moment.Err == nil || len(moment.Steps) != len(moment.Made) || len(moment.Steps) == 0 {
		t.Fatalf("exit code %d, %s; the schedule leads to %+v", shown.code, shown.errs, moment)
	}
	if last := moment.Steps[len(moment.Steps)-1]; !strings.HasPrefix(last.What, "LockContext fork-") || last.Where == "" {
		t.Errorf("the last step is %+v", last)
	}
	s := new(timeline.State)
	for _, ev := range moment.Events {
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Deadlocks(); len(got) != 1 {
		t.Errorf("the recording ends with the deadlocks %v, want one", got)
	}
	for token, want := range map[string]string{
		"nonsense": "not a token", m[1][:len(m[1])-2] + "xx": "checksum", m[1][:6]: "missing", "s2x0" + m[1][4:]: "of this version",
	} {
		if r := (in{}).do(t, "replay "+token); r.code != exit.Usage || !strings.Contains(r.errs, want) {
			t.Errorf("replay %s: exit code %d, said %s", token, r.code, r.errs)
		}
	}
}

// A token is refused if it fits no current scenario, or asks for too much.
func TestReplayOfWhatFitsNothing(t *testing.T) {
	for token, want := range map[string]string{
		"s2x2DmNvdW50ZXIgcGFjZT0xAAMAAAAAAED5ni0": `of the program "counter pace=1", and this is "counter"`,
		"s2x2CGxpdmVsb2NrAoCt4gQAAAAAADhS_ho":     "a run of 10000000 operations",
	} {
		if r := (in{}).do(t, "replay --format text "+token); r.code != exit.Usage || !strings.Contains(r.errs, want) || r.out != "" {
			t.Errorf("%s: exit code %d, said %s%s", token, r.code, r.errs, r.out)
		}
	}
}

// The reported position of an operation is in the scenario, even if the scenario calls a helper of the catalog.
func TestCheckSaysWhere(t *testing.T) {
	r := in{}.do(t, "check lost-wakeup")
	pause := regexp.MustCompile(`(?m)Pause +(\S+)$`).FindAllStringSubmatch(r.out+r.errs, -1)
	if len(pause) == 0 {
		t.Errorf("no Pause in\n%s%s", r.out, r.errs)
	}
	for _, m := range pause {
		if !strings.HasPrefix(m[1], "../../scenarios/lost_wakeup.go:") {
			t.Errorf("a Pause is at %s", m[1])
		}
	}
}

// An interrupt ends the search, and the exit code says so.
func TestCheckInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&exit.SignalError{Signal: syscall.SIGINT})
	r := in{ctx: ctx}.do(t, "check mutex-fairness --budget 100000000")
	if r.code != 130 || !strings.Contains(r.out, "not exhausted") {
		t.Errorf("exit code %d, want 130; printed %s%s", r.code, r.out, r.errs)
	}
}

// In a terminal the progress is one line, which is overwritten: it must not be longer than the terminal is wide.
func TestCheckInTerminal(t *testing.T) {
	var bars []string
	for budget := 10_000; len(bars) == 0; budget *= 2 { // until it takes long enough for one to be shown
		r := in{terminal: true, columns: 80}.do(t, fmt.Sprintf("check counter --strategy random --budget %d", budget))
		if r.code != exit.OK || !strings.HasSuffix(r.errs, "\r\x1b[K") {
			t.Fatalf("code %d, %q", r.code, r.errs)
		}
		bars = strings.FieldsFunc(ansi.Strip(r.errs), func(c rune) bool { return c == '\r' })
	}
	for _, bar := range bars {
		if !strings.HasPrefix(bar, "[") || !strings.Contains(bar, "] random: ") || len(bar) > 79 {
			t.Errorf("%d columns: %q", len(bar), bar)
		}
	}
}

// Running the scenario in this process would fail the test under the race detector.
func TestCheckOfARace(t *testing.T) {
	if got := unseen("double-checked-lock"); !strings.HasPrefix(got, "Its bug is a data race, which only the race detector finds: ") || !strings.HasSuffix(got, "\n") {
		t.Errorf("said is %q", got)
	}
	if got := unseen("abba-deadlock") + unseen("counter"); got != "" {
		t.Errorf("said is %q of what a schedule shows, or is clean", got)
	}
}
