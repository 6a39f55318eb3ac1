package tui

import (
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A browser lists the scenarios, describes the selected one, and edits its parameters.
type browser struct {
	entries  []Entry
	headings []string // one for each entry
	marks    map[string]Mark
	stills   map[string]*still      // by the names of the entries
	canDrive func(name string) bool // nil if nothing can be driven
	check    func(name string, params map[string]string) error
	found    []int // indices of the entries that pass the filter
	at       int   // the selected one, an index of found
	offset   int   // the first line of the list that is shown
	page     int   // the number of entries there was room for

	text      []entryLine // describes the selected entry
	read, end int         // the lines of text that are shown
	reading   string      // the name of the entry that text describes

	filter    textinput.Model
	filtering bool

	form    form
	hits    []browserHit
	buttons []button
	caret   *cells.Point // the text cursor
}

// newBrowser returns a browser for the entries of cfg.
func newBrowser(cfg *Config) *browser {
	b := &browser{check: cfg.Check, canDrive: drivables(cfg), filter: newInput(), marks: maps.Clone(cfg.Marks), stills: make(map[string]*still)}
	if b.marks == nil {
		b.marks = make(map[string]Mark)
	}
	b.entries, b.headings = sorted(cfg.Entries, cfg.First)
	b.form.values = make(map[string]map[string]string)
	b.search()
	return b
}

func newInput() textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	in.CharLimit = 64
	return in
}

// search finds the entries that contain every word of the filter.
func (b *browser) search() {
	words := strings.Fields(strings.ToLower(b.filter.Value()))
	name := ""
	if e := b.entry(); e != nil {
		name = e.Name
	}
	b.found, b.at = b.found[:0], 0
	for i := range b.entries {
		e := &b.entries[i]
		text := strings.ToLower(strings.Join([]string{e.Name, e.Title, e.Category, e.Expects, e.Lesson}, "\n"))
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if e.Name == name {
			b.at = len(b.found)
		}
		b.found = append(b.found, i)
	}
	b.form.sync(b.entry())
}

// entry returns the selected entry, or nil if there is none.
func (b *browser) entry() *Entry {
	if b.at < len(b.found) {
		return &b.entries[b.found[b.at]]
	}
	return nil
}

// find selects the entry called name, if there is one.
func (b *browser) find(name string) {
	for i, e := range b.found {
		if b.entries[e].Name == name {
			b.at = i
			b.form.sync(b.entry())
		}
	}
}

// keys returns the keys for the footer.
func (b *browser) keys() []keyHelp {
	switch {
	case b.filtering:
		return filterKeys
	case b.form.editing:
		return formKeys
	default:
		e := b.entry()
		return browserKeys(e, e != nil && b.canDrive != nil && b.canDrive(e.Name))
	}
}

// typing reports whether keys are text.
func (b *browser) typing() bool { return b.filtering || b.form.editing }

// press handles a key; run asks to run the selected entry.
func (b *browser) press(k tea.KeyPressMsg) (cmd tea.Cmd, run bool) {
	switch {
	case b.filtering:
		return b.pressFilter(k), false
	case b.form.editing:
		return b.pressForm(k)
	case key.Matches(k, bindings.filter):
		b.filtering = true
		b.filter.CursorEnd()
		b.filter.Focus()
	case key.Matches(k, bindings.escape):
		b.filter.SetValue("")
		b.search()
	case key.Matches(k, bindings.tab, bindings.forth):
		b.form.edit(b.entry(), 0)
	case key.Matches(k, bindings.enter):
		return nil, true
	case key.Matches(k, bindings.twin):
		b.toTwin()
	case key.Matches(k, bindings.pause):
		b.readOn()
	default:
		b.move(k)
	}
	return nil, false
}

// toTwin selects the twin of the selected entry, if it has one. It clears a filter that hides the twin.
func (b *browser) toTwin() {
	e := b.entry()
	if e == nil || e.Twin == "" {
		return
	}
	name := e.Twin
	if !slices.ContainsFunc(b.found, func(i int) bool { return b.entries[i].Name == name }) {
		b.filter.SetValue("")
		b.search()
	}
	b.find(name)
	b.validate()
}

func (b *browser) pressFilter(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case slices.Contains([]string{"up", "down", "pgup", "pgdown"}, k.String()):
		b.move(k)
		return nil
	case key.Matches(k, bindings.escape):
		b.filter.SetValue("")
		b.filtering = false
	case key.Matches(k, bindings.enter, bindings.tab):
		b.filtering = false
	default:
		var cmd tea.Cmd
		b.filter, cmd = b.filter.Update(k)
		b.search()
		return cmd
	}
	b.filter.Blur()
	b.search()
	return nil
}

func (b *browser) pressForm(k tea.KeyPressMsg) (cmd tea.Cmd, run bool) {
	switch {
	case key.Matches(k, bindings.escape) || k.String() == "h" || k.String() == "left" && b.form.input.Position() == 0: // parameters are numbers
		b.form.leave()
	case key.Matches(k, bindings.tab) || k.String() == "down":
		if !b.form.edit(b.entry(), b.form.at+1) && key.Matches(k, bindings.tab) {
			b.form.leave()
		}
	case key.Matches(k, bindings.backTab) || k.String() == "up":
		if !b.form.edit(b.entry(), b.form.at-1) && key.Matches(k, bindings.backTab) {
			b.form.leave()
		}
	case key.Matches(k, bindings.enter):
		return nil, true
	default:
		cmd = b.form.update(k, b.entry())
		b.validate()
	}
	return cmd, false
}

// move handles the keys that select an entry.
func (b *browser) move(k tea.KeyPressMsg) {
	n := 0
	switch {
	case key.Matches(k, bindings.up):
		n = -1
	case key.Matches(k, bindings.down):
		n = 1
	case key.Matches(k, bindings.pageUp):
		n = 1 - max(2, b.page)
	case key.Matches(k, bindings.pageDown):
		n = max(2, b.page) - 1
	case key.Matches(k, bindings.first):
		n = -len(b.found)
	case key.Matches(k, bindings.last):
		n = len(b.found)
	}
	b.choose(b.at + n)
}

// choose selects found[i], with i clamped to the list.
func (b *browser) choose(i int) {
	b.at = cells.Clamp(i, 0, max(0, len(b.found)-1))
	b.form.sync(b.entry())
	b.validate()
}

// paste inserts text at the text cursor.
func (b *browser) paste(msg tea.PasteMsg) {
	switch {
	case b.filtering:
		b.filter, _ = b.filter.Update(msg)
		b.search()
	case b.form.editing:
		b.form.update(msg, b.entry())
		b.validate()
	}
}

// validate checks the parameters of the selected entry.
func (b *browser) validate() {
	b.form.err = nil
	if e := b.entry(); e != nil && b.check != nil {
		b.form.err = b.check(e.Name, b.form.changed(e))
	}
}

// chosen returns what to run. It reports false if nothing is selected or a parameter is invalid.
func (b *browser) chosen() (name string, params map[string]string, ok bool) {
	e := b.entry()
	if e == nil {
		return "", nil, false
	}
	if b.validate(); b.form.err != nil {
		b.form.edit(e, b.form.at)
		return "", nil, false
	}
	b.form.leave()
	return e.Name, b.form.changed(e), true
}

// A browserHit is a part of the screen that can be clicked.
type browserHit struct {
	r     cells.Rect
	entry int // an index of found, or -1
	param int
}

// click handles a click; run asks to run the selected entry, on which the click was.
func (b *browser) click(x, y int) (run bool) {
	for _, h := range b.hits {
		switch {
		case !h.r.Has(x, y):
		case h.entry < 0:
			b.form.edit(b.entry(), h.param)
			return false
		default:
			run = h.entry == b.at && !b.typing()
			b.form.leave()
			b.filtering = false
			b.choose(h.entry)
			return run
		}
	}
	return false
}

func (b *browser) wheel(down bool) {
	n := -1
	if down {
		n = 1
	}
	b.choose(b.at + n)
}
