package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// In the statistics a click chooses a table, sorts by a column, and chooses a line; on the one that is chosen it goes there.
func TestStatsMouse(t *testing.T) {
	d := playback(t, tuitest.SemaphoreTape(), 120, 36)
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

// Where all tables have room they stand below one another, and a click chooses in any of them.
func TestStatsTogether(t *testing.T) {
	d := playback(t, tuitest.SemaphoreTape(), 200, 60)
	d.key("t")
	d.want("object ", "goroutine ", "never again", "sorted by total")
	x, y := d.place("worker-4")
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.want("sorted by waiting")
	st := d.m.player.stats
	if st.table != ofGoroutines || st.gs[st.at[ofGoroutines]].Name != "worker-4" || !st.on {
		t.Errorf("table %d, line %v", st.table, st.at)
	}
	d.key("enter")
	d.want("The longest wait of worker-4")

	d = playback(t, mixedTape(), 80, 20) // with more lines than there is room for
	d.key("t", "tab")
	d.want("goroutine ")
	d.wantNot("warning  ")
}
