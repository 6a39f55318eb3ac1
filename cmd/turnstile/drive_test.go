package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/tui"
)

// A scenario can be driven to its deadlock, and the token of that schedule leads there again.
func TestDriveScenario(t *testing.T) {
	var token string
	r := in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		if cfg.Drive != "abba-deadlock" || len(cfg.Entries) == 0 {
			return errors.New("nothing is driven")
		}
		d, err := cfg.Driver(cfg.Drive, cfg.RunParams)
		if err != nil {
			return err
		}
		m, err := d.Search(ctx, nil, func(int, int) {})
		if err != nil || m == nil || m.Err == nil {
			return errors.Join(errors.New("no failure was found"), err)
		}
		if token, err = d.Token(ctx, m.Made); err != nil {
			return err
		}
		back, err := d.At(ctx, m.Made[:len(m.Made)-1])
		if err != nil || len(back.Choices) == 0 || !strings.Contains(back.Choices[0].What, "Lock") {
			return errors.Join(errors.New("the last choice cannot be taken back"), err)
		}
		if on, err := d.GoOn(ctx, nil, 1); err != nil || len(on.Choices) != 0 {
			return errors.Join(errors.New("chance does not come to an end"), err)
		}
		return nil
	}}.do(t, "drive abba-deadlock")
	if r.code != exit.OK || r.errs != "" {
		t.Fatal(r.code, r.errs)
	}
	if r := (in{}).do(t, "replay "+token); r.code != exit.OK || !strings.HasPrefix(r.out, "deadlock: ") {
		t.Errorf("the token leads to %+v", r)
	}
	r = in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		d, err := cfg.Driver(cfg.Drive, cfg.RunParams)
		if err != nil {
			return err
		}
		m, err := d.Replay(ctx, cfg.Token)
		if err != nil || m.Err == nil || len(m.Made) == 0 {
			return errors.Join(errors.New("the token leads to no failure"), err)
		}
		return nil
	}}.do(t, "drive "+token)
	if r.code != exit.OK || r.errs != "" {
		t.Error(r.code, r.errs)
	}
}

// A test of an ordinary module can be driven to its deadlock, at places of its own source, and its token replayed.
func TestDriveTest(t *testing.T) {
	t.Chdir(module(t, "abba"))
	var token string
	drive := func(line string, use func(context.Context, tui.Driver, string) error) {
		t.Helper()
		r := in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
			if cfg.Preparing != buildingTest {
				return fmt.Errorf("it says that it is %q", cfg.Preparing)
			}
			d, err := cfg.Driver(cfg.Drive, nil)
			if err != nil {
				return err
			}
			return use(ctx, d, cfg.Token)
		}}.do(t, line)
		if r.code != exit.OK || r.errs != "" {
			t.Fatalf("%s: exit code %d, %s", line, r.code, r.errs)
		}
	}
	drive("drive . --run TestABBA", func(ctx context.Context, d tui.Driver, _ string) error {
		first, err := d.At(ctx, nil)
		if err != nil || len(first.Choices) == 0 || !strings.HasPrefix(first.Choices[0].Where, "abba_test.go:") {
			return fmt.Errorf("at first there is %+v, %w", first, err)
		}
		m, err := d.Search(ctx, nil, func(int, int) {})
		if err != nil || m == nil || m.Err == nil || len(m.Choices) != 0 {
			return fmt.Errorf("the search has found %+v, %w", m, err)
		}
		if again, err := d.At(ctx, m.Made); err != nil || again.Err == nil || again.Err.Error() != m.Err.Error() {
			return fmt.Errorf("the same choices lead to %+v, %w", again, err)
		}
		if on, err := d.GoOn(ctx, m.Made[:1], 3); err != nil || len(on.Choices) != 0 {
			return fmt.Errorf("chance leads to %+v, %w", on, err)
		}
		if _, err := d.At(ctx, []int{99}); err == nil {
			return errors.New("a choice that is not there was made")
		}
		token, err = d.Token(ctx, m.Made)
		return err
	})
	drive("drive "+token, func(ctx context.Context, d tui.Driver, token string) error {
		m, err := d.Replay(ctx, token)
		if err != nil || m.Err == nil {
			return fmt.Errorf("the token leads to %+v, %w", m, err)
		}
		return nil
	})
	drive("drive . --run TestNone", func(ctx context.Context, d tui.Driver, _ string) error {
		if m, err := d.At(ctx, nil); err == nil || !strings.Contains(err.Error(), "there is no test of this name") {
			return fmt.Errorf("a test that is not there: %+v, %w", m, err)
		}
		return nil
	})
}

func TestDriveRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"drive":                             "drive takes one scenario",
		"drive a b":                         "drive takes one scenario",
		"drive no-such":                     "no-such",
		"drive barrier -p workers=0":        "1 … 1000",
		"drive barrier -p x":                "key=value",
		"drive s2y1AA":                      "not a token",
		"drive s2y1AA --run X":              "--run cannot be given as well",
		"drive . --run X -- -runs 5":        "-runs is not one",
		"drive . -run X -- -runs 5":         "-runs is not one",
		"drive s2y1AA -run=X":               "--run cannot be given as well",
		"drive dishes-processes -p washed=": "",
	} {
		if r := (in{terminal: true}).do(t, line); r.code != exit.Usage || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
	if r := (in{}).do(t, "drive barrier"); r.code != exit.Usage || !strings.Contains(r.errs, "must be a terminal") {
		t.Errorf("without a terminal: %+v", r)
	}
}
