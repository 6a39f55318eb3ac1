package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/tui"
)

// A scenario can be driven to its deadlock, and the token of that order leads there again.
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
		m, err := d.Search(ctx, nil)
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
	if r.code != held || r.errs != "" {
		t.Fatal(r.code, r.errs)
	}
	if r := (in{}).do(t, "replay "+token); r.code != held || !strings.HasPrefix(r.out, "deadlock: ") {
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
	if r.code != held || r.errs != "" {
		t.Error(r.code, r.errs)
	}
}

func TestDriveRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"drive":                             "drive takes one scenario",
		"drive a b":                         "drive takes one scenario",
		"drive no-such":                     "no-such",
		"drive barrier -p workers=0":        "1 … 1000",
		"drive barrier -p x":                "key=value",
		"drive s2y1AA":                      "only scenarios can be driven",
		"drive dishes-processes -p washed=": "",
	} {
		if r := (in{terminal: true}).do(t, line); r.code != usage || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
	if r := (in{}).do(t, "drive barrier"); r.code != usage || !strings.Contains(r.errs, "must be a terminal") {
		t.Errorf("without a terminal: %+v", r)
	}
}
