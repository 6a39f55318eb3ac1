package console

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// A Terminal is the terminal that the standard error is.
type Terminal struct {
	Both    bool       // the standard output is a terminal too, presumably the same one
	Columns func() int // how wide it is, 0 if that is not known
}

// A Status describes an operation that takes long: on a terminal in its last line, which is erased when the operation ends,
// elsewhere in one message. Everything else that is printed on the terminal must go through its writers. A nil *Status shows
// nothing.
type Status struct {
	w        io.Writer
	terminal *Terminal // nil if w is not a terminal
	done     chan struct{}
	ended    chan struct{}
	once     sync.Once

	mu     sync.Mutex
	text   func(took time.Duration) string
	began  time.Time // when the operation began; zero between operations
	shown  bool      // the line is on the terminal, or the message has been printed
	within bool      // the last output did not end with a newline
}

// statusInterval is how often the line is drawn. statusDelay is how long an operation takes before it is shown on a terminal,
// and messageDelay elsewhere.
const (
	statusInterval = 200 * time.Millisecond
	statusDelay    = 500 * time.Millisecond
	messageDelay   = 5 * time.Second
)

// NewStatus returns a Status on w, which is the given terminal, or none if terminal is nil. The caller must call Stop.
func NewStatus(w io.Writer, terminal *Terminal) *Status {
	s := &Status{w: w, terminal: terminal, done: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		tick := time.NewTicker(statusInterval)
		defer tick.Stop()
		for {
			select {
			case <-s.done:
				return
			case <-tick.C:
				s.draw()
			}
		}
	}()
	return s
}

// Timed returns the text of a Status that also shows the time that the operation has taken.
func Timed(text string) func(took time.Duration) string {
	return func(took time.Duration) string {
		if took < time.Second {
			return text
		}
		return fmt.Sprintf("%s, %ds", text, int(took.Seconds()))
	}
}

// FirstTime is part of the description of a build that needs a patched standard library, which is kept for later builds.
const FirstTime = "(the first time also the standard library)"

// Begin notes that an operation begins. It is described by text, which is called repeatedly.
func (s *Status) Begin(text func(took time.Duration) string) {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.text, s.began = text, time.Now()
	}
}

// End notes that the operation has ended, and erases the line.
func (s *Status) End() {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clear()
		s.began, s.shown = time.Time{}, false
	}
}

// Stop erases the line for good.
func (s *Status) Stop() {
	if s != nil {
		s.once.Do(func() { close(s.done) })
		<-s.ended
		s.End()
	}
}

// Through returns a writer to w, which erases the line first if there is a terminal.
func (s *Status) Through(w io.Writer) io.Writer {
	if s == nil || s.terminal == nil {
		return w
	}
	return WriterFunc(func(b []byte) (int, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clear()
		if len(b) > 0 {
			s.within = b[len(b)-1] != '\n'
		}
		return w.Write(b)
	})
}

// clear erases the line. The caller holds s.mu.
func (s *Status) clear() {
	if s.shown && s.terminal != nil {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// draw draws the line, unless an incomplete line of output is on the terminal. Elsewhere it prints the message once.
func (s *Status) draw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	took := time.Since(s.began)
	switch {
	case s.began.IsZero() || s.within:
	case s.terminal == nil:
		if took >= messageDelay && !s.shown {
			s.shown = true
			Complain(s.w, s.text(0)+" …")
		}
	case took >= statusDelay:
		line := safetext.Line(s.text(took))
		if n := s.terminal.Columns(); n > 0 {
			line = ansi.Truncate(line, n-1, "")
		}
		_, _ = io.WriteString(s.w, "\r\x1b[K"+line)
		s.shown = true
	}
}
