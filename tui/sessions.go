package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// sessions holds the running session, so that it is stopped in any case. Commands use it, in goroutines of their own.
type sessions struct {
	mu     sync.Mutex
	now    Session
	closed bool
}

var errClosed = errors.New("tui: closed")

// start stops the running session, if any, and starts another one.
func (h *sessions) start(start func() (Session, error)) (Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopLocked()
	if h.closed {
		return nil, errClosed
	}
	s, err := start()
	if err != nil {
		return nil, err
	}
	h.now = s
	return s, nil
}

// stop stops the running session, if any.
func (h *sessions) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopLocked()
}

// alone stops the running session, if any, and calls f. No session starts until f returns.
func (h *sessions) alone(f func() (*Playback, error)) (*Playback, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopLocked()
	return f()
}

// close stops the running session. No session starts after that.
func (h *sessions) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.stopLocked()
}

func (h *sessions) stopLocked() {
	if h.now != nil {
		h.now.Stop()
		h.now = nil
	}
}

type (
	// startedMsg reports that the session for player number id has started, or why it has not.
	startedMsg struct {
		id  int
		s   Session
		err error
	}
	// batchMsg has events for player number id.
	batchMsg struct {
		id     int
		s      Session
		events []trace.Event
		done   bool
		err    error
	}
)

// A runsMsg reports that the watched program runs again.
type runsMsg struct{ r ProgramRun }

// An overMsg reports that the program of player number id will not run again, with a remark about its end.
type overMsg struct {
	id   int
	note string
}

// over shows the remark about the end of the program.
func (m *model) over(msg overMsg) {
	if msg.id == m.id && m.player != nil {
		m.player.note = msg.note
	}
}

// awaitNext returns a command that waits until the program watched by player number id runs again.
func awaitNext(ctx context.Context, id int, r ProgramRun) tea.Cmd {
	return func() tea.Msg {
		if next := r.Next(ctx); next != nil {
			return runsMsg{next}
		}
		if s, ok := r.(NotedSession); ok {
			return overMsg{id, s.Note()}
		}
		return nil
	}
}

// drainEvery is the interval at which events are fetched.
const drainEvery = 25 * time.Millisecond

// drain returns a command that waits until s has events or has ended. It reuses the memory of buf.
func drain(ctx context.Context, id int, s Session, buf []trace.Event) tea.Cmd {
	return func() tea.Msg {
		t := time.NewTicker(drainEvery)
		defer t.Stop()
		for {
			done := s.Done() // before Drain, so that no event is missed at the end
			buf = s.Drain(buf[:0])
			if done {
				return batchMsg{id, s, buf, true, s.Err()}
			}
			if len(buf) > 0 {
				return batchMsg{id, s, buf, false, nil}
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return nil
			}
		}
	}
}
