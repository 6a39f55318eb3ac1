package tui

import (
	"slices"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// start opens the input line with the given text.
func (b *sandboxUI) start(text string) {
	if b.s == nil {
		return
	}
	b.open, b.ago, b.free, b.typed, b.again = true, 0, false, false, false
	b.line.SetValue(text)
	b.line.CursorEnd()
	b.line.Focus()
	b.search()
}

// search finds completions. It selects the first one, unless the input is a complete call.
func (b *sandboxUI) search() {
	text := b.line.Value()
	b.found, b.at = b.s.Complete(text), -1
	if len(b.found) > 0 && !strings.HasSuffix(strings.TrimSpace(text), ")") {
		b.at = 0
	}
}

// pressLine handles a key while the input line is open.
func (m *model) pressLine(k tea.KeyPressMsg) tea.Cmd {
	b, keys := m.player.sandbox, &bindings
	begun, asked := b.begun, b.asked
	b.begun, b.asked = false, false
	switch {
	case begun && key.Matches(k, keys.newObject) && k.Text != "": // the help says to press it, but the line is open already
		b.asked = true
	case key.Matches(k, keys.escape):
		b.close()
	case key.Matches(k, keys.enter):
		line := strings.TrimSpace(b.line.Value())
		if b.at >= 0 && b.at < len(b.found) {
			line = b.found[b.at].Line
		}
		if line == "" || b.busy {
			return nil
		}
		b.close()
		b.again = b.free && b.typed
		m.player.followLive()
		return b.do(m.id, line)
	case key.Matches(k, keys.tab):
		if b.at >= 0 && b.at < len(b.found) {
			b.line.SetValue(b.found[b.at].Line)
			b.line.CursorEnd()
			b.search()
			b.at = -1
		}
	case k.String() == "down":
		b.at = min(b.at+1, len(b.found)-1)
	case k.String() == "up" && b.at > 0:
		b.at--
	case k.String() == "up":
		b.back()
	default:
		if asked && k.Text == "e" { // it was text after all: "new"
			b.line.SetValue("n")
			b.line.CursorEnd()
		}
		b.line, _ = b.line.Update(k)
		b.typed = b.typed || k.Text != ""
		b.search()
	}
	return nil
}

// typesOn opens the input line if k is the first key of the next command, and reports whether it is.
func (b *sandboxUI) typesOn(k tea.KeyPressMsg) bool {
	if r := []rune(k.Text); !b.again || len(r) != 1 || !unicode.IsLetter(r[0]) {
		return false
	}
	b.start("")
	b.free = true
	return true
}

// clickLine handles a click while the input line is open: a click on the selected completion executes it.
func (m *model) clickLine(x, y int) tea.Cmd {
	b := m.player.sandbox
	i := slices.IndexFunc(b.lines, func(l viewLine) bool { return l.r.Has(x, y) })
	switch {
	case i < 0:
		return nil
	case b.lines[i].i == b.at:
		return m.pressLine(tea.KeyPressMsg{Code: tea.KeyEnter})
	}
	b.at = b.lines[i].i
	return nil
}

// scroll moves the selection among the completions.
func (b *sandboxUI) scroll(down bool) {
	if down {
		b.at = min(b.at+1, len(b.found)-1)
	} else {
		b.at = max(0, b.at-1)
	}
}

// back shows the previous command.
func (b *sandboxUI) back() {
	if b.ago < len(b.past) {
		b.ago++
		b.line.SetValue(b.past[len(b.past)-b.ago])
		b.line.CursorEnd()
		b.search()
		b.at = -1
	}
}

func (b *sandboxUI) close() {
	b.open, b.caret = false, nil
	b.line.Blur()
}

// paste inserts text into the input line.
func (b *sandboxUI) paste(msg tea.PasteMsg) {
	if !b.open {
		b.start("")
	}
	b.line, _ = b.line.Update(msg)
	b.search()
}
