package tui

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// pressDriving handles a key for driving, and reports whether it did.
func (m *model) pressDriving(k tea.KeyPressMsg) (tea.Cmd, bool) {
	w, b := m.player.driven, &bindings
	if w.view != viewNone && w.stop == nil {
		if cmd, ok := m.pressView(k); ok {
			return cmd, true
		}
	}
	if w.stop != nil || w.now == nil {
		return nil, m.pressBusy(k)
	}
	made := w.now.Made
	switch {
	case len(k.Text) == 1 && k.Text[0] >= '1' && k.Text[0] <= '9':
		return m.choose(int(k.Text[0] - '1')), true
	case key.Matches(k, b.enter) && m.player.pane == onList:
		i := slices.IndexFunc(w.now.Choices, func(c Choice) bool { return c.G == m.player.curG })
		if i < 0 {
			return nil, false
		}
		return m.choose(i), true
	case key.Matches(k, b.forth) && len(w.undone) > 0:
		return m.goTo(append(slices.Clone(made), w.undone[0]), w.undone[1:]), true
	case key.Matches(k, b.back) && len(made) > 0:
		n := len(made) - 1
		return m.goTo(made[:n], append([]int{made[n]}, w.undone...)), true
	case key.Matches(k, b.first, b.again) && len(made) > 0:
		return m.goTo(nil, append(slices.Clone(made), w.undone...)), true
	case key.Matches(k, b.last) && len(w.undone) > 0:
		return m.goTo(append(slices.Clone(made), w.undone...), nil), true
	case key.Matches(k, b.chance):
		w.seed++
		seed := w.seed
		return m.drive("running a random schedule; esc cancels", func(ctx context.Context) (*Moment, error) { return w.driver.GoOn(ctx, made, seed) }, nil), true
	case key.Matches(k, b.search):
		return m.searchFrom(made), true
	case key.Matches(k, b.schedules):
		w.openTree()
		return nil, true
	case key.Matches(k, b.steps):
		w.view, w.at = viewSteps, len(made)
		return nil, true
	case key.Matches(k, b.compare):
		return m.openSide(), true
	case key.Matches(k, b.copyToken):
		return m.copyToken(made), true
	case key.Matches(k, b.forth) && len(w.now.Choices) > 0:
		return m.choose(max(0, slices.IndexFunc(w.now.Choices, func(c Choice) bool { return c.Default }))), true
	case key.Matches(k, b.forth, b.back, b.first, b.again, b.last, b.pause):
		return nil, true // there is nowhere to go
	}
	return nil, false
}

// copyToken returns a command that copies the token of the schedule.
func (m *model) copyToken(made []int) tea.Cmd {
	w, id := m.player.driven, m.id
	ctx, stop := context.WithCancel(m.ctx)
	w.busy, w.stop, w.tried, w.since = "making the token; esc cancels", stop, nil, 0
	return func() tea.Msg {
		defer stop()
		token, err := w.driver.Token(ctx, made)
		return tokenMsg{id, token, err}
	}
}

// searchFrom returns a command that searches for a failure.
func (m *model) searchFrom(made []int) tea.Cmd {
	w, tried := m.player.driven, new(atomic.Pointer[[2]int])
	cmd := m.drive("looking for a failure from here; esc cancels", func(ctx context.Context) (*Moment, error) {
		return w.driver.Search(ctx, made, func(n, of int) { tried.Store(&[2]int{n, of}) })
	}, nil)
	w.tried = tried
	return cmd
}

// choose makes choice i, if there is one.
func (m *model) choose(i int) tea.Cmd {
	w := m.player.driven
	if i >= len(w.now.Choices) {
		return nil
	}
	return m.goTo(append(slices.Clone(w.now.Made), i), nil)
}

func (m *model) goTo(made, undone []int) tea.Cmd {
	w := m.player.driven
	return m.drive("replaying your choices; esc cancels", func(ctx context.Context) (*Moment, error) { return w.driver.At(ctx, made) }, undone)
}

// drivingKeys returns the keys in the footer while the user drives.
func drivingKeys(w *driveState) []keyHelp {
	switch w.view {
	case viewTree, viewSteps:
		return []keyHelp{{"↑↓", "choose"}, {"enter", "go there"}, {"esc", "close"}, {"?", "help"}, {"q", "back"}}
	case viewSide:
		return []keyHelp{{"↑↓", "scroll"}, {"esc", "close"}, {"?", "help"}, {"q", "back"}}
	case viewNone:
	}
	var keys []keyHelp
	if w.now != nil && len(w.now.Choices) > 0 {
		digits := "1"
		if n := min(9, len(w.now.Choices)); n > 1 {
			digits = fmt.Sprintf("1…%d", n)
		}
		keys = append(keys, keyHelp{digits, "run"})
	}
	return append(keys, []keyHelp{{"←", "undo"}, {"→", "redo"}, {"F", "find a failure"}, {"a", "random"}, {"S", "steps"}, {"T", "schedules"}, {"C", "shortest"}, {"y", "token"}, {"home", "again"}, {"?", "help"}, {"q", "back"}}...)
}
