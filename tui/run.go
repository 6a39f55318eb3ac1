package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// run implements Run.
func run(ctx context.Context, cfg Config) error {
	if len(cfg.Entries) == 0 && cfg.Run == "" && cfg.Watch == nil && cfg.Drive == "" && cfg.Sandbox == nil && cfg.Open == nil && cfg.Beside == nil && cfg.Load == nil {
		return errors.New("tui: nothing to show: no scenarios and no recording")
	}
	if cfg.Background == BackgroundAuto {
		cfg.Background = backgroundOf(os.Getenv("COLORFGBG"))
	}
	chosen, err := cfg.Keys.keyMap()
	if err != nil {
		return err
	}
	if len(cfg.Keys) > 0 {
		bindings = chosen
	}
	inner, over := context.WithCancel(ctx)
	m := newModel(inner, &cfg)
	defer m.io.close()
	defer over()                                            // ends the wait for a program to run
	opts := []tea.ProgramOption{tea.WithoutSignalHandler()} // whether signals end ctx is the caller's choice
	if cfg.Input != nil {
		opts = append(opts, tea.WithInput(cfg.Input))
	}
	if cfg.Output != nil {
		opts = append(opts, tea.WithOutput(cfg.Output))
	}
	if cfg.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	program := tea.NewProgram(m, opts...)
	defer context.AfterFunc(ctx, program.Quit)() // WithContext would not wait until the input is released
	_, err = program.Run()
	switch {
	case m.fatal != nil:
		return m.fatal
	case err == nil:
		return nil
	}
	return fmt.Errorf("tui: %w", err)
}

// backgroundOf parses COLORFGBG, by which some terminals report their colors: "15;0" is white on black.
func backgroundOf(fgbg string) Background {
	i := strings.LastIndexByte(fgbg, ';')
	if i < 0 {
		return BackgroundAuto
	}
	switch bg, err := strconv.Atoi(fgbg[i+1:]); {
	case err != nil || bg < 0 || bg > 15:
		return BackgroundAuto
	case bg == 7 || bg >= 9 && bg != 12:
		return BackgroundLight
	default:
		return BackgroundDark
	}
}
