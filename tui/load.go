package tui

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A loading is a recording that is being opened.
type loading struct {
	title string
	stop  context.CancelFunc
	since time.Duration // the time it has taken so far

	read   atomic.Int64 // the fraction of the file that has been read, in millionths
	folded atomic.Int64 // the fraction of its events that have been processed, in millionths
}

const million = 1_000_000

// A loadedMsg has the player of a recording, or the error.
type loadedMsg struct {
	id  int
	p   *player
	err error
}

// load returns a command that opens a recording.
func (m *model) load() tea.Cmd {
	ctx, stop := context.WithCancel(m.ctx)
	m.id++
	l, id, open, cfg := &loading{title: m.cfg.Title, stop: stop}, m.id, m.cfg.Load, m.cfg
	m.loading = l
	return func() tea.Msg {
		defer stop()
		pb, err := open(ctx, func(done, all int64) {
			if all > 0 {
				l.read.Store(int64(float64(done) / float64(all) * million))
			}
		})
		if err != nil {
			return loadedMsg{id, nil, err}
		}
		p := newPlayer(pb.Title, cfg.Speed, cfg.ReducedMotion)
		p.rec.Progress = func(n int) { l.folded.Store(int64(n) * million / int64(max(1, len(pb.Events)))) }
		if err := p.open(ctx, pb); err != nil {
			return loadedMsg{id, nil, err}
		}
		p.rec.Progress = nil
		return loadedMsg{id, p, nil}
	}
}

// loaded shows the recording.
func (m *model) loaded(msg loadedMsg) tea.Cmd {
	if msg.id != m.id || m.loading == nil {
		return nil
	}
	m.loading = nil
	if msg.err != nil {
		if !errors.Is(msg.err, context.Canceled) || m.ctx.Err() != nil {
			m.fatal = msg.err
		}
		return tea.Quit
	}
	m.player, m.message, m.failed = msg.p, msg.p.note, msg.p.note != ""
	return nil
}

// pressLoading handles a key while a recording is being opened.
func (m *model) pressLoading(k tea.KeyPressMsg) {
	if key.Matches(k, bindings.escape, bindings.quit) {
		m.loading.stop()
	}
}

// soon is the time after which progress is shown.
const soon = 200 * time.Millisecond

// draw draws the progress.
func (l *loading) draw(c *cells.Canvas) {
	if l.since < soon {
		return
	}
	const w = 48
	part := (float64(l.read.Load())*2 + float64(l.folded.Load())) / (3 * million)
	y := c.H/2 - 2
	all := cells.Area(0, y, c.W, 5)
	c.Center(all, 0, "Opening "+cells.Clean(l.title), cells.StyleBright|cells.StyleBold)
	c.Bar(cells.Area((c.W-w)/2, y+2, w, 1), part, cells.StyleAccent)
	c.Center(all, 3, fmt.Sprintf("%d %%", int(100*part)), cells.StyleDim)
	c.Center(all, 4, "esc cancels", cells.StyleDim)
}
