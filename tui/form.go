package tui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// A form holds the parameters of the selected entry. It keeps what was typed for other entries.
type form struct {
	values  map[string]map[string]string // by entry and parameter
	editing bool
	at      int // the parameter being edited
	input   textinput.Model
	err     error // the result of the last check
	name    string
}

// sync makes the form show e.
func (f *form) sync(e *Entry) {
	if e == nil || f.name != e.Name {
		f.editing, f.at, f.err = false, 0, nil
	}
	if e != nil {
		f.name = e.Name
	}
}

// edit starts editing parameter i of e, and reports whether there is one.
func (f *form) edit(e *Entry, i int) bool {
	if e == nil || i < 0 || i >= len(e.Params) {
		return false
	}
	f.input = newInput()
	f.input.SetValue(f.value(e, i))
	f.input.CursorEnd()
	f.input.Focus()
	f.editing, f.at = true, i
	return true
}

// leave stops editing.
func (f *form) leave() { f.editing = false }

// update passes a message to the parameter being edited.
func (f *form) update(msg tea.Msg, e *Entry) tea.Cmd {
	var cmd tea.Cmd
	f.input, cmd = f.input.Update(msg)
	if f.values[e.Name] == nil {
		f.values[e.Name] = make(map[string]string)
	}
	f.values[e.Name][e.Params[f.at].Name] = f.input.Value()
	return cmd
}

// value returns the value of parameter i of e.
func (f *form) value(e *Entry, i int) string {
	if v, ok := f.values[e.Name][e.Params[i].Name]; ok {
		return v
	}
	return e.Params[i].Default
}

// changed returns the parameters of e that differ from their defaults. An empty parameter has its default value.
func (f *form) changed(e *Entry) map[string]string {
	params := make(map[string]string)
	for i := range e.Params {
		if v := f.value(e, i); v != "" && v != e.Params[i].Default {
			params[e.Params[i].Name] = v
		}
	}
	return params
}
