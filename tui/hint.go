package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A hintBox shows hints to a scenario's bug, one more for each press of the key, and finally leads to the failing schedule.
type hintBox struct {
	entry   *Entry
	steps   int  // the number of hints shown
	seeking bool // the failing schedule is being searched for
	tried   search
	stop    func()
	note    string
	buttons []button
}

// A search is the progress of a search.
type search struct{ tried *atomic.Pointer[[2]int] } // the number of schedules tried, and their maximum

func newSearch() search { return search{new(atomic.Pointer[[2]int])} }

// note records the number of schedules tried and their maximum. Any goroutine may call it.
func (s search) note(n, of int) { s.tried.Store(&[2]int{n, of}) }

// said describes the progress; it is "" if that is unknown.
func (s search) said() string {
	if s.tried == nil || s.tried.Load() == nil {
		return ""
	}
	n := s.tried.Load()
	return fmt.Sprintf("%d of %d schedules tried", n[0], n[1])
}

// A failingMsg has the failing schedule of a scenario.
type failingMsg struct {
	name     string
	playback *Playback
	err      error
}

// hint shows the hints to the current scenario: those that the user has seen, or the first.
func (m *model) hint() {
	e := m.hinted()
	switch {
	case e == nil:
		m.message = "Only scenarios have hints; recordings do not."
	case e.bug() == "" && e.Twin != "":
		m.message = fmt.Sprintf("%s has no bug. Its twin, %s, has one.", cells.Clean(e.Name), cells.Clean(e.Twin))
	case e.bug() == "":
		m.message = cells.Clean(e.Name) + " has no bug."
	default:
		m.hintBox = &hintBox{entry: e, steps: max(m.hints[e.Name], min(1, len(e.Hints)))}
		m.hints[e.Name] = m.hintBox.steps
	}
}

// hinted returns the entry whose hints are asked for; nil if there is none.
func (m *model) hinted() *Entry {
	if m.player == nil {
		return m.browser.entry()
	}
	return m.entry(m.player.name)
}

// entry returns the entry called name; nil if there is none.
func (m *model) entry(name string) *Entry {
	for i := range m.cfg.Entries {
		if m.cfg.Entries[i].Name == name {
			return &m.cfg.Entries[i]
		}
	}
	return nil
}

// pressHint handles a key while hints are shown: the hint key shows the next one, any other key closes.
func (m *model) pressHint(k tea.KeyPressMsg) tea.Cmd {
	l := m.hintBox
	switch {
	case !key.Matches(k, bindings.hint):
		m.closeHints()
	case l.steps < len(l.entry.Hints):
		l.steps++
		m.hints[l.entry.Name] = l.steps
	case !l.seeking && l.note == "" && m.cfg.Shortest != nil:
		return m.seekFailing(l)
	}
	return nil
}

// seekFailing returns a command that searches for the shortest failing schedule. It stops the running session first, because only
// one session can watch the primitives at a time.
func (m *model) seekFailing(l *hintBox) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	l.seeking, l.stop, l.tried = true, cancel, newSearch()
	hold, shortest, name, tried := m.io, m.cfg.Shortest, l.entry.Name, l.tried
	return func() tea.Msg {
		defer cancel()
		pb, err := hold.alone(func() (*Playback, error) { return shortest(ctx, name, nil, tried.note) })
		if err == nil && pb == nil {
			err = errors.New("tui: there is no failing schedule")
		}
		return failingMsg{name, pb, err}
	}
}

// closeHints closes the hints, and stops a search for the failing schedule.
func (m *model) closeHints() {
	if m.hintBox != nil && m.hintBox.stop != nil {
		m.hintBox.stop()
	}
	m.hintBox = nil
}

// playFailing plays the failing schedule, unless the hints have been closed.
func (m *model) playFailing(msg failingMsg) {
	l := m.hintBox
	if l == nil || l.entry.Name != msg.name || !l.seeking {
		return
	}
	if l.seeking = false; msg.err != nil {
		l.note = cells.Clean(msg.err.Error())
		return
	}
	m.hintBox = nil
	m.browser.find(msg.name)
	m.open(msg.playback)
}

// lines returns the contents of the box, in lines of at most w cells.
func (l *hintBox) lines(w int) []helpLine {
	lines := []helpLine{{text: cells.Clean(l.entry.Title), title: true}, {}}
	for i, h := range l.entry.Hints[:l.steps] {
		for j, text := range cells.Wrap(cells.Clean(h), w-3) {
			number := ""
			if j == 0 {
				number = strconv.Itoa(i + 1)
			}
			lines = append(lines, helpLine{key: number, text: text, st: cells.StyleAccent | cells.StyleBold})
		}
		lines = append(lines, helpLine{})
	}
	note := l.note
	if l.seeking {
		note = "Looking for the shortest schedule that fails …"
	}
	for _, text := range cells.Wrap(note, w) {
		lines = append(lines, helpLine{text: text})
	}
	if l.seeking {
		lines = append(lines, helpLine{text: l.tried.said()})
	}
	return lines
}

// foot returns the line that explains the next key; failing reports whether a failing schedule can be searched for.
func (l *hintBox) foot(failing bool) string {
	switch {
	case l.steps < len(l.entry.Hints):
		return fmt.Sprintf(" %s the next hint, %d of %d · any other key closes ", keyNow("i", realmAny), l.steps+1, len(l.entry.Hints))
	case failing && !l.seeking && l.note == "":
		return " " + keyNow("i", realmAny) + " watch a schedule that fails · any other key closes "
	}
	return " any key closes "
}

// draw draws the hints over the screen.
func (l *hintBox) draw(c *cells.Canvas, failing bool) {
	const most = 76
	w := min(c.W-4, most)
	lines := l.lines(w - 6)
	h := min(c.H-2, len(lines)+2)
	r := cells.Area((c.W-w)/2, (c.H-h)/2, w, h)
	c.Clear(cells.Area(r.X-1, r.Y, r.W+2, r.H))
	c.Frame(r, cells.Round, cells.StyleAccent)
	c.Text(r.X+2, r.Y, cells.Truncate(" hints: "+cells.Clean(l.entry.Name)+" ", w-4), cells.StyleAccent|cells.StyleBold)
	in := r.Inset()
	for i, line := range lines[:min(len(lines), in.H)] {
		switch x := in.X + 2; {
		case line.title:
			c.Text(x, in.Y+i, cells.Truncate(line.text, in.W-4), cells.StyleBright|cells.StyleBold)
		case line.key != "" || line.st != cells.StyleNone:
			c.Text(x, in.Y+i, line.key, line.st)
			c.Text(x+3, in.Y+i, line.text, cells.StylePlain)
		default:
			c.Text(x, in.Y+i, line.text, cells.StyleDim)
		}
	}
	foot := cells.Truncate(l.foot(failing), w-4)
	x, y := r.X+r.W-2, r.Y+r.H-1
	c.Right(x, y, foot, cells.StyleDim)
	if next, _, more := strings.Cut(foot, " · "); more {
		l.buttons = []button{{cells.Area(x-cells.Width(foot), y, cells.Width(next), 1), keyNow("i", realmAny)}}
	} else {
		l.buttons = nil
	}
}
