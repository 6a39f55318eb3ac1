package tui

import (
	"charm.land/bubbles/v2/key"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A keyHelp is a key, or several that belong together, and what they do.
type keyHelp struct{ key, what string }

// width returns how many cells k takes in the footer, with what keeps it apart from the next.
func (k keyHelp) width() int { return cells.Width(k.key) + 1 + cells.Width(k.what) + 3 }

// keyMap holds the keys of the player and of the browser.
type keyMap struct {
	pause, forth, back, first, last, faster, slower, even, follow, again key.Binding
	tab, backTab, up, down, pageUp, pageDown, enter, escape              key.Binding
	zoomIn, zoomOut, projector, mouse, help, quit, out, suspend          key.Binding
	filter, twin, hint                                                   key.Binding
	real, panLeft, panRight, graph                                       key.Binding
	drive, chance, search, copyToken, orders, steps, compare             key.Binding
	find, findNext, findBefore, jump                                     key.Binding
	nextEvent, eventBefore, nextTrouble, troubleBefore                   key.Binding
	mark, toMark, only, source, stats, export                            key.Binding
	newObject, newGoroutine, cancel, exportTest, line                    key.Binding
}

func keys(names ...string) key.Binding { return key.NewBinding(key.WithKeys(names...)) }

// defaultKeys are those that the user has not changed.
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
	orders:    keys("T"),
	steps:     keys("S"),
	compare:   keys("C"),

	newObject:    keys("n"),
	newGoroutine: keys("g"),
	cancel:       keys("c"),
	exportTest:   keys("E"),
	line:         keys(":"),
}

// bindings are the keys in use. There is one terminal and so one set of them: [Run] sets it before anything is shown.
var bindings = defaultKeys

// playerKeys returns what stands below the player: those that matter most come first, and the last two are always there.
func playerKeys(playing, hints, drive bool) []keyHelp {
	keys := []keyHelp{{"space", "go on"}, {"←→", "step"}, {"+−", "speed"}}
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
		{"tab", "panel"}, {"enter", "focus"}, {"w", "who waits"}, {"f", "follow"}, {"r", "again"}, {"s", "even steps"}, {"z", "zoom"}, {"?", "help"}, {"q", "back"},
	}...)
}

// laneKeys returns what stands below the player while the timeline is the panel.
func laneKeys(playing, recorded bool) []keyHelp {
	keys := []keyHelp{{"space", "go on"}, {"←→", "step"}, {"+−", "zoom"}, {"<>", "pan"}, {"x", "real time"}, {"↑↓", "choose"}, {"enter", "focus, open"}, {"tab", "panel"}, {"?", "help"}, {"q", "back"}}
	if playing {
		keys[0].what = "pause"
	}
	if recorded {
		keys[4].what = "play time"
	}
	return keys
}

// endedKeys returns what stands beside the sentence that says how it ended.
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

// filterKeys and formKeys stand below the browser while text is typed in it.
var (
	filterKeys = []keyHelp{{"a…z", "all words must occur"}, {"↑↓", "choose"}, {"enter", "keep"}, {"esc", "show all"}}
	formKeys   = []keyHelp{{"0…9", "change"}, {"↑↓", "the others"}, {"enter", "run"}, {"esc", "back"}}
)

// browserKeys returns what else stands below the browser. E is what is chosen, nil if there is nothing.
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
