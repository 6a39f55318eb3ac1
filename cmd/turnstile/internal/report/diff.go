package report

import (
	"fmt"
	"io"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui"
)

// A Difference is the JSON of a timeline.Difference.
type Difference struct {
	Alike  int  `json:"alike"`
	Differ bool `json:"differ"`
	A      int  `json:"event_a"`
	B      int  `json:"event_b"`
}

// NewDifference returns the difference for JSON.
func NewDifference(d *timeline.Difference) Difference {
	return Difference{d.Alike, d.Differ(), d.A, d.B}
}

// How many events are printed before the difference, and after it.
const (
	diffBefore = 4
	diffAfter  = 6
)

// WriteDiff writes the events around the difference d of both. The caller keeps the errors of w.
func WriteDiff(w io.Writer, both [2]*tui.Playback, d *timeline.Difference) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	say("a  %s, %d events: %s", safetext.Line(both[0].Title), len(both[0].Events), outcomeOf(both[0].Events))
	say("b  %s, %d events: %s", safetext.Line(both[1].Title), len(both[1].Events), outcomeOf(both[1].Events))
	if !d.Differ() {
		say("\nThe traces are alike in all %d events that were compared.", d.Alike)
		return
	}
	switch d.Alike {
	case 0:
		say("\nThe traces differ from the first event that was compared.\n")
	case 1:
		say("\nThe first event that was compared is alike in both; then they differ.\n")
	default:
		say("\nThe first %d events that were compared are alike; then the traces differ.\n", d.Alike)
	}
	show := func(sign string, events []trace.Event, at []int) {
		for i, line := range sentencesAt(events, at) {
			say("%s %6d  %s", sign, at[i], line)
		}
		if len(at) == 0 {
			say("%s         nothing more happens", sign)
		}
	}
	show("  ", both[0].Events, d.EventsA[max(0, d.Alike-diffBefore):d.Alike])
	show("a ", both[0].Events, d.EventsA[d.Alike:min(len(d.EventsA), d.Alike+diffAfter)])
	show("b ", both[1].Events, d.EventsB[d.Alike:min(len(d.EventsB), d.Alike+diffAfter)])
}

// sentencesAt describes the events at the given positions.
func sentencesAt(events []trace.Event, at []int) []string {
	var s timeline.State
	var lines []string
	n := 0
	for _, pos := range at {
		for ; n < pos; n++ {
			_ = s.Apply(events[n]) // an inconsistent event is described as it is
		}
		lines = append(lines, timeline.Describe(&s, events[pos-1]))
	}
	return lines
}

// outcomeOf describes the end of a trace.
func outcomeOf(events []trace.Event) string {
	var s timeline.State
	for i := range events {
		_ = s.Apply(events[i]) // likewise
	}
	if ev := s.Failure(); ev.Kind == trace.KindFail {
		return "it failed: " + safetext.Line(ev.Text)
	}
	if ds := s.Deadlocks(); len(ds) > 0 {
		return "deadlock: " + safetext.Line(s.Words().Deadlock(ds[0]))
	}
	text := "it ended"
	for _, g := range s.Goroutines() {
		switch ev := &g.Last; {
		case ev.Kind == trace.KindExit && ev.N != 0:
			return "it failed: " + safetext.Line(ev.Text)
		case ev.Kind == trace.KindExit && ev.Text != "":
			text = safetext.Line(ev.Text)
		}
	}
	return text
}
