package timeline

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A TextWriter writes a trace in readable form, one line per event: the time in seconds, the goroutine, and what it
// does. An event that closes a deadlock, see [State.Deadlocks], has another line for that.
//
//	0.302117  worker-2    arrives at start-line, 2nd of 4
//	0.000474  ann         waits for lock-b
//	0.000474              deadlock: ann holds lock-a and waits for lock-b; ben holds lock-b and waits for lock-a
//
// It is meant for a running trace; use [WriteText] for a complete one. The zero value is not usable; see
// [NewTextWriter].
type TextWriter struct {
	w     io.Writer
	s     State
	width int // of the names
	buf   []byte
	told  []string // the current deadlocks that have been reported
}

const (
	minNames = 10
	maxNames = 24
)

// NewTextWriter returns a TextWriter that writes to w, with one call of Write for each event.
func NewTextWriter(w io.Writer) *TextWriter { return &TextWriter{w: w, width: minNames} }

// Write writes the line for ev, or nothing if ev is of no interest to people. It returns the error of the underlying
// writer, if any.
func (t *TextWriter) Write(ev trace.Event) error {
	_ = t.s.Apply(ev) // an inconsistent event is written as is
	who, what := t.s.Words().Event(ev)
	deadlocks := t.deadlocks(ev)
	if what == "" && len(deadlocks) == 0 {
		return nil
	}
	t.buf = t.buf[:0]
	if what != "" {
		t.width = max(t.width, min(utf8.RuneCountInString(who), maxNames))
		t.line(ev.Time, who, what)
	}
	for _, d := range deadlocks {
		t.line(ev.Time, "", "deadlock: "+d)
	}
	if _, err := t.w.Write(t.buf); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
}

// line appends a line to the output.
func (t *TextWriter) line(at int64, who, what string) {
	t.buf = fmt.Appendf(t.buf, "%10.6f  %-*s  %s\n", time.Duration(at).Seconds(), t.width, who, what)
}

// deadlocks describes the deadlocks closed by ev, which has been applied. Since all of the goroutines in one wait, it
// is closed by the last of them to wait, or by the end of one that could still have helped. It may break when a wait
// ends.
func (t *TextWriter) deadlocks(ev trace.Event) []string {
	switch ev.Kind {
	case trace.KindBlock:
		waits := func(id int64) bool {
			g := t.s.Goroutine(id)
			return g != nil && g.Status == StatusWaiting // nothing is known of a nil one
		}
		if !slices.ContainsFunc(t.s.Blockers(ev.G), waits) {
			return nil
		}
	case trace.KindExit:
		if !t.s.AtRest() {
			return nil
		}
	case trace.KindGiveUp, trace.KindUnblock:
		if len(t.told) == 0 {
			return nil
		}
	default:
		return nil
	}
	var all, closed []string
	for _, d := range t.s.Deadlocks() {
		text := t.s.Words().Deadlock(d)
		if all = append(all, text); !slices.Contains(t.told, text) {
			closed = append(closed, text)
		}
	}
	t.told = all
	return closed
}

// WriteText writes all events to w as a [TextWriter] does, with the names in one column. If ctx ends, WriteText gives
// up and returns its cause.
func WriteText(ctx context.Context, w io.Writer, events []trace.Event) error {
	b := bufio.NewWriter(w)
	t := NewTextWriter(b)
	for i := range events {
		if ev := &events[i]; ev.Kind == trace.KindDefineG {
			t.width = max(t.width, min(utf8.RuneCountInString(safetext.Line(ev.Text)), maxNames))
		}
	}
	for i := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := t.Write(events[i]); err != nil {
			return err
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
}
