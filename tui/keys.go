package tui

import (
	"charm.land/bubbles/v2/key"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A keyHelp describes a key, or several keys that belong together.
type keyHelp struct{ key, what string }

// width returns the width of k in the footer, with the gap after it.
func (k keyHelp) width() int { return cells.Width(k.key) + 1 + cells.Width(k.what) + 3 }

// keyMap holds the keys of the player and of the browser.
type keyMap struct {
	pause, forth, back, first, last, faster, slower, even, follow, again key.Binding
	tab, backTab, up, down, pageUp, pageDown, enter, escape              key.Binding
	zoomIn, zoomOut, projector, mouse, help, quit, out, suspend          key.Binding
	filter, twin, hint                                                   key.Binding
	real, panLeft, panRight, graph                                       key.Binding
	drive, chance, search, copyToken, schedules, steps, compare          key.Binding
	find, findNext, findBefore, jump                                     key.Binding
	nextEvent, eventBefore, nextTrouble, troubleBefore                   key.Binding
	mark, toMark, only, source, stats, export                            key.Binding
	newObject, newGoroutine, cancel, exportTest, line                    key.Binding
}

func keys(names ...string) key.Binding { return key.NewBinding(key.WithKeys(names...)) }

// defaultKeys are the keys of all actions unless the user changes them.
var defaultKeys = keyMap{
	pause:     keys("space", " "),
	forth:     keys("right", "l"),
	back:      keys("left", "h"),
	first:     keys("home", "g"),
	last:      keys("end", "G"),
	faster:    keys("+", "=", "kp+"),
	slower:    keys("-", "_", "kp-"),
	even:      keys("s"),
	follow:    keys("f"),
	again:     keys("r"),
	tab:       keys("tab"),
	backTab:   keys("shift+tab"),
	up:        keys("up", "k"),
	down:      keys("down", "j"),
	pageUp:    keys("pgup"),
	pageDown:  keys("pgdown"),
	enter:     keys("enter"),
	escape:    keys("esc"),
	zoomIn:    keys("z"),
	zoomOut:   keys("Z"),
	real:      keys("x"),
	panLeft:   keys("<", "shift+left"),
	panRight:  keys(">", "shift+right"),
	graph:     keys("w"),
	projector: keys("P"),
	mouse:     keys("m"),
	help:      keys("?"),
	quit:      keys("q"),
	out:       keys("ctrl+c"),
	suspend:   keys("ctrl+z"),
	filter:    keys("/"),
	twin:      keys("t"),
	hint:      keys("i"),

	find:          keys("/"),
	findNext:      keys("n"),
	findBefore:    keys("N"),
	jump:          keys(":"),
	nextEvent:     keys("]"),
	eventBefore:   keys("["),
	nextTrouble:   keys("}"),
	troubleBefore: keys("{"),
	mark:          keys("b"),
	toMark:        keys("'"),
	only:          keys("o"),
	source:        keys("v"),
	stats:         keys("t"),
	export:        keys("e"),

	drive:     keys("d"),
	chance:    keys("a"),
	search:    keys("F"),
	copyToken: keys("y"),
	schedules: keys("T"),
	steps:     keys("S"),
	compare:   keys("C"),

	newObject:    keys("n"),
	newGoroutine: keys("g"),
	cancel:       keys("c"),
	exportTest:   keys("E"),
	line:         keys(":"),
}

// bindings are the keys in use. There is one terminal, so there is one set of them; [Run] sets it before anything is shown.
var bindings = defaultKeys

// playerKeys returns the keys in the footer of the player, the most important ones first. The last two are always shown.
func playerKeys(playing, hints, drive bool) []keyHelp {
	keys := []keyHelp{{"space", "play"}, {"←→", "step"}, {"+−", "speed"}}
	if playing {
		keys[0].what = "pause"
	}
	if hints {
		keys = append(keys, hintsKey)
	}
	if drive {
		keys = append(keys, driveKey)
	}
	return append(keys, []keyHelp{
		{"tab", "panel"}, {"enter", "focus"}, {"w", "graph"}, {"f", "follow"}, {"r", "again"}, {"s", "even steps"}, {"z", "zoom"}, {"?", "help"}, {"q", "back"},
	}...)
}

// laneKeys returns the keys in the footer of the player while the timeline is the current pane.
func laneKeys(playing, recorded bool) []keyHelp {
	keys := []keyHelp{{"space", "play"}, {"←→", "step"}, {"+−", "zoom"}, {"<>", "pan"}, {"x", "real time"}, {"↑↓", "choose"}, {"enter", "focus, open"}, {"tab", "panel"}, {"?", "help"}, {"q", "back"}}
	if playing {
		keys[0].what = "pause"
	}
	if recorded {
		keys[4].what = "play time"
	}
	return keys
}

// endedKeys returns the keys beside the verdict at the end.
func endedKeys(hints, drive bool) []keyHelp {
	keys := []keyHelp{{"←→", "step"}, {"space", "from the start"}, {"r", "again"}, {"?", "help"}, {"q", "back"}}
	if drive {
		keys = append([]keyHelp{driveKey}, keys...)
	}
	if hints {
		keys = append([]keyHelp{hintsKey}, keys...)
	}
	return keys
}

var driveKey = keyHelp{"d", "drive"}

var hintsKey = keyHelp{"i", "hints"}

// filterKeys and formKeys are the keys in the footer of the browser while the user types.
var (
	filterKeys = []keyHelp{{"a…z", "all words must occur"}, {"↑↓", "choose"}, {"enter", "keep"}, {"esc", "show all"}}
	formKeys   = []keyHelp{{"0…9", "change"}, {"↑↓", "next field"}, {"enter", "run"}, {"esc", "back"}}
)

// browserKeys returns the other keys in the footer of the browser. E is the selected entry, or nil.
func browserKeys(e *Entry, drive bool) []keyHelp {
	keys := []keyHelp{{"↑↓", "choose"}, {"enter", "run"}}
	if drive {
		keys = append(keys, driveKey)
	}
	keys = append(keys, []keyHelp{{"tab", "parameters"}, {"/", "filter"}}...)
	if e != nil && len(e.Hints) > 0 {
		keys = append(keys, hintsKey)
	}
	if e != nil && e.Twin != "" {
		keys = append(keys, keyHelp{"t", "twin"})
	}
	return append(keys, keyHelp{"?", "help"}, keyHelp{"q", "quit"})
}
