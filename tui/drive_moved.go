package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// moved shows the moment that a command has reached.
func (m *model) moved(msg momentMsg) tea.Cmd {
	p := m.player
	if msg.id != m.id || p == nil || p.driven == nil {
		return nil
	}
	w := p.driven
	w.busy, w.stop = "", nil
	if msg.err != nil || msg.m == nil || msg.m.Err != nil {
		w.ahead = nil // they were meant for another schedule
	}
	switch {
	case errors.Is(msg.err, context.Canceled) && m.ctx.Err() == nil && w.now != nil:
		m.message = "Stopped."
		return nil
	case msg.err != nil && w.now == nil: // it could not start
		return m.unbegun(msg.err)
	case msg.err != nil:
		m.message, m.failed = cells.Clean(msg.err.Error()), true
		return nil
	case msg.m == nil:
		m.message = "No failure was found from here."
		return nil
	}
	was := p.rec.Len()
	w.tree.grow(msg.m)
	w.preview.extend(msg.m)
	if w.first { // show the beginning of a token's schedule
		w.first, w.told = false, true // the failing schedule is not the user's
		return m.goTo(nil, msg.m.Made)
	}
	w.now, w.undone = msg.m, msg.undone
	worst := p.rec.Worst // keep the space for the description of a deadlock, so that the layout stays the same
	p.rec, p.slider, p.log, p.lanes = scene.NewRecording(), stage.Slider{}, log{}, p.lanes.Kept()
	p.rec.Even, p.rec.Seen = true, w.seen
	_ = p.rec.Load(m.ctx, msg.m.Events)     // it fails only when the context ends
	p.rec.Worst, p.rec.Sudden = worst, true // a step not taken yet may lead to another deadlock
	p.foresee()
	w.seen, w.most = p.rec.Objects(), max(w.most, len(p.rec.Timeline.Now().Goroutines()))
	p.err = msg.m.Err
	p.liveEnd = p.rec.Clock().End()
	p.seek(p.end())
	p.playing = false
	if !msg.back && was > 0 && was < p.rec.Len() { // animate the new events
		p.seek(p.rec.Clock().PosOf(was))
		p.playing = true
	}
	if e := m.entry(p.name); msg.m.Err != nil && e != nil && e.bug() != "" && m.cfg.Shortest != nil && !w.told {
		w.told = true
		return m.openSide()
	}
	return nil
}

// mostForWords is the maximum number of goroutines and of objects for which foresee makes a sentence.
const mostForWords = 64

// foresee reserves space for the description of a deadlock, if one is expected, so that the layout stays the same when it forms.
func (p *player) foresee() {
	if s := p.rec.Timeline.Now(); p.expects == "deadlock" && len(s.Goroutines()) <= mostForWords && len(s.Objects()) <= mostForWords {
		p.rec.NoteWorst([]string{largestCycle(s)})
	}
}

// largestCycle returns a sentence as long as the description of a deadlock that involves all locks of s.
func largestCycle(s *timeline.State) string {
	longest := func(names []string) string {
		return slices.MaxFunc(append(names, ""), func(a, b string) int { return cmp.Compare(cells.Width(a), cells.Width(b)) })
	}
	var gs, locks []string
	for _, g := range s.Goroutines() {
		gs = append(gs, cells.Clean(s.Words().GName(g.ID)))
	}
	for _, o := range s.Objects() {
		switch o.Class {
		case trace.ClassMutex, trace.ClassReentrantLock, trace.ClassRWMutex, trace.ClassSemaphore:
			locks = append(locks, cells.Clean(s.Words().ObjName(o.ID)))
		default:
		}
	}
	g, o := longest(gs), longest(locks)
	parts := slices.Repeat([]string{fmt.Sprintf("%s holds %s and waits for %s", g, o, o)}, min(len(gs), len(locks), mostForWords))
	return strings.Join(parts, "; ")
}

// unbegun leaves a run that could not start, because of err.
func (m *model) unbegun(err error) tea.Cmd {
	stopped := errors.Is(err, context.Canceled)
	if m.direct() && m.player.beneath == nil {
		if !stopped || m.ctx.Err() != nil {
			m.fatal = err
		}
		return tea.Quit
	}
	cmd := m.leave()
	m.message, m.failed = cells.Clean(err.Error()), true
	if stopped {
		m.message, m.failed = "Stopped.", false
	}
	return cmd
}

// copied copies a token to the clipboard of the terminal.
func (m *model) copied(msg tokenMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil || m.player.driven == nil {
		return nil
	}
	m.player.driven.busy, m.player.driven.stop = "", nil
	if errors.Is(msg.err, context.Canceled) && m.ctx.Err() == nil {
		m.message = "Stopped."
		return nil
	}
	if msg.err != nil {
		m.message, m.failed = cells.Clean(msg.err.Error()), true
		return nil
	}
	m.message = "Token copied: turnstile replay " + cells.Clean(msg.token)
	return tea.SetClipboard(msg.token)
}
