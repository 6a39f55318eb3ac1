package tui

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A button is a part of the screen that acts like a key when clicked.
type button struct {
	r   cells.Rect
	key string // its name on the screen: "space", "→", "q"
}

// buttonsOf returns the buttons of k, which is drawn at x, y. If k has several keys, each is a button; otherwise key and
// description are one button.
func buttonsOf(k keyHelp, x, y int) []button {
	if names := keysIn(k.key); len(names) > 1 {
		var buttons []button
		for _, name := range names {
			w := cells.Width(name)
			buttons = append(buttons, button{cells.Area(x, y, w, 1), name})
			x += w
			if strings.Contains(k.key, " ") {
				x++
			}
		}
		return buttons
	}
	if _, ok := keyCalled(k.key); !ok {
		return nil
	}
	return []button{{cells.Area(x, y, k.width()-3, 1), k.key}}
}

// keysIn returns the keys that s names: "←→", "home end", "q".
func keysIn(s string) []string {
	if strings.Contains(s, " ") {
		return strings.Fields(s)
	}
	if strings.Trim(s, "←→↑↓+−") == "" {
		return strings.Split(s, "")
	}
	return []string{s}
}

// pressed returns the key of the button at x, y.
func pressed(buttons []button, x, y int) (tea.KeyPressMsg, bool) {
	i := slices.IndexFunc(buttons, func(b button) bool { return b.r.Has(x, y) })
	if i < 0 {
		return tea.KeyPressMsg{}, false
	}
	return keyCalled(buttons[i].key)
}

// codes maps names to keys.
var codes = map[string]rune{
	"space": tea.KeySpace, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "home": tea.KeyHome, "end": tea.KeyEnd,
	"←": tea.KeyLeft, "→": tea.KeyRight, "↑": tea.KeyUp, "↓": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "insert": tea.KeyInsert,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6,
	"f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12,
}

// mods maps names to modifiers.
var mods = map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "alt": tea.ModAlt, "shift": tea.ModShift}

// keyCalled returns the key with the given name: a character, or a name with modifiers such as "ctrl+r". It reports false if
// there is no such key.
func keyCalled(name string) (tea.KeyPressMsg, bool) {
	var k tea.Key
	rest := name
	for {
		mod, after, ok := strings.Cut(rest, "+")
		if !ok || after == "" || mods[mod] == 0 {
			break
		}
		k.Mod |= mods[mod]
		rest = after
	}
	if rest == "−" {
		rest = "-"
	}
	code, named := codes[rest]
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case named:
		k.Code = code
		if code == tea.KeySpace && k.Mod == 0 {
			k.Text = " "
		}
	case rest != "" && n == len(rest) && r != utf8.RuneError && cells.Width(rest) == 1 && rest != " ":
		k.Code = r
		if k.Mod&^tea.ModShift == 0 {
			k.Text = rest
		}
	default:
		return tea.KeyPressMsg{}, false
	}
	return tea.KeyPressMsg(k), true
}
