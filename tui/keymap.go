package tui

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
)

// Keys says with which keys the user does what: by the name of what is done, such as "pause", the names of its keys, such as
// "p", "space", "ctrl+r". They take the place of those that it has by default.
type Keys map[string][]string

// A deed is something that is done with keys that can be chosen.
type deed struct {
	name  string
	of    func(*keyMap) *key.Binding
	where realm
}

// A realm is where something can be done.
type realm uint8

// The realms.
const (
	anyRealm realm = iota
	browserRealm
	playerRealm
	benchRealm // the sandbox
)

// deeds holds all of them.
var deeds = []deed{
	{"pause", func(m *keyMap) *key.Binding { return &m.pause }, anyRealm},
	{"forth", func(m *keyMap) *key.Binding { return &m.forth }, anyRealm},
	{"back", func(m *keyMap) *key.Binding { return &m.back }, playerRealm},
	{"first", func(m *keyMap) *key.Binding { return &m.first }, anyRealm},
	{"last", func(m *keyMap) *key.Binding { return &m.last }, anyRealm},
	{"faster", func(m *keyMap) *key.Binding { return &m.faster }, playerRealm},
	{"slower", func(m *keyMap) *key.Binding { return &m.slower }, playerRealm},
	{"even", func(m *keyMap) *key.Binding { return &m.even }, playerRealm},
	{"follow", func(m *keyMap) *key.Binding { return &m.follow }, playerRealm},
	{"again", func(m *keyMap) *key.Binding { return &m.again }, playerRealm},
	{"next-panel", func(m *keyMap) *key.Binding { return &m.tab }, anyRealm},
	{"previous-panel", func(m *keyMap) *key.Binding { return &m.backTab }, anyRealm},
	{"up", func(m *keyMap) *key.Binding { return &m.up }, anyRealm},
	{"down", func(m *keyMap) *key.Binding { return &m.down }, anyRealm},
	{"page-up", func(m *keyMap) *key.Binding { return &m.pageUp }, anyRealm},
	{"page-down", func(m *keyMap) *key.Binding { return &m.pageDown }, anyRealm},
	{"enter", func(m *keyMap) *key.Binding { return &m.enter }, anyRealm},
	{"escape", func(m *keyMap) *key.Binding { return &m.escape }, anyRealm},
	{"zoom-in", func(m *keyMap) *key.Binding { return &m.zoomIn }, playerRealm},
	{"zoom-out", func(m *keyMap) *key.Binding { return &m.zoomOut }, playerRealm},
	{"real-time", func(m *keyMap) *key.Binding { return &m.real }, playerRealm},
	{"pan-left", func(m *keyMap) *key.Binding { return &m.panLeft }, playerRealm},
	{"pan-right", func(m *keyMap) *key.Binding { return &m.panRight }, playerRealm},
	{"graph", func(m *keyMap) *key.Binding { return &m.graph }, playerRealm},
	{"projector", func(m *keyMap) *key.Binding { return &m.projector }, playerRealm},
	{"mouse", func(m *keyMap) *key.Binding { return &m.mouse }, anyRealm},
	{"help", func(m *keyMap) *key.Binding { return &m.help }, anyRealm},
	{"quit", func(m *keyMap) *key.Binding { return &m.quit }, anyRealm},
	{"out", func(m *keyMap) *key.Binding { return &m.out }, anyRealm},
	{"suspend", func(m *keyMap) *key.Binding { return &m.suspend }, anyRealm},
	{"filter", func(m *keyMap) *key.Binding { return &m.filter }, browserRealm},
	{"twin", func(m *keyMap) *key.Binding { return &m.twin }, browserRealm},
	{"hint", func(m *keyMap) *key.Binding { return &m.hint }, anyRealm},
	{"find", func(m *keyMap) *key.Binding { return &m.find }, playerRealm},
	{"find-next", func(m *keyMap) *key.Binding { return &m.findNext }, playerRealm},
	{"find-before", func(m *keyMap) *key.Binding { return &m.findBefore }, playerRealm},
	{"jump", func(m *keyMap) *key.Binding { return &m.jump }, playerRealm},
	{"next-event", func(m *keyMap) *key.Binding { return &m.nextEvent }, playerRealm},
	{"event-before", func(m *keyMap) *key.Binding { return &m.eventBefore }, playerRealm},
	{"next-trouble", func(m *keyMap) *key.Binding { return &m.nextTrouble }, playerRealm},
	{"trouble-before", func(m *keyMap) *key.Binding { return &m.troubleBefore }, playerRealm},
	{"mark", func(m *keyMap) *key.Binding { return &m.mark }, playerRealm},
	{"to-mark", func(m *keyMap) *key.Binding { return &m.toMark }, playerRealm},
	{"only", func(m *keyMap) *key.Binding { return &m.only }, playerRealm},
	{"source", func(m *keyMap) *key.Binding { return &m.source }, playerRealm},
	{"stats", func(m *keyMap) *key.Binding { return &m.stats }, playerRealm},
	{"export", func(m *keyMap) *key.Binding { return &m.export }, playerRealm},
	{"drive", func(m *keyMap) *key.Binding { return &m.drive }, anyRealm},
	{"chance", func(m *keyMap) *key.Binding { return &m.chance }, playerRealm},
	{"search", func(m *keyMap) *key.Binding { return &m.search }, playerRealm},
	{"copy-token", func(m *keyMap) *key.Binding { return &m.copyToken }, playerRealm},
	{"orders", func(m *keyMap) *key.Binding { return &m.orders }, playerRealm},
	{"steps", func(m *keyMap) *key.Binding { return &m.steps }, playerRealm},
	{"compare", func(m *keyMap) *key.Binding { return &m.compare }, playerRealm},
	{"new-object", func(m *keyMap) *key.Binding { return &m.newObject }, benchRealm},
	{"new-goroutine", func(m *keyMap) *key.Binding { return &m.newGoroutine }, benchRealm},
	{"cancel", func(m *keyMap) *key.Binding { return &m.cancel }, benchRealm},
	{"export-test", func(m *keyMap) *key.Binding { return &m.exportTest }, benchRealm},
	{"line", func(m *keyMap) *key.Binding { return &m.line }, benchRealm},
}

// Deeds returns the names of all that is done with keys.
func Deeds() []string {
	var names []string
	for _, d := range deeds {
		names = append(names, d.name)
	}
	return names
}

// Check returns an error if there is nothing called so, if a key is none or if two things that can be done at the same time
// would have the same key.
func (k Keys) Check() error {
	_, err := k.keyMap()
	return err
}

// keyMap returns the default keys with those of k in their places.
func (k Keys) keyMap() (keyMap, error) {
	m := defaultKeys
	for _, name := range slices.Sorted(maps.Keys(k)) {
		i := slices.IndexFunc(deeds, func(d deed) bool { return d.name == name })
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
			return m, fmt.Errorf("tui: %s: must have a key", name)
		}
		*deeds[i].of(&m) = keys(names...)
	}
	return m, k.conflict(&m)
}

// conflict returns an error if a key of k does something else in m at the same place.
func (k Keys) conflict(m *keyMap) error {
	def := defaultKeys
	for _, a := range deeds {
		if k[a.name] == nil {
			continue
		}
		for _, name := range a.of(m).Keys() {
			for _, b := range deeds {
				if a.name == b.name || a.where != b.where && a.where != anyRealm && b.where != anyRealm || !slices.Contains(b.of(m).Keys(), name) {
					continue
				}
				if slices.Contains(a.of(&def).Keys(), name) && slices.Contains(b.of(&def).Keys(), name) {
					continue // they have it by default
				}
				return fmt.Errorf("tui: %q is a key for %s and for %s", name, a.name, b.name)
			}
			if len(name) == 1 && name >= "1" && name <= "9" {
				return errors.New("tui: digits choose which goroutine runs next, and cannot be keys for anything else")
			}
		}
	}
	return nil
}

// shown returns k with the keys that the user has chosen in place of those that it names. Here says where that is.
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

// shownAll returns all of ks as [keyHelp.shown] does.
func shownAll(ks []keyHelp, here realm) []keyHelp {
	all := make([]keyHelp, len(ks))
	for i, k := range ks {
		all[i] = k.shown(here)
	}
	return all
}

// keyNow returns the key that now does what the key called name does by default.
func keyNow(name string, here realm) string {
	msg, ok := keyCalled(name)
	if !ok {
		return name
	}
	def := defaultKeys
	for _, d := range deeds {
		if d.where != anyRealm && here != anyRealm && d.where != here || !slices.Contains(d.of(&def).Keys(), msg.String()) {
			continue
		}
		now := d.of(&bindings).Keys()
		if len(now) > 0 && !slices.Contains(now, msg.String()) {
			return keySign(now[0])
		}
	}
	return name
}

// keySign returns the name of a key as it stands on the screen.
func keySign(name string) string {
	signs := map[string]string{"left": "←", "right": "→", "up": "↑", "down": "↓", "-": "−", " ": "space"}
	if s, ok := signs[name]; ok {
		return s
	}
	return name
}
