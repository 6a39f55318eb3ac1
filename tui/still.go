package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// A still is a moment of a scenario, which the browser shows beside its lesson. For that, the scenario runs a few times on random
// schedules, without pauses; this takes some milliseconds.
type still struct {
	sc *scene.Scene // nil: none could be made
}

const (
	stillAfter = 150 * time.Millisecond // the time an entry must be selected before its still is made
	stillWalks = 4                      // the number of runs from which the best moment is chosen
	stillFor   = time.Second            // the timeout for these runs
)

type (
	// stillDueMsg asks for a still of the entry called name, if that is still selected.
	stillDueMsg struct{ name string }
	// stillMsg has a run of the entry called name, and the number of the event after which the still is.
	stillMsg struct {
		name   string
		events []trace.Event
		n      int
	}
)

// wantStill returns a command that asks for a still of the selected entry, if there is none yet.
func (m *model) wantStill() tea.Cmd {
	e := m.browser.entry()
	if m.cfg.Driver == nil || m.player != nil || e == nil || e.Name == m.wanted {
		return nil
	}
	m.wanted = e.Name
	if m.browser.stills[e.Name] != nil {
		return nil
	}
	name := e.Name
	return tea.Tick(stillAfter, func(time.Time) tea.Msg { return stillDueMsg{name} })
}

// makeStill returns a command that makes a still of the entry called name, if that is still wanted.
func (m *model) makeStill(name string) tea.Cmd {
	if m.player != nil || m.wanted != name || m.browser.stills[name] != nil {
		return nil
	}
	d, err := m.cfg.Driver(name, nil)
	if err != nil { // for instance, it needs the real clock
		m.browser.stills[name] = &still{}
		return nil
	}
	hold, all := m.io, m.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(all, stillFor)
		defer cancel()
		msg := stillMsg{name: name}
		most := -1
		_, _ = hold.alone(func() (*Playback, error) {
			for seed := range uint64(stillWalks) {
				got, err := d.GoOn(ctx, nil, seed+1)
				if err != nil || got == nil || ctx.Err() != nil {
					break // show what was found before
				}
				if n, waits := tellingMoment(got.Events); waits > most {
					msg.events, msg.n, most = got.Events, n, waits
				}
			}
			return nil, nil //nolint:nilerr // the events are what matters
		})
		return msg
	}
}

// tellingMoment returns the number of the event after which most goroutines wait, and the number of waiting goroutines then.
func tellingMoment(events []trace.Event) (n, most int) {
	waits := 0
	for i := range events {
		switch events[i].Kind {
		case trace.KindBlock:
			waits++
		case trace.KindUnblock, trace.KindGiveUp:
			waits--
		default:
		}
		if waits > most {
			n, most = i+1, waits
		}
	}
	return n, most
}

// keepStill stores a still.
func (m *model) keepStill(msg stillMsg) {
	s := &still{}
	if len(msg.events) > 0 {
		r := scene.NewRecording()
		r.Even = true
		if r.Load(m.ctx, msg.events) == nil {
			k := r.Clock()
			s.sc = r.Scene(k.PosOf(msg.n), stage.SlideFor)
			s.sc.Still = true
			s.sc.State = s.sc.State.Clone()
		}
	}
	m.browser.stills[msg.name] = s
}

// mark notes what the user has done with the entry called name, and returns a command that saves it.
func (m *model) mark(name string, mark Mark) tea.Cmd {
	if m.entry(name) == nil || m.browser.marks[name]&mark == mark {
		return nil
	}
	m.browser.marks[name] |= mark
	keep := m.cfg.Mark
	if keep == nil {
		return nil
	}
	return func() tea.Msg {
		if err := keep(name, mark); err != nil {
			return unkeptMsg{err}
		}
		return nil
	}
}

// An unkeptMsg reports that what the user has done could not be saved.
type unkeptMsg struct{ err error }
