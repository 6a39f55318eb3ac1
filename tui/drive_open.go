package tui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// A Program is a program that can be driven, as given by a token or a recording.
type Program struct {
	Name   string
	Params map[string]string
	Token  string // the schedule of the token; "" if there is none
	Driver Driver

	Preparing string // like that of an Entry
}

// tokenIn returns the token in a pasted text, which may be a whole command.
func tokenIn(text string) (string, error) {
	const most = 1 << 20
	if strings.TrimSpace(text) == "" {
		return "", errors.New("Nothing was pasted.") //nolint:staticcheck,revive // it is shown as it is
	}
	if len(text) > most {
		return "", errors.New("The pasted text is too long to be a token.") //nolint:staticcheck,revive // it is shown as it is
	}
	fields := strings.Fields(text)
	isToken := func(s string) bool { return strings.HasPrefix(s, "s2x") || strings.HasPrefix(s, "s2y") }
	i := slices.IndexFunc(fields, isToken)
	if i < 0 {
		return "", errors.New("The pasted text is not a token: tokens begin with s2x or s2y.") //nolint:staticcheck,revive // it is shown as it is
	}
	if slices.ContainsFunc(fields[i+1:], func(s string) bool { return isToken(s) && s != fields[i] }) {
		return "", errors.New("Several tokens were pasted; paste one.") //nolint:staticcheck,revive // it is shown as it is
	}
	return fields[i], nil
}

// pasteToken replays a pasted token: to the end if a run is being driven, otherwise from its first step.
func (m *model) pasteToken(text string) tea.Cmd {
	token, err := tokenIn(text)
	if err != nil {
		m.message, m.failed = err.Error(), true
		return nil
	}
	if m.player != nil && m.player.driven != nil {
		return m.followToken(token)
	}
	if m.cfg.Program == nil {
		m.message, m.failed = "Tokens cannot be opened here; use turnstile replay.", true
		return nil
	}
	return m.steerProgram(token)
}

// followToken replays a token in the run that is being driven.
func (m *model) followToken(token string) tea.Cmd {
	w := m.player.driven
	if w.stop != nil || w.now == nil {
		m.message, m.failed = "The token was ignored because something else is running; esc cancels that.", true
		return nil
	}
	w.view = viewNone
	return m.drive("replaying the token; esc cancels", func(ctx context.Context) (*Moment, error) { return w.driver.Replay(ctx, token) }, nil)
}

// steerProgram starts driving the program of text, which is a token or the Text of a recording's first event.
func (m *model) steerProgram(text string) tea.Cmd {
	pr, err := m.cfg.Program(text)
	if err != nil {
		return m.undriven(err)
	}
	return m.steerBy(pr, true)
}

// driveThis starts driving what the player shows, or says why that is not possible.
func (m *model) driveThis() tea.Cmd {
	p := m.player
	switch {
	case p.watched:
		m.message = "A watched program cannot be driven. To drive a test of it: turnstile drive PACKAGE --run TEST"
	case p.name != "" && m.cfg.Driver != nil:
		return m.steer(p.name, p.params, "")
	case p.program != "" && m.cfg.Program != nil:
		return m.steerProgram(p.program)
	case m.cfg.Driver == nil && m.cfg.Program == nil:
		m.message = "Nothing can be driven here; use turnstile drive."
	default:
		m.message = "This recording cannot be driven, since it does not name its program; those of turnstile run and replay do."
	}
	return nil
}

// canDrive reports whether what the player shows can be driven. It asks only once.
func (m *model) canDrive(p *player) bool {
	if p.driven != nil || p.sandbox != nil || p.watched || p.asked {
		return p.drivable
	}
	p.asked = true
	switch {
	case p.name != "" && m.cfg.Driver != nil:
		_, err := m.cfg.Driver(p.name, p.params)
		p.drivable = err == nil
	case p.program != "" && m.cfg.Program != nil:
		_, err := m.cfg.Program(p.program)
		p.drivable = err == nil
	}
	return p.drivable
}

// drivables returns a function that reports, and remembers, whether an entry can be driven; nil if none can.
func drivables(cfg *Config) func(name string) bool {
	if cfg.Driver == nil {
		return nil
	}
	known := make(map[string]bool)
	return func(name string) bool {
		can, ok := known[name]
		if !ok {
			_, err := cfg.Driver(name, nil)
			can = err == nil
			known[name] = can
		}
		return can
	}
}
