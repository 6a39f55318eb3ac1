package tui

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
)

// Keys maps actions to keys: the name of an action, such as "pause", to the names of its keys, such as "p", "space",
// "ctrl+r". They replace the action's default keys.
type Keys map[string][]string

// An action is something the user can do; its keys can be changed.
type action struct {
	name  string
	of    func(*keyMap) *key.Binding
	where realm
}

// A realm is where an action is available.
type realm uint8

// The realms.
const (
	realmAny realm = iota
	realmBrowser
	realmPlayer
	realmSandbox
)

// actions lists all actions.
var actions = []action{
	{"pause", func(m *keyMap) *key.Binding { return &m.pause }, realmAny},
	{"forth", func(m *keyMap) *key.Binding { return &m.forth }, realmAny},
	{"back", func(m *keyMap) *key.Binding { return &m.back }, realmPlayer},
	{"first", func(m *keyMap) *key.Binding { return &m.first }, realmAny},
	{"last", func(m *keyMap) *key.Binding { return &m.last }, realmAny},
	{"faster", func(m *keyMap) *key.Binding { return &m.faster }, realmPlayer},
	{"slower", func(m *keyMap) *key.Binding { return &m.slower }, realmPlayer},
	{"even", func(m *keyMap) *key.Binding { return &m.even }, realmPlayer},
	{"follow", func(m *keyMap) *key.Binding { return &m.follow }, realmPlayer},
	{"again", func(m *keyMap) *key.Binding { return &m.again }, realmPlayer},
	{"next-panel", func(m *keyMap) *key.Binding { return &m.tab }, realmAny},
	{"previous-panel", func(m *keyMap) *key.Binding { return &m.backTab }, realmAny},
	{"up", func(m *keyMap) *key.Binding { return &m.up }, realmAny},
	{"down", func(m *keyMap) *key.Binding { return &m.down }, realmAny},
	{"page-up", func(m *keyMap) *key.Binding { return &m.pageUp }, realmAny},
	{"page-down", func(m *keyMap) *key.Binding { return &m.pageDown }, realmAny},
	{"enter", func(m *keyMap) *key.Binding { return &m.enter }, realmAny},
	{"escape", func(m *keyMap) *key.Binding { return &m.escape }, realmAny},
	{"zoom-in", func(m *keyMap) *key.Binding { return &m.zoomIn }, realmPlayer},
	{"zoom-out", func(m *keyMap) *key.Binding { return &m.zoomOut }, realmPlayer},
	{"real-time", func(m *keyMap) *key.Binding { return &m.real }, realmPlayer},
	{"pan-left", func(m *keyMap) *key.Binding { return &m.panLeft }, realmPlayer},
	{"pan-right", func(m *keyMap) *key.Binding { return &m.panRight }, realmPlayer},
	{"graph", func(m *keyMap) *key.Binding { return &m.graph }, realmPlayer},
	{"projector", func(m *keyMap) *key.Binding { return &m.projector }, realmPlayer},
	{"mouse", func(m *keyMap) *key.Binding { return &m.mouse }, realmAny},
	{"help", func(m *keyMap) *key.Binding { return &m.help }, realmAny},
	{"quit", func(m *keyMap) *key.Binding { return &m.quit }, realmAny},
	{"out", func(m *keyMap) *key.Binding { return &m.out }, realmAny},
	{"suspend", func(m *keyMap) *key.Binding { return &m.suspend }, realmAny},
	{"filter", func(m *keyMap) *key.Binding { return &m.filter }, realmBrowser},
	{"twin", func(m *keyMap) *key.Binding { return &m.twin }, realmBrowser},
	{"hint", func(m *keyMap) *key.Binding { return &m.hint }, realmAny},
	{"find", func(m *keyMap) *key.Binding { return &m.find }, realmPlayer},
	{"find-next", func(m *keyMap) *key.Binding { return &m.findNext }, realmPlayer},
	{"find-before", func(m *keyMap) *key.Binding { return &m.findBefore }, realmPlayer},
	{"jump", func(m *keyMap) *key.Binding { return &m.jump }, realmPlayer},
	{"next-event", func(m *keyMap) *key.Binding { return &m.nextEvent }, realmPlayer},
	{"event-before", func(m *keyMap) *key.Binding { return &m.eventBefore }, realmPlayer},
	{"next-trouble", func(m *keyMap) *key.Binding { return &m.nextTrouble }, realmPlayer},
	{"trouble-before", func(m *keyMap) *key.Binding { return &m.troubleBefore }, realmPlayer},
	{"mark", func(m *keyMap) *key.Binding { return &m.mark }, realmPlayer},
	{"to-mark", func(m *keyMap) *key.Binding { return &m.toMark }, realmPlayer},
	{"only", func(m *keyMap) *key.Binding { return &m.only }, realmPlayer},
	{"source", func(m *keyMap) *key.Binding { return &m.source }, realmPlayer},
	{"stats", func(m *keyMap) *key.Binding { return &m.stats }, realmPlayer},
	{"export", func(m *keyMap) *key.Binding { return &m.export }, realmPlayer},
	{"drive", func(m *keyMap) *key.Binding { return &m.drive }, realmAny},
	{"chance", func(m *keyMap) *key.Binding { return &m.chance }, realmPlayer},
	{"search", func(m *keyMap) *key.Binding { return &m.search }, realmPlayer},
	{"copy-token", func(m *keyMap) *key.Binding { return &m.copyToken }, realmPlayer},
	{"schedules", func(m *keyMap) *key.Binding { return &m.schedules }, realmPlayer},
	{"steps", func(m *keyMap) *key.Binding { return &m.steps }, realmPlayer},
	{"compare", func(m *keyMap) *key.Binding { return &m.compare }, realmPlayer},
	{"new-object", func(m *keyMap) *key.Binding { return &m.newObject }, realmSandbox},
	{"new-goroutine", func(m *keyMap) *key.Binding { return &m.newGoroutine }, realmSandbox},
	{"cancel", func(m *keyMap) *key.Binding { return &m.cancel }, realmSandbox},
	{"export-test", func(m *keyMap) *key.Binding { return &m.exportTest }, realmSandbox},
	{"line", func(m *keyMap) *key.Binding { return &m.line }, realmSandbox},
}

// Actions returns the names of all actions that have keys.
func Actions() []string {
	var names []string
	for _, d := range actions {
		names = append(names, d.name)
	}
	return names
}

// Check returns an error if there is no such action, if a key is unknown, or if two actions that are available at the same
// time have the same key.
func (k Keys) Check() error {
	_, err := k.keyMap()
	return err
}

// keyMap returns the default keys, replaced by those of k.
func (k Keys) keyMap() (keyMap, error) {
	m := defaultKeys
	for _, name := range slices.Sorted(maps.Keys(k)) {
		i := slices.IndexFunc(actions, func(d action) bool { return d.name == name })
		if i < 0 {
			return m, fmt.Errorf("tui: no action is called %q", name)
		}
		var names []string
		for _, key := range k[name] {
			msg, ok := keyCalled(key)
			if !ok {
				return m, fmt.Errorf("tui: %s: no key is called %q", name, key)
			}
			if names = append(names, msg.String()); msg.String() == "space" {
				names = append(names, " ")
			}
		}
		if len(names) == 0 && (name == "quit" || name == "out") {
			return m, fmt.Errorf("tui: %s must have a key", name)
		}
		*actions[i].of(&m) = keys(names...)
	}
	return m, k.conflict(&m)
}

// conflict returns an error if a key of k has two meanings in the same realm of m.
func (k Keys) conflict(m *keyMap) error {
	def := defaultKeys
	for _, a := range actions {
		if k[a.name] == nil {
			continue
		}
		for _, name := range a.of(m).Keys() {
			for _, b := range actions {
				if a.name == b.name || a.where != b.where && a.where != realmAny && b.where != realmAny || !slices.Contains(b.of(m).Keys(), name) {
					continue
				}
				if slices.Contains(a.of(&def).Keys(), name) && slices.Contains(b.of(&def).Keys(), name) {
					continue // they share it by default
				}
				return fmt.Errorf("tui: %q is a key of both %s and %s", name, a.name, b.name)
			}
			if len(name) == 1 && name >= "1" && name <= "9" {
				return errors.New("tui: digits choose which goroutine runs next, and cannot be keys for anything else")
			}
		}
	}
	return nil
}

// shown returns k with the keys that the user has chosen. Here is where it is shown.
func (k keyHelp) shown(here realm) keyHelp {
	names := keysIn(k.key)
	var now []string
	for _, name := range names {
		now = append(now, keyNow(name, here))
	}
	if slices.Equal(now, names) {
		return k
	}
	return keyHelp{strings.Join(now, " "), k.what}
}

// shownAll returns the result of [keyHelp.shown] for all of ks.
func shownAll(ks []keyHelp, here realm) []keyHelp {
	all := make([]keyHelp, len(ks))
	for i, k := range ks {
		all[i] = k.shown(here)
	}
	return all
}

// keyNow returns the key that has the action of the default key called name.
func keyNow(name string, here realm) string {
	msg, ok := keyCalled(name)
	if !ok {
		return name
	}
	def := defaultKeys
	for _, d := range actions {
		if d.where != realmAny && here != realmAny && d.where != here || !slices.Contains(d.of(&def).Keys(), msg.String()) {
			continue
		}
		now := d.of(&bindings).Keys()
		if len(now) > 0 && !slices.Contains(now, msg.String()) {
			return keySign(now[0])
		}
	}
	return name
}

// keySign returns the name of a key on the screen.
func keySign(name string) string {
	signs := map[string]string{"left": "←", "right": "→", "up": "↑", "down": "↓", "-": "−", " ": "space"}
	if s, ok := signs[name]; ok {
		return s
	}
	return name
}
