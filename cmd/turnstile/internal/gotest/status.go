package gotest

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/safetext"
)

// A Terminal is the terminal that the standard error is.
type Terminal struct {
	Both    bool       // the standard output is a terminal too, presumably the same one
	Columns func() int // how wide it is, 0 if that is not known
}

// A statusLine shows the progress of tests in the last line of the terminal. Everything else that is printed on the terminal
// must go through its writers. A nil *statusLine shows nothing.
type statusLine struct {
	w       io.Writer
	columns func() int
	reports *reports
	config  *anytest.Config
	done    chan struct{}
	ended   chan struct{}
	once    sync.Once

	mu     sync.Mutex
	phase  testline.Phase
	began  time.Time // when the phase began; zero between phases
	shown  bool      // the line is on the terminal
	within bool      // the last output did not end with a newline
}

// statusInterval is how often the line is drawn, and statusDelay how long a run takes before it is shown.
const (
	statusInterval = 200 * time.Millisecond
	statusDelay    = 500 * time.Millisecond
)

// newStatusLine returns a status line on the terminal w. The caller must call stop.
func newStatusLine(w io.Writer, columns func() int, reports *reports, config *anytest.Config) *statusLine {
	s := &statusLine{w: w, columns: columns, reports: reports, config: config, done: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		tick := time.NewTicker(statusInterval)
		defer tick.Stop()
		for {
			select {
			case <-s.done:
				return
			case <-tick.C:
				s.reports.read()
				s.draw()
			}
		}
	}()
	return s
}

// begin notes that a run begins.
func (s *statusLine) begin(phase testline.Phase) {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.phase, s.began = phase, time.Now()
	}
}

// end notes that the run has ended, and erases the line.
func (s *statusLine) end() {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.began = time.Time{}
		s.clear()
	}
}

// stop erases the line for good.
func (s *statusLine) stop() {
	if s != nil {
		s.once.Do(func() { close(s.done) })
		<-s.ended
		s.end()
	}
}

// through returns a writer to the terminal w, which erases the line first.
func (s *statusLine) through(w io.Writer) io.Writer {
	return console.WriterFunc(func(b []byte) (int, error) {
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
func (s *statusLine) clear() {
	if s.shown {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// draw draws the line, unless an incomplete line of output is on the terminal.
func (s *statusLine) draw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() || s.within || time.Since(s.began) < statusDelay {
		return
	}
	line := s.text()
	if n := s.columns(); n > 0 {
		line = ansi.Truncate(line, n-1, "")
	}
	_, _ = io.WriteString(s.w, "\r\x1b[K"+line)
	s.shown = true
}

// text returns the text of the line.
func (s *statusLine) text() string {
	r, ended, schedules := s.reports.current()
	what := ""
	if s.phase == testline.PhaseWithRace {
		what = ", race detector"
	}
	if r.Test == "" {
		if ended == 0 {
			return fmt.Sprintf("building%s, %.0fs", what, time.Since(s.began).Seconds())
		}
		return fmt.Sprintf("%s, %s%s", counted(ended, "test"), counted(schedules, "schedule"), what)
	}
	share := 0.0
	if r.Budget > 0 {
		share = float64(r.Schedules) / float64(r.Budget)
	}
	if s.config.Time > 0 {
		share = max(share, float64(r.Elapsed)/float64(s.config.Time))
	}
	share = min(share, 1)
	rate := ""
	if r.Elapsed > 0 {
		rate = fmt.Sprintf(", %s/s", grouped(int(float64(r.Schedules)/r.Elapsed.Seconds())))
	}
	const width = 10
	full := int(width * share)
	return fmt.Sprintf("[%s%s] %2.0f %% of the budget  %s  %s  %s%s%s", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share,
		safetext.Line(r.Test), safetext.Line(r.Package), counted(r.Schedules, "schedule"), rate, what)
}
