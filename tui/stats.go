package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// toggleStats shows or hides the statistics.
func (p *player) toggleStats() {
	if p.counting = !p.counting; p.counting {
		p.work() // a short recording is complete at once
	}
}

// pressStats handles a key while the statistics are shown, and reports whether it did.
func (p *player) pressStats(k tea.KeyPressMsg) bool {
	t, b := &p.stats, &bindings
	switch {
	case key.Matches(k, b.stats, b.escape):
		p.counting = false
	case key.Matches(k, b.tab):
		t.NextTable(1)
	case key.Matches(k, b.backTab):
		t.NextTable(-1)
	case key.Matches(k, b.up):
		t.Choose(-1)
	case key.Matches(k, b.down):
		t.Choose(1)
	case key.Matches(k, b.pageUp):
		t.Page(-1)
	case key.Matches(k, b.pageDown):
		t.Page(1)
	case key.Matches(k, b.even):
		t.Sort()
	case key.Matches(k, b.enter):
		p.toPeak()
	default:
		return false
	}
	return true
}

// toPeak goes to the event at which the chosen line of the statistics was at its maximum.
func (p *player) toPeak() {
	peak, ok := p.stats.Peak()
	if !ok {
		return
	}
	p.say = peak.Text
	if peak.G != 0 {
		p.curG = peak.G
	}
	if peak.Obj != 0 {
		p.curO = peak.Obj
	}
	if peak.Event > 0 {
		p.counting = false
		p.goTo(peak.Event)
	}
}

// statsKeys are the keys in the footer while the statistics are shown.
var statsKeys = []keyHelp{{"enter", "to the longest"}, {"↑↓", "choose"}, {"tab", "next table"}, {"s", "sort"}, {"t", "close"}, {"?", "help"}, {"q", "back"}}
