package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// mostAhead is the maximum number of keys typed ahead.
const mostAhead = 50

// pressBusy handles a key while a command runs. Keys for driving are kept until the command is done, but not during a search,
// because it is unknown where it will end. It reports whether it has handled the key.
func (m *model) pressBusy(k tea.KeyPressMsg) bool {
	w, b := m.player.driven, &bindings
	switch {
	case key.Matches(k, b.quit):
		return false
	case key.Matches(k, b.escape) && w.stop != nil:
		if n := len(w.ahead); n > 0 {
			m.message = fmt.Sprintf("Dropped %s that you typed ahead.", wording.Plural(n, "key"))
		}
		w.ahead = nil
		w.stop()
		return true
	case !drives(k):
		return w.now == nil // nothing is shown yet
	case w.tried != nil:
		return true
	case len(w.ahead) == mostAhead:
		m.message = "No more keys can be typed ahead."
		return true
	}
	w.ahead = append(w.ahead, k)
	return true
}

// drives reports whether k is a key for driving.
func drives(k tea.KeyPressMsg) bool {
	b := &bindings
	return isDigit(k) || key.Matches(k, b.enter, b.forth, b.back, b.first, b.again, b.last, b.chance, b.search, b.schedules, b.steps, b.compare, b.copyToken, b.pause)
}

func isDigit(k tea.KeyPressMsg) bool { return len(k.Text) == 1 && k.Text[0] >= '1' && k.Text[0] <= '9' }

// pressAhead presses the keys typed ahead until one of them starts a command. If there is no choice for a digit, the keys after
// it were meant for another schedule, and are dropped.
func (m *model) pressAhead() tea.Cmd {
	var cmds []tea.Cmd
	for {
		p := m.player
		if p == nil || p.driven == nil || p.driven.stop != nil || p.driven.now == nil || len(p.driven.ahead) == 0 {
			return tea.Batch(cmds...)
		}
		w := p.driven
		k := w.ahead[0]
		w.ahead = w.ahead[1:]
		if isDigit(k) && int(k.Text[0]-'0') > len(w.now.Choices) {
			m.message = fmt.Sprintf("There is no %s at step %d.", k.Text, len(w.now.Made))
			if n := len(w.ahead); n > 0 {
				m.message += fmt.Sprintf(" Dropped: %s after it.", wording.Plural(n, "key"))
			}
			w.ahead = nil
			return tea.Batch(cmds...)
		}
		if cmd, _ := m.pressDriving(k); cmd != nil {
			cmds = append(cmds, cmd)
		}
	}
}
