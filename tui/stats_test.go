package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// In the statistics a click chooses a table, sorts by a column or chooses a line; a second click on a line goes to its event.
func TestStatsMouse(t *testing.T) {
	d := playback(t, tuitest.SemaphoreTrace(), 120, 36)
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
	if peak, ok := d.m.player.stats.Peak(); !ok || !strings.Contains(peak.Text, "worker-3") {
		t.Errorf("the line under the cursor is about %q, want worker-3", peak.Text)
	}
	d.send(tea.MouseWheelMsg{X: 20, Y: 5, Button: tea.MouseWheelDown})
	d.send(tea.MouseWheelMsg{X: 20, Y: 5, Button: tea.MouseWheelUp})
	d.want("sorted by waiting")
	click("worker-4")
	click("worker-4")
	d.wantNot("sorted by waiting")
	d.want("The longest wait of worker-4")
}

// If there is room for all tables, they are shown one below the other, and a click chooses a line in any of them.
func TestStatsTogether(t *testing.T) {
	d := playback(t, tuitest.SemaphoreTrace(), 200, 60)
	d.key("t")
	d.want("object ", "goroutine ", "not resumed", "sorted by total")
	x, y := d.place("worker-4")
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.want("sorted by waiting")
	if peak, ok := d.m.player.stats.Peak(); !ok || !strings.Contains(peak.Text, "worker-4") || !d.m.player.counting {
		t.Errorf("the line under the cursor is about %q, want worker-4", peak.Text)
	}
	d.key("enter")
	d.want("The longest wait of worker-4")

	d = playback(t, mixedTrace(), 80, 20) // no room for all lines
	d.key("t", "tab")
	d.want("goroutine ")
	d.wantNot("warning  ")
}
