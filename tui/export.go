package tui

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A writtenMsg reports the result of an export.
type writtenMsg struct {
	name string
	err  error
}

// export returns a command that writes the current view to the file called name.
func (m *model) export(name string) tea.Cmd {
	if m.cfg.Export == nil || m.stopExport != nil {
		return nil
	}
	ctx, stop := context.WithCancel(m.ctx)
	m.stopExport = stop
	m.message = "Writing " + cells.Clean(name) + " …; esc cancels."
	take, write := m.take(), m.cfg.Export
	return func() tea.Msg {
		defer stop()
		film, err := take(ctx)
		if err == nil {
			err = write(ctx, name, film)
		}
		return writtenMsg{name, err}
	}
}

// written reports the result of an export.
func (m *model) written(msg writtenMsg) {
	m.stopExport = nil
	m.message, m.failed = "Written: "+cells.Clean(msg.name), msg.err != nil
	switch {
	case errors.Is(msg.err, context.Canceled):
		m.message, m.failed = cells.Clean(msg.name)+" was not written.", false
	case msg.err != nil:
		m.message = cells.Clean(msg.err.Error())
	}
}

// take returns a function that makes a film of the current view. It may be called while the player continues.
func (m *model) take() func(ctx context.Context) (*Film, error) {
	p := m.player
	events := p.rec.Timeline.Events()
	pb := &Playback{Title: p.title, Events: slices.Clip(events), Err: p.err, start: p.rec.Start}
	cfg := FilmConfig{
		Width: min(m.w, maxFilmWidth), Height: min(m.h, maxFilmHeight), Background: m.on, ASCII: m.cfg.ASCII, NoColor: m.cfg.NoColor,
		ReducedMotion: m.cfg.ReducedMotion, Speed: p.speed,
	}
	seen, even := *p, p.rec.Even // none of the fields read from it change
	seen.marks = slices.Clone(p.marks)
	return func(ctx context.Context) (*Film, error) {
		f, err := NewFilm(ctx, pb, cfg)
		if err != nil {
			return nil, err
		}
		f.p.see(&seen, even)
		f.plays = seen.playing
		return f, nil
	}
}

// see gives p the view of other, which has the same events; even reports whether other has even steps.
func (p *player) see(other *player, even bool) {
	if p.rec.Even != even {
		p.evenSteps()
	}
	p.name, p.lookFor, p.expects, p.recorded, p.watched = other.name, other.lookFor, other.expects, other.recorded, other.watched
	p.pane, p.curG, p.curO, p.focus, p.marks, p.projector = other.pane, other.curG, other.curO, other.focus, other.marks, other.projector
	p.code, p.lanes, p.graph.on, p.log.only, p.list.offset = other.code, other.lanes.Kept(), other.graph.on, other.log.only, other.list.offset
	p.pos, p.ease = min(other.pos, p.end()), other.ease
}

// exportName returns the default file name for exporting the current view.
func (p *player) exportName() string {
	name := []rune(cells.Clean(p.title))
	for i, r := range name {
		if r == '/' || r == '\\' || r == ':' || r == ' ' {
			name[i] = '-'
		}
	}
	return string(name) + ".svg"
}
