package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// In the statistics a click chooses a table, sorts by a column, and chooses a line; on the one that is chosen it goes there.
func TestStatsMouse(t *testing.T) {
	d := playback(t, semaphoreTape(), 120, 36)
	click := func(text string) {
		t.Helper()
		x, y := d.place(text)
		d.send(tea.MouseClickMsg{X: x + len(text) - 1, Y: y, Button: tea.MouseLeft})
	}
	d.key("t")
	d.want("sorted by total")
	click("goroutines 5")
	d.want("sorted by waiting")
	click("   running")
	d.want("sorted by running")
	click("   running")
	d.want("sorted by waiting")
	click("worker-3")
	d.want("sorted by waiting")
	if at := d.m.player.stats.at[ofGoroutines]; d.m.player.stats.gs[at].Name != "worker-3" && d.m.player.stats.on {
		t.Errorf("chosen is %s", d.m.player.stats.gs[at].Name)
	}
	d.send(tea.MouseWheelMsg{X: 20, Y: 5, Button: tea.MouseWheelDown})
	d.send(tea.MouseWheelMsg{X: 20, Y: 5, Button: tea.MouseWheelUp})
	d.want("sorted by waiting")
	click("worker-4")
	click("worker-4")
	d.wantNot("sorted by waiting")
	d.want("The longest wait of worker-4")
}
