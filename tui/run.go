package tui

import (
	"context"
	"errors"
)

// run is Run.
func run(_ context.Context, cfg Config) error {
	if len(cfg.Entries) == 0 && cfg.Run == "" && cfg.Open == nil {
		return errors.New("tui: nothing to show")
	}
	return errors.New("tui: the terminal is not drawn yet")
}
