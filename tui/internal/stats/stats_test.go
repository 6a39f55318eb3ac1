package stats

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// draw looks at all events of tr and returns what s then shows on w × h cells.
func draw(t *testing.T, s *Tables, tr *tuitest.Trace, w, h int) string {
	t.Helper()
	var tl timeline.Timeline
	if err := tl.Load(t.Context(), tr.Events, nil); err != nil {
		t.Fatal(err)
	}
	s.Look(&tl, tl.Len())
	c := cells.NewCanvas(w, h)
	s.Draw(c, cells.Area(0, 0, w, h), &tl, false)
	tuitest.Fits(t, c)
	return c.String()
}

// An empty last column makes way for long names.
func TestKeepsNames(t *testing.T) {
	const name = "sync.Mutex.Lock main:14"
	tr := tuitest.NewTrace("main", "ann").Object(name, trace.ClassEvent, 0, "").Block("ann", name, "Wait", 1).After(time.Second).Do(trace.KindEnd, "", "", 0)
	got := draw(t, new(Tables), tr, 79, 12)
	if !strings.Contains(got, name) || !strings.Contains(got, " max ") || strings.Contains(got, " held ") {
		t.Errorf("the table is\n%s", got)
	}
}

// Without events there is nothing to choose.
func TestEmpty(t *testing.T) {
	var s Tables
	got := draw(t, &s, tuitest.NewTrace(), 79, 20)
	for range tables {
		s.Choose(1)
		if peak, ok := s.Peak(); ok {
			t.Errorf("the peak of an empty table is %v", peak)
		}
		s.NextTable(1)
	}
	if !strings.Contains(got, "There were no waits and no holds.") || !strings.Contains(got, "There are no goroutines.") || !strings.Contains(got, "There are no warnings.") {
		t.Errorf("the tables are\n%s", got)
	}
}

// Sort sorts by each column in turn, and after the last one as at first.
func TestSort(t *testing.T) {
	tr := tuitest.SemaphoreTrace()
	var s Tables
	first := draw(t, &s, tr, 119, 12)
	s.NextTable(1)
	for i, want := range []string{"goroutine", "waits", "waiting", "running", "max"} {
		s.Sort()
		if got := draw(t, &s, tr, 119, 12); !strings.Contains(got, "sorted by "+want) {
			t.Errorf("column %d: not sorted by %s:\n%s", i, want, got)
		}
	}
	s.Sort()
	s.NextTable(-1)
	if got := draw(t, &s, tr, 119, 12); got != first {
		t.Errorf("sorted by each column, it is\n%s\nand was\n%s", got, first)
	}
}
