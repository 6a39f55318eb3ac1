package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A workMsg makes the player do a slice of long work.
type workMsg struct{}

// work returns a command for the next slice of long work, if there is any and none is scheduled.
func (m *model) work() tea.Cmd {
	if m.working || m.player == nil || !m.player.busy() {
		return nil
	}
	m.working = true
	return func() tea.Msg { return workMsg{} }
}

// A tickMsg asks for the next frame.
type tickMsg time.Time

const (
	frameEvery = time.Second / 30
	stillEvery = time.Second / 10 // with reduced motion, only times change
	maxFrame   = 100 * time.Millisecond
)

// tick returns a command for the next frame, if something moves and none is scheduled.
func (m *model) tick() tea.Cmd {
	if m.ticking {
		return nil
	}
	if m.loading == nil && !m.seeks() && (m.player == nil || !m.player.moving() || m.covered()) && (m.pair == nil || !m.pair.moving() || m.covered()) {
		m.ticked = time.Time{}
		return nil
	}
	m.ticking = true
	every := frameEvery
	if m.cfg.ReducedMotion || m.seeks() {
		every = stillEvery
	}
	return tea.Tick(every, func(t time.Time) tea.Msg { return tickMsg(t) })
}

// seeks reports whether a search for the shortest failing schedule is running; the screen shows its progress.
func (m *model) seeks() bool {
	return m.hintBox != nil && m.hintBox.seeking || m.player != nil && m.player.driven != nil && m.player.driven.seeking
}

func (m *model) advance(now time.Time) {
	m.ticking = false
	dt := frameEvery
	if !m.ticked.IsZero() {
		dt = clampTime(now.Sub(m.ticked), 0, 2*maxFrame)
	}
	m.ticked = now
	if m.loading != nil {
		m.loading.since += dt
	}
	switch {
	case m.covered():
	case m.pair != nil:
		m.pair.advance(dt)
	case m.player != nil:
		m.player.advance(dt)
	}
}

func clampTime(d, low, high time.Duration) time.Duration { return max(low, min(d, high)) }

// covered reports whether something covers the screen, which stops moving meanwhile.
func (m *model) covered() bool { return m.helping || m.hintBox != nil }

// View implements [tea.Model].
func (m *model) View() tea.View {
	v := tea.NewView(m.frame())
	v.AltScreen = true
	v.WindowTitle = "turnstile"
	if m.player != nil {
		v.WindowTitle += " › " + cells.Clean(m.player.title)
	}
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.player != nil && m.player.prompt != nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(m.player.prompt.caret.X, m.player.prompt.caret.Y)
	}
	if x, y, ok := m.browser.cursor(); ok && m.player == nil && m.loading == nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(x, y)
	}
	if p := m.player; p != nil && p.sandbox != nil && p.sandbox.caret != nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(p.sandbox.caret.X, p.sandbox.caret.Y)
	}
	return v
}

// frame draws the screen and returns it as text.
func (m *model) frame() string {
	m.c.Reset(m.w, m.h)
	st := cells.StylePlain
	if m.failed {
		st = cells.StyleTrouble | cells.StyleBold
	}
	switch {
	case m.w < minWidth || m.h < minHeight:
		tooSmall(&m.c)
		return m.c.Render(m.th)
	case m.loading != nil:
		m.loading.draw(&m.c)
	case m.pair != nil:
		m.pair.draw(&m.c)
	case m.player != nil:
		m.player.last, m.player.canExport = m.direct() && m.player.beneath == nil, m.cfg.Export != nil
		m.canDrive(m.player)
		m.player.draw(&m.c, m.message, st)
	default:
		m.browser.draw(&m.c, m.message, st)
	}
	switch {
	case m.helping:
		m.helpAt, m.helpButtons = drawHelp(&m.c, m.helpAt, m.helpFirst())
	case m.hintBox != nil:
		m.hintBox.draw(&m.c, m.cfg.Shortest != nil)
	}
	if m.player != nil && m.player.projector {
		return m.c.Render(m.contrast)
	}
	return m.c.Render(m.th)
}
