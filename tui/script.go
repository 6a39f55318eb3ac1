package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A script is what a user does in a film: keys, with pauses between them.
type script struct {
	m     *model
	moves []scripted
	at    int           // the next of moves
	left  time.Duration // the rest of the current pause

	pressed string        // the last key
	since   time.Duration // the time since it was pressed
}

// A scripted is a key or a pause.
type scripted struct {
	name  string
	key   tea.KeyPressMsg
	pause time.Duration
}

// maxPause limits the pauses of a script, so that every film ends.
const maxPause = time.Minute

// newScript returns a script of the given keys and pauses for m.
func newScript(m *model, names []string) (*script, error) {
	s := &script{m: m}
	for _, name := range names {
		mv := scripted{name: name}
		var ok bool
		if mv.key, ok = keyCalled(name); !ok {
			d, err := time.ParseDuration(name)
			if err != nil || d < 0 || d > maxPause {
				return nil, fmt.Errorf("tui: %q is neither a key nor a time from 0s to %v", name, maxPause)
			}
			mv.pause = d
		}
		s.moves = append(s.moves, mv)
	}
	return s, nil
}

// press presses the keys before the next pause, and reports whether there is one.
func (s *script) press() bool {
	for ; s.at < len(s.moves); s.at++ {
		mv := &s.moves[s.at]
		if mv.pause > 0 {
			s.left = mv.pause
			s.at++
			return true
		}
		s.do(s.m.press(mv.key))
		s.pressed, s.since = mv.name, 0
	}
	return false
}

// all presses all keys. Pauses take no time.
func (s *script) all() {
	for s.press() {
		s.pass(s.left)
	}
}

// pass lets time pass.
func (s *script) pass(d time.Duration) {
	s.left -= d
	s.since += d
	if p := s.m.player; p != nil && !s.m.covered() {
		p.advance(d)
	}
}

// do runs a command of the model, and all commands that result from it.
func (s *script) do(cmd tea.Cmd) {
	if cmd == nil || s.m.ctx.Err() != nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			s.do(c)
		}
	default:
		s.do(s.m.handle(msg))
	}
}

// draw draws the screen, with the key that was just pressed.
func (s *script) draw(w, h int) *cells.Canvas {
	const shownFor = 900 * time.Millisecond
	m := s.m
	m.w, m.h = w, h
	m.frame()
	if name := s.pressed; name != "" && s.since < shownFor {
		label := " key " + keySign(name) + " "
		x := w - cells.Width(label)
		m.c.Tint(cells.Area(x, h-1, w-x, 1), cells.StyleOnSelected)
		m.c.Text(x, h-1, label, cells.StyleBright|cells.StyleBold)
	}
	return &m.c
}

// scripted makes f press the keys of its configuration. With a driver, f begins before the first event.
func (f *Film) scripted(ctx context.Context, title string) error {
	cfg := f.cfg
	m := newModel(ctx, &Config{
		Background: cfg.Background, ASCII: cfg.ASCII, NoColor: cfg.NoColor, ReducedMotion: cfg.ReducedMotion, Speed: cfg.Speed,
		Driver: func(string, map[string]string) (Driver, error) { return cfg.Driver, nil },
	})
	s, err := newScript(m, cfg.Keys)
	if err != nil {
		return err
	}
	if m.player = f.p; cfg.Driver != nil {
		s.do(m.steer(title, nil, ""))
		f.p = m.player
	} else {
		m.cfg.Driver = nil
	}
	f.script = s
	return context.Cause(ctx)
}
