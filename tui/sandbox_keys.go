package tui

import (
	"fmt"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// pressSandbox handles a key for the sandbox, and reports whether it did.
func (m *model) pressSandbox(k tea.KeyPressMsg) (tea.Cmd, bool) {
	b, keys := m.player.sandbox, &bindings
	if b.open {
		return m.pressLine(k), true
	}
	ready := b.ready()
	switch {
	case len(k.Text) == 1 && k.Text[0] >= '1' && k.Text[0] <= '9':
		if i := int(k.Text[0] - '1'); i < len(ready) {
			b.start(ready[i].Name + ": ")
		}
	case key.Matches(k, keys.enter) && m.player.pane == onList:
		i := slices.IndexFunc(ready, func(h Hand) bool { return h.G == m.player.curG })
		if i < 0 {
			return nil, false
		}
		b.start(ready[i].Name + ": ")
	case b.again && key.Matches(k, keys.escape):
		b.again = false
	case key.Matches(k, keys.newObject, keys.line):
		b.start("")
		b.free = key.Matches(k, keys.line)
	case key.Matches(k, keys.newGoroutine):
		b.start("go ")
	case key.Matches(k, keys.cancel):
		b.start("cancel ")
	case key.Matches(k, keys.exportTest):
		return b.export(m.id), true
	case key.Matches(k, keys.again):
		m.player.playFromStart()
	default:
		return nil, false
	}
	return nil, true
}

// export returns a command that writes the session as a test.
func (b *sandboxUI) export(id int) tea.Cmd {
	if b.busy || b.s == nil {
		return nil
	}
	b.busy = true
	s := b.s
	return func() tea.Msg {
		said, err := s.Export()
		return doneMsg{id: id, now: s.Look(), said: said, err: err}
	}
}

// sandboxKeys returns the keys in the footer of a sandbox.
func sandboxKeys(b *sandboxUI) []keyHelp {
	if b.open {
		return []keyHelp{{"enter", "run"}, {"↑↓", "choose"}, {"tab", "edit"}, {"esc", "close"}}
	}
	var keys []keyHelp
	if b.again {
		return []keyHelp{{"1…9", "call"}, {":", "choose"}, {"space", "pause"}, {"?", "help"}, {"esc", "keys"}}
	}
	if n := min(9, len(b.ready())); n > 0 {
		digits := "1"
		if n > 1 {
			digits = fmt.Sprintf("1…%d", n)
		}
		keys = append(keys, keyHelp{digits, "call"})
	}
	return append(keys, []keyHelp{{"n", "make an object"}, {"g", "start a goroutine"}, {"c", "cancel"}, {"E", "as a Go test"}, {":", "type"}, {"space", "pause"}, {"?", "help"}, {"q", "quit"}}...)
}
