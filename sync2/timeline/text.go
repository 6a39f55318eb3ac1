package timeline

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A TextWriter writes a trace in readable form, one line per event: the time in seconds, the goroutine, and what it
// does.
//
//	0.302117  worker-2    arrives at start-line, 2nd of 4
//
// It is meant for a running trace; use [WriteText] for a complete one. The zero value is not usable; see
// [NewTextWriter].
type TextWriter struct {
	w     io.Writer
	s     State
	width int // of the names
	buf   []byte
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
	_ = t.s.Apply(ev) // what cannot be is written like all else
	who, what := t.s.Words().Event(ev)
	if what == "" {
		return nil
	}
	t.width = max(t.width, min(utf8.RuneCountInString(who), maxNames))
	t.buf = fmt.Appendf(t.buf[:0], "%10.6f  %-*s  %s\n", time.Duration(ev.Time).Seconds(), t.width, who, what)
	if _, err := t.w.Write(t.buf); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
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
