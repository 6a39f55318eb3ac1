package tui

import (
	tea "charm.land/bubbletea/v2"
)

func (m *model) click(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	if k, ok := pressed(m.buttons(), msg.X, msg.Y); ok {
		return m.press(k)
	}
	switch {
	case m.loading != nil:
	case m.helping:
		m.helping, m.helpAt = false, 0
	case m.hintBox != nil:
		m.closeHints()
	case m.pair != nil:
	case m.player != nil && m.player.driven != nil && m.player.driven.view != viewNone:
		return m.clickView(msg.X, msg.Y)
	case m.player != nil && m.player.sandbox != nil && m.player.sandbox.open:
		return m.clickLine(msg.X, msg.Y)
	case m.player != nil:
		m.player.click(msg.X, msg.Y)
	case m.browser.click(msg.X, msg.Y):
		return m.runChosen()
	}
	return nil
}

// buttons returns the buttons that are on the screen.
func (m *model) buttons() []button {
	switch {
	case m.helping:
		return m.helpButtons
	case m.hintBox != nil:
		return m.hintBox.buttons
	case m.pair != nil:
		return m.pair.buttons
	case m.player != nil:
		return m.player.buttons
	default:
		return m.browser.buttons
	}
}

func (m *model) wheel(msg tea.MouseWheelMsg) {
	down := msg.Button == tea.MouseWheelDown || msg.Button == tea.MouseWheelRight
	aside := msg.Button == tea.MouseWheelLeft || msg.Button == tea.MouseWheelRight || msg.Mod.Contains(tea.ModShift)
	if !down && msg.Button != tea.MouseWheelUp && msg.Button != tea.MouseWheelLeft || m.loading != nil {
		return
	}
	switch {
	case m.pair != nil && !m.covered() && down:
		m.pair.goTo(m.pair.at+1, true)
	case m.pair != nil && !m.covered():
		m.pair.goTo(m.pair.at-1, true)
	case m.player != nil && m.player.driven != nil && m.player.driven.view != viewNone && !m.covered():
		m.player.driven.scroll(down)
	case m.player != nil && m.player.sandbox != nil && m.player.sandbox.open && !m.covered():
		m.player.sandbox.scroll(down)
	case m.player != nil && !m.covered():
		m.player.wheel(msg.X, msg.Y, down, aside)
	case aside:
	case m.helping && down:
		m.helpAt++
	case m.helping:
		m.helpAt--
	case m.hintBox != nil:
	default:
		m.browser.wheel(down)
	}
}
