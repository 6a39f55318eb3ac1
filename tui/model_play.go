package tui

import (
	"fmt"
	"maps"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// start shows a player for the scenario called name and returns the command that starts it.
func (m *model) start(name string, params map[string]string) tea.Cmd {
	id, params := m.live(name), maps.Clone(params)
	p := m.player
	p.name, p.params = name, params
	if e := m.entry(name); e != nil {
		p.lookFor, p.expects, p.hints = e.LookFor, e.bug(), e.bug() != "" && len(e.Hints) > 0
		p.making, p.rec.Even = e.Preparing, p.rec.Even || e.Even
	}
	hold, start := m.io, m.cfg.Start
	return func() tea.Msg {
		if start == nil {
			return startedMsg{id: id, err: fmt.Errorf("tui: %s cannot be started: there is no Start", name)}
		}
		s, err := hold.start(func() (Session, error) { return start(name, params) })
		return startedMsg{id, s, err}
	}
}

func (m *model) started(msg startedMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil {
		return nil // the player is gone; what was started after the session has stopped it, or Run will
	}
	if msg.err == nil {
		return drain(m.ctx, msg.id, msg.s, nil)
	}
	if len(m.cfg.Entries) == 0 {
		m.fatal = msg.err
		return tea.Quit
	}
	m.player, m.message, m.failed = nil, cells.Clean(msg.err.Error()), true
	return nil
}

func (m *model) batch(msg batchMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil {
		return nil
	}
	early := m.player.rec.Len() > 0
	if msg.done && msg.err != nil && !early && len(msg.events) == 0 { // it could not start
		return m.started(startedMsg{msg.id, nil, msg.err})
	}
	m.player.add(msg.events)
	if msg.done {
		m.player.finish(msg.err)
		if !early { // it ended before any of it was shown
			m.player.seek(0)
		}
		if s, ok := msg.s.(NotedSession); ok {
			m.player.note = s.Note()
		}
		if r, ok := msg.s.(ProgramRun); ok {
			return awaitNext(m.ctx, m.id, r)
		}
		return m.mark(m.player.name, MarkSeen)
	}
	return drain(m.ctx, msg.id, msg.s, msg.events)
}

// open shows a player for a recording.
func (m *model) open(pb *Playback) {
	m.id++
	p := newPlayer(pb.Title, m.cfg.Speed, m.cfg.ReducedMotion)
	_ = p.open(m.ctx, pb) // it fails only when the context ends
	m.player, m.message, m.failed = p, pb.Note, pb.Note != ""
}

// watch shows a player for a watched program, and returns the command that starts watching.
func (m *model) watch() tea.Cmd {
	hold, ctx, watch, id := m.io, m.ctx, m.cfg.Watch, m.live(m.cfg.Title)
	m.player.watched, m.player.making = true, m.cfg.Preparing
	m.player.rec.KeepLast(keepEvents)
	return func() tea.Msg {
		r, err := watch(ctx)
		if err != nil {
			return startedMsg{id: id, err: err}
		}
		return begun(hold, id, r)
	}
}

// showNext shows the next run of the watched program.
func (m *model) showNext() tea.Cmd {
	hold, next := m.io, m.next
	id := m.live(m.player.title)
	m.player.watched = true
	m.player.rec.KeepLast(keepEvents)
	return func() tea.Msg {
		return begun(hold, id, next)
	}
}

// begun makes r the running session, for player number id.
func begun(hold *sessions, id int, r ProgramRun) tea.Msg {
	s, err := hold.start(func() (Session, error) { return r, nil })
	if err != nil {
		r.Stop()
	}
	return startedMsg{id, s, err}
}

// live shows a new player for a session that has yet to start, and returns the player's number. Settings are kept.
func (m *model) live(title string) int {
	m.id++
	p := newPlayer(title, m.cfg.Speed, m.cfg.ReducedMotion)
	p.live, p.follow = true, true
	if old := m.player; old != nil {
		if old.driven != nil {
			old.driven.leave()
		}
		p.speed, p.pane, p.lanes, p.rec.Even, p.graph.on = old.speed, old.pane, old.lanes.Kept(), old.rec.Even, old.graph.on
	}
	m.player, m.next, m.message, m.failed = p, nil, "", false
	return m.id
}

// again runs the scenario again, or plays the recording from its beginning.
func (m *model) again() tea.Cmd {
	if m.player.name != "" {
		return m.start(m.player.name, m.player.params)
	}
	m.player.playFromStart()
	return nil
}

// direct reports whether the command line asked for what is shown, so that leaving it ends the program.
func (m *model) direct() bool {
	return len(m.cfg.Entries) == 0 || !m.browsed && (m.cfg.Run != "" || m.cfg.Drive != "")
}

// leave goes back to the browser, or ends the program if it did not begin with the browser.
func (m *model) leave() tea.Cmd {
	if m.player.driven != nil {
		m.player.driven.leave()
	}
	if p := m.player.beneath; p != nil { // back to the recording
		m.id++
		m.player, m.message, m.failed = p, "", false
		hold := m.io
		return func() tea.Msg {
			hold.stop()
			return nil
		}
	}
	if m.direct() {
		return tea.Quit
	}
	m.browser.find(m.player.name)
	var seen tea.Cmd
	if m.player.rec.Len() > 0 {
		seen = m.mark(m.player.name, MarkSeen)
	}
	m.player, m.wanted = nil, ""
	m.id++
	hold := m.io
	return tea.Batch(seen, func() tea.Msg {
		hold.stop()
		return nil
	})
}
